"""`labkit bench layers`: the time of every implementation of every layer beside the built-in."""

import json
import math
import os
import platform
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from labkit import layers
from labkit.bench.cases import CASES, Case
from labkit.bench.measure import interleaved, peak_memory
from labkit.bench.steps import forward, train_step
from labkit.layers.auto import features

__all__ = ["BATCHES", "TABLE", "geometric_mean", "measure_case", "report", "run", "write"]

BATCHES = (8, 64)
BUILTIN = "built-in"
# The arguments (implementation, gradient) by the name in the table.
WAYS = {
    "auto": ("auto", "auto"),
    "native": ("native", "auto"),
    "banded": ("banded", "auto"),
    "banded, manual": ("banded", "manual"),
    "im2col": ("im2col", "auto"),
    "im2col, manual": ("im2col", "manual"),
    "shift": ("shift", "auto"),
    "shift, manual": ("shift", "manual"),
    "winograd": ("winograd", "auto"),
    "fft": ("fft", "auto"),
    "matrix": ("matrix", "auto"),
    "sparse": ("sparse", "auto"),
}
TOO_SLOW = 3  # what takes more than this many times the built-in's step is measured only once
TABLE = Path(layers.__file__).with_name("fastest.json")


def run(
    *,
    cases: Sequence[str] | None = None,
    batches: Sequence[int] = BATCHES,
    ways: Sequence[str] | None = None,
    seconds: float = 2.0,
    memory: bool = True,
    echo: Callable[[str], Any] = print,
) -> list[dict[str, Any]]:
    """Measure the layers of `labkit.bench.cases`.

    Args:
        cases: parts of the names of the layers to measure; all layers if empty.
        batches: the batch sizes.
        ways: names of `WAYS`; all of them if empty.
        seconds: for each layer, batch size and kind of run.
        memory: whether to measure the peak memory too.
        echo: prints a line for each layer and batch size.

    Returns:
        For each layer its name, its features (see `labkit.layers.auto`), and "forward", "train" and
        "peak" of `measure_case` by batch size.
    """
    chosen = [c for c in CASES if not cases or any(part in c.name for part in cases)]
    selected = {name: WAYS[name] for name in ways or WAYS}
    results = []
    for case in chosen:
        result = {"name": case.name, **_features(case), "forward": {}, "train": {}, "peak": {}}
        for batch in batches:
            measured = measure_case(case, batch, selected, seconds, memory)
            for kind, values in measured.items():
                result[kind][str(batch)] = values
            echo(_line(case, batch, measured))
        results.append(result)
    return results


def measure_case(
    case: Case, batch: int, ways: Mapping[str, tuple[str, str]], seconds: float, memory: bool
) -> dict[str, dict[str, float | None]]:
    """Measure one layer at one batch size.

    Returns:
        "forward", "train" and "peak", each by the name of the way of computing: the ratios of time
        to the built-in's, whose own entry is in milliseconds, and the peak memory of a train step
        in MiB. The entry of what could not be run is None.
    """
    x = np.random.default_rng(0).standard_normal((batch, *case.shape), np.float32)
    runs, slow = {BUILTIN: _functions(case.builtin(), case, x)}, {}
    limit = TOO_SLOW * _seconds(runs[BUILTIN][1])
    for name, (implementation, gradient) in ways.items():
        try:
            functions = _functions(
                case.ours(implementation=implementation, gradient=gradient), case, x
            )
            taken = _seconds(functions[1])
        except (ValueError, MemoryError):  # the matrix is too large, or the shape unsupported
            continue
        runs[name] = functions
        if taken > limit:
            slow[name] = taken
    quick = {name: functions for name, functions in runs.items() if name not in slow}
    result: dict[str, dict[str, float | None]] = {}
    for kind, which in (("forward", 0), ("train", 1)):
        times = interleaved({n: f[which] for n, f in quick.items()}, seconds=seconds)
        base = times[BUILTIN][0]
        ratios = {name: round(times[name][1], 2) if name in times else None for name in ways}
        for name in slow:
            taken = slow[name] if which else _seconds(runs[name][0])
            ratios[name] = round(taken / base, 1)
        result[kind] = {BUILTIN: round(base * 1e3, 2), **ratios}
    if memory:
        result["peak"] = {
            name: peak_memory(runs[name][1]) if name in runs else None for name in (BUILTIN, *ways)
        }
    return result


