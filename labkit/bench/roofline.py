"""How near to its machine's limits each layer of a network comes.

S. Williams, A. Waterman and D. Patterson, *Roofline: an insightful visual performance model for
multicore architectures*, Communications of the ACM 52(4), 2009.
"""

import math
import time
from typing import NamedTuple

import numpy as np
from keras import ops

from labkit.bench.measure import interleaved
from labkit.bench.steps import forward
from labkit.models.counting import computed, counted_layers, held

__all__ = ["Limits", "Point", "limits", "points"]

FLOAT32 = 4  # bytes


class Limits(NamedTuple):
    """What a machine reaches at best: ``flops`` and ``bytes`` per second."""

    flops: float
    bytes: float

    def roof(self, intensity):
        """Operations per second that ``intensity`` (operations per byte) allows at best."""
        return min(self.flops, intensity * self.bytes)


class Point(NamedTuple):
    """What a layer did: ``intensity`` in operations per byte, ``flops`` per second."""

    intensity: float
    flops: float


def limits(*, side=4096, megabytes=128, rounds=5):
    """Measure this machine, float32: one large matrix product, and the sum of a long array.

    The best of ``rounds``, since a limit is what nothing disturbed.
    """
    square = np.random.default_rng(0).standard_normal((side, side)).astype("float32")
    long = np.ones((1, megabytes * 2**20 // FLOAT32), "float32")
    product = _quickest(forward(lambda x: ops.matmul(x, x), square), rounds)
    reading = _quickest(forward(lambda x: ops.sum(x, axis=1), long), rounds)
    return Limits(2 * side**3 / product, long.nbytes / reading)


def _quickest(function, rounds):
    taken = []
    for _ in range(rounds + 1):  # the first compiles, and is never the quickest
        began = time.perf_counter()
        function()
        taken.append(time.perf_counter() - began)
    return min(taken)


def points(model, batch, *, seconds=4.0):
    """Measure each convolutional and dense layer's forward pass alone: ``{name: Point}``.

    A multiply-add is two operations. The bytes are those that have to move at least: inputs and
    weights read once, outputs written once.

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
    found = interleaved(runs, seconds=seconds)
    return {
        name: Point(operations / moved, operations / found[name][0])
        for name, (operations, moved) in counts.items()
    }
