"""Which implementation is the quickest: looked up in what a benchmark measured.

``fastest.json``, beside this file, is written by ``python -m labkit bench layers --write``: what a
train step of each implementation took, as a ratio to the built-in's, for a fixed set of layers and
batch sizes, on each backend. A layer that was not measured gets what was best for the measured
layer nearest to it; one that is far from all of them gets the backend's own convolution.
"""

import functools
import json
import math
from importlib import resources

import keras

__all__ = ["CANDIDATES", "best", "choose", "choose_depthwise", "features", "table"]

# not among them: other rounding than the direct forms' (fft, winograd), large memory (matrix,
# sparse)
CANDIDATES = ("native", "banded", "im2col", "shift")

FAR = 4.0  # in doublings, all features together
GAIN = 0.95  # something else than native must save at least 5 percent, more than noise does


def choose(kernel_shape, window, groups):
    """The implementation for a convolution of ``window`` with such a kernel."""
    return _choose("conv", kernel_shape, window, groups)


def choose_depthwise(kernel_shape, window):
    """The implementation for a depthwise convolution."""
    return _choose("depthwise", kernel_shape, window, 1)


def features(kind, kernel_shape, output, strides, groups):
    """What two layers are compared by: equal in the first, near in the second."""
    *kernel_size, depth, filters = kernel_shape
    exact = [kind, len(kernel_size), groups > 1, max(strides) > 1]
    return exact, [math.prod(kernel_size), math.prod(output), depth, filters // groups]


def _choose(kind, kernel_shape, window, groups):
    if not all(isinstance(size, int) for size in window.output):
        return "native"  # sizes known only when the graph runs: nothing to look up
    exact, sizes = features(kind, kernel_shape, window.output, window.strides, groups)
    distances = {}
    for case in table(keras.backend.backend()):
        if case["exact"] == exact:
            pairs = zip(sizes, case["sizes"], strict=True)
            distances[case["best"]] = min(
                sum(abs(math.log2(a / b)) for a, b in pairs), distances.get(case["best"], math.inf)
            )
    nearest = min(distances, key=distances.get, default="native")
    return nearest if distances.get(nearest, math.inf) <= FAR else "native"


@functools.cache
def table(backend):
    """The measured layers, on ``backend``, each with its ``best``; none when none were measured."""
    text = resources.files("labkit.layers").joinpath("fastest.json").read_text("utf-8")
    measured = json.loads(text)["backends"].get(backend, {"layers": []})
    return [{**layer, "best": best(layer["train"])} for layer in measured["layers"]]


def best(train):
    """The best of the candidates over all batch sizes.

    ``train`` maps batch sizes to ratios by implementation; a ratio is None where it did not run.
    """
    means = {}
    for name in CANDIDATES:
        ratios = [by_name.get(name) for by_name in train.values()]
        if ratios and None not in ratios:
            means[name] = math.exp(sum(map(math.log, ratios)) / len(ratios))
    if not means:
        return "native"
    winner = min(means, key=means.get)
    # and no batch size pays for the others
    native = [by_name.get("native") or 1.0 for by_name in train.values()]
    wins = [by_name[winner] <= GAIN * n for by_name, n in zip(train.values(), native, strict=True)]
    return winner if all(wins) else "native"
