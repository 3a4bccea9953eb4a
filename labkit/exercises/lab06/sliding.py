"""What the pooling exercises share: the model that slides a window, wrong in any way asked for."""

import numpy as np

from labkit.checks.forbidden import BUILTINS

__all__ = ["FORBIDDEN", "PLACES", "reshaped", "slide"]

#: What pools by itself.
FORBIDDEN = (
    *BUILTINS,
    *(f"keras.layers.{kind}Pooling{rank}D" for kind in ("Max", "Average") for rank in (1, 2, 3)),
    *(f"keras.layers.Global{kind}Pooling{rank}D" for kind in ("Max", "Average") for rank in (2,)),
    "keras.ops.max_pool",
    "keras.ops.average_pool",
    "tensorflow.nn.pool",
    *(f"tensorflow.nn.{kind}_pool{rank}" for kind in ("max", "avg") for rank in ("", "2d", "3d")),
    "jax.lax.reduce_window",
    "skimage.measure.block_reduce",
    "torch.max_pool2d",
    "torch.nn.functional.avg_pool2d",
)

#: How many windows one axis gets: of N values, windows of A values that start S apart.
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
    """The mean of what is there; of nothing, nan, without a warning."""
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
    """Pool `x` (height, width, channel): a knob for each way to get it wrong.

    Outside lies `fill`, and nan counts for nothing. What reaches over the edge is cut, as slices
    are. `divide(A, B)`, if given, divides the sum of a window.
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
    """Pooling by a reshape, which knows no stride: windows side by side, the rest cut off."""

    def pool(x, size, stride, *ignored):
        (A, B), (N, M, C) = size, x.shape
        tiles = x[: N // A * A, : M // B * B].reshape(N // A, A, M // B, B, C)
        return reduce(tiles, axis=(1, 3))

    return pool
