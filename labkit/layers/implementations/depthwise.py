"""Depthwise convolution: every channel is convolved by itself, with its own kernels.

Nothing is summed over channels, so there is no matrix product to gain speed from: `shift`
multiplies and adds one shifted image for each tap, which is all the arithmetic there is.
"""

from itertools import product
from types import SimpleNamespace

from keras import ops

from labkit.layers.implementations.shift import shifted, shifted_back
from labkit.layers.signatures import Tensor
from labkit.layers.windows import Window, pad

__all__ = ["DEPTHWISE"]


def native(x: Tensor, kernel: Tensor, window: Window) -> Tensor:
    """Ask the backend: `keras.ops.depthwise_conv`. Arguments and result are those of `shift`."""
    if x.shape[0] == 0:  # TensorFlow 2.21 gives an empty batch the input's sizes
        return shift(x, kernel, window)
    return ops.depthwise_conv(
        x,
        kernel,
        strides=window.strides,
        padding=window.padding,
        dilation_rate=window.dilation_rate,
        data_format="channels_last",
    )


def shift(x: Tensor, kernel: Tensor, window: Window) -> Tensor:
    """Sum shifted images over the kernel's taps, each channel times its own weight.

    Args:
        x: ``(batch, *spatial, channels)``.
        kernel: ``(*kernel_size, channels, multiplier)``.
        window: where the kernel goes.

    Returns:
        ``(batch, *output, channels * multiplier)``, the outputs of one channel side by side.
    """
    padded = pad(x, window)
    result = 0
    for tap in product(*map(range, window.kernel_size)):
        result = result + _times(shifted(padded, window, tap), kernel[tap])
    return ops.reshape(result, (-1, *window.output, kernel.shape[-2] * kernel.shape[-1]))


def gradient(x: Tensor, kernel: Tensor, window: Window, upstream: Tensor) -> tuple[Tensor, Tensor]:
    """Return the gradients of ``x`` and ``kernel``, from that of the outputs, ``upstream``."""
    padded = pad(x, window)
    channels, multiplier = kernel.shape[-2:]
    upstream = ops.reshape(upstream, (-1, *window.output, channels, multiplier))
    all_but_channels = tuple(range(len(window.size) + 1))
    d_taps, parts = [], {}
    for tap in product(*map(range, window.kernel_size)):
        read = shifted(padded, window, tap)
        d_taps.append(ops.sum(upstream * read[..., None], axis=all_but_channels))
        parts[tap] = ops.sum(upstream * kernel[tap], axis=-1)
    return shifted_back(parts, window), ops.reshape(ops.stack(d_taps), kernel.shape)


def _times(read, weights):
    """Return ``(..., channels)`` times ``(channels, multiplier)``, without an idle last axis."""
    if weights.shape[-1] == 1:
        return read * weights[:, 0]
    return read[..., None] * weights


DEPTHWISE = {
    "shift": SimpleNamespace(convolve=shift, gradient=gradient),
    "native": SimpleNamespace(convolve=native, gradient=gradient),
}
