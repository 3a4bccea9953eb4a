"""Decide whether a matrix is a convolution: of which kernel, or else where it is not."""

import dataclasses
import math
import operator
from typing import Any, NamedTuple, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from labkit import geometry
from labkit.geometry import Padding, Shape, Sizes, Windows
from labkit.matrix.building import Matrix, as_matrix
from labkit.matrix.reading import entries_at, entries_of, kernel_shape_of, position, shaped_kernel
from labkit.matrix.search import larger_than, smallest_sizes

__all__ = ["Recognition", "recognize"]


@dataclasses.dataclass(frozen=True, eq=False)
class Recognition:
    """Whether a matrix is a convolution: the kernel if it is, the first broken entry if not.

    It counts as true in an ``if`` when the matrix is a convolution. All fields about an entry are
    None when the matrix is one, and when its shape alone rules that out.
    """

    is_convolution: bool
    reason: str  # the answer in words
    kernel_size: Shape | None = None  # that was given, or that came closest
    kernel: NDArray[Any] | None = None  # if it is a convolution
    row: int | None = None  # of the first entry, in reading order, that breaks a constraint
    column: int | None = None  # of that entry
    output: Shape | None = None  # the output position that the entry writes
    filter: int | None = None  # the filter of that output
    input: Shape | None = None  # the input position that the entry reads
    channel: int | None = None  # the channel of that input
    tap: Shape | None = None  # the kernel position that belongs there; None if a zero must be there
    tied_to: tuple[int, int] | None = None  # (row, column) of a weight that the entry must equal
    expected: float | None = None  # what the entry should be
    found: float | None = None  # what the entry is
    broken: int = 0  # how many entries break a constraint

    def __bool__(self) -> bool:
        return self.is_convolution

    def __str__(self) -> str:
        return self.reason


class _Counts(NamedTuple):
    """How many entries of each kind a matrix has, and how many of them are broken."""

    untied: int  # tied weights that differ
    tied: int  # entries where a weight stands
    stray: int  # nonzero entries where a zero must be
    zeros: int  # entries where a zero must be


