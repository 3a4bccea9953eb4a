"""Convolution as a product with a sparse matrix, without the entries that are always zero.

It is the matrix of :mod:`labkit.layers.implementations.matrix`, as a list of ``(row, column)`` and
a list of values gathered from the kernel; the backend's own sparse type multiplies. It has
``prod(output) * prod(kernel_size) * channels * filters`` entries at most.
"""

import functools
import math

import keras
import numpy as np
from keras import ops

from labkit import geometry
from labkit.layers.doubles import at_least_single
from labkit.layers.signatures import Tensor
from labkit.layers.windows import Window, is_known

__all__ = ["SPARSE_LIMIT", "convolve"]

# The entries take 320 MiB: 4 bytes for a value, 16 for its row and column. Building the matrix
# takes several times as much.
SPARSE_LIMIT = 2**24


def convolve(x: Tensor, kernel: Tensor, window: Window) -> Tensor:
    """Cross-correlate ``x`` with ``kernel``; for shapes see `labkit.layers.implementations`.

    Raises:
        ValueError: a spatial size is unknown while tracing, or there are too many entries.
        NotImplementedError: the backend has no sparse products.
    """
    if not is_known(*window.size):
        raise ValueError(
            f"sparse: expected known spatial sizes, received an input of shape {tuple(x.shape)} "
            "while a graph is traced: the rows and columns of the entries are computed before it "
            "runs. Give the sizes in keras.Input, or use another implementation ('matrix' builds "
            "its matrix in the graph)"
        )
    filters = kernel.shape[-1]
    entries, taps = _entries(window, kernel.shape)
    # Sparse products have no half precision.
    dtype, wide = x.dtype, at_least_single(x.dtype)
    values = ops.cast(ops.take(ops.reshape(kernel, (-1,)), taps, axis=0), wide)
    shape = (math.prod(window.output) * filters, math.prod(window.size) * kernel.shape[-2])
    rows = ops.cast(ops.reshape(x, (ops.shape(x)[0], shape[1])), wide)
    result = ops.transpose(_sparse_matmul(entries, values, shape, ops.transpose(rows)))
    return ops.cast(ops.reshape(result, (-1, *window.output, filters)), dtype)


def _entries(window, kernel_shape):
    """Return the entries' rows and columns, ``(entries, 2)``, and their places in the kernel."""
    taps, (channels, filters) = math.prod(kernel_shape[:-2]), kernel_shape[-2:]
    count = math.prod(window.output) * taps * channels * filters
    if count > SPARSE_LIMIT:
        raise ValueError(
            f"sparse: expected a matrix of at most {SPARSE_LIMIT} entries, received one of {count} "
            f"for spatial shape {window.size} and a kernel of shape {tuple(kernel_shape)}: it "
            f"would take {count * 20 / 2**30:.0f} GiB. Use 'banded', 'im2col' or 'auto'"
        )
    pixels = geometry.index_map(
        window.size,
        window.kernel_size,
        strides=window.strides,
        padding=window.pads,
        dilation_rate=window.dilation_rate,
    )
    output, tap, channel, filter_ = np.ix_(*map(np.arange, (*pixels.shape, channels, filters)))
    pixels = pixels[:, :, None, None]
    row, column, number, inside = np.broadcast_arrays(
        output * filters + filter_,
        pixels * channels + channel,
        (tap * channels + channel) * filters + filter_,
        pixels >= 0,
    )
    order = np.lexsort((column[inside], row[inside]))  # products need the order row by row
    where = np.stack([row[inside], column[inside]], axis=-1)[order]
    return where, number[inside][order].astype(np.int32)


def _sparse_matmul(entries, values, shape, dense):
    """Multiply the sparse matrix by a dense one, with the backend's own product."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.sparse.sparse_dense_matmul(tf.SparseTensor(entries, values, shape), dense)
    if backend == "jax":
        from jax.experimental.sparse import BCOO

        return (
            BCOO((values, entries), shape=shape, indices_sorted=True, unique_indices=True) @ dense
        )
    if backend == "torch":
        rows, columns = (ops.convert_to_tensor(numbers, "int64") for numbers in entries.T)
        return _torch_product().apply(values, dense, rows, columns, shape)
    raise NotImplementedError(
        f"sparse: expected the backend tensorflow, jax or torch, which have sparse products, "
        f"received the backend {backend}. Use another implementation ('matrix' multiplies with the "
        "same matrix, zeros included)"
    )


@functools.cache
def _torch_product():
    """PyTorch's sparse product with a gradient of its own, which can be differentiated again.

    PyTorch 2.13 differentiates its own once only, gives wrong second derivatives without an error,
    and makes the matrix dense on the way.
    """
    import torch

    class Product(torch.autograd.Function):
        @staticmethod
        def forward(ctx, values, dense, rows, columns, shape):
            ctx.save_for_backward(values, dense, rows, columns)
            ctx.shape = shape
            # Unchecked, because the entries are inside by construction; None would warn of that.
            indices = torch.stack([rows, columns])
            matrix = torch.sparse_coo_tensor(indices, values, shape, check_invariants=False)
            return torch.sparse.mm(matrix, dense)

        @staticmethod
        def backward(ctx, upstream):
            values, dense, rows, columns = ctx.saved_tensors
            d_values = torch.zeros_like(values)
            for image in range(dense.shape[1]):  # one at a time: there are many entries
                d_values = d_values + upstream[rows, image] * dense[columns, image]
            transposed = (ctx.shape[1], ctx.shape[0])
            d_dense = Product.apply(values, upstream, columns, rows, transposed)
            return d_values, d_dense, None, None, None

    return Product
