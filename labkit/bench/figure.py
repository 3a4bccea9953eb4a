"""The figure of docs/layers.md: what every implementation takes, as an SVG.

The SVG is written by hand, so that the same numbers give the same bytes whatever is installed. Its
background is transparent, and its colors can be read on white and on black.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["NAMES", "figure"]

NAMES = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}  # as a reader writes them

TEXT, GRID, AUTO = "#737b85", "#737b8555", "#e0561b"
LEFT, AXIS, ROW, GAP, TOP = 190, 560, 17, 8, 92  # pixels
LOWEST, HIGHEST = 1 / 16, 8.0  # the ends of the axis; what is slower stands to the right of it
SLOT = 15  # pixels for each way in the field to the right
WIDTH = LEFT + AXIS + 30 + 11 * SLOT + 10

# color and shape by implementation; the manual gradient's is the same shape, hollow
STYLES = {
    "native": ("#8b8f96", "bar"),
    "banded": ("#2f81d6", "circle"),
    "im2col": ("#2c9a5b", "square"),
    "shift": ("#b8860b", "triangle"),
    "winograd": ("#a05fd0", "nabla"),
    "fft": ("#d0499a", "cross"),
    "matrix": ("#c24b4b", "plus"),
    "sparse": ("#3a9aa8", "diamond"),
}


def figure(backends: dict[str, Any]) -> str:
    """Draw the train steps of every layer, batch size and implementation.

    Args:
        backends: the "backends" of fastest.json.

    Returns:
        An SVG: one panel for each backend, one row for each layer and batch size, and on it one
        mark for each implementation, at the ratio of its time to the built-in's (a logarithmic
        axis).
    """
    parts, top = list(_legend()), TOP
    for backend, measured in backends.items():
        panel = list(_panel(backend, measured, top))
        height = panel.pop()
        parts += panel
        top += height
    text = (
        "The time of a train step of each implementation, relative to Keras's built-in layer, on "
        + " and ".join(NAMES[backend] for backend in backends)
        + ". The numbers are in layers-table.md."
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" '
        f'height="{top}" font-family="sans-serif" font-size="13" fill="{TEXT}" role="img">'
    )
    return "\n".join([head, f"<title>{text}</title>", *parts, "</svg>"]) + "\n"


def _legend() -> Iterator[str]:
    x = 12
    yield _mark("auto", x, 20)
    yield _text(x + 12, 24, "auto", weight="bold")
    x += 70
    for name in STYLES:
        yield _mark(name, x, 20)
        yield _text(x + 12, 24, name)
        x += 38 + 8 * len(name)
    lines = (
        "Hollow marks: gradient=“manual”. Of each pair of rows the upper is batch 8, the lower 64.",
        "The line at 1 is Keras's built-in layer; what lies to the left of it is quicker.",
    )
    for number, line in enumerate(lines):
        yield _text(12, 50 + 18 * number, line)


def _panel(backend: str, measured: dict[str, Any], top: float) -> Iterator[Any]:
    """Yield the panel's elements, then its height."""
    layers = measured["layers"]
    height = sum(len(layer["train"]) * ROW + GAP for layer in layers)
    yield _text(12, top + 14, f"{NAMES[backend]}, Keras {measured['keras']}", weight="bold")
    top += 28
    for power in range(round(math.log2(LOWEST)), round(math.log2(HIGHEST)) + 1):
        x, ratio = _x(2.0**power), 2.0**power
        stroke, width = (TEXT, 1.6) if power == 0 else (GRID, 1)
        yield f'<path d="M{x:.1f} {top}V{top + height}" stroke="{stroke}" stroke-width="{width}"/>'
        label = f"{ratio:g}" if power >= 0 else f"1/{1 / ratio:g}"
        yield _text(x, top + height + 16, label, anchor="middle")
    yield _text(LEFT + AXIS + 24, top + height + 16, f"more than {HIGHEST:g} times as long")
    y = top + GAP / 2
    for layer in layers:
        rows = len(layer["train"])
        yield _text(LEFT - 12, y + rows * ROW / 2 + 4, layer["name"], anchor="end")
        for train in layer["train"].values():
            y += ROW
            yield from _row(train, y - ROW / 2)
        y += GAP
        yield f'<path d="M{LEFT} {y - GAP / 2}H{WIDTH - 10}" stroke="{GRID}"/>'
    yield height + 72


def _row(train: dict[str, float | None], y: float) -> Iterator[str]:
    ways = [name for name in train if name not in ("built-in", "auto")]
    for number, name in enumerate(ways):
        ratio = train[name]
        if ratio is None:
            continue
        slow = LEFT + AXIS + 30 + number * SLOT
        yield _mark(name, slow if ratio > HIGHEST else _x(ratio), y)
    ratio = train.get("auto")
    if ratio is not None:
        yield _mark("auto", _x(ratio), y)


def _x(ratio: float) -> float:
    along = math.log2(ratio / LOWEST) / math.log2(HIGHEST / LOWEST)
    return LEFT + AXIS * min(max(along, 0), 1)


def _mark(way: str, x: float, y: float) -> str:
    """Draw one way of computing; ``way`` is its name in fastest.json."""
    if way == "auto":
        return f'<path d="{_SHAPES["diamond"](x, y, 6.5)}" fill="{AUTO}"/>'
    color, shape = STYLES[way.removesuffix(", manual")]
    fill = "none" if way.endswith(", manual") or shape in ("cross", "plus", "bar") else color
    path = _SHAPES[shape](x, y, 4)
    return f'<path d="{path}" fill="{fill}" stroke="{color}" stroke-width="1.6"/>'


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}">{text}</text>'
    )


# the path of each shape around (x, y), with half its width
_SHAPES: dict[str, Callable[[float, float, float], str]] = {
    "bar": lambda x, y, r: f"M{x:.1f} {y - r - 1:.1f}v{2 * r + 2}",
    "circle": lambda x, y, r: (
        f"M{x - r:.1f} {y:.1f}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 -{2 * r} 0z"
    ),
    "square": lambda x, y, r: f"M{x - r:.1f} {y - r:.1f}h{2 * r}v{2 * r}h-{2 * r}z",
    "triangle": lambda x, y, r: f"M{x - r:.1f} {y + r:.1f}h{2 * r}l-{r} -{2 * r}z",
    "nabla": lambda x, y, r: f"M{x - r:.1f} {y - r:.1f}h{2 * r}l-{r} {2 * r}z",
    "cross": lambda x, y, r: (
        f"M{x - r:.1f} {y - r:.1f}l{2 * r} {2 * r}m0 -{2 * r}l-{2 * r} {2 * r}"
    ),
    "plus": lambda x, y, r: f"M{x - r:.1f} {y:.1f}h{2 * r}m-{r} -{r}v{2 * r}",
    "diamond": lambda x, y, r: f"M{x - r:.1f} {y:.1f}l{r} -{r}l{r} {r}l-{r} {r}z",
}