def recognize(
    matrix: Matrix,
    spatial: Sizes,
    kernel_size: Sizes | None = None,
    *,
    strides: Sizes = 1,
    padding: Padding = "valid",
    dilation_rate: Sizes = 1,
    groups: SupportsIndex = 1,
    filters: SupportsIndex | None = None,
    tolerance: float | None = None,
    keepdims: bool = False,
) -> Recognition:
    """Decide whether ``matrix`` is the matrix of a convolution, and say where it is not.

    Tied weights are compared with their median. So if a single one is wrong, that one is named (if
    only two are tied and they differ, it may be either).

    Args:
        matrix: ``(rows, columns)``, dense or sparse; rows are ``(*output, filters)``, columns
            ``(*spatial, channels)``.
        spatial: the image's sizes, ``(*spatial,)`` or an int for one axis.
        kernel_size: the kernel's sizes; None searches for the smallest that fit.
        filters: the number of filters. None takes it from the shape if ``kernel_size`` is given,
            and 1 otherwise, since with enough filters *any* matrix is a convolution whose kernel
            is as large as the image.
        tolerance: how far tied weights may lie from their median, and zeros from zero; None is a
            millionth of the largest entry, which allows for rounding.
        keepdims: as in :func:`recover_kernel`.

    Raises:
        ValueError: ``matrix`` is not a matrix of finite real numbers, or the sizes do not fit
            together (see :mod:`labkit.geometry`).

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
    options: dict[str, Any] = {
        "strides": strides,
        "padding": padding,
        "dilation_rate": dilation_rate,
    }
    sizes: list[Any] = [kernel_size]
    if kernel_size is None:
        assert filters is not None
        sizes = [*smallest_sizes(matrix, spatial, filters, tolerance, **options)]
    tries: list[Recognition] = []
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


def _recognize(
    matrix: Matrix,
    window: Windows,
    groups: SupportsIndex,
    filters: int | None,
    tolerance: float,
    keepdims: bool,
) -> Recognition:
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
    with np.errstate(over="ignore"):  # an infinite difference is larger than the tolerance, too
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

    zeros = math.prod(matrix.shape) - tied.size
    counts = _Counts(untied.size, tied.size, stray.size, zeros)
    if untied.size and not (stray.size and stray[0] < tied[untied[0]]):
        entry = untied[0]
        row, column = entries.rows[entry], entries.columns[entry]
        good = np.flatnonzero(agrees & (entries.weights == entries.weights[entry]))[0]
        tie: dict[str, Any] = {
            "tap": position(entries.weights[entry], shape)[:-2],
            "tied_to": (int(entries.rows[good]), int(entries.columns[good])),
            "expected": values[good].item(),
        }
    else:
        row, column = divmod(stray[0], matrix.shape[1])
        tie = {"expected": 0}
    return _broken(matrix, int(row), int(column), window, shape, groups, tie, counts)


def _broken(
    matrix: Matrix,
    row: int,
    column: int,
    window: Windows,
    shape: Shape,
    groups: SupportsIndex,
    tie: dict[str, Any],
    counts: _Counts,
) -> Recognition:
    """Build the answer that names one broken entry; ``tie`` says what it should have been."""
    filters, channels = shape[-1], shape[-2] * operator.index(groups)
    *places, filter_ = position(row, (*window.output, filters))
    *pixels, channel = position(column, (*window.spatial, channels))
    output, input_ = tuple(places), tuple(pixels)
    value = entries_at(matrix, [row], [column])[0].item()
    connects = f"output {output}" + (f" of filter {filter_}" if filters > 1 else "")
    connects += f", input {input_}" + (f" of channel {channel}" if channels > 1 else "")
    wrong, right = _texts(value, tie["expected"])
    here = f"Row {row}, column {column} ({connects}) holds {wrong}"
    if "tap" in tie:
        reason = (
            f"two tied weights differ. {here}; row {tie['tied_to'][0]}, column {tie['tied_to'][1]} "
            f"holds {right}; both are tap {tie['tap']} of the kernel"
        )
    else:
        reason = f"a weight where a zero must be. {here}, but that output does not read that input"
    return Recognition(
        False,
        f"Not a convolution: {reason}. In all, {counts.untied} of {counts.tied} tied weights and "
        f"{counts.stray} of {counts.zeros} zeros are broken.",
        window.kernel_size,
        row=row,
        column=column,
        output=output,
        filter=filter_,
        input=input_,
        channel=channel,
        found=value,
        broken=int(counts.untied + counts.stray),
        **tie,
    )


def _medians(
    values: NDArray[Any], weights: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find, for each weight that has an entry, the entry that holds the median of its values.

    Returns the weights, ascending, and the indices of those entries.
    """
    order = np.lexsort((values, weights))
    present, first, count = np.unique(weights[order], return_index=True, return_counts=True)
    return present, order[first + (count - 1) // 2]


def _texts(*numbers: Any) -> list[str]:
    """Format numbers with six digits, or with all of them if they would look the same."""
    short = [str(n) if isinstance(n, int) else f"{n:.6g}" for n in numbers]
    return short if len(set(short)) == len(short) else [repr(n) for n in numbers]


def _refuse_nan(matrix: Matrix) -> None:
    """Raise ValueError if an entry is NaN or infinite."""
    # NaN counts as nonzero, and a sparse matrix has few nonzero entries
    rows, columns = matrix.nonzero()
    bad = np.flatnonzero(~np.isfinite(entries_at(matrix, rows, columns)))
    if bad.size:
        row, column = int(rows[bad[0]]), int(columns[bad[0]])
        raise ValueError(
            f"matrix: expected finite numbers, received {matrix[row, column]} at row {row}, column "
            f"{column} of shape {matrix.shape}: what is not a number equals no other weight"
        )
