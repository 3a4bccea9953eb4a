"""Transposed convolution: the matrix of a convolution, transposed.

The matrix of a convolution turns a large image into a small one; its transpose turns a small image
into a large one, with the same connections and weights. ``window`` belongs to that convolution,
from the *large* image (our output) to the small one (our input), so each of these functions is the
backward pass of its namesake:

- `matrix` builds the matrix and multiplies by its transpose;
- `im2col` makes all patches with one matrix product and adds them where they belong;
- `shift` does that tap by tap;
- ``"native"``, in the layer itself, asks the backend.

All take ``x`` ``(batch, *window.output, channels)`` and ``kernel`` ``(*kernel_size, filters,
channels)`` and return ``(batch, *window.size, filters)``.
"""

import math
from itertools import product
from types import SimpleNamespace

from keras import ops

from labkit.layers.doubles import matmul
from labkit.layers.implementations.matrix import dense_matrix
from labkit.layers.implementations.shift import convolve, shifted, shifted_back
from labkit.layers.signatures import Tensor
from labkit.layers.windows import Window, pad

__all__ = ["TRANSPOSED", "gradient", "im2col", "matrix", "shift"]


def matrix(x: Tensor, kernel: Tensor, window: Window) -> Tensor:
    """Multiply by the explicit matrix, transposed."""
    whole = ops.transpose(dense_matrix(kernel, window))
    rows = ops.reshape(x, (ops.shape(x)[0], ops.shape(whole)[0]))
    return ops.reshape(matmul(rows, whole), (-1, *window.size, kernel.shape[-2]))


def im2col(x: Tensor, kernel: Tensor, window: Window) -> Tensor:
    """Make the patch of outputs of every input with one product, and add the patches."""
    *_, filters, channels = kernel.shape
    taps = math.prod(window.kernel_size)
    columns = matmul(x, ops.transpose(ops.reshape(kernel, (taps * filters, channels))))
    columns = ops.reshape(columns, (-1, *window.output, taps, filters))
    numbered = enumerate(product(*map(range, window.kernel_size)))
    return shifted_back({tap: columns[..., number, :] for number, tap in numbered}, window)


def shift(x: Tensor, kernel: Tensor, window: Window) -> Tensor:
    """Multiply by each tap's matrix, and add the product where the tap belongs."""
    taps = product(*map(range, window.kernel_size))
    return shifted_back({tap: matmul(x, ops.transpose(kernel[tap])) for tap in taps}, window)


def gradient(x: Tensor, kernel: Tensor, window: Window, upstream: Tensor) -> tuple[Tensor, Tensor]:
    """Return the gradients of ``x``, which is the convolution itself, and of ``kernel``."""
    padded = pad(upstream, window)
    *_, filters, channels = kernel.shape
    rows = ops.reshape(x, (-1, channels))
    d_taps = [
        matmul(ops.transpose(ops.reshape(shifted(padded, window, tap), (-1, filters))), rows)
        for tap in product(*map(range, window.kernel_size))
    ]
    d_kernel = ops.reshape(ops.stack(d_taps), kernel.shape)
    return convolve(upstream, kernel, window), d_kernel


TRANSPOSED = {
    name: SimpleNamespace(convolve=function, gradient=gradient)
    for name, function in {"matrix": matrix, "im2col": im2col, "shift": shift}.items()
}
