"""Winograd's minimal filtering, F(2x2, 3x3): 16 multiplications where the definition takes 36.

Two neighboring outputs of a 3-tap filter share two of their three inputs. Winograd (1980) computes
both with 4 multiplications in place of 6, by multiplying *sums* of inputs with *sums* of weights;
in two dimensions, nested, 4 outputs take 16 in place of 36 (Lavin and Gray, "Fast Algorithms for
Convolutional Neural Networks", 2016). The sums cost additions, and some digits: its outputs differ
from the direct forms' by a few units in the last place more.
"""

import numpy as np
from keras import ops

from labkit.layers.doubles import matmul
from labkit.layers.windows import arange, pad_spatial

__all__ = ["convolve", "unsupported"]

# Lavin and Gray's matrices; the names are theirs. y = A^T [(G g) * (B^T d)]
INPUT = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])  # B^T
KERNEL = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])  # G
OUTPUT = np.array([[1, 1, 1, 0], [0, 1, -1, -1]])  # A^T


def unsupported(kernel_size, strides, dilation_rate):
    """Why this convolution cannot be computed so, or None."""
    if tuple(kernel_size) == (3, 3) and max(strides) == max(dilation_rate) == 1:
        return None
    return (
        "expected kernel_size (3, 3) with strides (1, 1) and dilation_rate (1, 1), received "
        f"{tuple(kernel_size)} with {tuple(strides)} and {tuple(dilation_rate)}: only neighboring "
        "outputs share the inputs that it shares"
    )


def convolve(x, kernel, window):
    """Cross-correlate ``x`` ``(batch, height, width, channels)`` with a 3x3 ``kernel``.

    ``kernel`` is ``(3, 3, channels, filters)``, ``window`` says where it goes; returns
    ``(batch, *output, filters)``.

    Raises:
        ValueError: any other kernel size, strides or dilation.
    """
    problem = unsupported(window.kernel_size, window.strides, window.dilation_rate)
    if problem:
        raise ValueError(f"winograd: {problem}")
    channels, filters = kernel.shape[-2:]
    tiles = [(n + 1) // 2 for n in window.output]  # two outputs each, the last one maybe half used
    blocks = _blocks(x, window, tiles)  # (batch, tiles, 4, tiles, 4, channels)
    blocks = _both(INPUT, blocks, "ui,vj,bminjc->uvbmnc")
    kernel = _both(KERNEL, kernel, "ui,vj,ijcf->uvcf")
    products = matmul(
        ops.reshape(blocks, (16, -1, channels)), ops.reshape(kernel, (16, channels, filters))
    )
    products = ops.reshape(products, (4, 4, -1, *tiles, filters))
    outputs = _both(OUTPUT, products, "iu,jv,uvbmnf->bminjf")
    outputs = ops.reshape(outputs, (-1, tiles[0] * 2, tiles[1] * 2, filters))
    return outputs[:, : window.output[0], : window.output[1]]


def _blocks(x, window, tiles):
    """The 4x4 inputs of every tile; neighbors overlap by two."""
    pads = []
    for size, (before, after), count in zip(window.size, window.pads, tiles, strict=True):
        pads.append((before, after + 2 * count + 2 - (size + before + after)))
    x = pad_spatial(x, tuple(pads))
    for axis, count in ((1, tiles[0]), (3, tiles[1])):
        x = ops.take(x, arange(count)[:, None] * 2 + arange(4)[None, :], axis=axis)
    return x


def _both(matrix, x, equation):
    """``matrix`` applied along height and along width."""
    matrix = ops.cast(matrix, x.dtype)
    return ops.einsum(equation, matrix, matrix, x)
