"""Convolution as the backend computes it: `keras.ops.conv`, around the backend's known errors."""

import keras
from keras import ops

from labkit.layers.implementations import shift
from labkit.layers.signatures import Tensor
from labkit.layers.windows import Window, cut, is_known, pad

__all__ = ["convolve"]


def convolve(x: Tensor, kernel: Tensor, window: Window) -> Tensor:
    """Cross-correlate ``x`` with ``kernel``; for shapes see `labkit.layers.implementations`.

    Backends refuse strides together with dilation.
    """
    if x.shape[0] == 0:
        # TensorFlow 2.21 with oneDNN gives an empty batch the shape of the input.
        return shift.convolve(x, kernel, window)
    if _strides_mislead(window):
        x, window = _without_idle_strides(x, window)
    padding = window.padding
    if padding not in ("valid", "same") or _same_padding_misleads(x, window):
        x, padding = pad(x, window), "valid"
    return ops.conv(
        x,
        kernel,
        strides=window.strides,
        padding=padding,
        dilation_rate=window.dilation_rate,
        data_format="channels_last",
    )


def _same_padding_misleads(x, window):
    """Return whether TensorFlow would work out negative padding for "same", and use it.

    TensorFlow 2.21 does so on the CPU in 3D with float64 where the windows, all together, do not
    reach the input's end, and returns wrong values. With padding by hand they are right. Only
    strides that exceed the kernel can leave the input's end unread.
    """
    return (
        keras.backend.backend() == "tensorflow"
        and window.padding == "same"
        and len(window.strides) == 3
        and keras.backend.standardize_dtype(x.dtype) == "float64"
        and any(s > k for s, k in zip(window.strides, window.kernel_size, strict=True))
    )


def _strides_mislead(window):
    """Return whether there is a stride along an axis that has only one output.

    TensorFlow 2.21 with oneDNN then reads memory beyond the input: a one-channel 2x1 image and a
    1x2 kernel with strides (1, 2) give noise.
    """
    pairs = zip(window.output, window.strides, strict=True)
    return is_known(*window.output) and any(n == 1 < stride for n, stride in pairs)


def _without_idle_strides(x, window):
    """Cut the input to what is read, and set strides to 1 where there is only one output."""
    padded, counts, strides = pad(x, window), [], []
    for axis, n in enumerate(window.output):
        extent = (window.kernel_size[axis] - 1) * window.dilation_rate[axis] + 1
        counts.append(extent if n == 1 else padded.shape[axis + 1])
        strides.append(1 if n == 1 else window.strides[axis])
    x = cut(padded, (0,) * len(counts), counts, (1,))
    return x, window._replace(strides=tuple(strides), padding="valid")
