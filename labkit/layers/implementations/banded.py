"""Convolution as banded matrices that act on the rows of the image.

The matrix of lab 01, along one axis only. One row of the output is a sum over the kernel's rows:
an image row, all its pixels and channels in one vector, times the small matrix of that kernel row.
This matrix is *banded*: its column for output ``p`` holds the kernel row's weights from pixel ``p``
on, and zeros elsewhere. There is one for each kernel row, and every image row uses the same ones.

Far from the band there are only zeros, and along it the matrix repeats itself. So a long row is cut
into pieces, each of which makes the next few outputs and reads a little into its neighbor, and one
block of the band serves all of them. With about as many outputs in a piece as the kernel is wide,
two multiplications are made for each that is needed: a large product with some zeros in it still
wins over clever indexing where there are few channels. (Pieces of one output would be `im2col`.)
With rank 3 the "rows" run along the last axis too; with rank 1 there is one, cut into pieces.
"""

import math
from itertools import product

import keras
from keras import ops

from labkit.layers.doubles import matmul
from labkit.layers.implementations.im2col import run_numbers
from labkit.layers.implementations.shift import shifted, shifted_back
from labkit.layers.windows import is_known, over_lines, pad_spatial

__all__ = ["convolve", "piece_matrix"]


def convolve(x, kernel, window):
    """Cross-correlate ``x`` ``(batch, *spatial, channels)`` with ``kernel``.

    ``kernel`` is ``(*kernel_size, channels, filters)``, ``window`` says where it goes; returns
    ``(batch, *output, filters)``.
    """
    filters = kernel.shape[-1]
    outputs, count = _cuts(window)
    x = _pieces(x, window, outputs, count)
    matrix = piece_matrix(kernel, window, outputs, reach=x.shape[-2])
    result = matmul(_read(x, window), matrix)
    result = ops.reshape(result, (-1, *window.output[:-1], count * outputs, filters))
    if is_known(count) and count * outputs == window.output[-1]:
        return result
    return result[..., : window.output[-1], :]  # the last piece made more than there are


def piece_matrix(kernel, window, outputs, reach):
    """What makes ``outputs`` neighboring outputs of a row from ``reach`` pixels.

    All kernel rows' banded matrices, one below the other: ``(kernel rows * reach * channels,
    outputs * filters)``. An output's column holds the kernel row, a stride further down than the
    column before: this takes fewer passes than a product with zeros and ones.
    """
    *_, taps, channels, filters = kernel.shape
    stride, dilation = window.strides[-1], window.dilation_rate[-1]
    kernel = ops.reshape(kernel, (-1, taps, channels, filters))
    if dilation > 1:  # zeros after every tap but the last
        gaps = ((0, 0), (0, 0), (0, dilation - 1), (0, 0), (0, 0))
        kernel = ops.reshape(
            ops.pad(kernel[:, :, None], gaps), (-1, taps * dilation, channels, filters)
        )
        kernel = kernel[:, : (taps - 1) * dilation + 1]
    rest = reach - kernel.shape[1]
    columns = [
        ops.pad(kernel, ((0, 0), (o * stride, rest - o * stride), (0, 0), (0, 0)))
        for o in range(outputs)
    ]
    return ops.reshape(ops.stack(columns, axis=3), (-1, outputs * filters))


def _cuts(window):
    """How many outputs a piece makes, and how many pieces a row has.

    No fewer outputs than let a piece read no further than its neighbor; up to twice as many, where
    that leaves less over at the end of the row.
    """
    size, stride = window.output[-1], window.strides[-1]
    least = max(-(-_further(window) // stride), 1)
    if not is_known(size):
        return least, -(-size // least)
    some = range(min(least, size), min(2 * least, size) + 1)
    outputs = min(some, key=lambda outputs: -(-size // outputs) * outputs)
    return outputs, -(-size // outputs)


def _pieces(x, window, outputs, count):
    """``x``, padded, its rows cut: ``(batch, *outer, count, reach, channels)``."""
    before, after = window.pads[-1]
    whole = is_known(count) and count == 1
    step = outputs * window.strides[-1]
    if not whole:
        after = (count + 1) * step - before - window.size[-1]
    x = pad_spatial(x, (*window.pads[:-1], (before, after)))
    *outer, row, channels = ops.shape(x)
    if whole:
        return ops.reshape(x, (*outer, 1, row, channels))
    # a piece reads all pixels of its own and the first of its neighbor
    x = ops.reshape(x, (*outer, count + 1, step, channels))
    further = _further(window)
    zeros = (0,) * len(outer)
    own = ops.slice(x, (*zeros, 0, 0, 0), (*outer, count, step, channels))
    if further <= 0:  # the strides leave gaps
        return own
    next_ = ops.slice(x, (*zeros, 1, 0, 0), (*outer, count, further, channels))
    return ops.concatenate([own, next_], axis=-2)


def _further(window):
    """How many pixels the kernel reads beyond its stride: a piece's last outputs need them."""
    return (window.kernel_size[-1] - 1) * window.dilation_rate[-1] + 1 - window.strides[-1]


def _read(pieces, window):
    """The pieces that each output row reads, side by side: one row for each piece of an output."""
    _, *lines, count, reach, channels = ops.shape(pieces)
    length = reach * channels
    pieces = ops.reshape(pieces, (-1, *lines, count * length))
    if lines:
        by_index = keras.config.backend() == "tensorflow"
        read = _gathered if by_index else _concatenated
        pieces = read(pieces, over_lines(window, lines), count, length)
    return ops.reshape(pieces, (-1, math.prod(window.kernel_size[:-1]) * length))


def _concatenated(pieces, window, count, length):
    """From ``(batch, *lines, count * length)`` to ``(batch, *output, count, kernel rows, length)``.

    ``window`` goes over the lines.
    """
    read = [shifted(pieces, window, tap) for tap in _taps(window)]
    read = [ops.reshape(rows, (-1, *window.output, count, 1, length)) for rows in read]
    return ops.concatenate(read, axis=-2)


def _gathered(pieces, window, count, length):
    """The same by index: TensorFlow does it in one pass. (JAX takes longer for it.)

    TensorFlow's own gradient of that is slow: it gets that of `_concatenated`, where each part is
    added back to where it was read.
    """

    @ops.custom_gradient
    def gather(pieces):
        runs = ops.reshape(pieces, (-1, math.prod(window.size) * count, length))

        def backward(upstream):
            parts = {
                tap: ops.reshape(part, (-1, *window.output, count * length))
                for tap, part in zip(_taps(window), ops.unstack(upstream, axis=-2), strict=True)
            }
            return shifted_back(parts, window)

        runs = ops.take(runs, run_numbers(window, count), axis=1)
        return ops.reshape(runs, (-1, *window.output, count, len(_taps(window)), length)), backward

    return gather(pieces)


def _taps(window):
    return list(product(*map(range, window.kernel_size)))
