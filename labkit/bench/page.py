"""The page of docs/ that shows what `labkit bench layers --write` measured."""

import json
import math
from pathlib import Path

from labkit.bench.layers import TABLE, report

__all__ = ["PAGE", "page", "write_page"]

PAGE = Path(__file__).parents[2] / "docs" / "layers.md"

_HEAD = """\
# How fast each implementation is

Written by `labkit bench layers --write` (for JAX: `KERAS_BACKEND=jax labkit bench layers --write`),
from the table that `implementation="auto"` reads, `labkit/layers/fastest.json`. Change neither by
hand. Every layer is timed in turns with Keras's built-in one; what is shown are medians of the
ratios of neighboring runs: below 1 is quicker than the built-in. "Manual" is `gradient="manual"`.
In brackets: how many MiB more than before a train step needed at its peak; 0 is less than half a
MiB.
"""
_IM2COL = """\
### im2col's memory against its formula

The patches take batch · outputs · taps · channels · 4 bytes, channels those of one group; on top
come the layer's outputs, gradients and whatever lives beside the patches.

| layer | batch | patches by the formula, MiB | train step's peak, MiB | manual gradient's, MiB |
|---|--:|--:|--:|--:|"""


def page(stored):
    """The page's text, from what fastest.json holds."""
    parts = [_HEAD]
    for backend, measured in stored["backends"].items():
        results = measured["layers"]
        parts += [
            f"## {backend}, Keras {measured['keras']}, {measured['machine']}\n",
            report(results) + "\n",
            "\n".join([_IM2COL, *_patches(results)]) + "\n",
        ]
    return "\n".join(parts)


def _patches(results):
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


def write_page(path=PAGE, table=TABLE):
    """Write the page anew from the table."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(page(json.loads(table.read_text("utf-8"))), "utf-8")
