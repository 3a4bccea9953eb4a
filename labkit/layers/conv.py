"""Convolution layers of rank 1, 2 and 3 that can say how they compute."""

import keras
from keras import ops

from labkit.layers import auto
from labkit.layers.arguments import (
    check_channels,
    check_convolution,
    check_floating,
    check_input_shape,
    check_known_channels,
    check_output,
)
from labkit.layers.bias import add_bias
from labkit.layers.dropin import DropIn
from labkit.layers.grouping import by_groups
from labkit.layers.implementations import IMPLEMENTATIONS, check_supported
from labkit.layers.manual import with_manual_gradient
from labkit.layers.windows import window_of

__all__ = ["Conv1D", "Conv2D", "Conv3D", "Convolution"]


class Convolution(DropIn):
    """What the three convolutions share; rank is a parameter.

    ``implementation`` is ``"auto"`` (the quickest that was measured for such a layer) or one of
    `labkit.layers.implementations.IMPLEMENTATIONS`; ``gradient`` is ``"auto"`` (the backend
    differentiates) or ``"manual"`` (labkit's own backward pass).
    """

    implementations = tuple(IMPLEMENTATIONS)

    @classmethod
    def check_arguments(cls, arguments):
        paddings = ("valid", "same", "causal") if cls.rank == 1 else ("valid", "same")
        sizes = check_convolution(cls.rank, arguments, paddings=paddings)
        check_supported(arguments["implementation"], sizes)

    def check_shape(self, shape):
        check_input_shape(self, shape)
        if self.built:
            check_channels(self, shape, self.kernel.shape[-2] * self.groups)
            check_output(self, shape)

    def build(self, input_shape):
        check_input_shape(self, input_shape)
        check_known_channels(self, input_shape, self.groups)
        super().build(input_shape)

    def call(self, inputs):
        if keras.backend.backend() == "jax":
            inputs = ops.cast(inputs, self.compute_dtype)  # integers too: Keras does so on JAX only
        check_floating(self, inputs)
        # cast: a tensor, not a variable that a hand-written gradient could capture
        kernel = ops.cast(self.kernel, self.compute_dtype)
        channels_last = self.data_format == "channels_last"
        if not channels_last:
            inputs = ops.moveaxis(inputs, 1, -1)
        outputs = self.convolution_op(inputs, kernel)
        if self.use_bias:
            _, name = self._choice(inputs, kernel)
            outputs = add_bias(outputs, self.bias, fused=name == "native")
        if not channels_last:
            outputs = ops.moveaxis(outputs, -1, 1)
        return outputs if self.activation is None else self.activation(outputs)

    def convolution_op(self, x, kernel):
        """The convolution alone, of ``x`` ``(batch, *spatial, channels)``: the bias comes later."""
        window, name = self._choice(x, kernel)
        return by_groups(self._function(IMPLEMENTATIONS[name]), x, kernel, window, self.groups)

    def _choice(self, x, kernel):
        """Where the kernel goes on ``x``, and which implementation takes it there."""
        window = window_of(
            x,
            self.kernel_size,
            strides=self.strides,
            padding=self.padding,
            dilation_rate=self.dilation_rate,
        )
        if self.implementation == "auto":
            return window, auto.choose(kernel.shape, window, self.groups)
        return window, self.implementation

    def _function(self, implementation):
        if self.gradient == "manual":
            return with_manual_gradient(implementation)
        return implementation.convolve

    def compute_output_shape(self, input_shape):
        check_input_shape(self, input_shape)
        check_output(self, input_shape)
        return super().compute_output_shape(input_shape)


@keras.saving.register_keras_serializable("labkit")
class Conv1D(Convolution, keras.layers.Conv1D, builtin=keras.layers.Conv1D):
    """A drop-in for `keras.layers.Conv1D` that can say how it computes: see `Conv2D`.

    Inputs ``(batch, steps, channels)``, outputs ``(batch, output, filters)``; ``padding`` may also
    be ``"causal"``.
    """

    rank = 1


@keras.saving.register_keras_serializable("labkit")
class Conv2D(Convolution, keras.layers.Conv2D, builtin=keras.layers.Conv2D):
    """A drop-in for `keras.layers.Conv2D` that can say how it computes.

    Every argument, default, weight and saved form is the built-in's; two arguments are new.

    Args:
        implementation: ``"auto"``, the quickest measured for such a layer, or one of
            ``"matrix"`` (the explicit constrained matrix), ``"sparse"``, ``"banded"``,
            ``"im2col"``, ``"shift"``, ``"fft"``, ``"winograd"`` and ``"native"``. All give the
            same outputs within rounding; each is a module in `labkit.layers.implementations`.
        gradient: ``"auto"``, the backend differentiates, or ``"manual"``, labkit's own backward
            pass (`labkit.layers.manual`).

    Inputs ``(batch, height, width, channels)``, or ``(batch, channels, height, width)`` with
    ``data_format="channels_first"``; outputs likewise, with ``filters`` channels and the spatial
    sizes of `labkit.geometry.output_shape`. The output has the dtype policy's compute dtype.

    Raises:
        ValueError: arguments or inputs that the built-in refuses too.

    >>> layer = Conv2D(6, 5, padding="same", implementation="banded")
    >>> layer(keras.ops.ones((8, 28, 28, 1))).shape
    TensorShape([8, 28, 28, 6])
    >>> [tuple(weight.shape) for weight in layer.weights]
    [(5, 5, 1, 6), (6,)]
    """

    rank = 2


@keras.saving.register_keras_serializable("labkit")
class Conv3D(Convolution, keras.layers.Conv3D, builtin=keras.layers.Conv3D):
    """A drop-in for `keras.layers.Conv3D` that can say how it computes: see `Conv2D`.

    Inputs ``(batch, depth, height, width, channels)``, outputs likewise with ``filters`` channels.
    """

    rank = 3
