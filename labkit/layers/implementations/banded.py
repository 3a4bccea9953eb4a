"""Convolution as banded matrices that act on the rows of the image.

This is the matrix of lab 01 along one axis only. One row of the output is a sum over the kernel's
rows: a row of the image, all its pixels and channels in one vector, times the small matrix of that
kernel row. The matrix is *banded*: its column for output ``p`` holds the kernel row's weights from
pixel ``p`` on, and zeros elsewhere. There is one matrix for each kernel row, and every row of the
image is multiplied by the same ones.

Far from the band there are only zeros, and along it the matrix repeats itself. So a row is cut into
pieces, each of which makes the next few outputs and reads some pixels of its neighbors, and one
block of the band serves all of them. Where there are few channels, a large product with some zeros
in it is quicker than indexing without them. (Where there are many filters, a piece makes one
output, and this is `im2col`.) With rank 3 the rows run along the last axis too; with rank 1 there
is one row. The zeros in a block are multiplied too, so an infinite pixel also makes outputs of its
piece NaN whose window does not hold it.
"""

import math
from itertools import product
from typing import NamedTuple

import keras
from keras import ops

from labkit.layers.doubles import matmul
from labkit.layers.implementations.im2col import run_numbers
from labkit.layers.implementations.shift import shifted, shifted_back
from labkit.layers.signatures import Backward, Tensor
from labkit.layers.windows import (
    Window,
    add_at,
    cut,
    is_known,
    over_lines,
    pad_spatial,
    padded_size,
)

__all__ = ["convolve", "convolve_with_gradient", "piece_matrix"]

# How many multiplications take as long as copying a number there and back: measured.
COPY = 25


def convolve(x: Tensor, kernel: Tensor, window: Window) -> Tensor:
    """Cross-correlate ``x`` with ``kernel``; for shapes see `labkit.layers.implementations`."""
    return convolve_with_gradient(x, kernel, window)[0]


def convolve_with_gradient(x: Tensor, kernel: Tensor, window: Window) -> tuple[Tensor, Backward]:
    """Convolve, and return the outputs and the function that differentiates them.

    With ``y = read @ matrix``, the gradients are ``d matrix = read^T dy`` and ``d read = dy
    matrix^T``. What was read or written more than once is added up.
    """
    filters = kernel.shape[-1]
    cuts = _cuts(window, filters)
    matrix = piece_matrix(kernel, window, cuts.outputs, cuts.reach)
    read = _read(_pieces(x, window, cuts), window)
    computed = (
        cuts.pieces * cuts.outputs
    )  # outputs of a row; the last piece may make superfluous ones
    result = ops.reshape(matmul(read, matrix), (-1, *window.output[:-1], computed, filters))
    result = _to_length(result, computed, window.output[-1])

    def gradient(upstream):
        upstream = _to_length(upstream, window.output[-1], computed)
        upstream = ops.reshape(upstream, (-1, cuts.outputs * filters))
        d_matrix = matmul(ops.transpose(read), upstream)
        d_pieces = _read_back(matmul(upstream, ops.transpose(matrix)), window, cuts, x.shape[-1])
        d_kernel = _piece_matrix_back(d_matrix, kernel.shape, window, cuts)
        return _pieces_back(d_pieces, window, cuts), d_kernel

    return result, gradient


def piece_matrix(kernel: Tensor, window: Window, outputs: int, reach: int) -> Tensor:
    """Build the matrix that makes ``outputs`` neighboring outputs of a row from ``reach`` pixels.

    The banded matrices of all kernel rows stand one below the other. The column of an output holds
    the kernel row a stride further down than the column before it.

    Returns:
        ``(kernel rows * reach * channels, outputs * filters)``.
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


def _piece_matrix_back(d_matrix, shape, window, cuts):
    """Apply the transpose of `piece_matrix`; ``shape`` is the kernel's."""
    *rows, taps, channels, filters = shape
    stride, dilation = window.strides[-1], window.dilation_rate[-1]
    extent = (taps - 1) * dilation + 1
    d_matrix = ops.reshape(d_matrix, (math.prod(rows), cuts.reach, channels, cuts.outputs, filters))
    starts = [o * stride for o in range(cuts.outputs)]
    parts = [d_matrix[:, s : s + extent : dilation, :, o] for o, s in enumerate(starts)]
    return ops.reshape(sum(parts), shape)


class _Cuts(NamedTuple):
    """How the rows are cut into pieces."""

    outputs: int  # how many outputs a piece makes
    pieces: int  # how many pieces a row has
    step: int  # how many pixels lie between the starts of two pieces: a block
    reach: int  # how many pixels a piece reads

    @property
    def widths(self):
        """How many pixels a piece reads of its own block, and of each of the next blocks."""
        return [min(self.step, self.reach - s) for s in range(0, self.reach, self.step)]

    @property
    def blocks(self):
        """How many blocks a row needs for its last piece to read from."""
        return self.pieces - 1 + len(self.widths)


