"""Depthwise convolution layers, which convolve every channel by itself."""

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
from labkit.layers.dropin import DropIn
from labkit.layers.grouping import by_groups
from labkit.layers.implementations import IMPLEMENTATIONS, check_supported
from labkit.layers.implementations.depthwise import DEPTHWISE
from labkit.layers.manual import differentiated
from labkit.layers.signatures import Shape, Tensor

__all__ = ["DepthwiseConv1D", "DepthwiseConv2D"]


class DepthwiseConvolution(DropIn):
    """What the two depthwise convolution layers share; the rank is a parameter.

    ``"shift"`` and ``"native"`` have special forms for depthwise convolution. Every other
    implementation computes it as a grouped convolution with one group for each channel.
    """

    implementations = tuple(IMPLEMENTATIONS)

    @classmethod
    def check_arguments(cls, arguments: dict[str, Any]) -> None:
        sizes = check_convolution(cls.rank, arguments, paddings=("valid", "same"))
        check_supported(arguments["implementation"], sizes)

    def check_sizes(self, shape: Shape) -> None:
        super().check_sizes(shape)
        check_output(self, shape)

    def check_shape(self, shape: Shape) -> None:
        super().check_shape(shape)
        if self.built:
            check_channels(self, shape, self.kernel.shape[-2])

    def build(self, input_shape: Shape) -> None:
        DropIn.check_sizes(self, input_shape)
        check_known_channels(self, input_shape)
        super().build(input_shape)

    def call(self, inputs: Tensor) -> Tensor:
        check_floating(self, inputs)
        outputs = self.slide(inputs, self._convolve)
        return outputs if self.activation is None else self.activation(outputs)

    def _convolve(self, x, window):
        # The cast makes a tensor: a manual gradient must not capture the variable itself.
        kernel = ops.cast(self.kernel, self.compute_dtype)
        name = self.implementation
        if name == "auto":
            name = auto.choose_depthwise(kernel.shape, window)
        convolve = differentiated(DEPTHWISE.get(name, IMPLEMENTATIONS[name]), self.gradient)
        if name in DEPTHWISE:
            outputs = convolve(x, kernel, window)
        else:
            channels, multiplier = kernel.shape[-2:]
            kernel = ops.reshape(kernel, (*self.kernel_size, 1, channels * multiplier))
            outputs = by_groups(convolve, x, kernel, window, channels)
        if not self.use_bias:
            return outputs
        # These layers have many channels: `add_bias`, which works on whole rows, gains nothing.
        return ops.add(outputs, ops.cast(self.bias, outputs.dtype))


@keras.saving.register_keras_serializable("labkit")
class DepthwiseConv1D(
    DepthwiseConvolution, keras.layers.DepthwiseConv1D, builtin=keras.layers.DepthwiseConv1D
):
    """A drop-in for `keras.layers.DepthwiseConv1D` that can be told how to compute.

    Inputs ``(batch, steps, channels)``, outputs ``(batch, output, channels * depth_multiplier)``.
    """

    rank = 1


@keras.saving.register_keras_serializable("labkit")
class DepthwiseConv2D(
    DepthwiseConvolution, keras.layers.DepthwiseConv2D, builtin=keras.layers.DepthwiseConv2D
):
    """A drop-in for `keras.layers.DepthwiseConv2D` that can be told how to compute.

    Inputs ``(batch, height, width, channels)``, outputs ``(batch, *output, channels *
    depth_multiplier)``: the outputs of one channel stand side by side. ``implementation`` and
    ``gradient`` are those of `Conv2D`.

    >>> layer = DepthwiseConv2D(3, padding="same", implementation="shift")
    >>> layer(keras.ops.ones((8, 28, 28, 4))).shape
    TensorShape([8, 28, 28, 4])
    """

    rank = 2
