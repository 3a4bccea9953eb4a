"""Is a given matrix a convolution? If so of which kernel; if not, where is it broken?"""

import dataclasses
import math

import numpy as np

from labkit import geometry
from labkit.matrix.building import as_matrix
from labkit.matrix.reading import entries_at, entries_of, kernel_shape_of, position, shaped_kernel
from labkit.matrix.search import larger_than, smallest_sizes

__all__ = ["Recognition", "recognize"]


@dataclasses.dataclass(frozen=True, eq=False)
class Recognition:
    """Whether a matrix is a convolution: the kernel if it is, the first broken entry if not.

    True in an ``if`` when it is one; ``reason`` says it in words. Otherwise ``row`` and ``column``
    name the first entry, in reading order, that breaks a constraint; ``output`` (of ``filter``) and
    ``input`` (of ``channel``) say what it connects. Where a zero must be, ``tap`` is None; else it
    is the kernel position that belongs there, and ``tied_to`` the (row, column) of a weight that it
    must equal. ``broken`` counts all such entries. They are None when already the shape is wrong.
    """

    is_convolution: bool
    reason: str
    kernel_size: tuple | None = None
    kernel: np.ndarray | None = None
    row: int | None = None
    column: int | None = None
    output: tuple | None = None
    filter: int | None = None
    input: tuple | None = None
    channel: int | None = None
    tap: tuple | None = None
    tied_to: tuple | None = None
    expected: float | None = None
    found: float | None = None
    broken: int = 0

    def __bool__(self):
        return self.is_convolution

    def __str__(self):
        return self.reason


def recognize(
    matrix,
    spatial,
    kernel_size=None,
    *,
    strides=1,
    padding="valid",
    dilation_rate=1,
    groups=1,
    filters=None,
    tolerance=None,
    keepdims=False,
):
    """Decide whether ``matrix`` is the matrix of a convolution, and say where it is not.

    Tied weights are compared with their median, so that a single wrong one is the one named
    (of two that differ, either may be).

    Args:
        matrix: ``(rows, columns)``, dense or sparse; rows are ``(*output, filters)``, columns
            ``(*spatial, channels)``.
        spatial: the image's, ``(*spatial,)`` or an int for one axis.
        kernel_size: of the kernel; None searches for the smallest that fits.
        filters: None: as many as the shape says; one, when the size is searched for, since with
            enough filters *any* matrix is a convolution whose kernel is as large as the image.
        tolerance: how far tied weights may lie from their median, and zeros from zero; None is a
            millionth of the largest entry, which forgives rounding.
        keepdims: as in :func:`recover_kernel`.

    Raises:
        ValueError: no matrix of finite real numbers, or sizes that fit nothing (see geometry).

    >>> from labkit.matrix import convolution_matrix
    >>> W = convolution_matrix([[1, 2], [3, 4]], (3, 3))
    >>> recognize(W, (3, 3)).kernel
    array([[1, 2],
           [3, 4]])
    >>> W[2, 4] = 7
    >>> answer = recognize(W, (3, 3), (2, 2))
    >>> answer.row, answer.column, answer.tap, answer.tied_to
    (2, 4, (0, 1), (0, 1))
    >>> print(answer)
    Not a convolution: two tied weights differ. Row 2, column 4 (output (1, 0), input (1, 1)) \
holds 7; row 0, column 1 holds 2; both are tap (0, 1) of the kernel. In all, 1 of 16 tied weights \
and 0 of 20 zeros are broken.
    """
    matrix = as_matrix(matrix)
    _refuse_nan(matrix)
    if tolerance is None:
        tolerance = 1e-6 * max(float(matrix.max()), -float(matrix.min()))
    tolerance = geometry.as_number(tolerance, "tolerance", minimum=0)
    if filters is None and kernel_size is None:
        filters = 1
    if filters is not None:
        (filters,) = geometry.as_tuple(filters, 1, "filters")
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate}
    sizes = [kernel_size]
    if kernel_size is None:
        sizes = smallest_sizes(matrix, spatial, filters, tolerance, **options)
    tries = []
    for size in sizes:
        window = geometry.windows(spatial, size, **options)
        tries.append(_recognize(matrix, window, groups, filters, tolerance, keepdims))
        if tries[-1]:
            return tries[-1]
    no_size = Recognition(
        False,
        f"Not a convolution: on spatial shape {spatial} with strides {strides} and padding "
        f"{padding!r} no kernel has a matrix of shape {matrix.shape}: rows are outputs x filters "
        f"({filters}), columns are pixels x channels.",
    )
    return min(tries, key=lambda answer: answer.broken, default=no_size)


