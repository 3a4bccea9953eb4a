"""The roofline plot: the speed of layers compared with the limits of the machine."""

import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter

from labkit.plots.base import INK, new_figure

__all__ = ["roofline"]

_MARKERS = "osD^v<>Ph*"
_SPAN = (
    0.25,
    1000.0,
)  # operations per byte that every picture shows, so that pictures can be compared


def roofline(points, limits):
    """Plot the speed of each layer below the machine's roofline, on logarithmic scales.

    `labkit.bench.roofline` measures both arguments. Layers whose names begin with ``conv`` have
    filled blue markers, and all others open red ones.

    Args:
        points: a dict from names to ``(operations per byte, operations per second)``.
        limits: ``(operations per second, bytes per second)`` that the machine reaches.

    Returns:
        a Figure.
    """
    figure = new_figure(8.2, 4.2)
    axes = figure.subplots()
    flops, bandwidth = limits
    across = [intensity for intensity, _ in points.values()]
    low, high = min(*across, _SPAN[0]) / 1.3, max(*across, _SPAN[1]) * 1.3
    ridge = flops / bandwidth
    x = np.array([low, ridge, high])
    axes.plot(x, np.minimum(flops, x * bandwidth) / 1e9, color=INK, lw=2)
    above = {"xytext": (0, 5), "textcoords": "offset points", "fontsize": 9}
    axes.annotate(
        "multiplies as fast as it can", (np.sqrt(ridge * high), flops / 1e9), ha="center", **above
    )
    middle = np.sqrt(low * ridge)
    axes.annotate(
        "waits for memory", (middle, middle * bandwidth / 1e9), ha="right", va="bottom", **above
    )
    for (name, (intensity, reached)), marker in zip(points.items(), _MARKERS, strict=False):
        style = {"color": "#332288"}
        if not name.startswith("conv"):
            style = {"color": "#882255", "markerfacecolor": "white"}
        axes.plot(
            intensity, reached / 1e9, marker, ms=9, mew=1.8, label=name, clip_on=False, **style
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(low * bandwidth / 2e9, flops / 1e9 * 2)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1,)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter(NullFormatter())
    axes.set(xlabel="operations for each byte that moves", ylabel="billion operations per second")
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#E5E5E5")
    return figure
