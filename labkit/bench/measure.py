"""Measuring: interleaved, medians of ratios, peak memory."""

import ctypes
import gc
import time
from pathlib import Path

import keras
import numpy as np

__all__ = ["interleaved", "peak_memory"]

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def interleaved(functions, *, seconds=2.0, rounds=(3, 200)):
    """Run every function once a round, in turns, so that a slow moment hits all of them.

    Every round has another order, so that none always follows the same neighbor, whose data are
    still in the caches.

    ``functions`` maps names to functions; the first is what the others are compared with. Returns,
    for each name, the median time in seconds and the median of its ratio, round by round, to the
    first. Runs as many rounds as fit into ``seconds``, within ``rounds``.
    """
    first = next(iter(functions))
    times = {name: [] for name in functions}
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
        name: (float(np.median(taken)), float(np.median(np.array(taken) / base)))
        for name, taken in times.items()
    }


def peak_memory(function):
    """How many MiB more than before ``function`` needed at its peak, or None where unknown.

    TensorFlow's allocator says it exactly where it keeps count (on CPUs with oneDNN, and of what is
    larger than a few KiB). Elsewhere it is by how much the process grew: the kernel's mark of the
    highest resident size is reset before and read after (Linux only; small amounts drown in it).
    """
    function()  # what is made once is not counted
    found = _allocated(function) if keras.backend.backend() == "tensorflow" else None
    return _grown(function) if found is None else found


def _allocated(function):
    import tensorflow as tf

    statistics = tf.config.experimental
    try:
        statistics.reset_memory_stats("CPU:0")
    except ValueError:  # this allocator keeps none
        return None
    before = statistics.get_memory_info("CPU:0")["current"]
    function()
    peak = statistics.get_memory_info("CPU:0")["peak"]
    return round((peak - before) / 2**20, 1) if peak else None


def _grown(function):
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


def _resident(field):
    """A field of the process's status, in KiB."""
    for line in STATUS.read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1])
    return 0
