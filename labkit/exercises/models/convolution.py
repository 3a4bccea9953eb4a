"""The sliding window of a convolution, with a knob for each usual way to get it wrong.

The names in comments and lambdas are those of the labs: an image of N rows and M columns, a kernel
of A rows and B columns.
"""

import numpy as np

__all__ = ["FORMULAS", "PADDINGS", "here", "places", "reads", "sliced", "slide", "slide_filters"]

#: How many zeros stand before and after an axis, for a kernel of that size.
PADDINGS = {
    "valid": lambda size: (0, 0),
    "same": lambda size: ((size - 1) // 2, size // 2),
    "same, extra before": lambda size: (size // 2, (size - 1) // 2),
    "full": lambda size: (size - 1, size - 1),
    "after": lambda size: (0, size - 1),
}

#: What a number s does: the distance of two places, and the distance of two taps.
FORMULAS = {
    "stride": lambda s: (s, 1),  # place n and tap i meet n * s + i
    "dilation": lambda s: (1, s),  # n + i * s
    "neither": lambda s: (1, 1),  # n + i
    "both": lambda s: (s, s),  # n * s + i * s
    "no shift": lambda s: (s, 0),  # n * s
}

#: What becomes of the channels' sums, which stand along the axis before the last.
ACROSS = {
    "sum": lambda parts: parts.sum(-2),
    "mean": lambda parts: parts.mean(-2),
    "last": lambda parts: parts[..., -1, :],
    "first": lambda parts: parts[..., 0, :],
    "all but the last": lambda parts: parts[..., :-1, :].sum(-2),
    "all but the first": lambda parts: parts[..., 1:, :].sum(-2),
    "max": lambda parts: parts.max(-2),
    "kept": lambda parts: parts,
}


def places(size, taps, stride=1, dilation=1):
    """Return in how many places a kernel of that many taps fits along an axis.

    >>> places(7, 3, stride=2)
    3
    """
    return (size - dilation * (taps - 1) - 1) // stride + 1


def reads(shape, taps, stride=1, dilation=1):
    """Return which numbers each tap meets at each place, as an index for the axes that are slid.

    Reading with it raises an IndexError where a tap lies beyond the end.

    >>> x = np.array([10, 20, 30, 40])
    >>> x[reads((2,), (3,))]
    array([[10, 20, 30],
           [20, 30, 40]])

    Args:
        shape: the number of places along each axis.
        taps: the number of taps along each axis.
        stride, dilation: one number for all axes, or one for each.
    """
    rank = len(shape)
    strides, dilations = np.broadcast_to(stride, rank), np.broadcast_to(dilation, rank)
    index = []
    for axis, (n, a, s, d) in enumerate(zip(shape, taps, strides, dilations, strict=True)):
        lengths = [1] * (2 * rank)
        lengths[axis], lengths[rank + axis] = n, a
        index.append((np.arange(n)[:, None] * s + np.arange(a) * d).reshape(lengths))
    return tuple(index)


def slide(
    x,
    kernel,
    *,
    flip=(),
    padding="valid",
    stride=1,
    dilation=1,
    shape=None,
    short=0,
    first=0,
    last=0,
    keep="sum",
    dtype=float,
):
    """Slide one kernel over one array of the same number of axes, tap by tap.

    Args:
        x: (N, M, ...).
        kernel: (A, B, ...).
        flip: the axes along which the kernel is mirrored.
        padding: a name from `PADDINGS`.
        stride, dilation: one number for all axes, or one for each.
        shape: the number of places along each axis, where it is not the right one; or a function
            that computes it from N, M, ..., A, B, ...
        short: how many places are missing at the end, for all axes or for each.
        first, last: how many taps are left out at the beginning and at the end of each axis.
        keep: what is left of the products: their "sum", the "last product", or the
            "sum of the last row".
        dtype: of the array to which the products are added, one after the other.

    Returns:
        An array of `dtype`, one number for each place.
    """
    x, kernel = np.asarray(x, float), np.flip(kernel, flip)
    x = np.pad(x, [PADDINGS[padding](taps) for taps in kernel.shape])
    if shape is None:
        ways = (np.broadcast_to(number, x.ndim) for number in (stride, dilation))
        shape = [places(*each) for each in zip(x.shape, kernel.shape, *ways, strict=True)]
    elif callable(shape):
        shape = shape(*x.shape, *kernel.shape)
    y = np.zeros(np.subtract(shape, short), dtype)
    seen = x[reads(y.shape, kernel.shape, stride, dilation)]
    for tap in np.ndindex(kernel.shape):
        if any(not first <= i < a - last for i, a in zip(tap, kernel.shape, strict=True)):
            continue
        if keep == "last product" or (keep == "sum of the last row" and tap[-1] == 0):
            y[...] = 0
        y[...] = y + seen[(..., *tap)] * kernel[tap]
    return y


def slide_filters(x, kernels, *, padding="valid", short=0, across="sum"):
    """Slide several filters over a batch of images with channels, of any number of axes.

    Args:
        x: (batch, *spatial, channels).
        kernels: (*size, channels, filters).
        padding: a name from `PADDINGS`.
        short: how many places are missing at the end of each axis.
        across: what becomes of the channels' sums, a name from `ACROSS`.

    Returns:
        (batch, *places, filters), float64.
    """
    x, kernels = np.asarray(x, float), np.asarray(kernels, float)
    size = kernels.shape[:-2]
    axes = tuple(range(1, len(size) + 1))
    x = np.pad(x, [(0, 0), *(PADDINGS[padding](taps) for taps in size), (0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=axes)
    windows = windows.reshape(*windows.shape[: len(size) + 2], -1)
    weights = kernels.reshape(-1, *kernels.shape[-2:])
    y = ACROSS[across](np.einsum("...ct,tcf->...cf", windows, weights))
    return y[:, *[slice(None, -short or None) for _ in size]]


def here(n, m):
    """Return the index of place (n, m)."""
    return n, m


def sliced(places, *, size=None, put=here, window=lambda A, B: (A, B)):
    """Return a convolution of two axes with all its sizes as given, and with slices.

    Slices are cut at the edge where an index would raise.

    Args:
        places: how far the loops run, (rows, columns), from N, M, A and B.
        size: how large the result is, from the same; as `places` says if it is None.
        put: where the result of place (n, m) is stored.
        window: how large a patch the kernel meets, from A and B.

    Returns:
        A function of an image (N, M) and a kernel (A, B), or of images (batch, N, M, channels) and
        kernels (A, B, channels) or (A, B, channels, filters).
    """

    def convolve_slices(x, kernels):
        x, kernels = np.asarray(x, float), np.asarray(kernels, float)
        if x.ndim == 2:
            return convolve_slices(x[None, ..., None], kernels[..., None])[0]
        (N, M), (A, B) = x.shape[1:3], kernels.shape[:2]
        rows, columns = places(N, M, A, B)
        height, width = window(A, B)
        y = np.zeros((len(x), *(size or places)(N, M, A, B), *kernels.shape[3:]))
        for n in range(rows):
            for m in range(columns):
                patch = x[:, n : n + height, m : m + width]
                patch = patch.reshape(*patch.shape, *[1] * (kernels.ndim - 3))
                y[(slice(None), *put(n, m))] = (patch * kernels).sum((1, 2, 3))
        return y

    return convolve_slices
