"""Small arrays as numbered cells, all on one gray scale."""

import numpy as np

from labkit.plots.base import grid, new_figure

__all__ = ["tables"]


def tables(arrays, titles):
    """Small arrays ``(rows, columns)`` side by side, every value written out; returns a Figure.

    The smallest value of all is white, the largest is gray.
    """
    arrays = [np.asarray(array, float) for array in arrays]
    low = min(array.min() for array in arrays)
    spread = max(array.max() for array in arrays) - low or 1
    rows = max(len(array) for array in arrays)
    widths = [array.shape[1] for array in arrays]
    figure = new_figure(0.38 * sum(widths) + 0.3 * len(arrays), 0.38 * rows + 0.5)
    panels = figure.subplots(1, len(arrays), width_ratios=widths, squeeze=False)[0]
    for axes, array, title in zip(panels, arrays, titles, strict=True):
        shades = 1 - 0.45 * (array - low) / spread
        colors = [[(shade,) * 3 for shade in line] for line in shades]
        grid(axes, array, colors, title=title, rows=rows)
    return figure
