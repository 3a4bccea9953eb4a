"""Convolution as one product with the explicit constrained matrix of lab 01.

The flattened input is multiplied by a matrix with a row for each number of the input and a column
for each number of the output. Each entry is one of the kernel's weights, or zero where the window
does not reach: the matrix is the kernel, *gathered* along every axis by a table that says which tap
connects which input with which output. The gradient takes the same way back and sums all entries
that share a weight, so the constraint holds while training.

The matrix has ``prod(size) * channels * prod(output) * filters`` entries, whatever the kernel's
size. Above `DENSE_LIMIT` entries its sparse form is used instead.

The zeros are multiplied too, so an infinite pixel makes every output of its image that does not
read it NaN; the sparse form keeps it in the windows that hold it.
"""

import math

from keras import ops

from labkit.layers.doubles import matmul
from labkit.layers.implementations import sparse
from labkit.layers.signatures import Tensor
from labkit.layers.windows import Window, arange, is_known

__all__ = ["DENSE_LIMIT", "convolve", "dense_matrix", "tap_table"]

DENSE_LIMIT = 2**26  # entries: 256 MiB in float32


def convolve(x: Tensor, kernel: Tensor, window: Window) -> Tensor:
    """Cross-correlate ``x`` with ``kernel``; for shapes see `labkit.layers.implementations`."""
    filters = kernel.shape[-1]
    sizes = (*window.size, *window.output)
    if is_known(*sizes) and math.prod(sizes) * x.shape[-1] * filters > DENSE_LIMIT:
        return sparse.convolve(x, kernel, window)
    matrix = dense_matrix(kernel, window)
    rows = ops.reshape(x, (ops.shape(x)[0], ops.shape(matrix)[0]))
    return ops.reshape(matmul(rows, matrix), (-1, *window.output, filters))


def dense_matrix(kernel: Tensor, window: Window) -> Tensor:
    """Build the matrix: ``(prod(size) * channels, prod(output) * filters)``.

    It is the transpose of `labkit.matrix.convolution_matrix`, because a batch's rows come first.
    """
    rank = len(window.size)
    # A zero is added after the last tap of each axis, for `tap_table` to point at.
    entries = ops.pad(kernel, [(0, 1)] * rank + [(0, 0)] * 2)
    for axis in range(rank):
        # the axes done so far have become pairs (input, output)
        entries = ops.take(entries, tap_table(window, axis), axis=2 * axis)
    # (input, output) of every axis, channels, filters -> all inputs, channels, all outputs, filters
    order = [*range(0, 2 * rank, 2), 2 * rank, *range(1, 2 * rank, 2), 2 * rank + 1]
    rows = math.prod(window.size) * kernel.shape[-2]
    return ops.reshape(ops.transpose(entries, order), (rows, -1))


def tap_table(window: Window, axis: int) -> Tensor:
    """Say which tap connects input and output along one axis: integers ``(size, output)``.

    Where no tap does, the entry is ``kernel_size[axis]``, one beyond the last tap.
    """
    kernel_size, stride = window.kernel_size[axis], window.strides[axis]
    dilation, before = window.dilation_rate[axis], window.pads[axis][0]
    # output n reads the inputs n * stride - before + a * dilation: solve for the tap a
    inputs = arange(window.size[axis])[:, None]
    distance = inputs - arange(window.output[axis])[None, :] * stride + before
    tap = distance // dilation
    misses = (distance % dilation != 0) | (tap < 0) | (tap >= kernel_size)
    return ops.where(misses, kernel_size, tap)
