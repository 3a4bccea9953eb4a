"""A window sliding over an input: its outputs, its padding, and which input each tap reads."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from labkit.geometry.arguments import as_int, as_tuple, known
from labkit.geometry.types import Padding, Pads, Shape, Sizes

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
    """A window sliding over an input, with every argument normalized: one entry for each axis."""

    spatial: Shape  # the input's sizes, padding not counted
    kernel_size: Shape  # taps
    strides: Shape  # inputs between two outputs
    pads: Pads  # ((before, after), ...)
    dilation_rate: Shape  # inputs between two taps
    output: Shape  # the output's sizes


def windows(
    spatial: Sizes,
    kernel_size: Sizes,
    *,
    strides: Sizes = 1,
    padding: Padding = "valid",
    dilation_rate: Sizes = 1,
) -> Windows:
    """Normalize every argument of a sliding window and compute its padding and output size.

    Raises:
        ValueError: an argument has the wrong type, rank or sign, the padding is unknown, or the
            kernel does not fit into the padded input, so that there would be no output.

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


def output_size(
    size: int,
    kernel_size: int,
    *,
    strides: int = 1,
    padding: Any = "valid",
    dilation_rate: int = 1,
) -> int:
    """Return how many outputs one axis has: ``(size + before + after - extent) // strides + 1``.

    ``extent = (kernel_size - 1) * dilation_rate + 1`` is what the dilated kernel spans. Explicit
    padding of the one axis is an int or a pair ``(before, after)``.

    Raises:
        ValueError: as :func:`windows`.

    >>> output_size(7, 3), output_size(7, 3, strides=2), output_size(7, 3, dilation_rate=2)
    (5, 3, 3)
    >>> [output_size(7, 3, strides=2, padding=p) for p in ("same", "full", "causal", 1, (0, 1))]
    [4, 5, 4, 4, 3]
    """
    return one_axis(size, kernel_size, strides, padding, dilation_rate).output[0]


def output_shape(
    spatial: Sizes,
    kernel_size: Sizes,
    *,
    strides: Sizes = 1,
    padding: Padding = "valid",
    dilation_rate: Sizes = 1,
) -> Shape:
    """Return the :func:`output_size` of every axis: from spatial shape to spatial shape.

    Raises:
        ValueError: as :func:`windows`.

    >>> output_shape((28, 28), 5)
    (24, 24)
    >>> output_shape((227, 227), 11, strides=4)  # AlexNet's first layer
    (55, 55)
    """
    return windows(
        spatial, kernel_size, strides=strides, padding=padding, dilation_rate=dilation_rate
    ).output


def pad_amounts(
    spatial: Sizes,
    kernel_size: Sizes,
    *,
    strides: Sizes = 1,
    padding: Padding = "valid",
    dilation_rate: Sizes = 1,
) -> Pads:
    """Return how many zeros stand before and after each axis: ``((before, after), ...)``.

    TensorFlow's "same" pads ``max((ceil(size / stride) - 1) * stride + extent - size, 0)`` in all,
    with the smaller half before. Libraries that pad symmetrically read other pixels.

    Raises:
        ValueError: as :func:`windows`.

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


def index_map(
    spatial: Sizes,
    kernel_size: Sizes,
    *,
    strides: Sizes = 1,
    padding: Padding = "valid",
    dilation_rate: Sizes = 1,
) -> NDArray[np.int64]:
    """Return which input each tap of each output reads.

    Outputs, taps and inputs are numbered row by row (the last axis runs fastest).

    Returns:
        int64 ``(outputs, taps)``; -1 stands for padding.

    Raises:
        ValueError: as :func:`windows`.

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
    flat = np.zeros((1,) * 2 * rank, np.int64)
    inside = np.ones((1,) * 2 * rank, bool)
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


def rank_of(spatial: Sizes, kernel_size: Sizes) -> int:
    """Return the number of axes: that of the first argument with one entry for each axis."""
    arguments: dict[str, Any] = {"spatial": spatial, "kernel_size": kernel_size}
    for name, value in arguments.items():
        if isinstance(value, (tuple, list)) or np.ndim(value) == 1:
            rank = len(value)
            if not 1 <= rank <= 3:
                raise ValueError(f"{name}: expected 1 to 3 axes, received {value!r}")
            return rank
    return 1


def _pads(spatial: Shape, extents: Shape, strides: Shape, padding: Padding) -> Pads:
    """Convert any form of ``padding`` to ``((before, after), ...)``."""
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


def _explicit_pads(padding: Any, rank: int) -> Pads:
    """Check and normalize an amount or pairs of amounts."""
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


def one_axis(
    size: Sizes, kernel_size: Sizes, strides: Sizes, padding: Any, dilation_rate: Sizes
) -> Windows:
    """Compute :func:`windows` along one axis, where explicit padding may also be a bare pair."""
    if isinstance(padding, (tuple, list)) and all(as_int(amount) is not None for amount in padding):
        padding = (tuple(padding),)
    return windows(
        as_tuple(size, 1, "size"),
        as_tuple(kernel_size, 1, "kernel_size"),
        strides=strides,
        padding=padding,
        dilation_rate=dilation_rate,
    )
