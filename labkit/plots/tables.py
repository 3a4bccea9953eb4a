"""Small arrays drawn as numbered cells, in gray or in the colors of the shared weights."""

import numpy as np

from labkit import geometry
from labkit.plots.base import INK, grid, new_figure, number, tap_color, tap_label

__all__ = ["tables", "tied"]


def tables(arrays, titles, *, numbered=False):
    """Draw small arrays side by side on one gray scale, with every value written out.

    The smallest value of all arrays is white, and the largest is gray.

    Args:
        arrays: a list of arrays ``(rows, columns)``.
        titles: a title for each array.
        numbered: number the rows and columns from 0 along the edges.

    Returns:
        a Figure.
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
        if numbered:
            _count(axes, array.shape)
    return figure


def _count(axes, shape):
    """Number the rows and columns along the edges."""
    axes.set_yticks(np.arange(shape[0]) + 0.5, range(shape[0]))
    axes.set_xticks(np.arange(shape[1]) + 0.5, range(shape[1]))
    axes.tick_params(length=0, labelsize=9, labelcolor=INK)


def tied(values, spatial, kernel_size, title):
    """Draw a matrix whose cells have the colors of the weights of the constrained matrix.

    The constrained matrix is that of a valid convolution. A cell's label names the kernel's weight
    at that place; where the constrained matrix is zero, the cell is white.

    Args:
        values: ``(outputs, inputs)``, the numbers to write into the cells.
        spatial: the shape of the image, ``(height, width)``.
        kernel_size: the shape of the kernel, ``(rows, columns)``.
        title: the title of the figure.

    Returns:
        a Figure.
    """
    values = np.asarray(values, float)
    taps = geometry.index_map(spatial, kernel_size).reshape(len(values), -1)
    colors = [["#FFFFFF"] * values.shape[1] for _ in values]
    labels = [[number(value) for value in line] for line in values]
    for row, tap in np.ndindex(taps.shape):
        column = taps[row, tap]
        colors[row][column] = tap_color(tap)
        labels[row][column] = f"{tap_label(tap, kernel_size)}\n{labels[row][column]}"
    figure = new_figure(0.6 * values.shape[1] + 0.3, 0.6 * len(values) + 0.5)
    grid(figure.subplots(), values, colors, labels, title=title)
    return figure
