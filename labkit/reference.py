"""Convolution and pooling straight from the definition: slow, but easy to check by reading.

The tests and the checks of the labs compare with these functions. Each loops over output positions
and over taps, as the sums on paper do; only batch and channels are left to NumPy. Arrays are
channels-last. Integers up to int64 are computed exactly, and everything else in float64 whatever
its dtype, to add as little rounding as possible.

For the meaning of ``strides``, ``padding`` and ``dilation_rate`` see :mod:`labkit.geometry`.
"""

import math
from collections.abc import Callable
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labkit import geometry
from labkit.geometry import Padding, Shape, Sizes

__all__ = [
    "average_pool",
    "convolve",
    "convolve_plain",
    "cross_correlate",
    "cross_correlate_plain",
    "cross_correlate_transpose",
    "max_pool",
]


def cross_correlate(
    x: ArrayLike,
    kernel: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    strides: Sizes = 1,
    padding: Padding = "valid",
    dilation_rate: Sizes = 1,
    groups: SupportsIndex = 1,
) -> NDArray[Any]:
    """Cross-correlate images with a kernel, which deep-learning libraries call convolution.

    ``y[b, n, f] = bias[f] + sum over a, c of x[b, n * stride - before + a * dilation, c] *
    kernel[a, c, f]``, with ``n`` and ``a`` running over all spatial axes; x is zero outside.

    Args:
        x: ``(batch, *spatial, channels)``, 1 to 3 spatial axes.
        kernel: ``(*kernel_size, channels / groups, filters)``.
        bias: ``(filters,)`` or None.
        groups: the number of groups; filters read only the channels of their own group.

    Returns:
        ``(batch, *output, filters)``; int64 when everything is integer (but uint64), else float64.

    Raises:
        ValueError: the shapes do not fit together (see :mod:`labkit.geometry`).
        OverflowError: everything is integer and a result does not fit into int64.

    >>> x = np.arange(6).reshape(1, 6, 1)
    >>> cross_correlate(x, np.array([1, 0, -2]).reshape(3, 1, 1))[0, :, 0]
    array([-4, -5, -6, -7])
    """
    x, kernel = _number(x, "x"), _number(kernel, "kernel")
    members = geometry.channel_groups(x.shape, kernel.shape, groups)
    window = geometry.windows(
        x.shape[1:-1],
        kernel.shape[:-2],
        strides=strides,
        padding=padding,
        dilation_rate=dilation_rate,
    )
    bias = _bias(bias, kernel.shape[-1])
    products = math.prod(kernel.shape[:-1])  # of one output
    x, kernel, bias, dtype = _without_overflow(x, kernel, bias, products)
    y = np.zeros((len(x), *window.output, kernel.shape[-1]), dtype)
    for position in np.ndindex(window.output):
        for tap in np.ndindex(window.kernel_size):
            where = _read_at(window, position, tap)
            if where is None:
                continue
            for channels, filters in members:
                y[:, *position, filters] += x[:, *where, channels] @ kernel[*tap][:, filters]  # type: ignore[arg-type]
    return _result(y + bias)


def convolve(
    x: ArrayLike,
    kernel: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    strides: Sizes = 1,
    padding: Padding = "valid",
    dilation_rate: Sizes = 1,
    groups: SupportsIndex = 1,
) -> NDArray[Any]:
    """Convolve images with a kernel: flip the kernel on every spatial axis, then cross-correlate.

    Arguments, result and errors are those of :func:`cross_correlate`. With ``padding="full"`` this
    is the convolution of mathematics, which multiplies polynomials:

    >>> convolve_plain([1, 2], [1, 3], padding="full")  # (1 + 2z)(1 + 3z) = 1 + 5z + 6z^2
    array([1, 5, 6])
    """
    kernel = geometry.as_array(kernel, "kernel")
    flipped = np.flip(kernel, axis=tuple(range(kernel.ndim - 2)))
    return cross_correlate(
        x,
        flipped,
        bias,
        strides=strides,
        padding=padding,
        dilation_rate=dilation_rate,
        groups=groups,
    )


def cross_correlate_plain(
    x: ArrayLike,
    kernel: ArrayLike,
    *,
    strides: Sizes = 1,
    padding: Padding = "valid",
    dilation_rate: Sizes = 1,
) -> NDArray[Any]:
    """Cross-correlate one image of one channel with one kernel, see :func:`cross_correlate`.

    Args:
        x: ``(*spatial,)``.
        kernel: ``(*kernel_size,)``.

    Returns:
        ``(*output,)``.

    >>> cross_correlate_plain([[1, 2, 3], [4, 5, 6]], [[1, -1], [0, 2]])
    array([[ 9, 11]])
    """
    return _plain(cross_correlate, x, kernel, strides, padding, dilation_rate)


