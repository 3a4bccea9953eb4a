"""Backward through convolution and dense layers."""

from typing import NamedTuple

import numpy as np

from labkit import geometry
from labkit.gradients.arrays import floats, images, same_shape

__all__ = [
    "LayerGradients",
    "bias_gradient",
    "convolution_gradients",
    "dense_gradients",
    "input_gradient",
    "kernel_gradient",
]


class LayerGradients(NamedTuple):
    """The loss's gradients with respect to a layer's input and weights, in their shapes."""

    x: np.ndarray
    kernel: np.ndarray
    bias: np.ndarray


def kernel_gradient(x, dy, kernel_size, *, strides=1, padding="valid", dilation_rate=1, groups=1):
    """The gradient with respect to the kernel of ``reference.cross_correlate``.

    A weight is used at every position, so its gradient is the sum over all of them (and over the
    batch) of what it was multiplied with, times what became of it: ``dk[a, c, f] = sum over b, n of
    x[b, n * stride - before + a * dilation, c] * dy[b, n, f]``.

    Args:
        x: ``(batch, *spatial, channels)``.
        dy: ``(batch, *output, filters)``.
        kernel_size: an int or one for each axis.

    Returns:
        ``(*kernel_size, channels / groups, filters)``.

    Raises:
        ValueError: shapes that do not fit together (see :mod:`labkit.geometry`).

    >>> x, dy = np.array([1.0, 2, 3]).reshape(1, 3, 1), np.array([1.0, 10]).reshape(1, 2, 1)
    >>> kernel_gradient(x, dy, 2)[:, 0, 0]  # 1 * 1 + 2 * 10 and 2 * 1 + 3 * 10
    array([21., 32.])
    """
    x, dy = floats(x=x, dy=dy)
    images(x=x, dy=dy)
    (groups,) = geometry.as_tuple(groups, 1, "groups")
    kernel_size = geometry.as_tuple(kernel_size, x.ndim - 2, "kernel_size")
    shape = (*kernel_size, x.shape[-1] // groups, dy.shape[-1])
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate}
    members, window = _fit(x.shape, shape, groups, options)
    same_shape(dy, (len(x), *window.output, shape[-1]), "the output")
    padded = np.pad(x, ((0, 0), *window.pads, (0, 0)))
    dk = np.zeros(shape, x.dtype)
    summed = tuple(range(x.ndim - 1))  # batch and positions
    for tap in np.ndindex(kernel_size):
        for channels, filters in members:
            seen = padded[:, *_reads(window, tap), channels]
            dk[*tap, :, filters] = np.tensordot(seen, dy[..., filters], (summed, summed))
    return dk


def input_gradient(kernel, dy, spatial, *, strides=1, padding="valid", dilation_rate=1, groups=1):
    """The gradient with respect to the image of ``reference.cross_correlate``.

    What an input was multiplied with comes back to it: the transpose of the convolution's matrix,
    and so a transposed convolution, ``dx[b, n * stride - before + a * dilation, c] +=
    dy[b, n, f] * kernel[a, c, f]``.

    Args:
        kernel: ``(*kernel_size, channels / groups, filters)``.
        dy: ``(batch, *output, filters)``.
        spatial: of the image: not all of its pixels may have been read.

    Returns:
        ``(batch, *spatial, channels)``.

    Raises:
        ValueError: shapes that do not fit together (see :mod:`labkit.geometry`).

    >>> kernel, dy = np.array([1.0, -2]).reshape(2, 1, 1), np.array([1.0, 10]).reshape(1, 2, 1)
    >>> input_gradient(kernel, dy, 3)[0, :, 0]
    array([  1.,   8., -20.])
    """
    kernel, dy = floats(kernel=kernel, dy=dy)
    images(kernel=kernel, dy=dy)
    (groups,) = geometry.as_tuple(groups, 1, "groups")
    spatial = geometry.as_tuple(spatial, kernel.ndim - 2, "spatial")
    shape = (len(dy), *spatial, kernel.shape[-2] * groups)
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate}
    members, window = _fit(shape, kernel.shape, groups, options)
    same_shape(dy, (len(dy), *window.output, kernel.shape[-1]), "the output")
    padded = [n + sum(pad) for n, pad in zip(spatial, window.pads, strict=True)]
    dx = np.zeros((len(dy), *padded, shape[-1]), kernel.dtype)
    for tap in np.ndindex(window.kernel_size):
        for channels, filters in members:
            dx[:, *_reads(window, tap), channels] += dy[..., filters] @ kernel[*tap, :, filters].T
    # a slice from `before` on, not one to `-after`: that is empty where after is 0
    inside = (slice(b, b + n) for n, (b, _) in zip(spatial, window.pads, strict=True))
    return dx[:, *inside]


