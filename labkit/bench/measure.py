"""Measuring time, in turns and as medians of ratios, and peak memory."""

import ctypes
import gc
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

__all__ = ["interleaved", "peak_memory"]

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def interleaved(
    functions: Mapping[str, Callable[[], Any]],
    *,
    seconds: float = 2.0,
    rounds: tuple[int, int] = (3, 200),
) -> dict[str, tuple[float, float]]:
    """Time functions in turns, so that a slow moment of the machine affects all of them.

    Each round runs every function once. The order changes from round to round, because a function
    finds in the caches what the one before it left there.

    Args:
        functions: by name; the others are compared with the first.
        seconds: how long to go on.
        rounds: the least and the largest number of rounds, whatever the time.

    Returns:
        For each name the median time in seconds, and the median over the rounds of the ratio of its
        time to the first function's.
    """
    first = next(iter(functions))
    times: dict[str, list[float]] = {name: [] for name in functions}
    order, shuffle = list(functions), np.random.default_rng(0)
    began = time.perf_counter()
    while len(times[first]) < rounds[1]:
        for name in order:
            start = time.perf_counter()
            functions[name]()
            times[name].append(time.perf_counter() - start)
        order = [order[i] for i in shuffle.permutation(len(order))]
        if len(times[first]) >= rounds[0] and time.perf_counter() - began > seconds:
            break
    base = np.array(times[first])
    return {
        name: (float(np.median(own)), float(np.median(np.array(own) / base)))
        for name, own in times.items()
    }


def peak_memory(function: Callable[[], Any]) -> float | None:
    """Return how much memory ``function`` needs at its peak, in MiB above what is in use before.

    TensorFlow's allocator counts exactly, but only on CPUs with oneDNN, and only what is larger
    than a few KiB. Elsewhere the result is by how much the process grew: the Linux kernel's mark of
    the highest resident size is reset before the run and read after it. Small amounts disappear in
    that mark's noise.

    Returns:
        None where neither can be measured.
    """
    function()  # once before, for everything that is allocated only once
    allocated = _allocated(function) if keras.backend.backend() == "tensorflow" else None
    return _grown(function) if allocated is None else allocated


def _allocated(function: Callable[[], Any]) -> float | None:
    """Measure with TensorFlow's allocator."""
    import tensorflow as tf

    statistics = tf.config.experimental
    try:
        statistics.reset_memory_stats("CPU:0")
    except ValueError:  # this allocator does not count
        return None
    before = statistics.get_memory_info("CPU:0")["current"]
    function()
    peak = statistics.get_memory_info("CPU:0")["peak"]
    return round((peak - before) / 2**20, 1) if peak else None


def _grown(function: Callable[[], Any]) -> float | None:
    """Measure by the process's highest resident size."""
    if not RESET.exists():
        return None
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    try:
        RESET.write_text("5")
    except OSError:
        return None
    before = _resident("VmRSS")
    function()
    return round((_resident("VmHWM") - before) / 1024, 1)


def _resident(field: str) -> int:
    """Return a field of the process's status, in KiB."""
    for line in STATUS.read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1])
    return 0
