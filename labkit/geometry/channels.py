"""Channels, filters and groups."""

from collections.abc import Sequence
from typing import SupportsIndex

from labkit.geometry.arguments import as_tuple

__all__ = ["channel_groups"]


def channel_groups(
    x_shape: Sequence[int], kernel_shape: Sequence[int], groups: SupportsIndex = 1
) -> list[tuple[slice, slice]]:
    """Return which channels and which filters belong to each group.

    Args:
        x_shape: ``(batch, *spatial, channels)``.
        kernel_shape: ``(*kernel_size, channels / groups, filters)``.
        groups: the number of groups; each filter reads only the channels of its own group.

    Returns:
        One pair of slices ``(channels, filters)`` for each group.

    Raises:
        ValueError: the ranks differ, an axis is empty, ``groups`` does not divide channels and
            filters, or the kernel expects another number of channels.

    >>> channel_groups((8, 32, 32, 4), (3, 3, 2, 6), groups=2)
    [(slice(0, 2, None), slice(0, 3, None)), (slice(2, 4, None), slice(3, 6, None))]
    """
    x_shape, kernel_shape = tuple(x_shape), tuple(kernel_shape)
    (count,) = as_tuple(groups, 1, "groups")
    received = f"x of shape {x_shape} and kernel of shape {kernel_shape}"
    if len(x_shape) != len(kernel_shape) or not 3 <= len(x_shape) <= 5:
        raise ValueError(
            "x, kernel: expected (batch, *spatial, channels) and (*kernel_size, channels / groups, "
            f"filters) with the same 1 to 3 spatial axes, received {received}"
        )
    channels, depth, filters = x_shape[-1], kernel_shape[-2], kernel_shape[-1]
    if 0 in kernel_shape or 0 in x_shape[1:]:
        raise ValueError(f"x, kernel: expected no empty axis except the batch, received {received}")
    if channels % count or filters % count:
        raise ValueError(
            f"groups: expected a divisor of {channels} channels and {filters} filters, received "
            f"groups {count} with {received}: every group takes as many channels and filters"
        )
    if depth * count != channels:
        raise ValueError(
            f"kernel: expected {channels // count} input channels ({channels} / {count} groups), "
            f"received {depth}: {received}"
        )
    each = filters // count
    return [
        (slice(g * depth, (g + 1) * depth), slice(g * each, (g + 1) * each)) for g in range(count)
    ]
