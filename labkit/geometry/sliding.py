"""A window sliding over an input: its outputs, its padding, and which input each tap reads."""

import math
from typing import NamedTuple

import numpy as np

from labkit.geometry.arguments import as_int, as_tuple, known

__all__ = [
    "PADDINGS",
    "Windows",
    "index_map",
    "one_axis",
    "output_shape",
    "output_size",
    "pad_amounts",
    "rank_of",
    "windows",
]

PADDINGS = ("valid", "same", "full", "causal")


class Windows(NamedTuple):
    """A window sliding over an input, every argument normalized: one entry for each axis."""

    spatial: tuple
    kernel_size: tuple
    strides: tuple
    pads: tuple  # ((before, after), ...)
    dilation_rate: tuple
    output: tuple


def windows(spatial, kernel_size, *, strides=1, padding="valid", dilation_rate=1):
    """Normalize every argument of a sliding window, and say where it goes.

    Raises:
        ValueError: an argument of the wrong kind, rank or sign, an unknown padding, or a kernel
            that does not fit into the padded input, so that there would be no output.

    >>> windows((4, 5), (2, 3)).output
    (3, 3)
    """
    rank = rank_of(spatial, kernel_size)
    spatial = as_tuple(spatial, rank, "spatial")
    kernel_size = as_tuple(kernel_size, rank, "kernel_size")
    strides = as_tuple(strides, rank, "strides")
    dilation_rate = as_tuple(dilation_rate, rank, "dilation_rate")
    extents = tuple((k - 1) * d + 1 for k, d in zip(kernel_size, dilation_rate, strict=True))
    pads = _pads(spatial, extents, strides, padding)
    for axis, (size, extent, pad) in enumerate(zip(spatial, extents, pads, strict=True)):
        if size + sum(pad) < extent:
            raise ValueError(
                f"kernel_size: expected a kernel that fits into the padded input, received "
                f"kernel_size {kernel_size} with dilation_rate {dilation_rate} for spatial shape "
                f"{spatial} with padding {padding!r}: on axis {axis} the kernel spans {extent} "
                f"elements and the input has {size} and {sum(pad)} of padding, so there would be "
                "no output"
            )
    output = tuple(
        (size + sum(pad) - extent) // stride + 1
        for size, pad, extent, stride in zip(spatial, pads, extents, strides, strict=True)
    )
    return Windows(spatial, kernel_size, strides, pads, dilation_rate, output)


def output_size(size, kernel_size, *, strides=1, padding="valid", dilation_rate=1):
    """How many outputs one axis has: ``(size + before + after - extent) // strides + 1``.

    ``extent = (kernel_size - 1) * dilation_rate + 1`` is what the dilated kernel spans. Explicit
    padding of the one axis is an int or a pair ``(before, after)``. Raises what :func:`windows`
    raises.

    >>> output_size(7, 3), output_size(7, 3, strides=2), output_size(7, 3, dilation_rate=2)
    (5, 3, 3)
    >>> [output_size(7, 3, strides=2, padding=p) for p in ("same", "full", "causal", 1, (0, 1))]
    [4, 5, 4, 4, 3]
    """
    return one_axis(size, kernel_size, strides, padding, dilation_rate).output[0]


def output_shape(spatial, kernel_size, *, strides=1, padding="valid", dilation_rate=1):
    """:func:`output_size` of every axis: spatial shape in, spatial shape out.

    >>> output_shape((28, 28), 5)
    (24, 24)
    >>> output_shape((227, 227), 11, strides=4)  # AlexNet's first layer
    (55, 55)
    """
    return windows(
        spatial, kernel_size, strides=strides, padding=padding, dilation_rate=dilation_rate
    ).output


def pad_amounts(spatial, kernel_size, *, strides=1, padding="valid", dilation_rate=1):
    """How many zeros stand before and after each axis: ``((before, after), ...)``.

    TensorFlow's "same" pads ``max((ceil(size / stride) - 1) * stride + extent - size, 0)`` in all,
    the smaller half before; the symmetric convention of other libraries reads other pixels:

    >>> pad_amounts(8, 3, strides=2, padding="same")
    ((0, 1),)
    >>> pad_amounts((5, 6), (2, 3), padding="same")
    ((0, 1), (1, 1))
    >>> pad_amounts(5, 3, padding="causal", dilation_rate=2)
    ((4, 0),)
    """
    return windows(
        spatial, kernel_size, strides=strides, padding=padding, dilation_rate=dilation_rate
    ).pads


