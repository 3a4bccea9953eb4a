"""How large is the kernel of a matrix, if nobody says so?

An entry may differ from zero if, on every axis, its output reads its input. So the axes can be
searched one by one: on each, the smallest kernel that reaches every weight. All kernels with the
same number of outputs tie the same entries as far as both reach, so no larger one needs a look.
"""

import itertools
import math

import numpy as np

from labkit import geometry

__all__ = ["larger_than", "smallest_sizes"]


def larger_than(matrix, tolerance):
    """Rows and columns, in reading order, of the entries that differ from zero by more."""
    rows, columns = (abs(matrix.astype(np.float64)) > tolerance).nonzero()
    return rows.astype(np.int64), columns.astype(np.int64)


def smallest_sizes(matrix, spatial, filters, tolerance, *, strides, padding, dilation_rate):
    """The kernel sizes worth a look, smallest first: one for each way to lay out the rows."""
    # a kernel of one tap, only to have the arguments checked and normalized
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


def _windows_by_output(size, stride, padding, dilation, most):
    """The windows worth a look along one axis, ascending, by their number of outputs."""
    found = {}
    for taps in itertools.count(1):
        try:
            window = geometry.windows(
                size, taps, strides=stride, padding=padding, dilation_rate=dilation
            )
        except ValueError:  # it no longer fits, so no larger one does
            break
        (outputs,) = window.output
        # "full" grows for ever; under "same" and "causal" the far taps soon read only padding
        if padding == "full" and outputs > most:
            break
        if padding in ("same", "causal") and (taps - 1) * dilation > 2 * size:
            break
        found.setdefault(outputs, []).append(window)
    return found


def _smallest(options, outputs, inputs):
    """The fewest taps with which these outputs read these inputs; if none do, the most."""
    pairs = np.unique(np.stack([outputs, inputs]), axis=1)
    for window in options:
        tap, rest = np.divmod(
            pairs[1] - pairs[0] * window.strides[0] + window.pads[0][0], window.dilation_rate[0]
        )
        if np.all((rest == 0) & (tap >= 0) & (tap < window.kernel_size[0])):
            break
    return window.kernel_size[0]
