"""Measuring: interleaved, medians of ratios, peak memory."""

import ctypes
import gc
import time
from pathlib import Path

import numpy as np

__all__ = ["interleaved", "peak_memory"]

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def interleaved(functions, *, seconds=2.0, rounds=(3, 25)):
    """Run every function once a round, in turns, so that a slow moment hits all of them.

    Every round begins with another one, so that none always follows the same neighbor.

    ``functions`` maps names to functions; the first is what the others are compared with. Returns,
    for each name, the median time in seconds and the median of its ratio, round by round, to the
    first. Runs as many rounds as fit into ``seconds``, within ``rounds``.
    """
    first = next(iter(functions))
    times = {name: [] for name in functions}
    order = list(functions)
    began = time.perf_counter()
    while len(times[first]) < rounds[1]:
        for name in order:
            start = time.perf_counter()
            functions[name]()
            times[name].append(time.perf_counter() - start)
        order = [*order[1:], order[0]]
        if len(times[first]) >= rounds[0] and time.perf_counter() - began > seconds:
            break
    base = np.array(times[first])
    return {
        name: (float(np.median(taken)), float(np.median(np.array(taken) / base)))
        for name, taken in times.items()
    }


def peak_memory(function):
    """By how many MiB this process grew while ``function`` ran, or None where that is unknown.

    Linux only: the kernel's mark of the highest resident size is reset before and read after.
    """
    if not RESET.exists():
        return None
    function()  # what is made once is not counted
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
    for line in STATUS.read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1])
    return 0
