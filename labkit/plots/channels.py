"""Convolution with channels: planes of image and kernel, and the matrix as blocks."""

import numpy as np
from matplotlib.patches import Rectangle

from labkit import geometry
from labkit.plots.base import (
    GRID,
    INK,
    bare,
    grid,
    new_figure,
    number,
    outline,
    tap_color,
    term,
    text_color,
)

__all__ = ["ORDERS", "channel_matrices", "channels"]

ORDERS = ("blocks", "channels last")
PLANES = "abcdefgh"  # the letter of each channel in labels: a01 is row 0, column 1 of plane a


def channels(image, kernels, at=(0, 0, 0), *, order="blocks"):
    """Draw the planes of image and kernel, one filter's output, and the matrix with channels.

    A tap has the same color as without channels. The letter in its label names its channel, and so
    does the block of the matrix that contains it; heavy lines separate the blocks.

    Args:
        image: ``(rows, columns, channels)``, small.
        kernels: ``(A, B, channels, filters)``.
        at: ``(row, column, filter)`` of the output whose arithmetic is shown.
        order: how image and output become vectors. ``"blocks"`` puts one whole channel after the
            other; ``"channels last"`` keeps the channels of a pixel together, as NumPy does.

    Returns:
        a Figure.

    Raises:
        ValueError: ``at`` lies outside the output, the order is unknown, or shapes do not fit.
    """
    image, kernels = np.asarray(image, float), np.asarray(kernels, float)
    layout = _Layout(image.shape, kernels.shape, order)
    if len(at) != 3 or any(not 0 <= i < n for i, n in zip(at, layout.output, strict=True)):
        raise ValueError(f"at: expected a cell of the {layout.output} output, received {at}")
    n, m, f = at
    A, B, depth, _ = kernels.shape
    window = image[n : n + A, m : m + B]
    figure = new_figure(10.2, 3.0 + 8.8 * layout.rows / layout.columns + 0.7)
    top, bottom = figure.subfigures(
        2, 1, height_ratios=[2.9, 8.8 * layout.rows / layout.columns + 0.8]
    )
    widths = [image.shape[1]] * depth + [B] * depth + [layout.output[1]]
    panels = top.subplots(1, len(widths), width_ratios=widths)
    tallest = max(image.shape[0], layout.output[0])
    for k in range(depth):
        grid(panels[k], image[..., k], rows=tallest, title=f"image, channel {PLANES[k]}")
        for i, j in np.ndindex(A, B):
            outline(panels[k], n + i, m + j)
        colors = [[tap_color(i * B + j) for j in range(B)] for i in range(A)]
        labels = [
            [f"{PLANES[k]}{i}{j}\n{number(kernels[i, j, k, f])}" for j in range(B)]
            for i in range(A)
        ]
        title = f"filter {f}, {PLANES[k]}"
        grid(panels[depth + k], kernels[..., k, f], colors, labels, title, tallest, fontsize=7)
    view = np.lib.stride_tricks.sliding_window_view(image, (A, B), axis=(0, 1))
    output = np.einsum("nmkij,ijk->nm", view, kernels[..., f])
    grid(panels[-1], output, rows=tallest, title=f"output {f}")
    outline(panels[-1], n, m)
    axes = bottom.subplots()
    _draw(axes, layout, row=layout.row(n, m, f))
    sums = [
        " + ".join(f"{term(x)}·{term(w)}" for x, w in zip(xs, ws, strict=True))
        for xs, ws in zip(
            np.moveaxis(window, -1, 0).reshape(depth, -1),
            np.moveaxis(kernels[..., f], -1, 0).reshape(depth, -1),
            strict=True,
        )
    ]
    lines = [f"{PLANES[k]}: {line}" for k, line in enumerate(sums)]
    axes.set_xlabel(
        f"output({n}, {m}) of filter {f} = {number(output[n, m])}, the sum of\n" + "\n".join(lines),
        fontsize=9,
        color=INK,
    )
    return figure


def channel_matrices(shape, kernel_shape):
    """Draw the same matrix in both orders, side by side: in blocks, and as it is in memory.

    Args:
        shape: the shape of the image, ``(rows, columns, channels)``.
        kernel_shape: the shape of the kernels, ``(A, B, channels, filters)``.

    Returns:
        a Figure.
    """
    layouts = [_Layout(shape, kernel_shape, order) for order in ORDERS]
    figure = new_figure(10.6, 0.9 + 4.9 * layouts[0].rows / layouts[0].columns)
    for axes, layout in zip(figure.subplots(1, 2), layouts, strict=True):
        _draw(axes, layout, short=True)
    return figure