def _cuts(window, filters):
    """Choose the pieces that cost least.

    Where the kernel reads ``f`` strides beyond its own, each of the ``o`` outputs of a piece costs
    ``o + f`` multiplications for a channel and a filter, and ``(o + f) / o`` copied numbers for a
    channel. The sum of both costs is least at a square root. A piece makes up to twice as many
    outputs where that leaves fewer superfluous ones at the end of the row.
    """
    size, stride = window.output[-1], window.strides[-1]
    further = (window.kernel_size[-1] - 1) * window.dilation_rate[-1] + 1 - stride
    outputs = max(round(math.sqrt(max(further, 0) / stride * COPY / filters)), 1)
    if is_known(size):
        choices = range(min(outputs, size), min(2 * outputs, size) + 1)
        outputs = min(choices, key=lambda outputs: -(-size // outputs) * outputs)
    step = outputs * stride
    return _Cuts(outputs, -(-size // outputs), step, step + further)


def _pieces(x, window, cuts):
    """Pad ``x`` and cut its rows: ``(batch, *lines, count, reach, channels)``."""
    before, _ = window.pads[-1]
    x = pad_spatial(x, (*window.pads[:-1], (before, 0)))
    x = _to_length(x, before + window.size[-1], cuts.blocks * cuts.step)
    batch, *lines, _, channels = ops.shape(x)
    x = ops.reshape(x, (batch, *lines, cuts.blocks, cuts.step, channels))
    zeros = (0,) * len(lines)
    read = [
        ops.slice(x, (0, *zeros, block, 0, 0), (batch, *lines, cuts.pieces, width, channels))
        for block, width in enumerate(cuts.widths)
    ]
    return ops.concatenate(read, axis=-2)


def _pieces_back(d_pieces, window, cuts):
    """Apply the transpose of `_pieces`."""
    *outer, _, _, channels = ops.shape(d_pieces)
    shape = (*outer, cuts.blocks, cuts.step, channels)
    zeros, rows = (0,) * len(outer), None
    for block, width in enumerate(cuts.widths):
        part = d_pieces[..., block * cuts.step : block * cuts.step + width, :]
        rows = add_at(rows, part, (*zeros, block, 0, 0), shape)
    length = cuts.blocks * cuts.step
    rows = ops.reshape(rows, (*outer, length, channels))
    before = [before for before, _ in window.pads]
    rows = _to_length(rows, length, before[-1] + window.size[-1])
    return cut(rows, before, window.size, (1,))


def _to_length(x, length, target):
    """Bring the last axis but one from ``length`` to ``target``, with zeros or by cutting it."""
    more = target - length
    if not is_known(more):
        more = ops.maximum(more, 0)
    if not is_known(more) or more > 0:
        x = ops.pad(x, ((0, 0),) * (len(x.shape) - 2) + ((0, more), (0, 0)))
    *outer, _, channels = ops.shape(x)
    return ops.slice(x, (0,) * len(x.shape), (*outer, target, channels))


def _read(pieces, window):
    """Put the pieces that an output row reads side by side, a row for each piece of the output."""
    batch, *lines, count, reach, channels = ops.shape(pieces)
    length = reach * channels
    pieces = ops.reshape(pieces, (batch, *lines, count * length))
    if lines:
        by_index = keras.config.backend() == "tensorflow" and math.prod(window.kernel_size[:-1]) > 1
        read = _gathered if by_index else _concatenated
        pieces = read(pieces, over_lines(window, lines), count, length)
    return ops.reshape(pieces, (-1, math.prod(window.kernel_size[:-1]) * length))


def _read_back(d_read, window, cuts, channels):
    """Apply the transpose of `_read`."""
    *lines, _ = padded_size(window)
    d_pieces = d_read
    if lines:
        rows = math.prod(window.kernel_size[:-1])
        parts = (-1, *window.output[:-1], cuts.pieces, rows, cuts.reach * channels)
        d_pieces = _added(ops.reshape(d_read, parts), over_lines(window, lines))
    return ops.reshape(d_pieces, (-1, *lines, cuts.pieces, cuts.reach, channels))


def _concatenated(pieces, window, count, length):
    """Collect what each output reads, by slices; ``window`` goes over the lines.

    From ``(batch, *lines, count * length)`` to ``(batch, *output, count, kernel rows, length)``.
    """
    read = [shifted(pieces, window, tap) for tap in _taps(window)]
    read = [ops.reshape(rows, (-1, *window.output, count, 1, length)) for rows in read]
    return ops.concatenate(read, axis=-2)


def _gathered(pieces, window, count, length):
    """Collect the same by index, which TensorFlow does in one pass. (JAX takes longer for it.)

    TensorFlow's own gradient of that is slow, so this has the gradient of `_concatenated`.
    """

    @ops.custom_gradient
    def gather(pieces):
        runs = ops.reshape(pieces, (-1, math.prod(window.size) * count, length))
        runs = ops.take(runs, run_numbers(window, count), axis=1)
        runs = ops.reshape(runs, (-1, *window.output, count, len(_taps(window)), length))
        return runs, lambda upstream: _added(upstream, window)

    return gather(pieces)


def _added(read, window):
    """Apply the transpose of `_concatenated`: add each part where it was read."""
    *_, count, _, length = ops.shape(read)
    parts = {
        tap: ops.reshape(part, (-1, *window.output, count * length))
        for tap, part in zip(_taps(window), ops.unstack(read, axis=-2), strict=True)
    }
    return shifted_back(parts, window)


def _taps(window):
    """List the kernel's rows."""
    return list(product(*map(range, window.kernel_size)))
