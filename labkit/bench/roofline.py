"""How close each layer of a network comes to the limits of the machine.

S. Williams, A. Waterman and D. Patterson, *Roofline: an insightful visual performance model for
multicore architectures*, Communications of the ACM 52(4), 2009.
"""

import math
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from keras import ops

from labkit.bench.measure import interleaved
from labkit.bench.steps import forward
from labkit.models.counting import computed, counted_layers, held

__all__ = ["Limits", "Point", "limits", "points"]

FLOAT32 = 4  # bytes


class Limits(NamedTuple):
    """The most that a machine reaches: ``flops`` (operations) and ``bytes``, both per second."""

    flops: float
    bytes: float

    def roof(self, intensity: float) -> float:
        """Return the most operations per second at ``intensity``, in operations per byte."""
        return min(self.flops, intensity * self.bytes)


class Point(NamedTuple):
    """What a layer reached: ``intensity`` in operations per byte, ``flops`` per second."""

    intensity: float
    flops: float


def limits(*, side: int = 4096, megabytes: int = 128, rounds: int = 5) -> Limits:
    """Measure this machine in float32, with one large matrix product and the sum of a long array.

    Args:
        side: of the square matrices.
        megabytes: the size of the long array, in MiB.
        rounds: how many runs to time. The quickest counts, because anything else was disturbed.
    """
    square = np.random.default_rng(0).standard_normal((side, side)).astype("float32")
    long = np.ones((1, megabytes * 2**20 // FLOAT32), "float32")
    product = _quickest(forward(lambda x: ops.matmul(x, x), square), rounds)
    reading = _quickest(forward(lambda x: ops.sum(x, axis=1), long), rounds)
    return Limits(2 * side**3 / product, long.nbytes / reading)


def _quickest(function: Callable[[], Any], rounds: int) -> float:
    taken = []
    for _ in range(rounds + 1):  # the first compiles, and is never the quickest
        began = time.perf_counter()
        function()
        taken.append(time.perf_counter() - began)
    return min(taken)


def points(model: Any, batch: int, *, seconds: float = 4.0) -> dict[str, Point]:
    """Measure the forward pass of each convolutional and dense layer alone.

    A multiply-add counts as two operations. The bytes are the least that have to be moved: inputs
    and weights are read once, and outputs are written once.

    Args:
        model: a Keras model with a fixed input size.
        batch: the batch size.
        seconds: for all layers together.

    Returns:
        A `Point` for each layer, by its name.

    Raises:
        ValueError: the model has no fixed input size.
    """
    rng = np.random.default_rng(0)
    layers = [layer for layer in counted_layers(model) if computed(layer)[1]]
    runs, counts = {}, {}
    for layer in layers:
        shape, outputs = layer.input.shape[1:], math.prod(layer.output.shape[1:])
        x = rng.standard_normal((batch, *shape)).astype("float32")
        runs[layer.name] = forward(layer, x)
        runs[layer.name]()  # compiled once, before anything is timed
        moved = FLOAT32 * (batch * (math.prod(shape) + outputs) + held(layer))
        counts[layer.name] = 2 * batch * computed(layer)[1], moved
    times = interleaved(runs, seconds=seconds)
    return {
        name: Point(operations / moved, operations / times[name][0])
        for name, (operations, moved) in counts.items()
    }
