"""What all pictures share: colors, outlines, and small arrays drawn as numbered cells."""

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

__all__ = [
    "GRID",
    "INK",
    "PADDING",
    "TAP_COLORS",
    "bare",
    "grid",
    "new_figure",
    "number",
    "outline",
    "tap_color",
    "tap_label",
    "term",
    "text_color",
]

# Paul Tol's "muted" scheme (https://sronpersonalpages.nl/~pault/): nine colors that
# color-blind readers can distinguish, one for each tap of a 3x3 kernel. Larger kernels reuse the
# colors, because the label alone identifies a tap.
TAP_COLORS = (
    "#88CCEE",
    "#CC6677",
    "#DDCC77",
    "#117733",
    "#AA4499",
    "#44AA99",
    "#999933",
    "#882255",
    "#332288",
)
GRID = "#C8C8C8"
INK = "#222222"
PADDING = "#FDF6E3"  # the color of cells that belong to the padding, not to the image


def new_figure(width, height):
    """Return an empty Figure of ``width`` by ``height`` inches with the constrained layout."""
    return Figure(figsize=(width, height), layout="constrained")


def text_color(background):
    """Return "white" or "black", whichever is easier to read on ``background``."""
    red, green, blue = to_rgb(background)
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.5 else "black"


def number(value):
    """Format a number with at most two decimals and a real minus sign."""
    text = f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"
    return text.replace("-", "−")


def term(value):
    """Format a number as a term of a sum or product: negative numbers are in parentheses."""
    return number(value) if value >= 0 else f"({number(value)})"


def bare(axes, title=None):
    """Remove the ticks and spines of ``axes``, and set the title if there is one."""
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)
    if title:
        axes.set_title(title, fontsize=10, color=INK)


def grid(axes, values, colors=None, labels=None, title=None, rows=None, fontsize=9):
    """Draw a small array as cells with their values.

    Args:
        axes: the axes to draw on.
        values: ``(rows, columns)``.
        colors: nested lists ``(rows, columns)`` of cell colors. By default a cell is the darker,
            the larger its value is.
        labels: nested lists ``(rows, columns)`` of texts, by default the values.
        title: the title of the axes.
        rows: the height of the axes in cells, so that neighboring arrays get cells of one size; by
            default the number of rows.
        fontsize: the size of the labels in points.
    """
    columns = values.shape[1]
    low = values.min()
    spread = (values.max() - low) or 1
    for row in range(len(values)):
        for column in range(columns):
            shade = 1 - 0.45 * (values[row, column] - low) / spread
            face = colors[row][column] if colors else (shade, shade, shade)
            axes.add_patch(Rectangle((column, row), 1, 1, facecolor=face, edgecolor=GRID, lw=0.8))
            label = labels[row][column] if labels else number(values[row, column])
            axes.text(
                column + 0.5,
                row + 0.5,
                label,
                ha="center",
                va="center",
                fontsize=fontsize,
                color=text_color(face),
            )
    axes.set_xlim(-0.1, columns + 0.1)
    axes.set_ylim((rows or len(values)) + 0.1, -0.1)
    axes.set_aspect("equal")
    bare(axes, title)


def outline(axes, row, column, height=1, width=1):
    """Outline a block of cells in black, given its first cell and its size in cells."""
    axes.add_patch(Rectangle((column, row), width, height, fill=False, edgecolor="black", lw=2.6))


def tap_color(tap):
    """Return the color of the tap with this flat index."""
    return TAP_COLORS[tap % len(TAP_COLORS)]


def tap_label(tap, kernel_shape):
    """Return the label of the tap with this flat index, such as ``k01``."""
    return "k" + "".join(str(i) for i in np.unravel_index(tap, kernel_shape))
