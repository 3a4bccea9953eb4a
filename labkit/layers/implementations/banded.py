"""Convolution as banded matrices that act on whole rows of the image.

The matrix of lab 01, along one axis only. One row of the output is a sum over the kernel's rows:
an image row, all its pixels and channels in one vector, times the small matrix of that kernel row.
This matrix is *banded*: its column for output ``p`` holds the kernel row's weights from pixel ``p``
on, and zeros elsewhere. There is one for each kernel row, ``size * channels`` by ``output *
filters``, and every image row uses the same ones.

The zeros cost multiplications: ``size / kernel_size`` times those that are needed. Where rows are
short (LeNet-5's are 32 and 14 pixels) one large matrix product still wins over clever indexing.
With rank 3 the "rows" run along the last axis too; with rank 1 this is the whole matrix.
"""

from itertools import product

from keras import ops

from labkit.layers.implementations.matrix import tap_table
from labkit.layers.windows import cut, pad_spatial

__all__ = ["convolve", "row_matrix"]


def convolve(x, kernel, window):
    """Cross-correlate ``x`` ``(batch, *spatial, channels)`` with ``kernel``.

    ``kernel`` is ``(*kernel_size, channels, filters)``, ``window`` says where it goes; returns
    ``(batch, *output, filters)``.
    """
    channels, filters = kernel.shape[-2:]
    matrix = row_matrix(kernel, window)
    # pad all axes but the last: there the matrix knows what is outside
    x = pad_spatial(x, (*window.pads[:-1], (0, 0)))
    x = ops.reshape(x, (*ops.shape(x)[:-2], window.size[-1] * channels))
    rows = [_rows(x, window, tap) for tap in product(*map(range, window.kernel_size[:-1]))]
    rows = rows[0] if len(rows) == 1 else ops.concatenate(rows, axis=-1)
    rows = ops.reshape(rows, (-1, ops.shape(matrix)[0]))
    return ops.reshape(ops.matmul(rows, matrix), (-1, *window.output, filters))


def row_matrix(kernel, window):
    """All kernel rows' banded matrices, one below the other.

    ``(kernel rows * size * channels, output * filters)``, sizes of the last axis.
    """
    *_, taps, channels, filters = kernel.shape
    kernel = ops.reshape(kernel, (-1, taps, channels, filters))
    # (input, output, taps): 1 where this tap connects them; a row of zeros where none does
    connects = ops.one_hot(tap_table(window, -1), taps, dtype=kernel.dtype)
    matrix = ops.einsum("ipt,ktcf->kicpf", connects, kernel)
    return ops.reshape(matrix, (kernel.shape[0] * window.size[-1] * channels, -1))


def _rows(x, window, tap):
    """The input rows that ``tap`` (one number for each axis but the last) reads."""
    starts = [a * d for a, d in zip(tap, window.dilation_rate, strict=False)]
    return cut(x, starts, window.output[:-1], window.strides[:-1]) if tap else x
