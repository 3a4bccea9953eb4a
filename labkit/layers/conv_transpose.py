"""Transposed convolution layers of rank 1, 2 and 3 that can say how they compute."""

from types import SimpleNamespace

import keras
from keras import ops

from labkit.layers.arguments import (
    check_channels,
    check_convolution,
    check_floating,
    check_input_shape,
    check_known_channels,
    check_output_padding,
)
from labkit.layers.bias import add_bias
from labkit.layers.dropin import DropIn
from labkit.layers.implementations.transposed import TRANSPOSED, gradient
from labkit.layers.manual import with_manual_gradient
from labkit.layers.windows import transposed_window_of

__all__ = ["Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"]


class TransposedConvolution(DropIn):
    """What the three transposed convolutions share; rank is a parameter."""

    implementations = ("native", *TRANSPOSED)

    @classmethod
    def check_arguments(cls, arguments):
        sizes = check_convolution(cls.rank, arguments, paddings=("valid", "same"))
        check_output_padding(cls.rank, arguments["output_padding"], sizes["strides"])

    def check_shape(self, shape):
        check_input_shape(self, shape)
        if self.built:
            check_channels(self, shape, self.kernel.shape[-1])

    def build(self, input_shape):
        check_input_shape(self, input_shape)
        check_known_channels(self, input_shape)
        super().build(input_shape)

    def call(self, inputs):
        check_floating(self, inputs)
        # cast: a tensor, not a variable that a hand-written gradient could capture
        kernel = ops.cast(self.kernel, self.compute_dtype)
        channels_last = self.data_format == "channels_last"
        x = inputs if channels_last else ops.moveaxis(inputs, 1, -1)
        window = transposed_window_of(
            x,
            self.kernel_size,
            strides=self.strides,
            padding=self.padding,
            output_padding=self.output_padding,
            dilation_rate=self.dilation_rate,
        )
        native = SimpleNamespace(convolve=self._native, gradient=gradient)
        implementation = TRANSPOSED.get(self.implementation, native)
        convolve = implementation.convolve
        if self.gradient == "manual":
            convolve = with_manual_gradient(implementation)
        outputs = convolve(x, kernel, window)
        if self.use_bias:
            outputs = add_bias(outputs, self.bias)
        if not channels_last:
            outputs = ops.moveaxis(outputs, -1, 1)
        return outputs if self.activation is None else self.activation(outputs)

    def _native(self, x, kernel, window):
        """`keras.ops.conv_transpose`, which knows the output's size from ``output_padding``."""
        return ops.conv_transpose(
            x,
            kernel,
            strides=self.strides,
            padding=self.padding,
            output_padding=self.output_padding,
            dilation_rate=self.dilation_rate,
            data_format="channels_last",
        )

    def compute_output_shape(self, input_shape):
        check_input_shape(self, input_shape)
        return super().compute_output_shape(input_shape)


@keras.saving.register_keras_serializable("labkit")
class Conv1DTranspose(
    TransposedConvolution, keras.layers.Conv1DTranspose, builtin=keras.layers.Conv1DTranspose
):
    """A drop-in for `keras.layers.Conv1DTranspose`: see `Conv2DTranspose`."""

    rank = 1


@keras.saving.register_keras_serializable("labkit")
class Conv2DTranspose(
    TransposedConvolution, keras.layers.Conv2DTranspose, builtin=keras.layers.Conv2DTranspose
):
    """A drop-in for `keras.layers.Conv2DTranspose` that can say how it computes.

    ``implementation`` is ``"auto"`` (the backend's), ``"native"``, ``"matrix"``, ``"im2col"`` or
    ``"shift"`` (`labkit.layers.implementations.transposed`), ``gradient`` ``"auto"`` or
    ``"manual"``. Sizes are those of `labkit.geometry.transpose_output_shape`.

    >>> layer = Conv2DTranspose(3, 4, strides=2, padding="same", implementation="shift")
    >>> layer(keras.ops.ones((8, 7, 7, 16))).shape
    TensorShape([8, 14, 14, 3])
    """

    rank = 2


@keras.saving.register_keras_serializable("labkit")
class Conv3DTranspose(
    TransposedConvolution, keras.layers.Conv3DTranspose, builtin=keras.layers.Conv3DTranspose
):
    """A drop-in for `keras.layers.Conv3DTranspose`: see `Conv2DTranspose`."""

    rank = 3
