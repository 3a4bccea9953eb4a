"""The choice of the quickest implementation, from what a benchmark measured.

``fastest.json``, beside this file, is written by ``labkit bench layers --write``. It holds how long
a train step of each implementation took, as a ratio to the built-in's, for a fixed set of layers
and batch sizes, on each backend. A layer that was not measured gets what was best for the most
similar measured layer. A layer that differs much from all of them gets the backend's own
convolution.
"""

import functools
import json
import math
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import keras

from labkit.layers.windows import Window

__all__ = ["CANDIDATES", "best", "choose", "choose_depthwise", "features", "table"]

# Left out are those that round differently (fft, winograd) or need much memory (matrix, sparse).
CANDIDATES = ("native", "banded", "im2col", "shift")

# Up to which distance a measured layer counts as similar: doublings, summed over all features.
FAR = 4.0

# Another implementation than native must take at most this part of its time: less is noise.
GAIN = 0.95


def choose(kernel_shape: tuple[int, ...], window: Window, groups: int) -> str:
    """Return the name of the implementation for a convolution with such a kernel.

    Args:
        kernel_shape: ``(*kernel_size, channels / groups, filters)``.
        window: where the kernel goes.
        groups: the number of groups of channels.
    """
    return _choose("conv", kernel_shape, window, groups)


def choose_depthwise(kernel_shape: tuple[int, ...], window: Window) -> str:
    """Return the name of the implementation for a depthwise convolution with such a kernel."""
    return _choose("depthwise", kernel_shape, window, 1)


def features(
    kind: str,
    kernel_shape: tuple[int, ...],
    output: Sequence[int],
    strides: Sequence[int],
    groups: int,
) -> tuple[list[Any], list[int]]:
    """Return what two layers are compared by.

    Args:
        kind: "conv" or "depthwise".
        kernel_shape: ``(*kernel_size, depth, filters)``.
        output: the spatial sizes of the output.
        strides: one integer for each axis.
        groups: the number of groups of channels.

    Returns:
        What must be equal in similar layers, and the sizes, which should be near to each other:
        taps, outputs, depth and filters of a group.
    """
    *kernel_size, depth, filters = kernel_shape
    exact = [kind, len(kernel_size), groups > 1, max(strides) > 1]
    return exact, [math.prod(kernel_size), math.prod(output), depth, filters // groups]


def _choose(kind, kernel_shape, window, groups):
    if not all(isinstance(size, int) for size in window.output):
        return "native"  # the sizes are known only when the graph runs
    exact, sizes = features(kind, kernel_shape, window.output, window.strides, groups)
    distances: dict[str, float] = {}
    for case in table(keras.backend.backend()):
        if case["exact"] == exact:
            pairs = zip(sizes, case["sizes"], strict=True)
            distances[case["best"]] = min(
                sum(abs(math.log2(a / b)) for a, b in pairs), distances.get(case["best"], math.inf)
            )
    nearest = min(distances, key=distances.__getitem__, default="native")
    return nearest if distances.get(nearest, math.inf) <= FAR else "native"


@functools.cache
def table(backend: str) -> list[dict[str, Any]]:
    """Return the layers measured on ``backend``, each with its "best"; [] if none were measured."""
    text = resources.files("labkit.layers").joinpath("fastest.json").read_text("utf-8")
    measured = json.loads(text)["backends"].get(backend, {"layers": []})
    return [{**layer, "best": best(layer["train"])} for layer in measured["layers"]]


def best(train: Mapping[str, Mapping[str, float | None]]) -> str:
    """Return the name of the best candidate over all batch sizes.

    Args:
        train: for each batch size the ratios by implementation, None where it did not run.
    """
    means = {}
    for name in CANDIDATES:
        ratios = [ratio for by_name in train.values() if (ratio := by_name.get(name)) is not None]
        if ratios and len(ratios) == len(train):
            means[name] = math.exp(sum(map(math.log, ratios)) / len(ratios))
    if not means:
        return "native"
    winner = min(means, key=means.__getitem__)
    # It must be quicker at every batch size: none is made slower for the sake of another.
    wins = all(
        (by_name[winner] or 0) <= GAIN * (by_name.get("native") or 1.0)
        for by_name in train.values()
    )
    return winner if wins else "native"
