"""Layers as matrices: the bias as one more column, and two linear layers as one product."""

import numpy as np
from matplotlib.patches import Rectangle

from labkit import geometry
from labkit.plots.base import GRID, INK, bare, new_figure, outline, tap_color, text_color

__all__ = ["bias_column", "product"]

BIAS_COLORS = ("#222222", "#DDDDDD", "#777777")  # no tap's color: gray is the bias everywhere


def bias_column(spatial, kernel_size, filters=1, row=None):
    """The matrix of ``filters`` filters over one channel, with the bias as its last column.

    Rows are (place, filter), the filter running fastest. Taps have their usual colors; biases are
    gray, one shade and label for each filter. ``row`` is outlined. Returns a Figure.
    """
    taps = geometry.index_map(spatial, kernel_size).reshape(-1, int(np.prod(kernel_size)))
    inputs = int(np.prod(spatial))
    rows = len(taps) * filters
    figure = new_figure(7.2, 6.4 * rows / (inputs + 4) + 0.8)
    axes = figure.subplots()
    entries = [
        (place * filters + f, index, tap_color(tap), _label(tap, kernel_size))
        for place, indices in enumerate(taps)
        for f in range(filters)
        for tap, index in enumerate(indices)
    ]
    entries += [
        (r, inputs, BIAS_COLORS[r % filters % len(BIAS_COLORS)], f"b{r % filters}")
        for r in range(rows)
    ]
    _cells(axes, rows, inputs + 1, entries, _breaks(spatial))
    if row is not None:
        outline(axes, row, 0, width=inputs + 1)
    for r in range(rows):
        axes.text(-0.3, r + 0.5, f"filter {r % filters}", ha="right", va="center", fontsize=8)
    axes.text(inputs + 0.5, -0.3, "times 1", ha="center", fontsize=9, color=INK)
    axes.set_xlim(-2.2, inputs + 1.6)
    bare(axes, f"matrix {rows} × ({inputs} + 1): one more column, {filters} different biases\n")
    return figure


def product(spatial, first_size, second_size):
    """The second layer's matrix times the first's is a matrix with the same two constraints.

    One channel throughout, rank 1 or 2. A label says which tap: ``g`` of the second layer, ``k`` of
    the first, ``h`` of the collapsed kernel. Returns a Figure.
    """
    between = geometry.output_shape(spatial, first_size)
    whole = tuple(a + p - 1 for a, p in zip(first_size, second_size, strict=True))
    parts = [
        ("second layer", between, second_size, "g"),
        ("first layer", spatial, first_size, "k"),
        ("both in one", spatial, whole, "h"),
    ]
    maps = [
        geometry.index_map(shape, size).reshape(-1, int(np.prod(size)))
        for _, shape, size, _ in parts
    ]
    widths = [int(np.prod(shape)) for _, shape, _, _ in parts]
    heights = [len(taps) for taps in maps]
    inch = 9.4 / (sum(widths) + 4)
    figure = new_figure(10.2, inch * max(heights) + 0.9)
    figure.get_layout_engine().set(wspace=0.06)
    panels = figure.subplots(1, 3, width_ratios=widths)
    for axes, (title, shape, size, letter), taps in zip(panels, parts, maps, strict=True):
        entries = [
            (row, index, tap_color(tap), _label(tap, size, letter))
            for row, indices in enumerate(taps)
            for tap, index in enumerate(indices)
        ]
        fontsize = min(8, 72 * inch / 2.2 / max(1, len(_label(0, size)) * 0.5))
        _cells(axes, len(taps), int(np.prod(shape)), entries, _breaks(shape), fontsize)
        axes.set_ylim(max(heights) + 0.05, -0.05)
        bare(axes, f"{title}\n{len(taps)} × {int(np.prod(shape))}, {taps.shape[1]} weights")
    middle = 1 - min(heights) / max(heights) / 2
    for axes, sign in zip(panels[:2], "×=", strict=True):
        axes.annotate(
            sign,
            (1, middle),
            xytext=(5, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=16,
            va="center",
        )
    return figure


def _label(tap, size, letter="k"):
    return letter + "".join(str(i) for i in np.unravel_index(tap, tuple(size)))


def _breaks(spatial):
    """The columns before which a new row of the image begins."""
    return range(0, int(np.prod(spatial)) + 1, spatial[-1])


def _cells(axes, rows, columns, entries, heavy, fontsize=8.0):
    for row, column, color, label in entries:
        axes.add_patch(Rectangle((column, row), 1, 1, facecolor=color, lw=0))
        axes.text(
            column + 0.5,
            row + 0.5,
            label,
            ha="center",
            va="center",
            fontsize=fontsize,
            color=text_color(color),
        )
    for column in range(columns + 1):
        strong = column in heavy
        axes.plot([column] * 2, [0, rows], color=INK if strong else GRID, lw=1 if strong else 0.4)
    for row in range(rows + 1):
        axes.plot([0, columns], [row, row], color=GRID, lw=0.4)
    axes.set_xlim(-0.05, columns + 0.05)
    axes.set_ylim(rows + 0.05, -0.05)
    axes.set_aspect("equal")
