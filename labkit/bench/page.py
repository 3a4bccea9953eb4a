"""The pages of docs/ that show what `labkit bench layers --write` measured."""

import json
import math
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from labkit.bench.figure import NAMES, figure
from labkit.bench.layers import TABLE, geometric_mean, report

__all__ = ["FIGURE", "NUMBERS", "PAGE", "numbers", "page", "write_page"]

PAGE = Path(__file__).parents[2] / "docs" / "layers.md"
FIGURE, NUMBERS = "layers.svg", "layers-table.md"  # beside the page

_HEAD = f"""\
# How fast each implementation is

Written by `labkit bench layers --write` (for JAX: `KERAS_BACKEND=jax labkit bench layers --write`)
from the table that `implementation="auto"` reads, `labkit/layers/fastest.json`. Do not change this
page, [the figure]({FIGURE}) or [the table of all numbers]({NUMBERS}) by hand.

Every layer is timed in turns with Keras's built-in one. What is shown are medians of the ratios of
neighboring runs, for a whole train step: below 1 is quicker than the built-in.

![The time of a train step of each implementation, relative to Keras's built-in layer, for ten
layers, two batch sizes and each backend; the numbers are in {NUMBERS}]({FIGURE})

The implementations agree on finite pixels only. `native`, `shift`, `im2col` and `sparse` keep an
infinite pixel in the windows that hold it; `matrix`, `fft`, `winograd` and `banded` also turn
outputs into NaN whose window does not hold it, because they multiply it by zeros or subtract it
from itself.
"""
_NUMBERS = """\
# All numbers of how fast each implementation is

Written by `labkit bench layers --write`, as [the page with the figure](layers.md) is. "Manual" is
`gradient="manual"`. In brackets stands how many MiB more than before a train step needed at its
peak; 0 is less than half a MiB.
"""
_IM2COL = """\
## The memory of im2col on {backend}, against its formula

The patches take batch · outputs · taps · channels · 4 bytes, where the channels are those of one
group. The layer's outputs, the gradients and temporary copies of the patches come on top.

| layer | batch | patches by the formula, MiB | train step's peak, MiB | manual gradient's, MiB |
|---|--:|--:|--:|--:|"""


def page(stored: dict[str, Any]) -> str:
    """Return the text of docs/layers.md, from what fastest.json holds."""
    parts = [_HEAD, '## What `implementation="auto"` gains\n']
    for backend, measured in stored["backends"].items():
        parts.append(_gain(backend, measured["layers"]))
    for backend, measured in stored["backends"].items():
        parts.append(
            "\n".join([_IM2COL.format(backend=NAMES[backend]), *_patches(measured["layers"])])
            + "\n"
        )
    return "\n".join(parts)


def numbers(stored: dict[str, Any]) -> str:
    """Return the text of the page with all numbers, from what fastest.json holds."""
    parts = [_NUMBERS]
    for backend, measured in stored["backends"].items():
        parts.append(f"## {NAMES[backend]}, Keras {measured['keras']}, {measured['machine']}\n")
        parts.append(report(measured["layers"]) + "\n")
    return "\n".join(parts)


def _gain(backend: str, results: list[dict[str, Any]]) -> str:
    """Say what "auto" gains, with and without the layer that gains most."""
    ratios = {
        result["name"]: [train["auto"] for train in result["train"].values()] for result in results
    }
    best = min(ratios, key=lambda name: geometric_mean(ratios[name]))
    everything = [ratio for pair in ratios.values() for ratio in pair]
    others = [ratio for name, pair in ratios.items() if name != best for ratio in pair]
    mean, without, gain = map(geometric_mean, (everything, others, ratios[best]))
    text = (
        f"On {NAMES[backend]} the geometric mean over all {len(ratios)} layers is {mean:.2f}; the "
        f"slowest layer takes {max(everything):.2f}. "
    )
    if math.log(without) > math.log(mean) / 2:  # less than half of the gain is left
        text += f"**That mean comes mostly from one layer, {best} ({gain:.2f}): without it the "
        text += f"geometric mean of the other {len(ratios) - 1} is {without:.2f}.**"
    else:
        text += f"Without the layer that gains most, {best} ({gain:.2f}), the geometric mean of "
        text += f"the other {len(ratios) - 1} is {without:.2f}."
    if without > 0.95:
        text += " Most layers are about as fast as the built-in ones."
    return textwrap.fill(text, 100) + "\n"


def _patches(results: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the rows of the table of im2col's memory."""
    for result in results:
        for batch, peak in result["peak"].items():
            if peak.get("im2col") is None:
                continue
            taps, outputs, channels, _ = result["sizes"]
            patches = math.prod([int(batch), outputs, taps, channels, 4]) / 2**20
            manual = peak.get("im2col, manual")
            manual = "–" if manual is None else f"{manual:.1f}"
            peaks = f"{patches:.1f} | {peak['im2col']:.1f} | {manual}"
            yield f"| {result['name']} | {batch} | {peaks} |"


def write_page(path: Path = PAGE, table: Path = TABLE) -> None:
    """Write the page, its figure and the table of all numbers beside it."""
    path.parent.mkdir(exist_ok=True)
    stored = json.loads(table.read_text("utf-8"))
    path.write_text(page(stored), "utf-8")
    path.with_name(NUMBERS).write_text(numbers(stored), "utf-8")
    path.with_name(FIGURE).write_text(figure(stored["backends"]), "utf-8")
