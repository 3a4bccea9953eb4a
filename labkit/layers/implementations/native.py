"""Convolution as the backend does it: `keras.ops.conv`."""

from keras import ops

from labkit.layers.windows import pad

__all__ = ["convolve"]


def convolve(x, kernel, window):
    """Cross-correlate ``x`` ``(batch, *spatial, channels)`` with ``kernel``.

    ``kernel`` is ``(*kernel_size, channels, filters)``, ``window`` says where it goes; returns
    ``(batch, *output, filters)``. Backends refuse strides and dilation together.
    """
    padding = window.padding
    if padding not in ("valid", "same"):
        x, padding = pad(x, window), "valid"
    return ops.conv(
        x,
        kernel,
        strides=window.strides,
        padding=padding,
        dilation_rate=window.dilation_rate,
        data_format="channels_last",
    )
