"""Backward passes of convolution and dense layers."""

from collections.abc import Sequence
from typing import Any, NamedTuple, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labkit import geometry
from labkit.geometry import Padding, Shape, Sizes, Windows
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

    x: NDArray[Any]  # with respect to the input
    kernel: NDArray[Any]  # with respect to the kernel
    bias: NDArray[Any]  # with respect to the bias


def kernel_gradient(
    x: ArrayLike,
    dy: ArrayLike,
    kernel_size: Sizes,
    *,
    strides: Sizes = 1,
    padding: Padding = "valid",
    dilation_rate: Sizes = 1,
    groups: SupportsIndex = 1,
) -> NDArray[Any]:
    """Compute the gradient with respect to the kernel of ``reference.cross_correlate``.

    A weight is used at every position, so its gradient is a sum over all positions (and over the
    batch), of the input that the weight multiplies times the gradient of the output that it
    contributes to: ``dk[a, c, f] = sum over b, n of
    x[b, n * stride - before + a * dilation, c] * dy[b, n, f]``.

    Args:
        x: ``(batch, *spatial, channels)``.
        dy: ``(batch, *output, filters)``.
        kernel_size: an int or one for each axis.

    Returns:
        ``(*kernel_size, channels / groups, filters)``.

    Raises:
        ValueError: the shapes do not fit together (see :mod:`labkit.geometry`).

    >>> x, dy = np.array([1.0, 2, 3]).reshape(1, 3, 1), np.array([1.0, 10]).reshape(1, 2, 1)
    >>> kernel_gradient(x, dy, 2)[:, 0, 0]  # 1 * 1 + 2 * 10 and 2 * 1 + 3 * 10
    array([21., 32.])
    """
    x, dy = floats(x=x, dy=dy)
    images(x=x, dy=dy)
    (count,) = geometry.as_tuple(groups, 1, "groups")
    size = geometry.as_tuple(kernel_size, x.ndim - 2, "kernel_size")
    shape = (*size, x.shape[-1] // count, dy.shape[-1])
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate}
    members, window = _fit(x.shape, shape, count, options)
    same_shape(dy, (len(x), *window.output, shape[-1]), "the output")
    padded = np.pad(x, ((0, 0), *window.pads, (0, 0)))
    dk = np.zeros(shape, x.dtype)
    summed = tuple(range(x.ndim - 1))  # batch and positions
    for tap in np.ndindex(size):
        for channels, filters in members:
            inputs = padded[:, *_reads(window, tap), channels]
            dk[*tap, :, filters] = np.tensordot(inputs, dy[..., filters], (summed, summed))
    return dk


def input_gradient(
    kernel: ArrayLike,
    dy: ArrayLike,
    spatial: Sizes,
    *,
    strides: Sizes = 1,
    padding: Padding = "valid",
    dilation_rate: Sizes = 1,
    groups: SupportsIndex = 1,
) -> NDArray[Any]:
    """Compute the gradient with respect to the image of ``reference.cross_correlate``.

    Every output sends its gradient back to the inputs that it read, times the weight it read them
    with. That multiplies with the transpose of the convolution's matrix, and so it is a transposed
    convolution: ``dx[b, n * stride - before + a * dilation, c] += dy[b, n, f] * kernel[a, c, f]``.

    Args:
        kernel: ``(*kernel_size, channels / groups, filters)``.
        dy: ``(batch, *output, filters)``.
        spatial: the image's sizes, which ``dy`` does not tell: some pixels may not be read.

    Returns:
        ``(batch, *spatial, channels)``.

    Raises:
        ValueError: the shapes that do not fit together (see :mod:`labkit.geometry`).

    >>> kernel, dy = np.array([1.0, -2]).reshape(2, 1, 1), np.array([1.0, 10]).reshape(1, 2, 1)
    >>> input_gradient(kernel, dy, 3)[0, :, 0]
    array([  1.,   8., -20.])
    """
    kernel, dy = floats(kernel=kernel, dy=dy)
    images(kernel=kernel, dy=dy)
    (count,) = geometry.as_tuple(groups, 1, "groups")
    sizes = geometry.as_tuple(spatial, kernel.ndim - 2, "spatial")
    shape = (len(dy), *sizes, kernel.shape[-2] * count)
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate}
    members, window = _fit(shape, kernel.shape, count, options)
    same_shape(dy, (len(dy), *window.output, kernel.shape[-1]), "the output")
    padded = [n + sum(pad) for n, pad in zip(sizes, window.pads, strict=True)]
    dx = np.zeros((len(dy), *padded, shape[-1]), kernel.dtype)
    for tap in np.ndindex(window.kernel_size):
        for channels, filters in members:
            dx[:, *_reads(window, tap), channels] += dy[..., filters] @ kernel[*tap, :, filters].T
    # slices that end at before + size, since one that ends at -after is empty where after is 0
    inside = (slice(b, b + n) for n, (b, _) in zip(sizes, window.pads, strict=True))
    return dx[:, *inside]


def bias_gradient(dy: ArrayLike) -> NDArray[Any]:
    """Compute the gradient with respect to a bias: ``dy`` summed over all axes but the filters.

    >>> bias_gradient([[[1.0, 2.0], [10.0, 20.0]]])
    array([11., 22.])
    """
    (dy,) = floats(dy=dy)
    return dy.sum(axis=tuple(range(dy.ndim - 1)))


def convolution_gradients(
    x: ArrayLike,
    kernel: ArrayLike,
    dy: ArrayLike,
    *,
    strides: Sizes = 1,
    padding: Padding = "valid",
    dilation_rate: Sizes = 1,
    groups: SupportsIndex = 1,
) -> LayerGradients:
    """Compute all three gradients of a convolution.

    These are :func:`input_gradient`, :func:`kernel_gradient` and :func:`bias_gradient`.

    Args:
        x: ``(batch, *spatial, channels)``.
        kernel: ``(*kernel_size, channels / groups, filters)``.
        dy: ``(batch, *output, filters)``.

    Returns:
        :class:`LayerGradients`.

    Raises:
        ValueError: the shapes do not fit together (see :mod:`labkit.geometry`).
    """
    x, kernel, dy = floats(x=x, kernel=kernel, dy=dy)
    geometry.channel_groups(x.shape, kernel.shape, groups)
    options: dict[str, Any] = {
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


def dense_gradients(x: ArrayLike, kernel: ArrayLike, dy: ArrayLike) -> LayerGradients:
    """Compute the gradients of ``y = x @ kernel + bias``.

    Args:
        x: ``(batch, inputs)``.
        kernel: ``(inputs, units)``.
        dy: ``(batch, units)``.

    Returns:
        :class:`LayerGradients`: ``dy @ kernel.T``, ``x.T @ dy`` and the sum over the batch.

    Raises:
        ValueError: the shapes do not fit together.

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


def _fit(
    x_shape: Sequence[int], kernel_shape: Shape, groups: int, options: dict[str, Any]
) -> tuple[list[tuple[slice, slice]], Windows]:
    """Check the shapes; return the groups' slices and the sliding window."""
    members = geometry.channel_groups(x_shape, kernel_shape, groups)
    return members, geometry.windows(x_shape[1:-1], kernel_shape[:-2], **options)


def _reads(window: Windows, tap: Shape) -> tuple[slice, ...]:
    """Return what ``tap`` reads of the padded image for all outputs: a slice for each axis."""
    return tuple(
        slice(a * d, a * d + (n - 1) * s + 1, s)
        for a, d, n, s in zip(tap, window.dilation_rate, window.output, window.strides, strict=True)
    )
