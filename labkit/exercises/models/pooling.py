"""The window of a pooling, with a knob for each usual way to get it wrong."""

import numpy as np

__all__ = ["PLACES", "reshaped", "slide"]

#: How many windows there are along an axis of N values; they hold A values and start S apart.
PLACES = {
    "(N - A) // S + 1": lambda N, A, S: (N - A) // S + 1,
    "(N - A) // S": lambda N, A, S: (N - A) // S,
    "ceil((N - A) / S)": lambda N, A, S: -((A - N) // S),
    "ceil((N - A) / S) + 1": lambda N, A, S: -((A - N) // S) + 1,
    "N // A": lambda N, A, S: N // A,
    "N // S": lambda N, A, S: N // S,
    "ceil(N / S)": lambda N, A, S: -(-N // S),
    "N - A + 1": lambda N, A, S: N - A + 1,
}


def _mean(window):
    """The mean of the values that are not nan; nan, without a warning, if there are none."""
    there = (~np.isnan(window)).sum((0, 1))
    return np.divide(
        np.nansum(window, (0, 1)), there, np.full(there.shape, np.nan), where=there > 0
    )


REDUCE = {
    "max": lambda w: np.nanmax(w, (0, 1)),
    "max from 0": lambda w: np.maximum(np.max(w, (0, 1)), 0),
    "max of sizes": lambda w: np.abs(w).max((0, 1)),
    "largest size": lambda w: np.take_along_axis(
        w.reshape(-1, w.shape[2]), np.abs(w).reshape(-1, w.shape[2]).argmax(0)[None], 0
    )[0],
    "min": lambda w: np.nanmin(w, (0, 1)),
    "mean": lambda w: _mean(w),
    "median": lambda w: np.nanmedian(w, (0, 1)),
    "middle": lambda w: (np.nanmax(w, (0, 1)) + np.nanmin(w, (0, 1))) / 2,
    "sum": lambda w: np.nansum(w, (0, 1)),
    "first": lambda w: w[0, 0],
    "last row": lambda w: w[-1].max(0),
    "position": lambda w: w.reshape(-1, w.shape[2]).argmax(0),
    "all channels": lambda w: np.full(w.shape[2], np.max(w)),
    "mean of all channels": lambda w: np.full(w.shape[2], _mean(w).mean()),
    "first channel": lambda w: np.full(w.shape[2], w[..., 0].max()),
    "without zeros": lambda w: _mean(np.where(w == 0, np.nan, w)),
}


def slide(
    x,
    size,
    stride,
    pad=(0, 0),
    *,
    reduce="max",
    divide=None,
    fill=np.nan,
    sides=(True, True),
    mode="constant",
    places="(N - A) // S + 1",
    start="stride",
    spread=False,
    grow=0,
    dtype=float,
):
    """Pool one image, window by window. A window that reaches over the edge is cut, as a slice is.

    Args:
        x: (height, width, channels).
        size: of a window, (rows, columns).
        stride: how far apart two windows start, (down, to the right).
        pad: how many pixels are added on each side, (rows, columns).
        reduce: what becomes of a window, a name from `REDUCE`.
        divide: if given, divides the sum of a window of A rows and B columns: ``divide(A, B)``.
        fill: the value of the pixels that are added; nan counts for nothing.
        sides: whether pixels are added (before, after).
        mode: how NumPy pads.
        places: how many windows there are, a name from `PLACES`.
        start: where window (n, m) starts: "stride" for (n * S, m * T), "1" for (n, m).
        spread: whether the pixels of a window are a stride apart.
        grow: how many rows and columns a window has too many.
        dtype: of the result.

    Returns:
        (places, places, channels).
    """
    (A, B), (S, T) = size, stride
    before, after = sides
    amounts = [(p * before, p * after) for p in pad] + [(0, 0)]
    values = {"constant_values": fill} if mode == "constant" else {}
    x = np.pad(np.asarray(x, float), amounts, mode=mode, **values)
    N, M, C = x.shape
    y = np.zeros((PLACES[places](N, A, S), PLACES[places](M, B, T), C), dtype)
    for n, m in np.ndindex(y.shape[:2]):
        r, c = (n * S, m * T) if start == "stride" else (n, m)
        if spread:
            window = x[r : r + (A - 1) * S + 1 : S, c : c + (B - 1) * T + 1 : T]
        else:
            window = x[r : r + A + grow, c : c + B + grow]
        y[n, m] = (
            REDUCE[reduce](window) if divide is None else np.nansum(window, (0, 1)) / divide(A, B)
        )
    return y


def reshaped(reduce):
    """Return a pooling by reshape: windows side by side whatever the stride, the rest cut off."""

    def pool(x, size, stride, *ignored):
        (A, B), (N, M, C) = size, x.shape
        tiles = x[: N // A * A, : M // B * B].reshape(N // A, A, M // B, B, C)
        return reduce(tiles, axis=(1, 3))

    return pool
