"""Transposed convolution layers of rank 1, 2 and 3 that can be told how to compute."""

from types import SimpleNamespace
from typing import Any

import keras
from keras import ops

from labkit.layers.arguments import (
    check_channels,
    check_convolution,
    check_floating,
    check_known_channels,
    check_output_padding,
)
from labkit.layers.bias import add_bias
from labkit.layers.dropin import DropIn
from labkit.layers.implementations.transposed import TRANSPOSED, gradient
from labkit.layers.manual import differentiated
from labkit.layers.signatures import Shape, Tensor
from labkit.layers.windows import Window, transposed_window_of

__all__ = ["Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"]


class TransposedConvolution(DropIn):
    """What the three transposed convolution layers share; the rank is a parameter."""

    implementations = ("native", *TRANSPOSED)

    @classmethod
    def check_arguments(cls, arguments: dict[str, Any]) -> None:
        sizes = check_convolution(cls.rank, arguments, paddings=("valid", "same"))
        check_output_padding(cls.rank, arguments["output_padding"], sizes["strides"])

    def check_shape(self, shape: Shape) -> None:
        super().check_shape(shape)
        if self.built:
            check_channels(self, shape, self.kernel.shape[-1])

    def build(self, input_shape: Shape) -> None:
        self.check_sizes(input_shape)
        check_known_channels(self, input_shape)
        super().build(input_shape)

    def call(self, inputs: Tensor) -> Tensor:
        check_floating(self, inputs)
        outputs = self.slide(inputs, self._convolve)
        return outputs if self.activation is None else self.activation(outputs)

    def _convolve(self, x, window):
        # The cast makes a tensor: a manual gradient must not capture the variable itself.
        kernel = ops.cast(self.kernel, self.compute_dtype)
        native = SimpleNamespace(convolve=self._native, gradient=gradient)
        implementation = TRANSPOSED.get(self.implementation, native)
        outputs = differentiated(implementation, self.gradient)(x, kernel, window)
        return add_bias(outputs, self.bias) if self.use_bias else outputs

    def _native(self, x, kernel, window):
        """`keras.ops.conv_transpose`, which works out the output's size from ``output_padding``."""
        return ops.conv_transpose(
            x,
            kernel,
            strides=self.strides,
            padding=self.padding,
            output_padding=self.output_padding,
            dilation_rate=self.dilation_rate,
            data_format="channels_last",
        )

    def window_over(self, x: Tensor) -> Window:
        """Return the window of the convolution whose transpose this layer is."""
        return transposed_window_of(
            x,
            self.kernel_size,
            strides=self.strides,
            padding=self.padding,
            output_padding=self.output_padding,
            dilation_rate=self.dilation_rate,
        )


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
    """A drop-in for `keras.layers.Conv2DTranspose` that can be told how to compute.

    Every argument, default, weight and saved form is the built-in's; two arguments are new.

    Args:
        implementation: ``"auto"`` or ``"native"``, which ask the backend, or ``"matrix"``,
            ``"im2col"`` or ``"shift"`` (`labkit.layers.implementations.transposed`).
        gradient: ``"auto"``, where the backend differentiates, or ``"manual"``, labkit's own
            backward pass.

    Inputs are ``(batch, height, width, channels)`` and outputs ``(batch, *output, filters)``, with
    the sizes of `labkit.geometry.transpose_output_shape`, or both channels first.

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
