"""Convolution layers of rank 1, 2 and 3 that can be told how to compute."""

from typing import Any

import keras
from keras import ops

from labkit.layers import auto
from labkit.layers.arguments import (
    check_channels,
    check_convolution,
    check_floating,
    check_known_channels,
    check_output,
)
from labkit.layers.bias import add_bias
from labkit.layers.dropin import DropIn
from labkit.layers.grouping import by_groups
from labkit.layers.implementations import IMPLEMENTATIONS, check_supported
from labkit.layers.manual import differentiated
from labkit.layers.signatures import Shape, Tensor
from labkit.layers.windows import Window

__all__ = ["Conv1D", "Conv2D", "Conv3D", "Convolution"]


class Convolution(DropIn):
    """What the three convolution layers share; the rank is a parameter.

    ``implementation`` is ``"auto"`` (the quickest that was measured for such a layer) or one of
    `labkit.layers.implementations.IMPLEMENTATIONS`. ``gradient`` is ``"auto"`` (the backend
    differentiates) or ``"manual"`` (labkit's own backward pass).
    """

    implementations = tuple(IMPLEMENTATIONS)

    @classmethod
    def check_arguments(cls, arguments: dict[str, Any]) -> None:
        paddings = ("valid", "same", "causal") if cls.rank == 1 else ("valid", "same")
        sizes = check_convolution(cls.rank, arguments, paddings=paddings)
        check_supported(arguments["implementation"], sizes)

    def check_sizes(self, shape: Shape) -> None:
        super().check_sizes(shape)
        check_output(self, shape)

    def check_shape(self, shape: Shape) -> None:
        super().check_shape(shape)
        if self.built:
            check_channels(self, shape, self.kernel.shape[-2] * self.groups)

    def build(self, input_shape: Shape) -> None:
        DropIn.check_sizes(self, input_shape)
        check_known_channels(self, input_shape, self.groups)
        super().build(input_shape)

    def call(self, inputs: Tensor) -> Tensor:
        if keras.backend.backend() == "jax":  # Keras casts integers on JAX, and only there
            inputs = ops.cast(inputs, self.compute_dtype)
        check_floating(self, inputs)
        # The cast makes a tensor: a manual gradient must not capture the variable itself.
        kernel = ops.cast(self.kernel, self.compute_dtype)
        outputs = self.convolution_op(inputs, kernel)
        if self.use_bias:
            outputs = self._with_bias(outputs, inputs, kernel)
        return outputs if self.activation is None else self.activation(outputs)

    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        """Convolve without bias and activation: the built-in's hook, for subclasses to override.

        Args:
            inputs: the layer's inputs as they came, in the layer's data format.
            kernel: ``(*kernel_size, channels / groups, filters)``, in the compute dtype.

        Returns:
            The outputs, in the layer's data format.
        """
        return self.slide(inputs, lambda x, window: self._convolve(x, kernel, window))

    def _convolve(self, x, kernel, window):
        implementation = IMPLEMENTATIONS[self._implementation_for(kernel, window)]
        convolve = differentiated(implementation, self.gradient)
        return by_groups(convolve, x, kernel, window, self.groups)

    def _with_bias(self, outputs, inputs, kernel):
        if self.data_format == "channels_first":
            bias = ops.reshape(self.bias, (self.filters, *(1,) * self.rank))
            return ops.add(outputs, ops.cast(bias, outputs.dtype))
        fused = self._implementation_for(kernel, self.window_over(inputs)) == "native"
        return add_bias(outputs, self.bias, fused=fused)

    def _implementation_for(self, kernel: Tensor, window: Window) -> str:
        """Return the name of the implementation that computes this convolution."""
        if self.implementation == "auto":
            return auto.choose(kernel.shape, window, self.groups)
        return self.implementation


@keras.saving.register_keras_serializable("labkit")
class Conv1D(Convolution, keras.layers.Conv1D, builtin=keras.layers.Conv1D):
    """A drop-in for `keras.layers.Conv1D` that can be told how to compute: see `Conv2D`.

    Inputs are ``(batch, steps, channels)`` and outputs ``(batch, output, filters)``. ``padding``
    may also be ``"causal"``.
    """

    rank = 1


@keras.saving.register_keras_serializable("labkit")
class Conv2D(Convolution, keras.layers.Conv2D, builtin=keras.layers.Conv2D):
    """A drop-in for `keras.layers.Conv2D` that can be told how to compute.

    Every argument, default, weight and saved form is the built-in's; two arguments are new.

    Args:
        implementation: ``"auto"``, the quickest that was measured for such a layer, or one of
            ``"matrix"`` (the explicit constrained matrix), ``"sparse"``, ``"banded"``,
            ``"im2col"``, ``"shift"``, ``"fft"``, ``"winograd"`` and ``"native"``. All give the
            same outputs within rounding; each is a module in `labkit.layers.implementations`.
        gradient: ``"auto"``, where the backend differentiates, or ``"manual"``, labkit's own
            backward pass (`labkit.layers.manual`).

    Inputs are ``(batch, height, width, channels)``, or ``(batch, channels, height, width)`` with
    ``data_format="channels_first"``. Outputs have the same order of axes, ``filters`` channels, the
    spatial sizes of `labkit.geometry.output_shape` and the dtype policy's compute dtype.

    Raises:
        ValueError: the built-in refuses these arguments or inputs too.

    >>> layer = Conv2D(6, 5, padding="same", implementation="banded")
    >>> layer(keras.ops.ones((8, 28, 28, 1))).shape
    TensorShape([8, 28, 28, 6])
    >>> [tuple(weight.shape) for weight in layer.weights]
    [(5, 5, 1, 6), (6,)]
    """

    rank = 2


@keras.saving.register_keras_serializable("labkit")
class Conv3D(Convolution, keras.layers.Conv3D, builtin=keras.layers.Conv3D):
    """A drop-in for `keras.layers.Conv3D` that can be told how to compute: see `Conv2D`.

    Inputs are ``(batch, depth, height, width, channels)``; outputs have the same order of axes and
    ``filters`` channels.

    In float64 on a CPU, TensorFlow returns wrong values for ``padding="same"`` where a stride
    exceeds the kernel's size by two or more. This layer pads by hand there and returns the right
    ones.
    """

    rank = 3
