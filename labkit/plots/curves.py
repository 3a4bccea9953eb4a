"""Lines over one variable."""

from matplotlib.ticker import LogLocator

from labkit.plots.base import new_figure

__all__ = ["curves"]


def curves(x, lines, *, xlabel, ylabel, title="", log=True, legend=False, errors=None):
    """Named lines over ``x``, told apart by marker and end label; returns a Figure.

    ``errors`` maps names to half the length of a bar at each ``x``.
    ``log`` is True for two logarithmic axes with a tick at each ``x``, "xy" for two with powers of
    ten, "y" for one, False for none. ``legend`` names lines whose ends lie too close for labels.
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
        if max(heights) < 50 * min(heights):  # too few powers of ten to read values by
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
    figure.draw_without_rendering()  # the layout settles: drawn twice, it looks the same
    return figure
