"""Convolution as patches, gathered by index, times one matrix (Chellapilla et al., 2006).

Every output's patch of the input becomes a row, the kernel becomes a matrix with a column for each
filter, and the convolution is one large matrix product, which machines do best. The price is
memory: the rows repeat each input up to ``prod(kernel_size)`` times,
``batch * prod(output) * prod(kernel_size) * channels`` numbers in all.
"""

import math
from itertools import product

from keras import ops

from labkit.layers.doubles import matmul
from labkit.layers.implementations.shift import shifted_back
from labkit.layers.windows import arange, over_lines, pad, reads

__all__ = ["convolve", "convolve_with_gradient", "patches", "run_numbers"]


def convolve(x, kernel, window):
    """Cross-correlate ``x`` ``(batch, *spatial, channels)`` with ``kernel``.

    ``kernel`` is ``(*kernel_size, channels, filters)``, ``window`` says where it goes; returns
    ``(batch, *output, filters)``.
    """
    return convolve_with_gradient(x, kernel, window)[0]


def convolve_with_gradient(x, kernel, window):
    """`convolve`, and the function that takes the outputs' gradient back to ``x`` and ``kernel``.

    With ``y = columns @ matrix``, the gradients are ``d matrix = columns^T dy`` and ``d columns =
    dy matrix^T``; the latter's rows are patches, added back to where they were gathered (col2im).
    """
    columns = patches(x, window)
    filters = kernel.shape[-1]
    matrix = ops.reshape(kernel, (-1, filters))
    outputs = ops.reshape(matmul(columns, matrix), (-1, *window.output, filters))

    def gradient(upstream):
        upstream = ops.reshape(upstream, (-1, filters))
        d_kernel = ops.reshape(matmul(ops.transpose(columns), upstream), kernel.shape)
        d_columns = matmul(upstream, ops.transpose(matrix))
        # (batch, *output, taps, channels)
        d_patches = ops.reshape(
            d_columns, (-1, *window.output, math.prod(window.kernel_size), x.shape[-1])
        )
        taps = product(*map(range, window.kernel_size))
        parts = {tap: d_patches[..., number, :] for number, tap in enumerate(taps)}
        return shifted_back(parts, window), d_kernel

    return outputs, gradient


def patches(x, window):
    """The patches as rows: ``(batch * prod(output), prod(kernel_size) * channels)``.

    First what each output reads of its line, along the last axis, then which lines: the second
    index fetches whole rows of the kernel, where pixel by pixel would be many times as many.
    """
    padded = pad(x, window)
    batch, *lines, _, channels = ops.shape(padded)
    width, taps = window.output[-1], window.kernel_size[-1]
    runs = ops.take(padded, reads(window, -1), axis=-2)  # (batch, *lines, width, taps, channels)
    if lines:
        runs = ops.reshape(runs, (batch, math.prod(lines) * width, taps * channels))
        runs = ops.take(runs, run_numbers(over_lines(window, lines), width), axis=1)
    return ops.reshape(runs, (-1, math.prod(window.kernel_size) * channels))


def run_numbers(window, width):
    """Which runs the kernel's rows read, where ``width`` of them make a line.

    ``window`` goes over the lines. The numbers of the runs are ``(*output, width, *kernel_size)``.
    """
    rank = len(window.size)

    def along(*axes):
        return tuple(slice(None) if axis in axes else None for axis in range(2 * rank + 1))

    numbers = 0
    for axis, size in enumerate(window.size):
        numbers = numbers * size + reads(window, axis)[along(axis, rank + 1 + axis)]
    return numbers * width + arange(width)[along(rank)]