def bias_gradient(dy):
    """The gradient with respect to a bias: ``dy`` summed over everything but the filters.

    >>> bias_gradient([[[1.0, 2.0], [10.0, 20.0]]])
    array([11., 22.])
    """
    (dy,) = floats(dy=dy)
    return dy.sum(axis=tuple(range(dy.ndim - 1)))


def convolution_gradients(x, kernel, dy, *, strides=1, padding="valid", dilation_rate=1, groups=1):
    """:func:`input_gradient`, :func:`kernel_gradient` and :func:`bias_gradient` of a convolution.

    Args:
        x: ``(batch, *spatial, channels)``.
        kernel: ``(*kernel_size, channels / groups, filters)``.
        dy: ``(batch, *output, filters)``.

    Returns:
        :class:`LayerGradients`.

    Raises:
        ValueError: shapes that do not fit together (see :mod:`labkit.geometry`).
    """
    x, kernel, dy = floats(x=x, kernel=kernel, dy=dy)
    geometry.channel_groups(x.shape, kernel.shape, groups)
    options = {
        "strides": strides,
        "padding": padding,
        "dilation_rate": dilation_rate,
        "groups": groups,
    }
    return LayerGradients(
        input_gradient(kernel, dy, x.shape[1:-1], **options),
        kernel_gradient(x, dy, kernel.shape[:-2], **options),
        bias_gradient(dy),
    )


def dense_gradients(x, kernel, dy):
    """The gradients of ``y = x @ kernel + bias``.

    Args:
        x: ``(batch, inputs)``.
        kernel: ``(inputs, units)``.
        dy: ``(batch, units)``.

    Returns:
        :class:`LayerGradients`: ``dy @ kernel.T``, ``x.T @ dy`` and the sum over the batch.

    Raises:
        ValueError: shapes that do not fit together.

    >>> dense_gradients([[1.0, 2.0]], [[3.0], [4.0]], [[10.0]])
    LayerGradients(x=array([[30., 40.]]), kernel=array([[10.],
           [20.]]), bias=array([10.]))
    """
    x, kernel, dy = floats(x=x, kernel=kernel, dy=dy)
    if x.ndim != 2 or kernel.ndim != 2 or x.shape[1] != kernel.shape[0]:
        raise ValueError(
            "x, kernel: expected (batch, inputs) and (inputs, units), received shapes "
            f"{x.shape} and {kernel.shape}"
        )
    same_shape(dy, (len(x), kernel.shape[1]), "the output")
    return LayerGradients(dy @ kernel.T, x.T @ dy, bias_gradient(dy))


def _fit(x_shape, kernel_shape, groups, options):
    members = geometry.channel_groups(x_shape, kernel_shape, groups)
    return members, geometry.windows(x_shape[1:-1], kernel_shape[:-2], **options)


def _reads(window, tap):
    """What ``tap`` reads of the padded image, for all outputs at once: a slice for each axis."""
    return tuple(
        slice(a * d, a * d + (n - 1) * s + 1, s)
        for a, d, n, s in zip(tap, window.dilation_rate, window.output, window.strides, strict=True)
    )
