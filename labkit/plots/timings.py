"""Measured times over size, and which method is the fastest at each size."""

import numpy as np
from matplotlib.patches import Rectangle

from labkit.plots.base import INK, bare, new_figure

__all__ = ["timings", "verdict"]

_COLORS = ("#332288", "#882255", "#117733", "#AA4499", "#555555")
_MARKERS = "osD^*"


def timings(sizes, measured, *, xlabel, ylabel="milliseconds, forward pass"):
    """Plot measurements over size on logarithmic scales, with one line for each method.

    Args:
        sizes: ``(sizes,)``, such as the lengths of a kernel.
        measured: a dict from the names of at most five methods to their measurements, ``(sizes,)``.
            No point is drawn where a method could not run (None) or its time was too short to
            measure (0).
        xlabel: the label of the horizontal axis.
        ylabel: the label of the vertical axis.

    Returns:
        a Figure.
    """
    figure = new_figure(7.4, 4.2)
    axes = figure.subplots()
    for (name, line), color, marker in zip(measured.items(), _COLORS, _MARKERS, strict=False):
        points = [pair for pair in zip(sizes, line, strict=True) if pair[1]]  # log(0) is undefined
        axes.plot(*np.reshape(points, (-1, 2)).T, color=color, marker=marker, lw=1.8, label=name)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.minorticks_off()
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#E5E5E5")
    return figure


def verdict(winners, what):
    """Draw a box for each size with the name of the fastest method.

    Args:
        winners: a dict from sizes to the names of methods.
        what: what has these sizes, such as ``"kernel"``.

    Returns:
        a Figure.
    """
    figure = new_figure(1.3 * len(winners) + 0.4, 1.2)
    axes = figure.subplots()
    for place, (size, name) in enumerate(winners.items()):
        axes.add_patch(Rectangle((place, 0), 0.94, 0.9, facecolor="#F3F3F3", edgecolor=INK))
        axes.text(place + 0.47, 0.6, name, ha="center", va="center", fontsize=11)
        axes.text(
            place + 0.47, 0.22, f"{what} {size}", ha="center", va="center", fontsize=8, color=INK
        )
    axes.set_xlim(-0.05, len(winners))
    axes.set_ylim(-0.05, 1)
    bare(axes)
    return figure
