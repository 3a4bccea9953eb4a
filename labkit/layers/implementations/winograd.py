"""Winograd's minimal filtering, F(2x2, 3x3): 16 multiplications where the definition takes 36.

Two neighboring outputs of a 3-tap filter share two of their three inputs. Winograd (1980) computes
both with 4 multiplications in place of 6, by multiplying *sums* of inputs by *sums* of weights. In
two dimensions the scheme is nested, and 4 outputs take 16 multiplications in place of 36 (Lavin and
Gray, "Fast Algorithms for Convolutional Neural Networks", 2016). The sums cost additions and some
accuracy: the outputs differ from those of the direct implementations by a few units in the last
place more. An infinite pixel can turn any output of its tiles into NaN, whether or not that
output's window holds the pixel.
"""

import numpy as np
from keras import ops

from labkit.layers.doubles import matmul
from labkit.layers.signatures import Tensor
from labkit.layers.windows import Window, arange, pad_spatial

__all__ = ["convolve", "unsupported"]

# Lavin and Gray's matrices; the names are theirs. y = A^T [(G g) * (B^T d)]
INPUT = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])  # B^T
KERNEL = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])  # G
OUTPUT = np.array([[1, 1, 1, 0], [0, 1, -1, -1]])  # A^T


def unsupported(
    kernel_size: tuple[int, ...], strides: tuple[int, ...], dilation_rate: tuple[int, ...]
) -> str | None:
    """Say why this implementation cannot compute such a convolution, or return None."""
    if tuple(kernel_size) == (3, 3) and max(strides) == max(dilation_rate) == 1:
        return None
    return (
        "expected kernel_size (3, 3) with strides (1, 1) and dilation_rate (1, 1), received "
        f"{tuple(kernel_size)} with {tuple(strides)} and {tuple(dilation_rate)}: it saves "
        "multiplications only where neighboring outputs share inputs"
    )


def convolve(x: Tensor, kernel: Tensor, window: Window) -> Tensor:
    """Cross-correlate ``x`` with ``kernel``; for shapes see `labkit.layers.implementations`.

    Raises:
        ValueError: the kernel is not 3x3, or there are strides or dilation.
    """
    problem = unsupported(window.kernel_size, window.strides, window.dilation_rate)
    if problem:
        raise ValueError(f"winograd: {problem}")
    channels, filters = kernel.shape[-2:]
    tiles = [(n + 1) // 2 for n in window.output]  # two outputs for each
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
    """Cut the 4x4 inputs of every tile; neighboring tiles overlap by two."""
    pads = []
    for size, (before, after), count in zip(window.size, window.pads, tiles, strict=True):
        pads.append((before, after + 2 * count + 2 - (size + before + after)))
    x = pad_spatial(x, tuple(pads))
    for axis, count in ((1, tiles[0]), (3, tiles[1])):
        x = ops.take(x, arange(count)[:, None] * 2 + arange(4)[None, :], axis=axis)
    return x


def _both(matrix, x, equation):
    """Apply ``matrix`` along height and along width."""
    matrix = ops.cast(matrix, x.dtype)
    return ops.einsum(equation, matrix, matrix, x)
