"""Measured effects with their uncertainty."""

import numpy as np

from labkit.plots.base import GRID, INK, new_figure

__all__ = ["effects"]


def effects(found, *, xlabel, title="", limits=None):
    """Plot effects with their standard errors, the largest effect on top.

    A bar extends two standard errors to each side. The circle is filled if the bar does not
    contain zero, and open otherwise.

    Args:
        found: a dict from names to ``(effect, standard_error)``.
        xlabel: the label of the horizontal axis.
        title: the title of the figure.
        limits: ``(low, high)`` of the horizontal axis. An effect outside is drawn as an arrow at
            the edge, with its number. By default all effects are inside.

    Returns:
        a Figure.
    """
    names = sorted(found, key=lambda name: found[name][0])
    figure = new_figure(7.6, 0.9 + 0.34 * len(names))
    axes = figure.subplots()
    low, high = limits or (-np.inf, np.inf)
    axes.axvline(0, color=INK, lw=1)
    for row, name in enumerate(names):
        effect, error = found[name]
        clear = abs(effect) > 2 * error
        color = "#332288" if effect > 0 else "#882255"
        if low <= effect <= high:
            axes.plot([effect - 2 * error, effect + 2 * error], [row, row], color=color, lw=2)
            face = color if clear else "white"
            axes.plot(effect, row, "o", ms=8, color=color, markerfacecolor=face, mew=1.8)
        else:
            edge, mark = (low, "<") if effect < low else (high, ">")
            axes.plot(edge, row, mark, ms=9, color=color, clip_on=False)
            side = (
                {"ha": "left", "xytext": (10, 0)}
                if effect < low
                else {"ha": "right", "xytext": (-10, 0)}
            )
            text = f"{effect:+.1f}".replace("-", "−")
            axes.annotate(
                text, (edge, row), textcoords="offset points", va="center", color=color, **side
            )
    if limits:
        axes.set_xlim(low, high)
    axes.set_ylim(-0.7, len(names) - 0.3)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel=xlabel, title=title)
    axes.grid(axis="x", color=GRID, lw=0.5)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0, pad=9)
    return figure
