"""Depthwise convolution layers: every channel by itself."""

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
from labkit.layers.dropin import DropIn
from labkit.layers.grouping import by_groups
from labkit.layers.implementations import IMPLEMENTATIONS, check_supported
from labkit.layers.implementations.depthwise import DEPTHWISE
from labkit.layers.manual import with_manual_gradient
from labkit.layers.windows import window_of

__all__ = ["DepthwiseConv1D", "DepthwiseConv2D"]


class DepthwiseConvolution(DropIn):
    """What the two depthwise convolutions share; rank is a parameter.

    ``"shift"`` and ``"native"`` have forms for it; every other implementation computes it as what
    it is, a grouped convolution with a group for each channel.
    """

    implementations = tuple(IMPLEMENTATIONS)

    @classmethod
    def check_arguments(cls, arguments):
        sizes = check_convolution(cls.rank, arguments, paddings=("valid", "same"))
        check_supported(arguments["implementation"], sizes)

    def check_shape(self, shape):
        check_input_shape(self, shape)
        if self.built:
            check_channels(self, shape, self.kernel.shape[-2])
            check_output(self, shape)

    def build(self, input_shape):
        check_input_shape(self, input_shape)
        check_known_channels(self, input_shape)
        super().build(input_shape)

    def call(self, inputs):
        check_floating(self, inputs)
        kernel = ops.cast(self.kernel, self.compute_dtype)
        if self.data_format == "channels_first":
            inputs = ops.moveaxis(inputs, 1, -1)
        outputs = self._convolve(inputs, kernel)
        if self.use_bias:
            # not `add_bias`: with as many channels as these layers have, whole rows gain nothing
            outputs = ops.add(outputs, ops.cast(self.bias, outputs.dtype))
        if self.data_format == "channels_first":
            outputs = ops.moveaxis(outputs, -1, 1)
        return outputs if self.activation is None else self.activation(outputs)

    def _convolve(self, x, kernel):
        window = window_of(
            x,
            self.kernel_size,
            strides=self.strides,
            padding=self.padding,
            dilation_rate=self.dilation_rate,
        )
        channels, multiplier = kernel.shape[-2:]
        name = self.implementation
        if name == "auto":
            name = auto.choose_depthwise(kernel.shape, window)
        implementation = DEPTHWISE.get(name, IMPLEMENTATIONS[name])
        manual = self.gradient == "manual"
        convolve = with_manual_gradient(implementation) if manual else implementation.convolve
        if name in DEPTHWISE:
            return convolve(x, kernel, window)
        kernel = ops.reshape(kernel, (*self.kernel_size, 1, channels * multiplier))
        return by_groups(convolve, x, kernel, window, channels)

    def compute_output_shape(self, input_shape):
        check_input_shape(self, input_shape)
        check_output(self, input_shape)
        return super().compute_output_shape(input_shape)


@keras.saving.register_keras_serializable("labkit")
class DepthwiseConv1D(
    DepthwiseConvolution, keras.layers.DepthwiseConv1D, builtin=keras.layers.DepthwiseConv1D
):
    """A drop-in for `keras.layers.DepthwiseConv1D` that can say how it computes.

    Inputs ``(batch, steps, channels)``, outputs ``(batch, output, channels * depth_multiplier)``.
    """

    rank = 1


@keras.saving.register_keras_serializable("labkit")
class DepthwiseConv2D(
    DepthwiseConvolution, keras.layers.DepthwiseConv2D, builtin=keras.layers.DepthwiseConv2D
):
    """A drop-in for `keras.layers.DepthwiseConv2D` that can say how it computes.

    Inputs ``(batch, height, width, channels)``, outputs ``(batch, *output, channels *
    depth_multiplier)``: the outputs of one channel stand side by side. ``implementation`` and
    ``gradient`` are those of `Conv2D`.

    >>> layer = DepthwiseConv2D(3, padding="same", implementation="shift")
    >>> layer(keras.ops.ones((8, 28, 28, 4))).shape
    TensorShape([8, 28, 28, 4])
    """

    rank = 2