def convolve_plain(
    x: ArrayLike,
    kernel: ArrayLike,
    *,
    strides: Sizes = 1,
    padding: Padding = "valid",
    dilation_rate: Sizes = 1,
) -> NDArray[Any]:
    """Convolve one image of one channel with one kernel, see :func:`convolve`.

    Shapes are those of :func:`cross_correlate_plain`.

    >>> convolve_plain([[1, 2, 3], [4, 5, 6]], [[1, -1], [0, 2]])
    array([[3, 5]])
    """
    return _plain(convolve, x, kernel, strides, padding, dilation_rate)


def cross_correlate_transpose(
    x: ArrayLike,
    kernel: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    strides: Sizes = 1,
    padding: Padding = "valid",
    output_padding: Sizes | None = None,
    dilation_rate: Sizes = 1,
) -> NDArray[Any]:
    """Compute the transposed convolution, as Keras's ``Conv1D/2D/3DTranspose`` do.

    Every input adds the kernel, times the input's value, to a part of a larger output; where these
    parts overlap they add up:
    ``y[b, n * stride - before + a * dilation, f] += x[b, n, c] * kernel[a, f, c]``.

    Args:
        x: ``(batch, *spatial, channels)``.
        kernel: ``(*kernel_size, filters, channels)``: the kernel of the convolution, from
            ``filters`` to ``channels``, that this is the transpose of.
        bias: ``(filters,)`` or None.

    Returns:
        ``(batch, *geometry.transpose_output_shape(...), filters)``, of the dtype that
        :func:`cross_correlate` gives.

    Raises:
        ValueError: the shapes do not fit together (see :mod:`labkit.geometry`).
        OverflowError: everything is integer and a result does not fit into int64.

    >>> x = np.array([1, 2, 3]).reshape(1, 3, 1)
    >>> cross_correlate_transpose(x, np.ones((2, 1, 1), int), strides=2)[0, :, 0]
    array([1, 1, 2, 2, 3, 3])
    >>> cross_correlate_transpose(x, np.ones((2, 1, 1), int))[0, :, 0]
    array([1, 3, 5, 3])
    """
    x, kernel = _number(x, "x"), _number(kernel, "kernel")
    if x.ndim != kernel.ndim or not 3 <= x.ndim <= 5 or x.shape[-1] != kernel.shape[-1]:
        raise ValueError(
            "x, kernel: expected (batch, *spatial, channels) and (*kernel_size, filters, channels) "
            f"with 1 to 3 spatial axes, received shapes {x.shape} and {kernel.shape}"
        )
    options: dict[str, Any] = {"strides": strides, "dilation_rate": dilation_rate}
    asked = options | {"padding": padding, "output_padding": output_padding}
    small, size = x.shape[1:-1], kernel.shape[:-2]
    large = geometry.transpose_output_shape(small, size, **asked)
    pads = geometry.transpose_pad_amounts(small, size, **asked)
    window = geometry.windows(large, size, padding=pads, **options)
    bias = _bias(bias, kernel.shape[-2])
    products = math.prod(size) * kernel.shape[-1]  # of one output, at most
    x, kernel, bias, dtype = _without_overflow(x, kernel, bias, products)
    y = np.zeros((len(x), *large, kernel.shape[-2]), dtype)
    for position in np.ndindex(small):
        for tap in np.ndindex(size):
            where = _read_at(window, position, tap)
            if where is not None:
                y[:, *where, :] += x[:, *position, :] @ kernel[*tap].T  # type: ignore[arg-type]
    return _result(y + bias)


def max_pool(
    x: ArrayLike, pool_size: Sizes, *, strides: Sizes | None = None, padding: Padding = "valid"
) -> NDArray[Any]:
    """Take the largest value of each window, channel by channel.

    Padding holds no values: only values inside the image are compared.

    Args:
        x: ``(batch, *spatial, channels)``, 1 to 3 spatial axes.
        strides: as ``pool_size`` if None.

    Returns:
        ``(batch, *output, channels)``; int64 for integers (but uint64), else float64.

    Raises:
        ValueError: the shapes do not fit together, or the padding is as wide as the window, which
            would leave windows without a value.

    >>> x = np.array([3, -1, -5, -2, 7, 0]).reshape(1, 6, 1)
    >>> max_pool(x, 2)[0, :, 0], max_pool(x, 3, strides=2)[0, :, 0]
    (array([ 3, -2,  7]), array([3, 7]))
    """
    return _pool(x, pool_size, strides, padding, lambda values: values.max(axis=0))


def average_pool(
    x: ArrayLike, pool_size: Sizes, *, strides: Sizes | None = None, padding: Padding = "valid"
) -> NDArray[np.float64]:
    """Take the mean of each window, channel by channel.

    The sum over a window that reaches into the padding is divided by the number of values inside
    the image, as Keras does, not by the size of the window. Arguments and errors are those of
    :func:`max_pool`.

    Returns:
        float64 ``(batch, *output, channels)``.

    >>> x = np.array([2, 4, 9]).reshape(1, 3, 1)
    >>> average_pool(x, 2, padding="same")[0, :, 0]
    array([3., 9.])
    """
    return _pool(x, pool_size, strides, padding, lambda values: values.mean(axis=0))