def index_map(spatial, kernel_size, *, strides=1, padding="valid", dilation_rate=1):
    """Which input each tap of each output reads: int64 ``(outputs, taps)``.

    Outputs, taps and inputs are numbered row by row (the last axis runs fastest); -1 is padding.

    >>> index_map(4, 3, padding="same")
    array([[-1,  0,  1],
           [ 0,  1,  2],
           [ 1,  2,  3],
           [ 2,  3, -1]])
    >>> index_map((2, 3), (2, 2))
    array([[0, 1, 3, 4],
           [1, 2, 4, 5]])
    """
    window = windows(
        spatial, kernel_size, strides=strides, padding=padding, dilation_rate=dilation_rate
    )
    rank = len(window.spatial)
    flat, inside = np.zeros((1,) * 2 * rank, np.int64), np.True_
    for axis, size in enumerate(window.spatial):
        starts = np.arange(window.output[axis]) * window.strides[axis] - window.pads[axis][0]
        taps = np.arange(window.kernel_size[axis]) * window.dilation_rate[axis]
        # axes of the result: the outputs' first, then the taps'
        shape = [1] * 2 * rank
        shape[axis], shape[rank + axis] = len(starts), len(taps)
        position = np.add.outer(starts, taps).reshape(shape)
        flat = flat * size + position
        inside = inside & (position >= 0) & (position < size)
    return np.where(inside, flat, -1).reshape(math.prod(window.output), -1)


def rank_of(spatial, kernel_size):
    """The number of axes: that of the first argument that names one for each axis."""
    for name, value in (("spatial", spatial), ("kernel_size", kernel_size)):
        if isinstance(value, (tuple, list)) or np.ndim(value) == 1:
            if not 1 <= len(value) <= 3:
                raise ValueError(f"{name}: expected 1 to 3 axes, received {value!r}")
            return len(value)
    return 1


def _pads(spatial, extents, strides, padding):
    """``((before, after), ...)`` from any form of ``padding``."""
    if not isinstance(padding, str):
        return _explicit_pads(padding, len(spatial))
    name = known(padding, PADDINGS)
    if name == "causal" and len(spatial) != 1:
        raise ValueError(
            f"padding: expected 'causal' with one spatial axis, received spatial shape {spatial}: "
            "only time has a before and an after"
        )
    pads = []
    for size, extent, stride in zip(spatial, extents, strides, strict=True):
        if name == "same":
            total = max((-(-size // stride) - 1) * stride + extent - size, 0)
            pads.append((total // 2, total - total // 2))
        else:
            before = 0 if name == "valid" else extent - 1
            pads.append((before, before if name == "full" else 0))
    return tuple(pads)


def _explicit_pads(padding, rank):
    try:
        pairs = [(padding, padding)] * rank if as_int(padding) is not None else list(padding)
        pairs = [tuple(as_int(amount) for amount in pair) for pair in pairs]
    except TypeError:  # not a sequence of sequences
        pairs = []
    right = all(len(pair) == 2 and None not in pair and min(pair) >= 0 for pair in pairs)
    if len(pairs) != rank or not right:
        axes = "((before, after),)" if rank == 1 else f"{rank} pairs ((before, after), ...)"
        raise ValueError(
            f"padding: expected one of {', '.join(PADDINGS)}, an integer, or {axes}, no amount "
            f"below 0, received {padding!r}"
        )
    return tuple(pairs)


def one_axis(size, kernel_size, strides, padding, dilation_rate):
    """:func:`windows` along one axis, where explicit padding may also be a bare pair."""
    if isinstance(padding, (tuple, list)) and all(as_int(amount) is not None for amount in padding):
        padding = (tuple(padding),)
    return windows(
        as_tuple(size, 1, "size"),
        as_tuple(kernel_size, 1, "kernel_size"),
        strides=strides,
        padding=padding,
        dilation_rate=dilation_rate,
    )