def _functions(layer, case, x):
    layer.build(x.shape)
    return forward(layer, x), train_step(layer, x, case.first)


def _seconds(function):
    """Return how long a run takes, after one that compiles: the best of a few."""
    function()
    times: list[float] = []
    while not times or (len(times) < 4 and sum(times) < 1):
        times.append(interleaved({"": function}, seconds=0, rounds=(1, 1))[""][0])
    return min(times)


def _features(case):
    """Return what `labkit.layers.auto` compares layers by."""
    layer = case.ours(implementation="native")
    layer.build((None, *case.shape))
    output = layer.compute_output_shape((None, *case.shape))[1:-1]
    kind = "depthwise" if case.layer.startswith("Depthwise") else "conv"
    groups = getattr(layer, "groups", 1)
    shape = tuple(layer.kernel.shape)
    exact, sizes = features(kind, shape, output, layer.strides, groups)
    return {"exact": exact, "sizes": sizes}


def _line(case, batch, measured):
    train = measured["train"]
    ways = "  ".join(
        f"{name} {ratio:.2f}"
        for name, ratio in train.items()
        if name != BUILTIN and ratio is not None
    )
    return f"{case.name}, batch {batch}: {train[BUILTIN]:.2f} ms; {ways}"


def geometric_mean(values: Sequence[float]) -> float:
    """Return the geometric mean of positive numbers.

    >>> round(geometric_mean([0.5, 2.0]), 3)
    1.0
    """
    return math.exp(sum(map(math.log, values)) / len(values))


def report(results: Sequence[Mapping[str, Any]]) -> str:
    """Return a Markdown table of the train steps, and the largest and mean ratio of "auto"."""
    names = [name for name in WAYS if any(name in t for r in results for t in r["train"].values())]
    lines = [
        "Train step: the built-in's in milliseconds, ours as ratios to it (MiB at the peak).",
        "",
        f"| layer | batch | built-in | {' | '.join(names)} |",
        f"|---|--:|--:|{'--:|' * len(names)}",
    ]
    for result in results:
        for batch, train in result["train"].items():
            peak = result["peak"].get(batch, {})
            cells = [_cell(train.get(name), peak.get(name), "{:.2f}") for name in names]
            first = _cell(train[BUILTIN], peak.get(BUILTIN), "{:.2f}")
            lines.append(f"| {result['name']} | {batch} | {first} | {' | '.join(cells)} |")
    autos = [t["auto"] for r in results for t in r["train"].values() if t.get("auto")]
    if autos:
        mean = geometric_mean(autos)
        lines += ["", f"auto: largest {max(autos):.2f}, geometric mean {mean:.2f}"]
    return "\n".join(lines)


def _cell(ratio, peak, form):
    if ratio is None:
        return "–"
    return form.format(ratio) + ("" if peak is None else f" ({peak:.0f})")


def write(results: Sequence[Mapping[str, Any]], path: Path = TABLE) -> None:
    """Replace this backend's part of the table that ``implementation="auto"`` reads."""
    stored = json.loads(path.read_text("utf-8")) if path.exists() else {"backends": {}}
    backend = keras.backend.backend()
    stored["backends"][backend] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "keras": keras.__version__,
        "layers": results,
    }
    path.write_text(_compact(stored), "utf-8")


def _compact(stored):
    """Return JSON in which lists and the innermost objects stand on one line, for small diffs."""
    text = json.dumps(stored, indent=1)
    return re.sub(r"[\[{][^][{}]*[]}]", lambda m: " ".join(m.group().split()), text) + "\n"
