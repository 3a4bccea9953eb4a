"""Backward passes of pooling layers."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labkit import geometry
from labkit.geometry import Padding, Sizes
from labkit.gradients.arrays import floats, images, same_shape

__all__ = ["average_pool_gradient", "max_pool_gradient"]


def max_pool_gradient(
    x: ArrayLike,
    dy: ArrayLike,
    pool_size: Sizes,
    *,
    strides: Sizes | None = None,
    padding: Padding = "valid",
) -> NDArray[Any]:
    """Compute the gradient of ``reference.max_pool``: each window's goes to its first maximum.

    The *first* is meant in reading order; other inputs that tie with it get nothing. Keras does the
    same, except for volumes on TensorFlow, where each input of a tie gets the whole gradient. Where
    windows overlap, one input may be the maximum of several, and their gradients add up.

    Args:
        x: ``(batch, *spatial, channels)``.
        dy: ``(batch, *output, channels)``.
        strides: as ``pool_size`` if None.

    Returns:
        ``(batch, *spatial, channels)``.

    Raises:
        ValueError: the shapes do not fit together (see :mod:`labkit.geometry`).

    >>> x, dy = np.array([1.0, 5, 5, 2, 0]).reshape(1, 5, 1), np.array([1.0, 10]).reshape(1, 2, 1)
    >>> max_pool_gradient(x, dy, 3, strides=2)[0, :, 0]
    array([ 0.,  1., 10.,  0.,  0.])
    """
    x, dy = floats(x=x, dy=dy)
    reads = _reads(x, dy, pool_size, strides, padding)
    pixels = x.reshape(len(x), math.prod(x.shape[1:-1]), x.shape[-1])
    shape = (len(x), len(reads), x.shape[-1])  # an entry for each window
    best, winner = np.empty(shape, x.dtype), np.full(shape, -1)
    for read in reads.T:  # tap by tap: the pixel that each window reads with this tap
        value, read = pixels[:, read], read[:, None]
        wins = (read >= 0) & ((winner < 0) | (value > best))
        best, winner = np.where(wins, value, best), np.where(wins, read, winner)
    batch, _, channel = np.ogrid[: shape[0], : shape[1], : shape[2]]
    dx = np.zeros_like(pixels)
    np.add.at(dx, (batch, winner, channel), dy.reshape(shape))
    return dx.reshape(x.shape)


def average_pool_gradient(
    x: ArrayLike,
    dy: ArrayLike,
    pool_size: Sizes,
    *,
    strides: Sizes | None = None,
    padding: Padding = "valid",
) -> NDArray[Any]:
    """Compute the gradient of ``reference.average_pool``, which spreads each window's evenly.

    Arguments, result and errors are those of :func:`max_pool_gradient`; only the shape of ``x``
    matters.

    >>> x, dy = np.zeros((1, 3, 1)), np.array([6.0, 10]).reshape(1, 2, 1)
    >>> average_pool_gradient(x, dy, 2, padding="same", strides=2)[0, :, 0]
    array([ 3.,  3., 10.])
    """
    x, dy = floats(x=x, dy=dy)
    reads = _reads(x, dy, pool_size, strides, padding)
    inside = reads >= 0
    shares = dy.reshape(len(x), len(reads), x.shape[-1]) / inside.sum(axis=1)[:, None]
    dx = np.zeros((len(x), math.prod(x.shape[1:-1]), x.shape[-1]), x.dtype)
    for pixel, there in zip(reads.T, inside.T, strict=True):
        np.add.at(dx, (slice(None), pixel[there]), shares[:, there])  # type: ignore[arg-type]
    return dx.reshape(x.shape)


def _reads(
    x: NDArray[Any],
    dy: NDArray[Any],
    pool_size: Sizes,
    strides: Sizes | None,
    padding: Padding,
) -> NDArray[np.int64]:
    """Check every argument and return the index map of the windows."""
    images(x=x)
    pool_size = geometry.as_tuple(pool_size, x.ndim - 2, "pool_size")
    spatial = x.shape[1:-1]
    options: dict[str, Any] = {
        "padding": padding,
        "strides": pool_size if strides is None else strides,
    }
    output = geometry.output_shape(spatial, pool_size, **options)
    same_shape(dy, (len(x), *output, x.shape[-1]), "the output")
    reads = geometry.index_map(spatial, pool_size, **options)
    if not (reads >= 0).any(axis=1).all():
        raise ValueError(
            f"padding: expected less than the window on every side, received padding {padding!r} "
            f"with pool_size {pool_size}: a window may not lie in the padding alone"
        )
    return reads