class _Layout:
    """The place of each weight of the kernel in the matrix, for one of the orders."""

    def __init__(self, shape, kernel_shape, order):
        if order not in ORDERS:
            raise ValueError(f"order: expected one of {', '.join(ORDERS)}, received {order!r}")
        geometry.channel_groups((1, *shape), kernel_shape)
        self.order = order
        self.shape, self.kernel_shape = tuple(shape), tuple(kernel_shape)
        self.places = geometry.output_shape(shape[:2], kernel_shape[:2])
        self.output = (*self.places, kernel_shape[3])
        self.rows, self.columns = int(np.prod(self.output)), int(np.prod(shape))

    def row(self, n, m, f):
        """Return the matrix row of the output ``(n, m)`` of filter ``f``."""
        place = n * self.places[1] + m
        if self.order == "blocks":
            return f * int(np.prod(self.places)) + place
        return place * self.output[2] + f

    def column(self, r, c, k):
        """Return the matrix column of the pixel ``(r, c)`` in channel ``k``."""
        pixel = r * self.shape[1] + c
        if self.order == "blocks":
            return k * self.shape[0] * self.shape[1] + pixel
        return pixel * self.shape[2] + k

    def entries(self):
        """Yield (row, column, tap, channel) of each weight in the matrix."""
        A, B, depth, filters = self.kernel_shape
        for n, m, f, i, j, k in np.ndindex(*self.places, filters, A, B, depth):
            yield self.row(n, m, f), self.column(n + i, m + j, k), (i, j), k

    def lines(self):
        """Return (heavy rows, heavy columns, [(row, label)], [(column, label)])."""
        depth, filters = self.shape[2], self.output[2]
        pixels, places = self.columns // depth, self.rows // filters
        if self.order == "blocks":
            rows, columns = range(0, self.rows + 1, places), range(0, self.columns + 1, pixels)
            across = [((k + 0.5) * pixels, f"channel {PLANES[k]}") for k in range(depth)]
            down = [((f + 0.5) * places, f"filter {f}") for f in range(filters)]
        else:
            step = self.shape[1] * depth
            rows, columns = range(0, self.rows + 1, filters), range(0, self.columns + 1, step)
            across = [((r + 0.5) * step, f"image row {r}") for r in range(self.shape[0])]
            down = [
                ((i + 0.5) * filters, f"({n}, {m})")
                for i, (n, m) in enumerate(np.ndindex(*self.places))
            ]
        return rows, columns, down, across


def _draw(axes, layout, row=None, short=False):
    """Draw the matrix; ``row`` is outlined, and ``short`` makes labels and title smaller."""
    size = (6 if short else 8) * min(1, 24 / layout.columns)
    for r, c, (i, j), k in layout.entries():
        color = tap_color(i * layout.kernel_shape[1] + j)
        axes.add_patch(Rectangle((c, r), 1, 1, facecolor=color, lw=0))
        axes.text(
            c + 0.5,
            r + 0.5,
            f"{PLANES[k]}{i}{j}",
            ha="center",
            va="center",
            fontsize=size,
            color=text_color(color),
        )
    heavy_rows, heavy_columns, down, across = layout.lines()
    for column in range(layout.columns + 1):
        strong = column in heavy_columns
        axes.axvline(
            column,
            color=INK if strong else GRID,
            lw=1.4 if strong else 0.4,
            zorder=1.5 if strong else 0.5,
        )
    for line in range(layout.rows + 1):
        strong = line in heavy_rows
        axes.axhline(
            line,
            color=INK if strong else GRID,
            lw=1.4 if strong else 0.4,
            zorder=1.5 if strong else 0.5,
        )
    if row is not None:
        outline(axes, row, 0, width=layout.columns)
    axes.set_xlim(-0.05, layout.columns + 0.05)
    axes.set_ylim(layout.rows + 0.05, -0.05)
    axes.set_aspect("equal")
    depth, filters = layout.kernel_shape[2:]
    taps = int(np.prod(layout.kernel_shape[:2]))
    counts = (
        f"{depth * filters * taps} different: {depth} channels × {filters} filters × {taps} taps"
    )
    size = f"matrix {layout.rows} × {layout.columns}: {taps * depth * layout.rows} weights"
    title = layout.order if short else f"{size}, {counts}; white is zero"
    bare(axes, f"{title}\n")
    axes.xaxis.tick_top()
    axes.set_xticks([x for x, _ in across], [text for _, text in across])
    axes.set_yticks([y for y, _ in down], [text for _, text in down])
    axes.tick_params(length=0, labelsize=8, labelcolor=INK)
