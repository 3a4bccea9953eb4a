"""Plots of activation functions and their slopes, and of numbers layer by layer."""

import numpy as np

from labkit.plots.base import INK, new_figure

__all__ = ["activations", "by_layer"]

STYLES = (
    ("#332288", "-"),
    ("#882255", "--"),
    ("#117733", "-"),
    ("#AA4499", ":"),
    ("#999933", "-."),
)


def activations(z, values, slopes, threshold=0.05):
    """Plot activation functions in the upper row and their slopes in the lower row.

    Args:
        z: the inputs, ``(points,)``.
        values: a dict from the names of at most five functions to their values, ``(points,)``.
        slopes: a dict from the same names to the slopes, ``(points,)``.
        threshold: the background is gray where the slope is below this number.

    Returns:
        a Figure.
    """
    figure = new_figure(10.2, 4.6)
    panels = figure.subplots(2, len(values), sharex=True, sharey="row", squeeze=False)
    for (above, below), name, (color, style) in zip(panels.T, values, STYLES, strict=False):
        for axes, y in ((above, values[name]), (below, slopes[name])):
            axes.axhline(0, color="#AAAAAA", lw=0.8)
            axes.fill_between(
                z,
                0,
                1,
                where=np.asarray(slopes[name]) < threshold,
                color="#E4E4E4",
                transform=axes.get_xaxis_transform(),
                lw=0,
            )
            axes.plot(z, y, style, color=color, lw=2)
            axes.spines[["top", "right"]].set_visible(False)
        above.set_title(name, fontsize=10, color=INK)
        above.set_ylim(-1.6, 3.2)
        below.set_ylim(-0.1, 1.15)
        below.set_xlabel("z")
    panels[0, 0].set_ylabel("f(z)")
    panels[1, 0].set_ylabel(f"slope (gray: under {threshold})")
    return figure


def by_layer(lines, *, ylabel):
    """Plot a number for each layer 1, 2, … on a logarithmic scale.

    Args:
        lines: a dict from the names of at most five lines to their values, ``(layers,)``.
        ylabel: the label of the vertical axis.

    Returns:
        a Figure.
    """
    figure = new_figure(7.6, 4.0)
    axes = figure.subplots()
    for (name, y), (color, style), marker in zip(lines.items(), STYLES, "osD^v", strict=False):
        axes.plot(range(1, len(y) + 1), y, style, color=color, marker=marker, lw=1.8, label=name)
    axes.set_yscale("log")
    axes.set_xticks(range(1, len(y) + 1))
    axes.set(xlabel="layer", ylabel=ylabel)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#E5E5E5")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False, handlelength=4)
    return figure