def _pool(
    x: ArrayLike,
    pool_size: Sizes,
    strides: Sizes | None,
    padding: Padding,
    reduce: Callable[[NDArray[Any]], NDArray[Any]],
) -> NDArray[Any]:
    """Reduce the values of each window that lie inside the image."""
    x = _number(x, "x")
    if not 3 <= x.ndim <= 5 or 0 in x.shape[1:]:
        raise ValueError(
            "x: expected (batch, *spatial, channels) with 1 to 3 spatial axes, none of them empty, "
            f"received shape {x.shape}"
        )
    pool_size = geometry.as_tuple(pool_size, x.ndim - 2, "pool_size")
    window = geometry.windows(
        x.shape[1:-1], pool_size, strides=pool_size if strides is None else strides, padding=padding
    )
    if any(max(pad) >= size for pad, size in zip(window.pads, pool_size, strict=True)):
        raise ValueError(
            f"padding: expected less than the window on every side, received padding {padding!r} "
            f"with pool_size {pool_size}: a window may not lie in the padding alone"
        )
    y = []
    for position in np.ndindex(window.output):
        taps = [_read_at(window, position, tap) for tap in np.ndindex(pool_size)]
        values = [x[:, *where] for where in taps if where is not None]  # type: ignore[arg-type]
        y.append(reduce(np.stack(values)))
    return np.stack(y, axis=1).reshape(len(x), *window.output, x.shape[-1])


def _read_at(window: geometry.Windows, position: Shape, tap: Shape) -> Shape | None:
    """Return the input position that a tap of one output reads; None in the padding."""
    where = tuple(
        n * stride - before + a * dilation
        for n, stride, (before, _), a, dilation in zip(
            position, window.strides, window.pads, tap, window.dilation_rate, strict=True
        )
    )
    inside = all(0 <= i < size for i, size in zip(where, window.spatial, strict=True))
    return where if inside else None


def _plain(
    function: Callable[..., NDArray[Any]],
    x: ArrayLike,
    kernel: ArrayLike,
    strides: Sizes,
    padding: Padding,
    dilation_rate: Sizes,
) -> NDArray[Any]:
    """Call ``function`` on arrays without axes for batch, channels and filters."""
    x, kernel = geometry.as_array(x, "x"), geometry.as_array(kernel, "kernel")
    if x.ndim != kernel.ndim or not 1 <= x.ndim <= 3:
        raise ValueError(
            "x, kernel: expected one image (*spatial,) and one kernel (*kernel_size,), both with "
            f"the same 1 to 3 axes, received shapes {x.shape} and {kernel.shape}"
        )
    y = function(
        x[None, ..., None],
        kernel[..., None, None],
        strides=strides,
        padding=padding,
        dilation_rate=dilation_rate,
    )
    return y[0, ..., 0]


def _number(value: ArrayLike, name: str) -> NDArray[Any]:
    """Convert ``value`` to int64 where that is exact, else to float64."""
    array = geometry.as_array(value, name)
    exact = array.dtype.kind in "biu" and np.can_cast(array.dtype, np.int64)
    return array.astype(np.int64 if exact else np.float64)


def _without_overflow(
    x: NDArray[Any], kernel: NDArray[Any], bias: NDArray[Any], products: int
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], np.dtype[Any]]:
    """Choose the dtype to add up in: Python's own integers where int64 might overflow.

    ``products`` is the largest number of products that one output adds up.
    """
    dtype: np.dtype[Any]
    dtype = np.result_type(x, kernel, bias)
    if dtype == np.int64 and x.size:
        most = products * _largest(x) * _largest(kernel) + _largest(bias)
        if most > np.iinfo(np.int64).max:
            dtype = np.dtype(object)
            return x.astype(dtype), kernel.astype(dtype), bias.astype(dtype), dtype
    return x, kernel, bias, dtype


def _largest(integers: NDArray[Any]) -> int:
    """Return the largest magnitude among ``integers``, as a Python int, which cannot overflow."""
    return max(int(integers.max()), -int(integers.min()))


def _result(y: NDArray[Any]) -> NDArray[Any]:
    """Convert Python's integers in ``y`` to int64."""
    if y.dtype != object:
        return y
    limits = np.iinfo(np.int64)
    for extreme in (y.max(), y.min()):
        if not limits.min <= extreme <= limits.max:
            raise OverflowError(
                f"expected a result that fits into int64, received integers that give {extreme}: "
                "pass floats, as x.astype(float), to get it rounded"
            )
    return y.astype(np.int64)


def _bias(bias: ArrayLike | None, filters: int) -> NDArray[Any]:
    """Convert ``bias`` to an array, of zeros if it is None."""
    if bias is None:
        return np.zeros(filters, np.int64)
    bias = _number(bias, "bias")
    if bias.shape != (filters,):
        raise ValueError(
            f"bias: expected one for each of {filters} filters, shape ({filters},), received shape "
            f"{bias.shape}"
        )
    return bias
