"""Read the kernel back out of a matrix."""

import math
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse as sp

from labkit import geometry
from labkit.geometry import Padding, Shape, Sizes, Windows
from labkit.matrix.building import Matrix, TiedEntries, as_matrix, tied_entries

__all__ = [
    "entries_at",
    "entries_of",
    "kernel_shape_of",
    "position",
    "recover_kernel",
    "shaped_kernel",
]


def recover_kernel(
    matrix: Matrix,
    spatial: Sizes,
    kernel_size: Sizes,
    *,
    strides: Sizes = 1,
    padding: Padding = "valid",
    dilation_rate: Sizes = 1,
    groups: SupportsIndex = 1,
    keepdims: bool = False,
) -> NDArray[Any]:
    """Read the kernel out of a convolution's matrix, each weight from its first entry.

    This does not check that the matrix *is* that of a convolution; :func:`recognize` does. A
    weight that only ever reads padding is nowhere in the matrix and is returned as 0.

    Args:
        matrix: ``(outputs * filters, pixels * channels)``, dense or sparse. The numbers of filters
            and channels follow from its shape.
        keepdims: return ``(*kernel_size, 1, 1)`` instead of the plain ``(*kernel_size,)`` when
            there is one channel and one filter.

    Returns:
        ``(*kernel_size, channels / groups, filters)``.

    Raises:
        ValueError: no convolution of these sizes has a matrix of this shape.

    >>> from labkit.matrix import convolution_matrix
    >>> recover_kernel(convolution_matrix([[1, 2], [3, 4]], (4, 5)), (4, 5), (2, 2))
    array([[1, 2],
           [3, 4]])
    """
    matrix = as_matrix(matrix)
    window = geometry.windows(
        spatial, kernel_size, strides=strides, padding=padding, dilation_rate=dilation_rate
    )
    shape = kernel_shape_of(matrix.shape, window, groups)
    entries = entries_of(window, shape, groups)
    weights, first = np.unique(entries.weights, return_index=True)
    values = entries_at(matrix, entries.rows[first], entries.columns[first])
    return shaped_kernel(values, weights, shape, keepdims)


def kernel_shape_of(
    matrix_shape: Shape, window: Windows, groups: SupportsIndex, filters: int | None = None
) -> Shape:
    """Return ``(*kernel_size, channels / groups, filters)``, from the shape of the matrix.

    Raises:
        ValueError: no numbers of channels and filters give this shape.
    """
    (groups,) = geometry.as_tuple(groups, 1, "groups")
    outputs, pixels = math.prod(window.output), math.prod(window.spatial)
    rows, columns = matrix_shape
    fits = rows % outputs == 0 and columns % pixels == 0
    fits = fits and rows // outputs % groups == 0 and columns // pixels % groups == 0
    if not fits or filters not in (None, rows // outputs):
        of = "filters" if filters is None else f"{filters} filters"
        by = "channels" if groups == 1 else f"channels, both in {groups} groups"
        raise ValueError(
            f"matrix: expected ({outputs} x {of}, {pixels} x {by}) entries for the outputs "
            f"{window.output} of spatial shape {window.spatial} under a kernel of size "
            f"{window.kernel_size}, received shape {tuple(matrix_shape)}"
        )
    return (*window.kernel_size, columns // pixels // groups, rows // outputs)


def entries_of(window: Windows, kernel_shape: Shape, groups: SupportsIndex) -> TiedEntries:
    """Return the :func:`tied_entries` of arguments that are already normalized."""
    return tied_entries(
        window.spatial,
        kernel_shape,
        strides=window.strides,
        padding=window.pads,
        dilation_rate=window.dilation_rate,
        groups=groups,
    )


def entries_at(matrix: Matrix, rows: ArrayLike, columns: ArrayLike) -> NDArray[Any]:
    """Return the values at these positions, also of a sparse matrix."""
    values = matrix[rows, columns]
    return np.asarray(values.todense() if sp.issparse(values) else values).ravel()


def shaped_kernel(
    values: NDArray[Any], weights: NDArray[np.int64], shape: Shape, keepdims: bool
) -> NDArray[Any]:
    """Return the kernel with ``values`` at the flat positions ``weights`` and 0 elsewhere."""
    kernel = np.zeros(shape, values.dtype)
    kernel.flat[weights] = values
    plain = shape[-2:] == (1, 1) and not keepdims
    return kernel[..., 0, 0] if plain else kernel


def position(flat: SupportsIndex, shape: Shape) -> Shape:
    """Convert a flat index to a tuple of Python ints."""
    return tuple(int(i) for i in np.unravel_index(int(flat), shape))
