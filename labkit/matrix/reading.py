"""Read the kernel back out of a matrix."""

import math

import numpy as np
from scipy import sparse as sp

from labkit import geometry
from labkit.matrix.building import as_matrix, tied_entries

__all__ = [
    "entries_at",
    "entries_of",
    "kernel_shape_of",
    "position",
    "recover_kernel",
    "shaped_kernel",
]


def recover_kernel(
    matrix,
    spatial,
    kernel_size,
    *,
    strides=1,
    padding="valid",
    dilation_rate=1,
    groups=1,
    keepdims=False,
):
    """Read the kernel out of a convolution's matrix: each weight where it first stands.

    That the matrix *is* one is taken on trust; :func:`recognize` finds out. A weight that only
    ever reads padding leaves no trace and comes back as 0.

    Args:
        matrix: ``(outputs * filters, pixels * channels)``, dense or sparse. The numbers of filters
            and channels follow from its shape.
        keepdims: give ``(*kernel_size, 1, 1)`` instead of the plain ``(*kernel_size,)`` when there
            is one channel and one filter.

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


def kernel_shape_of(matrix_shape, window, groups, filters=None):
    """``(*kernel_size, channels / groups, filters)``, the channel counts from the matrix's shape.

    Raises:
        ValueError: there are none that fit.
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


def entries_of(window, kernel_shape, groups):
    """:func:`tied_entries` of arguments that are already normalized."""
    return tied_entries(
        window.spatial,
        kernel_shape,
        strides=window.strides,
        padding=window.pads,
        dilation_rate=window.dilation_rate,
        groups=groups,
    )


def entries_at(matrix, rows, columns):
    """The values at these places, also of a sparse matrix."""
    values = matrix[rows, columns]
    return np.asarray(values.todense() if sp.issparse(values) else values).ravel()


def shaped_kernel(values, weights, shape, keepdims):
    """The kernel with ``values`` at the flat positions ``weights`` and 0 elsewhere."""
    kernel = np.zeros(shape, values.dtype)
    kernel.flat[weights] = values
    plain = shape[-2:] == (1, 1) and not keepdims
    return kernel[..., 0, 0] if plain else kernel


def position(flat, shape):
    """A flat index as a tuple of Python ints."""
    return tuple(int(i) for i in np.unravel_index(int(flat), shape))
