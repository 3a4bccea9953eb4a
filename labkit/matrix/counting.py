"""Count what the two constraints save: sharing saves weights, zeros save multiplications."""

import math
from typing import Any, NamedTuple, SupportsIndex

import numpy as np

from labkit import geometry
from labkit.geometry import Padding, Sizes

__all__ = ["Counts", "multiplication_counts", "weight_counts"]


class Counts(NamedTuple):
    """One number for each kind of layer between the same inputs and the same outputs."""

    dense: int  # every output reads every input
    local: int  # every output reads its receptive field, with weights of its own
    convolutional: int  # every output reads its receptive field, all with the same weights


def weight_counts(
    spatial: Sizes,
    kernel_size: Sizes,
    *,
    channels: SupportsIndex = 1,
    filters: SupportsIndex = 1,
    strides: Sizes = 1,
    padding: Padding = "valid",
    dilation_rate: Sizes = 1,
    groups: SupportsIndex = 1,
) -> Counts:
    """Count the weights, without biases, of a dense, a local and a convolutional layer.

    The dense layer connects every output with every input. The local one connects every output
    with its receptive field, as far as that lies inside the image. The convolutional one does the
    same with weights that all positions share.

    Raises:
        ValueError: as :func:`labkit.geometry.windows` and :func:`labkit.geometry.channel_groups`.

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


def multiplication_counts(spatial: Sizes, kernel_size: Sizes, **arguments: Any) -> Counts:
    """Count the multiplications that each of the three layers needs for one image.

    Dense and local layers use every weight once. Sharing saves storage, not work: a convolution
    multiplies as often as a local layer. Arguments and errors are those of :func:`weight_counts`.

    >>> multiplication_counts((32, 32), (5, 5), filters=6)
    Counts(dense=4816896, local=117600, convolutional=117600)
    """
    weights = weight_counts(spatial, kernel_size, **arguments)
    return weights._replace(convolutional=weights.local)
