"""From a kernel to its matrix, and from the matrix to what it computes."""

import math
from typing import Any, NamedTuple, SupportsIndex, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse as sp

from labkit import geometry
from labkit.geometry import Padding, Shape, Sizes
from labkit.matrix.counting import weight_counts

__all__ = [
    "Matrix",
    "TiedEntries",
    "apply",
    "convolution_matrix",
    "tied_entries",
    "transposed_convolution_matrix",
    "with_bias",
]

_DENSE_LIMIT = 4 * 2**30  # bytes, which most laptops have

# A dense array or a sparse one of SciPy, ``(rows, columns)``. SciPy's types are not checked, so
# this is Any.
Matrix: TypeAlias = Any


class TiedEntries(NamedTuple):
    """Where a convolution's matrix may differ from zero, and which weight of the kernel is there.

    ``matrix[rows, columns] == kernel.ravel()[weights]``, and all other entries are zero. Entries
    are listed in reading order.
    """

    shape: tuple[int, int]  # (outputs * filters, pixels * channels)
    rows: NDArray[np.int64]  # of each entry
    columns: NDArray[np.int64]  # of each entry
    weights: NDArray[np.int64]  # the index of each entry's weight in the flattened kernel


def tied_entries(
    spatial: Sizes,
    kernel_shape: Sizes,
    *,
    strides: Sizes = 1,
    padding: Padding = "valid",
    dilation_rate: Sizes = 1,
    groups: SupportsIndex = 1,
) -> TiedEntries:
    """Return the constraints of a convolution's matrix: its zeros, and which entries are equal.

    Args:
        spatial: the image's sizes, ``(*spatial,)`` or an int for one axis.
        kernel_shape: ``(*kernel_size, channels / groups, filters)``, or plain ``(*kernel_size,)``
            for one channel and one filter.

    Returns:
        :class:`TiedEntries` with three int64 arrays of equal length.

    Raises:
        ValueError: the shapes do not fit together (see :mod:`labkit.geometry`).

    >>> entries = tied_entries(4, (3,))
    >>> entries.rows, entries.columns, entries.weights
    (array([0, 0, 0, 1, 1, 1]), array([0, 1, 2, 1, 2, 3]), array([0, 1, 2, 0, 1, 2]))
    """
    spatial, kernel_shape = _shapes(spatial, kernel_shape)
    depth, filters = kernel_shape[-2:]
    (count,) = geometry.as_tuple(groups, 1, "groups")
    channels = depth * count
    members = geometry.channel_groups((1, *spatial, channels), kernel_shape, count)
    reads = geometry.index_map(
        spatial,
        kernel_shape[:-2],
        strides=strides,
        padding=padding,
        dilation_rate=dilation_rate,
    )
    outputs, taps = reads.shape
    first_channel = np.repeat([into.start for into, _ in members], filters // count)

    # one entry for each (output, filter, tap, channel of the filter's group)
    output, filter_, tap, channel = np.ogrid[:outputs, :filters, :taps, :depth]
    pixel = reads[:, None, :, None]
    shape = (outputs, filters, taps, depth)
    inside = np.broadcast_to(pixel >= 0, shape)
    rows = output * filters + filter_
    columns = pixel * channels + first_channel[filter_] + channel
    weights = (tap * depth + channel) * filters + filter_
    return TiedEntries(
        (outputs * filters, math.prod(spatial) * channels),
        *(np.broadcast_to(each, shape)[inside] for each in (rows, columns, weights)),
    )


def convolution_matrix(
    kernel: ArrayLike,
    spatial: Sizes,
    *,
    strides: Sizes = 1,
    padding: Padding = "valid",
    dilation_rate: Sizes = 1,
    groups: SupportsIndex = 1,
    sparse: bool = False,
) -> Matrix:
    """Build the matrix of a cross-correlation: ``W @ x.ravel() == y.ravel()`` for any x.

    Args:
        kernel: ``(*kernel_size, channels / groups, filters)``, or plain ``(*kernel_size,)`` for
            one channel and one filter.
        spatial: the image's sizes, ``(*spatial,)`` or an int for one axis.
        sparse: return a ``scipy.sparse.csr_array``, which stores only the tied entries.

    Returns:
        ``(outputs * filters, pixels * channels)`` of the kernel's dtype (int64 for bool; sparse
        matrices of floats have at least float32). Its transpose is the backward pass, and the
        transposed convolution (:func:`transposed_convolution_matrix`).

    Raises:
        ValueError: the shapes do not fit together (see :mod:`labkit.geometry`), or a dense matrix
            would take more than 4 GiB.

    >>> convolution_matrix([1, 0, -2], 5)
    array([[ 1,  0, -2,  0,  0],
           [ 0,  1,  0, -2,  0],
           [ 0,  0,  1,  0, -2]])
    >>> convolution_matrix(np.ones((7, 7)), (224, 224), padding="same", sparse=True).shape
    (50176, 50176)
    """
    kernel = geometry.as_array(kernel, "kernel")
    if kernel.dtype == bool:
        kernel = kernel.astype(np.int64)
    options: dict[str, Any] = {
        "strides": strides,
        "padding": padding,
        "dilation_rate": dilation_rate,
        "groups": groups,
    }
    if not sparse:
        _refuse_too_large(kernel, spatial, options)
    entries = tied_entries(spatial, kernel.shape, **options)
    values = kernel.ravel()[entries.weights]
    if sparse:
        if values.dtype.kind not in "iu":
            values = values.astype(np.promote_types(values.dtype, np.float32), copy=False)
        return sp.coo_array((values, (entries.rows, entries.columns)), entries.shape).tocsr()
    matrix = np.zeros(entries.shape, kernel.dtype)
    matrix[entries.rows, entries.columns] = values
    return matrix


def _refuse_too_large(kernel: NDArray[Any], spatial: Sizes, options: dict[str, Any]) -> None:
    """Refuse a dense matrix beyond the limit before anything of its size is allocated."""
    sizes, kernel_shape = _shapes(spatial, kernel.shape)
    (groups,) = geometry.as_tuple(options["groups"], 1, "groups")
    channels, filters = kernel_shape[-2] * groups, kernel_shape[-1]
    geometry.channel_groups((1, *sizes, channels), kernel_shape, groups)
    counts = weight_counts(sizes, kernel_shape[:-2], channels=channels, filters=filters, **options)
    needed = counts.dense * kernel.itemsize
    if needed > _DENSE_LIMIT:
        columns = math.prod(sizes) * channels
        raise ValueError(
            f"convolution_matrix: expected a dense matrix of at most {_DENSE_LIMIT / 2**30:.0f} "
            f"GiB, received kernel {kernel.shape} on spatial shape {spatial}, whose "
            f"{counts.dense // columns} x {columns} matrix takes {needed / 2**30:.1f} GiB, all "
            f"but {counts.local} entries of it zeros. Pass sparse=True"
        )


def transposed_convolution_matrix(
    kernel: ArrayLike,
    spatial: Sizes,
    *,
    strides: Sizes = 1,
    padding: Padding = "valid",
    output_padding: Sizes | None = None,
    dilation_rate: Sizes = 1,
    sparse: bool = False,
) -> Matrix:
    """Build the matrix of Keras's ``Conv1D/2D/3DTranspose``: the transpose of a convolution's.

    Args:
        kernel: ``(*kernel_size, filters, channels)``, or plain ``(*kernel_size,)``.
        spatial: the sizes of the (small) input.
        sparse: return a sparse array.

    Returns:
        ``(large pixels * filters, small pixels * channels)``.

    Raises:
        ValueError: as :func:`convolution_matrix`.

    >>> transposed_convolution_matrix([1, 2, 3], 2, strides=2)
    array([[1, 0],
           [2, 0],
           [3, 1],
           [0, 2],
           [0, 3]])
    """
    kernel = geometry.as_array(kernel, "kernel")
    spatial, kernel_shape = _shapes(spatial, kernel.shape)
    options: dict[str, Any] = {"strides": strides, "dilation_rate": dilation_rate}
    asked = options | {"padding": padding, "output_padding": output_padding}
    large = geometry.transpose_output_shape(spatial, kernel_shape[:-2], **asked)
    pads = geometry.transpose_pad_amounts(spatial, kernel_shape[:-2], **asked)
    return convolution_matrix(kernel, large, padding=pads, sparse=sparse, **options).T


def apply(matrix: Matrix, x: ArrayLike, out_shape: Sizes) -> NDArray[Any]:
    """Multiply ``matrix`` with an image, or with each image of a batch.

    Args:
        matrix: ``(rows, columns)``, dense or sparse.
        x: one image with as many axes as ``out_shape``, or a batch with one axis more in front.
        out_shape: ``(*output, filters)``, or ``(*output,)`` for plain images.

    Returns:
        ``out_shape``, or ``(batch, *out_shape)``. Integers are multiplied and returned as int64;
        otherwise the dtype is the common one of ``matrix`` and ``x``.

    Raises:
        ValueError: the matrix does not have one column for each value of the image and one row for
            each entry of ``out_shape``.

    >>> apply(convolution_matrix(np.ones((2, 2)), (3, 3)), np.arange(9).reshape(3, 3), (2, 2))
    array([[ 8., 12.],
           [20., 24.]])
    """
    matrix, x = as_matrix(matrix), geometry.as_array(x, "x")
    out_shape = geometry.as_tuple(out_shape, _length(out_shape), "out_shape")
    batched = x.ndim == len(out_shape) + 1
    image_shape = x.shape[1:] if batched else x.shape
    if not batched and x.ndim != len(out_shape):
        raise ValueError(
            f"x: expected {len(out_shape)} axes like out_shape {out_shape}, or a batch with one "
            f"more, received shape {x.shape}"
        )
    if (math.prod(out_shape), math.prod(image_shape)) != matrix.shape:
        raise ValueError(
            "matrix: expected one row for each output and one column for each value of the image, "
            f"({math.prod(out_shape)}, {math.prod(image_shape)}) for out_shape {out_shape} and x "
            f"of shape {x.shape}, received {matrix.shape}"
        )
    if matrix.dtype.kind in "iu" and x.dtype.kind in "biu":
        # in 64 bits, as labkit.reference: the products of two int8 rarely fit into one
        matrix, x = (
            each.astype(np.int64) if np.can_cast(each.dtype, np.int64) else each
            for each in (matrix, x)
        )
    vectors = x.reshape(-1, matrix.shape[1])
    return (matrix @ vectors.T).T.reshape(x.shape[:1] * batched + out_shape)


def with_bias(matrix: Matrix, bias: ArrayLike) -> Matrix:
    """Append the bias as one more column, so that ``W @ x + b`` becomes one product.

    The inputs then need a 1 appended.

    Args:
        matrix: ``(rows, columns)``, dense or sparse.
        bias: ``(filters,)``, or a number for one filter. All positions share it, so the column
            repeats it for every output.

    Returns:
        ``(rows, columns + 1)``, dense or sparse as ``matrix`` is.

    Raises:
        ValueError: the number of rows is not a multiple of the number of biases.

    >>> W = with_bias(convolution_matrix([1, -1], 3), 10)
    >>> W
    array([[ 1, -1,  0, 10],
           [ 0,  1, -1, 10]])
    >>> W @ np.append([4, 3, 5], 1)
    array([11,  8])
    """
    matrix, bias = as_matrix(matrix), geometry.as_array(bias, "bias")
    if bias.ndim > 1 or bias.size == 0 or matrix.shape[0] % bias.size:
        raise ValueError(
            "bias: expected a number or (filters,) with as many filters for each of the matrix's "
            f"rows, received shape {bias.shape} for a matrix of shape {matrix.shape}"
        )
    column = np.tile(bias.ravel(), matrix.shape[0] // bias.size)[:, None]
    if sp.issparse(matrix):
        return sp.hstack([matrix, column], format="csr")
    return np.hstack([matrix, column])


def as_matrix(matrix: Matrix) -> Matrix:
    """Convert ``matrix`` to a two-dimensional array, or to ``csr_array`` when it is sparse.

    Raises:
        ValueError: it has other than two axes, or one of them is empty.
    """
    result = sp.csr_array(matrix) if sp.issparse(matrix) else geometry.as_array(matrix, "matrix")
    if result.ndim != 2 or 0 in result.shape:
        raise ValueError(
            f"matrix: expected (rows, columns), at least one of each, received shape {result.shape}"
        )
    # bool counts as a number here: True + True is 2
    return result.astype(np.int64) if result.dtype == bool else result


def _shapes(spatial: Sizes, kernel_shape: Sizes) -> tuple[Shape, Shape]:
    """Normalize both shapes to tuples, the kernel's with channels and filters."""
    shape = geometry.as_tuple(kernel_shape, _length(kernel_shape), "kernel", minimum=0)
    rank = _length(spatial)
    if not 1 <= rank <= 3 or len(shape) not in (rank, rank + 2):
        raise ValueError(
            "kernel: expected (*kernel_size,) or (*kernel_size, channels, filters) with as many of "
            f"the 1 to 3 axes as spatial, received shape {shape} for spatial {spatial!r}"
        )
    sizes = geometry.as_tuple(spatial, rank, "spatial")
    return sizes, shape if len(shape) == rank + 2 else (*shape, 1, 1)


def _length(sizes: Any) -> int:
    """Return how many axes ``sizes`` names; an int stands for one."""
    return 1 if np.ndim(sizes) == 0 else len(sizes)
