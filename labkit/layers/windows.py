"""Where the windows of a layer go, also when TensorFlow traces a graph before the sizes are known.

:mod:`labkit.geometry` answers for known sizes, and everything known is computed there, in NumPy,
once while tracing. A spatial axis that is ``None`` in the traced graph has a scalar tensor for its
size; then the few formulas below are computed in the graph, and every implementation goes on
unaware: slices, `keras.ops.arange` and `keras.ops.pad` take such scalars as they take integers.
"""

from typing import NamedTuple

import keras
import numpy as np
from keras import ops

from labkit import geometry

__all__ = [
    "Window",
    "add_at",
    "arange",
    "cut",
    "is_known",
    "output_shape",
    "over_lines",
    "pad",
    "pad_spatial",
    "padded_size",
    "reads",
    "transposed_window_of",
    "window_of",
]


class Window(NamedTuple):
    """A kernel sliding over an input; every entry has one element for each spatial axis.

    ``size``, ``pads`` and ``output`` hold integers, or scalar tensors where the size is known only
    when the graph runs.
    """

    size: tuple  # the input's
    kernel_size: tuple
    strides: tuple
    dilation_rate: tuple
    padding: str  # as the layer was given it
    pads: tuple  # what that comes to: ((before, after), ...)
    output: tuple


def window_of(x, kernel_size, *, strides, padding, dilation_rate):
    """The window of a kernel of ``kernel_size`` over ``x``, ``(batch, *spatial, channels)``."""
    spatial = tuple(ops.shape(x)[1:-1])
    if is_known(*spatial):
        known = geometry.windows(
            spatial, kernel_size, strides=strides, padding=padding, dilation_rate=dilation_rate
        )
        pads, output = known.pads, known.output
    else:
        axes = zip(spatial, kernel_size, strides, dilation_rate, strict=True)
        pads, output = zip(*(_axis(*axis, padding) for axis in axes), strict=True)
    return Window(spatial, kernel_size, strides, dilation_rate, padding, pads, output)


def _axis(size, kernel_size, stride, dilation, padding):
    """``(before, after)`` and the number of outputs along one axis, in the graph."""
    extent = (kernel_size - 1) * dilation + 1
    total = 0
    if padding == "same":
        total = ops.maximum(((size + stride - 1) // stride - 1) * stride + extent - size, 0)
    elif padding == "causal":
        total = extent - 1
    before = total if padding == "causal" else total // 2
    return (before, total - before), (size + total - extent) // stride + 1


def transposed_window_of(x, kernel_size, *, strides, padding, output_padding, dilation_rate):
    """The window of the convolution whose transpose takes ``x`` to the transposed layer's output.

    It slides over that *output*: ``size`` is the output's, ``output`` is ``x``'s.
    """
    output = tuple(ops.shape(x)[1:-1])
    extra = output_padding or (None,) * len(output)
    axes = zip(output, kernel_size, strides, dilation_rate, extra, strict=True)
    size, pads = zip(*(_transposed_axis(*axis, padding) for axis in axes), strict=True)
    return Window(size, kernel_size, strides, dilation_rate, padding, pads, output)


def _transposed_axis(n, kernel_size, stride, dilation, extra, padding):
    """The output's size and ``(before, after)`` along one axis of a transposed convolution."""
    options = {"strides": stride, "padding": padding, "dilation_rate": dilation}
    options["output_padding"] = extra
    if is_known(n):
        (size,) = geometry.transpose_output_shape(n, kernel_size, **options)
        (pads,) = geometry.transpose_pad_amounts(n, kernel_size, **options)
        return size, pads
    # the output grows by a stride with every input, and the padding stays: 2 or more inputs decide
    (size,) = geometry.transpose_output_shape(kernel_size + 1, kernel_size, **options)
    (pads,) = geometry.transpose_pad_amounts(kernel_size + 1, kernel_size, **options)
    return size + (n - kernel_size - 1) * stride, pads


def output_shape(shape, kernel_size, *, strides, padding, channels, data_format):
    """A layer's output shape, for an input shape in which sizes may be None."""
    last = data_format == "channels_last"
    spatial = tuple(
        n and geometry.output_size(n, k, strides=s, padding=padding)
        for n, k, s in zip(shape[1:-1] if last else shape[2:], kernel_size, strides, strict=True)
    )
    return (shape[0], *spatial, channels) if last else (shape[0], channels, *spatial)


def is_known(*sizes):
    """Whether all of these are integers, not tensors that a running graph will fill."""
    return all(isinstance(size, (int, np.integer)) for size in sizes)


def arange(*bounds):
    """``0 .. n - 1`` as a NumPy constant where the bounds are known, else as a tensor."""
    return np.arange(*bounds, dtype=np.int32) if is_known(*bounds) else ops.arange(*bounds)


def reads(window, axis):
    """Which element of the *padded* input each tap of each output reads: ``(output, kernel)``."""
    starts = arange(window.output[axis]) * window.strides[axis]
    taps = arange(window.kernel_size[axis]) * window.dilation_rate[axis]
    return starts[:, None] + taps[None, :]


def over_lines(window, sizes):
    """The window of the kernel's rows over the lines of an input that is padded already.

    Lines run along the last axis; ``sizes`` are those of the axes before it.
    """
    rest = {
        name: getattr(window, name)[:-1]
        for name in ("kernel_size", "strides", "dilation_rate", "output")
    }
    return Window(size=tuple(sizes), pads=((0, 0),) * len(sizes), padding="valid", **rest)


def cut(x, starts, counts, strides):
    """``counts`` elements of the axes after the batch, from ``starts`` on, every stride-th one.

    The same as indexing with slices, which takes whole axes too; without strides `keras.ops.slice`
    does it, because TensorFlow's gradient of that is one padding, and of indexing is far slower.
    """
    if max(strides) == 1:
        shape, done = ops.shape(x), len(starts) + 1
        rest = shape[done:]
        return ops.slice(x, (0, *starts, *(0 for _ in rest)), (shape[0], *counts, *rest))
    slices = [
        slice(start, start + (count - 1) * stride + 1, stride)
        for start, count, stride in zip(starts, counts, strides, strict=True)
    ]
    return x[(slice(None), *slices)]


def add_at(total, part, starts, shape):
    """``part`` added to ``total`` from ``starts`` on; a ``total`` of None is zeros of ``shape``.

    Both are ``(batch, ..., channels)`` with equal batch and channels.

    JAX does it in place. TensorFlow copies all of the total for that: there the part is padded.
    """
    if keras.backend.backend() == "jax":
        total = ops.zeros(shape, part.dtype) if total is None else total
        return ops.slice_update(total, starts, ops.slice(total, starts, ops.shape(part)) + part)
    sizes = tuple(zip(starts, ops.shape(part), shape, strict=True))[1:-1]  # not batch and channels
    part = pad_spatial(part, tuple((start, whole - start - size) for start, size, whole in sizes))
    return part if total is None else total + part


def padded_size(window):
    """The spatial sizes of what `pad` makes."""
    return [n + before + after for n, (before, after) in zip(window.size, window.pads, strict=True)]


def pad(x, window):
    """``x`` with the zeros that the window's padding stands for."""
    return pad_spatial(x, window.pads)


def pad_spatial(x, pads):
    """``x``, ``(batch, *spatial, channels)``, with ``((before, after), ...)`` zeros around it."""
    if is_known(*sum(pads, ())) and not any(sum(pads, ())):
        return x
    return ops.pad(x, ((0, 0), *pads, (0, 0)))
