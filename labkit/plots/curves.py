"""Line plots over one variable."""

from matplotlib.ticker import LogLocator

from labkit.plots.base import new_figure

__all__ = ["curves"]


def curves(x, lines, *, xlabel, ylabel, title="", log=True, legend=False, errors=None):
    """Plot named lines over ``x``, each with its own marker and a label at its end.

    Args:
        x: the places, ``(points,)``.
        lines: a dict from the names of at most four lines to their values, ``(points,)``.
        xlabel: the label of the horizontal axis.
        ylabel: the label of the vertical axis.
        title: the title of the figure.
        log: True for two logarithmic axes with a tick at each ``x``, ``"xy"`` for two logarithmic
            axes with ticks at powers of ten, ``"y"`` for a logarithmic vertical axis only, False
            for linear axes.
        legend: name the lines in a legend instead of at their ends, which may lie too close.
        errors: a dict from names to half the length of the error bar at each ``x``.

    Returns:
        a Figure.
    """
    figure = new_figure(7.2, 4.0)
    axes = figure.subplots()
    colors, markers = ("#332288", "#882255", "#117733", "#AA4499"), "osD^"
    for (name, y), color, marker in zip(lines.items(), colors, markers, strict=False):
        axes.plot(x, y, color=color, marker=marker, lw=1.8, label=name)
        if errors:
            axes.errorbar(x, y, errors[name], fmt="none", ecolor=color, capsize=4)
        if legend:
            continue
        axes.annotate(
            name,
            (x[-1], y[-1]),
            xytext=(8, 0),
            textcoords="offset points",
            color=color,
            va="center",
        )
    if log:
        axes.set_yscale("log")
        heights = [value for y in lines.values() for value in y]
        if max(heights) < 50 * min(heights):  # powers of ten alone would be too few ticks
            few = max(heights) < 10 * min(heights)
            axes.yaxis.set_major_locator(
                LogLocator(subs=(1, 1.5, 2, 3, 5, 7) if few else (1, 2, 5))
            )
            axes.yaxis.set_major_formatter("{x:g}")
    if log == "xy":
        axes.set_xscale("log")
    if log is True:
        axes.set_xscale("log", base=2)
        axes.set_xticks(x, [str(value) for value in x])
        axes.minorticks_off()
    if legend:
        axes.legend(frameon=False)
    axes.set(xlabel=xlabel, ylabel=ylabel, title=title)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#E5E5E5")
    figure.draw_without_rendering()  # settles the layout: all renderings are the same
    return figure
