"""Depthwise convolution: every channel is convolved by itself, with its own kernels.

There is no sum over channels, hence no matrix product to hide behind: `shift` multiplies and adds
one shifted image for each tap, which is all the arithmetic there is.
"""

from itertools import product
from types import SimpleNamespace

from keras import ops

from labkit.layers.implementations.shift import shifted, shifted_back
from labkit.layers.windows import pad

__all__ = ["DEPTHWISE"]


def native(x, kernel, window):
    """`keras.ops.depthwise_conv`: ``kernel`` is ``(*kernel_size, channels, multiplier)``."""
    return ops.depthwise_conv(
        x,
        kernel,
        strides=window.strides,
        padding=window.padding,
        dilation_rate=window.dilation_rate,
        data_format="channels_last",
    )


def shift(x, kernel, window):
    """A sum over taps of shifted images, each channel times its own weight.

    ``x`` is ``(batch, *spatial, channels)``, ``kernel`` ``(*kernel_size, channels, multiplier)``;
    returns ``(batch, *output, channels * multiplier)``, the outputs of a channel side by side.
    """
    padded = pad(x, window)
    result = 0
    for tap in product(*map(range, window.kernel_size)):
        result = result + _times(shifted(padded, window, tap), kernel[tap])
    return ops.reshape(result, (-1, *window.output, kernel.shape[-2] * kernel.shape[-1]))


def gradient(x, kernel, window, upstream):
    """Gradients of ``x`` and ``kernel``: the same sums, turned around."""
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
    """``(..., channels)`` times ``(channels, multiplier)``; no axis more than needed."""
    if weights.shape[-1] == 1:
        return read * weights[:, 0]
    return read[..., None] * weights


DEPTHWISE = {
    "shift": SimpleNamespace(convolve=shift, gradient=gradient),
    "native": SimpleNamespace(convolve=native, gradient=gradient),
}
