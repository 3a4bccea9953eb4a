"""Where a layer's window goes, also when TensorFlow traces a graph before the sizes are known.

For known sizes everything is computed by :mod:`labkit.geometry`, in NumPy, once while tracing. A
spatial axis that is ``None`` in the traced graph has a scalar tensor for its size. Then the few
formulas below are computed in the graph. The implementations need not tell the two cases apart,
because slices, `keras.ops.arange` and `keras.ops.pad` take such scalars as they take integers.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

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

    size: tuple[Any, ...]  # the input's spatial sizes
    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    dilation_rate: tuple[int, ...]
    padding: str  # the layer's argument, in small letters
    pads: tuple[tuple[Any, Any], ...]  # the zeros (before, after) that this padding amounts to
    output: tuple[Any, ...]  # the output's spatial sizes


def window_of(
    x: Any,
    kernel_size: tuple[int, ...],
    *,
    strides: tuple[int, ...],
    padding: str,
    dilation_rate: tuple[int, ...],
) -> Window:
    """Return the window of a kernel of ``kernel_size`` over ``x``, ``(batch, *spatial, channels)``.

    The other arguments are those of :mod:`labkit.geometry`.
    """
    spatial = tuple(ops.shape(x)[1:-1])
    if is_known(*spatial):
        placed = geometry.windows(
            spatial, kernel_size, strides=strides, padding=padding, dilation_rate=dilation_rate
        )
        pads, output = placed.pads, placed.output
    else:
        axes = zip(spatial, kernel_size, strides, dilation_rate, strict=True)
        pads, output = zip(*(_axis(*axis, padding) for axis in axes), strict=True)
    return Window(spatial, kernel_size, strides, dilation_rate, padding, pads, output)


def _axis(size, kernel_size, stride, dilation, padding):
    """Return ``(before, after)`` and the number of outputs along one axis, in the graph."""
    extent = (kernel_size - 1) * dilation + 1
    total = 0
    if padding == "same":
        total = ops.maximum(((size + stride - 1) // stride - 1) * stride + extent - size, 0)
    elif padding == "causal":
        total = extent - 1
    before = total if padding == "causal" else total // 2
    return (before, total - before), (size + total - extent) // stride + 1


def transposed_window_of(
    x: Any,
    kernel_size: tuple[int, ...],
    *,
    strides: tuple[int, ...],
    padding: str,
    output_padding: tuple[int, ...] | None,
    dilation_rate: tuple[int, ...],
) -> Window:
    """Return the window of the convolution whose transpose computes a transposed convolution.

    It slides over the *output* of the transposed layer: ``size`` is the output's, and ``output`` is
    that of ``x``, ``(batch, *spatial, channels)``.
    """
    output = tuple(ops.shape(x)[1:-1])
    extra = output_padding or (None,) * len(output)
    axes = zip(output, kernel_size, strides, dilation_rate, extra, strict=True)
    size, pads = zip(*(_transposed_axis(*axis, padding) for axis in axes), strict=True)
    return Window(size, kernel_size, strides, dilation_rate, padding, pads, output)


def _transposed_axis(n, kernel_size, stride, dilation, extra, padding):
    """Return the output's size and ``(before, after)`` along one axis."""
    options = {"strides": stride, "padding": padding, "dilation_rate": dilation}
    options["output_padding"] = extra
    if is_known(n):
        (size,) = geometry.transpose_output_shape(n, kernel_size, **options)
        (pads,) = geometry.transpose_pad_amounts(n, kernel_size, **options)
        return size, pads
    # The output grows by a stride with every input, and the padding stays the same. So both are
    # computed for kernel_size + 1 inputs and extended to n.
    (size,) = geometry.transpose_output_shape(kernel_size + 1, kernel_size, **options)
    (pads,) = geometry.transpose_pad_amounts(kernel_size + 1, kernel_size, **options)
    return size + (n - kernel_size - 1) * stride, pads