def _recognize(matrix, window, groups, filters, tolerance, keepdims):
    """Recognize with one kernel size."""
    try:
        shape = kernel_shape_of(matrix.shape, window, groups, filters)
    except ValueError as error:
        reason = f"Not a convolution: {str(error).removeprefix('matrix: ')}."
        return Recognition(False, reason, window.kernel_size, broken=math.prod(matrix.shape))
    entries = entries_of(window, shape, groups)
    values = entries_at(matrix, entries.rows, entries.columns)
    weights, typical = _medians(values, entries.weights)
    median = values[typical][np.searchsorted(weights, entries.weights)]
    with np.errstate(over="ignore"):  # an infinite difference is one
        difference = values.astype(np.float64) - median.astype(np.float64)
    tied = entries.rows * matrix.shape[1] + entries.columns  # places, numbered in reading order
    agrees = np.abs(difference) <= tolerance
    untied = np.flatnonzero(~agrees)
    rows, columns = larger_than(matrix, tolerance)
    stray = np.setdiff1d(rows * matrix.shape[1] + columns, tied)
    if not untied.size and not stray.size:
        kernel = shaped_kernel(values[typical], weights, shape, keepdims)
        reason = (
            f"A convolution with a kernel of size {window.kernel_size}: {math.prod(shape)} weights "
            f"in {len(values)} places, zeros everywhere else."
        )
        return Recognition(True, reason, window.kernel_size, kernel)

    counts = (untied.size, tied.size, stray.size, math.prod(matrix.shape) - tied.size)
    if untied.size and not (stray.size and stray[0] < tied[untied[0]]):
        entry = untied[0]
        row, column = entries.rows[entry], entries.columns[entry]
        good = np.flatnonzero(agrees & (entries.weights == entries.weights[entry]))[0]
        tie = {
            "tap": position(entries.weights[entry], shape)[:-2],
            "tied_to": (int(entries.rows[good]), int(entries.columns[good])),
            "expected": values[good].item(),
        }
    else:
        row, column = divmod(stray[0], matrix.shape[1])
        tie = {"expected": 0}
    return _broken(matrix, int(row), int(column), window, shape, groups, tie, counts)


def _broken(matrix, row, column, window, shape, groups, tie, counts):
    """The answer that names one broken entry; ``tie`` says what it should have been."""
    filters, channels = shape[-1], shape[-2] * groups
    *output, filter_ = position(row, (*window.output, filters))
    *input_, channel = position(column, (*window.spatial, channels))
    output, input_ = tuple(output), tuple(input_)
    found = entries_at(matrix, [row], [column])[0].item()
    connects = f"output {output}" + (f" of filter {filter_}" if filters > 1 else "")
    connects += f", input {input_}" + (f" of channel {channel}" if channels > 1 else "")
    wrong, right = _texts(found, tie["expected"])
    here = f"Row {row}, column {column} ({connects}) holds {wrong}"
    if "tap" in tie:
        reason = (
            f"two tied weights differ. {here}; row {tie['tied_to'][0]}, column {tie['tied_to'][1]} "
            f"holds {right}; both are tap {tie['tap']} of the kernel"
        )
    else:
        reason = f"a weight where a zero must be. {here}, but that output does not read that input"
    untied, tied, stray, zeros = counts
    return Recognition(
        False,
        f"Not a convolution: {reason}. In all, {untied} of {tied} tied weights and {stray} of "
        f"{zeros} zeros are broken.",
        window.kernel_size,
        row=row,
        column=column,
        output=output,
        filter=filter_,
        input=input_,
        channel=channel,
        found=found,
        broken=int(untied + stray),
        **tie,
    )


def _medians(values, weights):
    """For each weight that has a place at all, the entry that holds the median of its values.

    Returns the weights, ascending, and the indices of those entries.
    """
    order = np.lexsort((values, weights))
    present, first, count = np.unique(weights[order], return_index=True, return_counts=True)
    return present, order[first + (count - 1) // 2]


def _texts(*numbers):
    """Numbers to be read: six digits, all of them where fewer would look the same."""
    short = [str(n) if isinstance(n, int) else f"{n:.6g}" for n in numbers]
    return short if len(set(short)) == len(short) else [repr(n) for n in numbers]


def _refuse_nan(matrix):
    # only a nonzero can be one, and a sparse matrix has few
    rows, columns = matrix.nonzero()
    bad = np.flatnonzero(~np.isfinite(entries_at(matrix, rows, columns)))
    if bad.size:
        row, column = int(rows[bad[0]]), int(columns[bad[0]])
        raise ValueError(
            f"matrix: expected finite numbers, received {matrix[row, column]} at row {row}, column "
            f"{column} of shape {matrix.shape}: what is not a number equals no other weight"
        )
