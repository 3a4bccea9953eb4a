"""Lines over one variable."""

from labkit.plots.base import new_figure

__all__ = ["curves"]


def curves(x, lines, *, xlabel, ylabel, title="", log=True):
    """Named lines over ``x``, told apart by marker and end label; returns a Figure."""
    figure = new_figure(7.2, 4.0)
    axes = figure.subplots()
    colors, markers = ("#332288", "#882255", "#117733", "#AA4499"), "osD^"
    for (name, y), color, marker in zip(lines.items(), colors, markers, strict=False):
        axes.plot(x, y, color=color, marker=marker, lw=1.8)
        axes.annotate(
            name,
            (x[-1], y[-1]),
            xytext=(8, 0),
            textcoords="offset points",
            color=color,
            va="center",
        )
    if log:
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        axes.set_xticks(x, [str(value) for value in x])
        axes.minorticks_off()
    axes.set(xlabel=xlabel, ylabel=ylabel, title=title)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#E5E5E5")
    return figure
