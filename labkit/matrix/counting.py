"""What the two constraints save: weights by sharing, multiplications by zeros."""

import math
from typing import NamedTuple

import numpy as np

from labkit import geometry

__all__ = ["Counts", "multiplication_counts", "weight_counts"]


class Counts(NamedTuple):
    """One number for each kind of layer between the same inputs and the same outputs."""

    dense: int
    local: int
    convolutional: int


def weight_counts(
    spatial,
    kernel_size,
    *,
    channels=1,
    filters=1,
    strides=1,
    padding="valid",
    dilation_rate=1,
    groups=1,
):
    """How many weights, biases not counted, a dense, a local and a convolutional layer have.

    Dense: every output with every input. Local: every output with its receptive field, as far as
    that lies inside the image. Convolutional: the same, shared by all positions.

    Raises:
        ValueError: what :func:`labkit.geometry.windows` and ``channel_groups`` raise.

    >>> weight_counts((32, 32), (5, 5), filters=6)
    Counts(dense=4816896, local=117600, convolutional=150)
    """
    window = geometry.windows(
        spatial, kernel_size, strides=strides, padding=padding, dilation_rate=dilation_rate
    )
    (channels,) = geometry.as_tuple(channels, 1, "channels")
    (filters,) = geometry.as_tuple(filters, 1, "filters")
    (groups,) = geometry.as_tuple(groups, 1, "groups")
    kernel_shape = (*window.kernel_size, channels // groups, filters)
    geometry.channel_groups((1, *window.spatial, channels), kernel_shape, groups)
    inside = 1
    for axis in zip(*window[:-1], strict=True):  # pairs (output, tap) inside, axis by axis
        size, taps, stride, pad, dilation = axis
        reads = geometry.index_map(
            size, taps, strides=stride, padding=(pad,), dilation_rate=dilation
        )
        inside *= int(np.count_nonzero(reads >= 0))
    return Counts(
        dense=math.prod(window.spatial) * channels * math.prod(window.output) * filters,
        local=inside * channels // groups * filters,
        convolutional=math.prod(kernel_shape),
    )


def multiplication_counts(spatial, kernel_size, **arguments):
    """How many multiplications each of the three needs for one image.

    Dense and local layers use every weight once. Sharing saves storage, not work: a convolution
    multiplies as often as a local layer. Takes and raises what :func:`weight_counts` does.

    >>> multiplication_counts((32, 32), (5, 5), filters=6)
    Counts(dense=4816896, local=117600, convolutional=117600)
    """
    weights = weight_counts(spatial, kernel_size, **arguments)
    return weights._replace(convolutional=weights.local)
