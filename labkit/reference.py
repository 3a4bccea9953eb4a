"""Convolution and pooling straight from the definition: the oracle, made to be read, not to race.

Every function loops over output positions and over taps, as the sums on paper do; only batch and
channels are left to NumPy. Arrays are channels-last. Integers up to int64 are computed exactly, and
everything else in float64, whatever came in: an oracle should not add rounding of its own.

For the meaning of ``strides``, ``padding`` and ``dilation_rate`` see :mod:`labkit.geometry`.
"""

import math

import numpy as np

from labkit import geometry

__all__ = [
    "average_pool",
    "convolve",
    "convolve_plain",
    "cross_correlate",
    "cross_correlate_plain",
    "cross_correlate_transpose",
    "max_pool",
]


def cross_correlate(x, kernel, bias=None, *, strides=1, padding="valid", dilation_rate=1, groups=1):
    """Cross-correlate: what every deep-learning library calls convolution.

    ``y[b, n, f] = bias[f] + sum over a, c of x[b, n * stride - before + a * dilation, c] *
    kernel[a, c, f]``, with ``n`` and ``a`` running over all spatial axes; x is zero outside.

    Args:
        x: ``(batch, *spatial, channels)``, 1 to 3 spatial axes.
        kernel: ``(*kernel_size, channels / groups, filters)``.
        bias: ``(filters,)`` or None.
        groups: filters see only the channels of their own group.

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
                y[:, *position, filters] += x[:, *where, channels] @ kernel[*tap][:, filters]
    return _result(y + bias)


def convolve(x, kernel, bias=None, *, strides=1, padding="valid", dilation_rate=1, groups=1):
    """True convolution: the kernel is turned around on every spatial axis, then slid.

    Takes, returns and raises what :func:`cross_correlate` does. For ``padding="full"`` it is the
    convolution of mathematics, the product of polynomials:

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


def cross_correlate_plain(x, kernel, *, strides=1, padding="valid", dilation_rate=1):
    """:func:`cross_correlate` of one image of one channel: x ``(*spatial,)``, kernel
    ``(*kernel_size,)``, result ``(*output,)``.

    >>> cross_correlate_plain([[1, 2, 3], [4, 5, 6]], [[1, -1], [0, 2]])
    array([[ 9, 11]])
    """
    return _plain(cross_correlate, x, kernel, strides, padding, dilation_rate)


def convolve_plain(x, kernel, *, strides=1, padding="valid", dilation_rate=1):
    """:func:`convolve` of one image of one channel, as :func:`cross_correlate_plain`.

    >>> convolve_plain([[1, 2, 3], [4, 5, 6]], [[1, -1], [0, 2]])
    array([[3, 5]])
    """
    return _plain(convolve, x, kernel, strides, padding, dilation_rate)


def cross_correlate_transpose(
    x, kernel, bias=None, *, strides=1, padding="valid", output_padding=None, dilation_rate=1
):
    """The transposed convolution, as Keras's ``Conv1D/2D/3DTranspose`` compute it.

    Every input stamps the kernel, times its value, into a larger output; stamps that overlap add
    up: ``y[b, n * stride - before + a * dilation, f] += x[b, n, c] * kernel[a, f, c]``.

    Args:
        x: ``(batch, *spatial, channels)``.
        kernel: ``(*kernel_size, filters, channels)``: the kernel of the convolution, from
            ``filters`` to ``channels``, that this is the transpose of.
        bias: ``(filters,)`` or None.

    Returns:
        ``(batch, *geometry.transpose_output_shape(...), filters)``.

    Raises:
        ValueError: shapes that do not fit together (see :mod:`labkit.geometry`).

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
    options = {"strides": strides, "dilation_rate": dilation_rate}
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
                y[:, *where, :] += x[:, *position, :] @ kernel[*tap].T
    return _result(y + bias)


def max_pool(x, pool_size, *, strides=None, padding="valid"):
    """The largest value of each window and channel: ``(batch, *output, channels)``.

    ``strides`` is ``pool_size`` unless given. Padding holds no values: only what lies inside the
    image is looked at.

    Raises:
        ValueError: shapes that do not fit together, or padding as wide as the window, which would
            leave windows without a value.

    >>> x = np.array([3, -1, -5, -2, 7, 0]).reshape(1, 6, 1)
    >>> max_pool(x, 2)[0, :, 0], max_pool(x, 3, strides=2)[0, :, 0]
    (array([ 3, -2,  7]), array([3, 7]))
    """
    return _pool(x, pool_size, strides, padding, lambda values: values.max(axis=0))


def average_pool(x, pool_size, *, strides=None, padding="valid"):
    """The mean of each window and channel, float64 ``(batch, *output, channels)``.

    As :func:`max_pool`; a window that reaches into the padding is divided by the number of values
    inside the image, as Keras does, not by the size of the window.

    >>> x = np.array([2, 4, 9]).reshape(1, 3, 1)
    >>> average_pool(x, 2, padding="same")[0, :, 0]
    array([3., 9.])
    """
    return _pool(x, pool_size, strides, padding, lambda values: values.mean(axis=0))


def _pool(x, pool_size, strides, padding, reduce):
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
        inside = [_read_at(window, position, tap) for tap in np.ndindex(pool_size)]
        y.append(reduce(np.stack([x[:, *where, :] for where in inside if where is not None])))
    return np.stack(y, axis=1).reshape(len(x), *window.output, x.shape[-1])


def _read_at(window, position, tap):
    """The input position that ``tap`` of the output at ``position`` reads; None in the padding."""
    where = tuple(
        n * stride - before + a * dilation
        for n, stride, (before, _), a, dilation in zip(
            position, window.strides, window.pads, tap, window.dilation_rate, strict=True
        )
    )
    inside = all(0 <= i < size for i, size in zip(where, window.spatial, strict=True))
    return where if inside else None


def _plain(function, x, kernel, strides, padding, dilation_rate):
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


def _number(value, name):
    array = geometry.as_array(value, name)
    exact = array.dtype.kind in "biu" and np.can_cast(array.dtype, np.int64)
    return array.astype(np.int64 if exact else np.float64)


def _without_overflow(x, kernel, bias, products):
    """The arrays and the type to add up in: Python's own integers where int64 might overflow."""
    dtype = np.result_type(x, kernel, bias)
    if dtype == np.int64 and x.size:
        most = products * _largest(x) * _largest(kernel) + _largest(bias)
        if most > np.iinfo(np.int64).max:
            dtype = np.dtype(object)
            return x.astype(dtype), kernel.astype(dtype), bias.astype(dtype), dtype
    return x, kernel, bias, dtype


def _largest(integers):
    """The largest magnitude among ``integers``, as a Python int, which cannot overflow."""
    return max(int(integers.max()), -int(integers.min()))


def _result(y):
    """``y``, with Python's integers as int64."""
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


def _bias(bias, filters):
    if bias is None:
        return np.zeros(filters, np.int64)
    bias = _number(bias, "bias")
    if bias.shape != (filters,):
        raise ValueError(
            f"bias: expected one for each of {filters} filters, shape ({filters},), received shape "
            f"{bias.shape}"
        )
    return bias
