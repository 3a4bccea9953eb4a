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

import math
from itertools import product

from keras import ops

from labkit.layers.implementations.matrix import tap_table
from labkit.layers.windows import pad_spatial

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
    # a zero beyond the last tap: what "no tap" gathers
    entries = ops.pad(kernel, ((0, 0), (0, 1), (0, 0), (0, 0)))
    # (kernel rows, input, output, channels, filters)
    entries = ops.take(entries, tap_table(window, -1), axis=1)
    entries = ops.transpose(entries, (0, 1, 3, 2, 4))
    kernel_rows = math.prod(window.kernel_size[:-1])
    return ops.reshape(entries, (kernel_rows * window.size[-1] * channels, -1))


def _rows(x, window, tap):
    """The input rows that ``tap`` (one number for each axis but the last) reads."""
    slices = []
    for a, n, stride, dilation in zip(
        tap, window.output, window.strides, window.dilation_rate, strict=False
    ):
        start = a * dilation
        slices.append(slice(start, start + (n - 1) * stride + 1, stride))
    return x[(slice(None), *slices)]
