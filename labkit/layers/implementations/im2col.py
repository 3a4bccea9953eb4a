"""Convolution as patches, gathered by index, times one matrix.

The patch of the input that an output reads becomes a row, the kernel becomes a matrix with a column
for each filter, and the convolution is one large matrix product, which processors do at their best
speed (Chellapilla, Puri and Simard, "High Performance Convolutional Neural Networks for Document
Processing", 2006). The price is memory: the rows repeat each input up to ``prod(kernel_size)``
times, and hold ``batch * prod(output) * prod(kernel_size) * channels`` numbers in all.
"""

import math
from itertools import product
from typing import Any

from keras import ops

from labkit.layers.doubles import matmul
from labkit.layers.implementations.shift import shifted_back
from labkit.layers.signatures import Backward, Tensor
from labkit.layers.windows import Window, arange, over_lines, pad, reads

__all__ = ["convolve", "convolve_with_gradient", "patches", "run_numbers"]


def convolve(x: Tensor, kernel: Tensor, window: Window) -> Tensor:
    """Cross-correlate ``x`` with ``kernel``; for shapes see `labkit.layers.implementations`."""
    return convolve_with_gradient(x, kernel, window)[0]


def convolve_with_gradient(x: Tensor, kernel: Tensor, window: Window) -> tuple[Tensor, Backward]:
    """Convolve, and return the outputs and the function that differentiates them.

    With ``y = columns @ matrix``, the gradients are ``d matrix = columns^T dy`` and ``d columns =
    dy matrix^T``. The rows of ``d columns`` are patches, which are added where they had been
    gathered (col2im).
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


def patches(x: Tensor, window: Window) -> Tensor:
    """Gather the patches as rows: ``(batch * prod(output), prod(kernel_size) * channels)``.

    First comes what each output reads of its line, along the last axis, then which lines it reads.
    So the second index fetches as many pixels at a time as a row of the kernel has.
    """
    padded = pad(x, window)
    batch, *lines, _, channels = ops.shape(padded)
    width, taps = window.output[-1], window.kernel_size[-1]
    runs = ops.take(padded, reads(window, -1), axis=-2)  # (batch, *lines, width, taps, channels)
    if lines:
        runs = ops.reshape(runs, (batch, math.prod(lines) * width, taps * channels))
        runs = ops.take(runs, run_numbers(over_lines(window, lines), width), axis=1)
    return ops.reshape(runs, (-1, math.prod(window.kernel_size) * channels))


def run_numbers(window: Window, width: Any) -> Any:
    """Number the runs of pixels that the kernel's rows read.

    Args:
        window: where the kernel goes, over the lines only.
        width: how many runs make a line.

    Returns:
        Integers ``(*output, width, *kernel_size)``: NumPy's where all sizes are known, else a
        tensor.
    """
    rank = len(window.size)

    def along(*axes):
        return tuple(slice(None) if axis in axes else None for axis in range(2 * rank + 1))

    numbers = 0
    for axis, size in enumerate(window.size):
        numbers = numbers * size + reads(window, axis)[along(axis, rank + 1 + axis)]
    return numbers * width + arange(width)[along(rank)]