def output_shape(
    shape: tuple[int | None, ...],
    kernel_size: tuple[int, ...],
    *,
    strides: tuple[int, ...],
    padding: str,
    channels: int | None,
    data_format: str,
) -> tuple[int | None, ...]:
    """Return a layer's output shape for an input shape in which sizes may be None.

    ``channels`` are the output's. Kernel size and strides hold one integer for each spatial axis.
    """
    last = data_format == "channels_last"
    spatial = tuple(
        n and geometry.output_size(n, k, strides=s, padding=padding)
        for n, k, s in zip(shape[1:-1] if last else shape[2:], kernel_size, strides, strict=True)
    )
    return (shape[0], *spatial, channels) if last else (shape[0], channels, *spatial)


def is_known(*sizes: Any) -> bool:
    """Return whether all of these are integers, and none is a tensor of a traced graph."""
    return all(isinstance(size, (int, np.integer)) for size in sizes)


def arange(*bounds: Any) -> Any:
    """Return ``numpy.arange(*bounds)`` where the bounds are known, else the same as a tensor."""
    return np.arange(*bounds, dtype=np.int32) if is_known(*bounds) else ops.arange(*bounds)


def reads(window: Window, axis: int) -> Any:
    """Return which element of the *padded* input each tap reads: ``(output, kernel_size)``."""
    starts = arange(window.output[axis]) * window.strides[axis]
    taps = arange(window.kernel_size[axis]) * window.dilation_rate[axis]
    return starts[:, None] + taps[None, :]


def over_lines(window: Window, sizes: Sequence[Any]) -> Window:
    """Return the window of the kernel's rows over the lines of an input that is already padded.

    Lines run along the last axis; ``sizes`` are those of the axes before it.
    """
    rest = {
        name: getattr(window, name)[:-1]
        for name in ("kernel_size", "strides", "dilation_rate", "output")
    }
    return Window(size=tuple(sizes), pads=((0, 0),) * len(sizes), padding="valid", **rest)


def cut(x: Any, starts: Sequence[Any], counts: Sequence[Any], strides: Sequence[int]) -> Any:
    """Return every stride-th element, from ``starts`` on, of the axes after the batch.

    Without strides this uses `keras.ops.slice`: TensorFlow's gradient of that is one padding, while
    the gradient of indexing takes far longer.

    Args:
        x: ``(batch, ...)``; axes beyond the last of ``starts`` are taken whole.
        starts, counts: where to begin along each axis, and how many elements to take.
        strides: one for each axis, or ``(1,)`` for all of them.
    """
    if max(strides) == 1:
        shape = ops.shape(x)
        rest = shape[len(starts) + 1 :]
        return ops.slice(x, (0, *starts, *(0 for _ in rest)), (shape[0], *counts, *rest))
    slices = [
        slice(start, start + (count - 1) * stride + 1, stride)
        for start, count, stride in zip(starts, counts, strides, strict=True)
    ]
    return x[(slice(None), *slices)]


def add_at(total: Any, part: Any, starts: Sequence[Any], shape: Sequence[Any]) -> Any:
    """Return ``total`` with ``part`` added to it from ``starts`` on.

    JAX updates the total in place. Other backends would copy all of it, so there the part is padded
    to the whole shape.

    Args:
        total: ``(batch, ..., channels)``, or None for zeros of ``shape``.
        part: an array with the same batch and channels.
        starts: one index for each axis.
        shape: the total's.
    """
    if keras.backend.backend() == "jax":
        total = ops.zeros(shape, part.dtype) if total is None else total
        return ops.slice_update(total, starts, ops.slice(total, starts, ops.shape(part)) + part)
    sizes = tuple(zip(starts, ops.shape(part), shape, strict=True))[1:-1]  # not batch and channels
    part = pad_spatial(part, tuple((start, whole - start - size) for start, size, whole in sizes))
    return part if total is None else total + part


def padded_size(window: Window) -> list[Any]:
    """Return the spatial sizes of what `pad` returns."""
    return [n + before + after for n, (before, after) in zip(window.size, window.pads, strict=True)]


def pad(x: Any, window: Window) -> Any:
    """Return ``x`` with the zeros around it that the window's padding amounts to."""
    return pad_spatial(x, window.pads)


def pad_spatial(x: Any, pads: tuple[tuple[Any, Any], ...]) -> Any:
    """Return ``x``, ``(batch, *spatial, channels)``, with ``((before, after), ...)`` zeros."""
    if is_known(*sum(pads, ())) and not any(sum(pads, ())):
        return x
    return ops.pad(x, ((0, 0), *pads, (0, 0)))
