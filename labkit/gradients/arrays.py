"""Normalize and check the arguments of the backward passes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labkit import geometry

__all__ = ["floats", "images", "same_shape"]


def floats(**arguments: ArrayLike) -> list[NDArray[Any]]:
    """Convert the arrays to their common floating type, at least float32."""
    arrays = [geometry.as_array(array, name) for name, array in arguments.items()]
    dtype = np.result_type(*arrays, np.float32)
    return [array.astype(dtype, copy=False) for array in arrays]


def images(**arrays: NDArray[Any]) -> None:
    """Raise ValueError for an array without the axes of a batch of images (or of a kernel)."""
    for name, array in arrays.items():
        if not 3 <= array.ndim <= 5 or 0 in array.shape[1:]:
            axes = "(*kernel_size, channels / groups, filters)"
            axes = axes if name == "kernel" else "(batch, *spatial, channels)"
            raise ValueError(
                f"{name}: expected {axes} with 1 to 3 spatial axes, none of them empty, received "
                f"shape {array.shape}"
            )


def same_shape(dy: NDArray[Any], shape: Sequence[int], of: str) -> None:
    """Raise ValueError if ``dy`` does not have the shape of what it is the gradient of."""
    if dy.shape != tuple(shape):
        raise ValueError(
            f"dy: expected {tuple(shape)}, the shape of {of}, received shape {dy.shape}"
        )
