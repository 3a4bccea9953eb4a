"""Find the size of a matrix's kernel when it is not given.

An entry may differ from zero if, on every axis, its output reads its input. So the axes can be
searched one by one, each for the smallest kernel that reaches every weight. All kernels with the
same number of outputs tie the same entries as far as both reach, so no larger one need be tried.
"""

import itertools
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labkit import geometry
from labkit.geometry import Padding, Shape, Sizes, Windows
from labkit.matrix.building import Matrix

__all__ = ["larger_than", "smallest_sizes"]


def larger_than(matrix: Matrix, tolerance: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows and columns, in reading order, of the entries that differ from zero by more."""
    rows, columns = (abs(matrix.astype(np.float64)) > tolerance).nonzero()
    return rows.astype(np.int64), columns.astype(np.int64)


def smallest_sizes(
    matrix: Matrix,
    spatial: Sizes,
    filters: int,
    tolerance: float,
    *,
    strides: Sizes,
    padding: Padding,
    dilation_rate: Sizes,
) -> list[Shape]:
    """Return the kernel sizes to try, smallest first: one for each way to lay out the rows."""
    # a kernel of one tap, to check and normalize the arguments
    one = geometry.windows(
        spatial, 1, strides=strides, padding=padding, dilation_rate=dilation_rate
    )
    outputs, no_filter = divmod(matrix.shape[0], filters)
    channels, no_pixel = divmod(matrix.shape[1], math.prod(one.spatial))
    if no_filter or no_pixel:
        return []
    named = padding.lower() if isinstance(padding, str) else None
    axes = [
        _windows_by_output(size, stride, named or (pad,), dilation, outputs)
        for size, _, stride, pad, dilation, _ in zip(*one, strict=True)
    ]
    rows, columns = larger_than(matrix, tolerance)
    sizes = []
    for output in itertools.product(*axes):
        if math.prod(output) == outputs:
            reads = zip(
                np.unravel_index(rows // filters, output),
                np.unravel_index(columns // channels, one.spatial),
                strict=True,
            )
            fitting = (axis[n] for axis, n in zip(axes, output, strict=True))
            sizes.append(
                tuple(
                    _smallest(options, *pair) for options, pair in zip(fitting, reads, strict=True)
                )
            )
    return sorted(sizes, key=lambda size: (math.prod(size), size))


def _windows_by_output(
    size: int, stride: int, padding: Any, dilation: int, most: int
) -> dict[int, list[Windows]]:
    """Return the windows to try along one axis, ascending, by their number of outputs."""
    by_output: dict[int, list[Windows]] = {}
    for taps in itertools.count(1):
        try:
            window = geometry.windows(
                size, taps, strides=stride, padding=padding, dilation_rate=dilation
            )
        except ValueError:  # this kernel no longer fits, so no larger one does
            break
        (outputs,) = window.output
        # under "full" each tap adds outputs without end; under "same" and "causal" the far taps
        # soon read only padding
        if padding == "full" and outputs > most:
            break
        if padding in ("same", "causal") and (taps - 1) * dilation > 2 * size:
            break
        by_output.setdefault(outputs, []).append(window)
    return by_output


def _smallest(
    options: Iterable[Windows], outputs: NDArray[np.int64], inputs: NDArray[np.int64]
) -> int:
    """Return the fewest taps with which these outputs read these inputs; if none do, the most."""
    pairs = np.unique(np.stack([outputs, inputs]), axis=1)
    for window in options:
        tap, rest = np.divmod(
            pairs[1] - pairs[0] * window.strides[0] + window.pads[0][0], window.dilation_rate[0]
        )
        if np.all((rest == 0) & (tap >= 0) & (tap < window.kernel_size[0])):
            break
    return window.kernel_size[0]
