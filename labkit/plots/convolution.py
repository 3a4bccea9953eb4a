"""Convolution without channels: image, kernel, output and constrained matrix."""

import numpy as np
from matplotlib.patches import Rectangle

from labkit import geometry
from labkit.plots.base import (
    GRID,
    INK,
    PADDING,
    bare,
    grid,
    new_figure,
    number,
    outline,
    tap_color,
    tap_label,
    term,
    text_color,
)

__all__ = ["draw_matrix", "matrix", "picture"]


def _correlate(image, kernel, taps):
    """Return the output from the index map ``(rows, columns, taps)``."""
    flat = np.append(image.ravel(), 0.0)  # index -1 stands for padding and reads this zero
    return (flat[taps] * kernel.ravel()).sum(-1)


def picture(image, kernel, at=(0, 0), *, strides=1, padding="valid", dilation_rate=1):
    """Draw image, kernel, output and constrained matrix, and explain one output cell.

    Args:
        image: ``(height, width)``, small.
        kernel: ``(rows, columns)``, small.
        at: ``(row, column)`` of the output cell whose receptive field, arithmetic and row of the
            matrix are shown.
        strides: the stride, one number or one for each axis.
        padding: ``"valid"`` or another padding that :func:`labkit.geometry.pad_amounts` takes.
        dilation_rate: the distance between neighboring taps, one number or one for each axis.

    Returns:
        a Figure.

    Raises:
        ValueError: ``at`` lies outside the output, or the shapes do not fit (see
            :mod:`labkit.geometry`).
    """
    image, kernel = np.asarray(image, float), np.asarray(kernel, float)
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate}
    out_shape = geometry.output_shape(image.shape, kernel.shape, **options)
    if any(not 0 <= i < size for i, size in zip(at, out_shape, strict=True)):
        raise ValueError(f"at: expected a cell of the {out_shape} output, received {at}")
    taps = geometry.index_map(image.shape, kernel.shape, **options)
    taps = taps.reshape(*out_shape, kernel.size)
    output = _correlate(image, kernel, taps)
    pads = geometry.pad_amounts(image.shape, kernel.shape, **options)
    around = [size + sum(pad) for size, pad in zip(image.shape, pads, strict=True)]
    tallest = max(
        around[0], out_shape[0], kernel.shape[0]
    )  # so that cells have the same size in all panels
    heights = [0.3 * tallest + 0.4, output.size * min(0.3, 9.6 / image.size) + 0.8]
    figure = new_figure(10.2, sum(heights))
    top, bottom = figure.subfigures(2, 1, height_ratios=heights)
    panels = top.subplots(1, 3, width_ratios=[around[1], kernel.shape[1], out_shape[1]])
    _draw_image(panels[0], image, pads, tallest)
    for row, column in _field(at, kernel.shape, strides, dilation_rate):
        outline(panels[0], row, column)
    colors = [
        [tap_color(r * kernel.shape[1] + c) for c in range(kernel.shape[1])]
        for r in range(kernel.shape[0])
    ]
    labels = [
        [f"k{r}{c}\n{number(kernel[r, c])}" for c in range(kernel.shape[1])]
        for r in range(kernel.shape[0])
    ]
    grid(panels[1], kernel, colors, labels, title="kernel", rows=tallest, fontsize=8)
    grid(panels[2], output, rows=tallest, title=f"output {out_shape[0]} × {out_shape[1]}")
    outline(panels[2], *at)
    axes = bottom.subplots()
    row = int(np.ravel_multi_index(at, out_shape))
    draw_matrix(axes, taps.reshape(-1, kernel.size), image.shape, kernel.shape, row)
    used = [t for t in range(kernel.size) if taps[at][t] >= 0]
    terms = " + ".join(
        f"{term(image.ravel()[taps[at][t]])}·{term(kernel.ravel()[t])}" for t in used
    )
    axes.set_xlabel(f"output{at} = {terms or 0} = {number(output[at])}", fontsize=9, color=INK)
    return figure


def _field(at, kernel_size, strides, dilation_rate):
    """Yield the cells of the padded image that the output ``at`` reads."""
    strides, dilations = (
        geometry.as_tuple(value, 2, "picture") for value in (strides, dilation_rate)
    )
    for tap in np.ndindex(*kernel_size):
        yield tuple(n * s + i * d for n, s, i, d in zip(at, strides, tap, dilations, strict=True))


def _draw_image(axes, image, pads, rows):
    """Draw the image, and around it the zeros of the padding in another color."""
    low = image.min()
    spread = (image.max() - low) or 1
    padded = np.pad(image, pads)
    real = np.pad(np.ones(image.shape, bool), pads)
    gray = 1 - 0.45 * (padded - low) / spread
    colors = [
        [(shade,) * 3 if inside else PADDING for shade, inside in zip(*line, strict=True)]
        for line in zip(gray, real, strict=True)
    ]
    title = f"image {image.shape[0]} × {image.shape[1]}"
    grid(axes, padded, colors, rows=rows, title=title if real.all() else f"{title}, zeros around")
    if not real.all():
        place = (pads[1][0], pads[0][0])
        frame = Rectangle(
            place, image.shape[1], image.shape[0], fill=False, ls="--", ec=INK, lw=1.4
        )
        axes.add_patch(frame)


def draw_matrix(axes, taps, in_shape, kernel_shape, row=None, *, transposed=False):
    """Draw the constrained matrix.

    Args:
        axes: the axes to draw on.
        taps: the index map, ``(outputs, taps)``: the flat index of the input that each tap reads,
            or -1 for padding.
        in_shape: the shape of the input.
        kernel_shape: the shape of the kernel.
        row: the row to outline, if any.
        transposed: draw the transpose instead.
    """
    rows, columns = len(taps), int(np.prod(in_shape))
    step = in_shape[-1] if len(in_shape) > 1 else columns
    if transposed:
        rows, columns, step = columns, rows, rows
    labeled = columns <= 49 and rows <= 36
    for output, indices in enumerate(taps):
        for tap, index in enumerate(indices):
            if index >= 0:
                color = tap_color(tap)
                x, y = (output, index) if transposed else (index, output)
                axes.add_patch(Rectangle((x, y), 1, 1, facecolor=color, lw=0))
                if labeled:
                    axes.text(
                        x + 0.5,
                        y + 0.5,
                        tap_label(tap, kernel_shape)[1:],
                        ha="center",
                        va="center",
                        fontsize=7 if columns <= 30 else 6 if columns <= 40 else 5,
                        color=text_color(color),
                    )
    for column in range(columns + 1):
        heavy = column % step == 0
        axes.axvline(column, color=INK if heavy else GRID, lw=1 if heavy else 0.4, zorder=0.5)
    for line in range(rows + 1):
        axes.axhline(line, color=GRID, lw=0.4, zorder=0.5)
    if row is not None:
        outline(axes, row, 0, width=columns)
    axes.set_xlim(-0.04, columns + 0.04)  # so that the outermost lines are not cut in half
    axes.set_ylim(rows + 0.04, -0.04)
    axes.set_aspect("equal")
    kinds = f"{taps[taps >= 0].size} weights, {taps.shape[1]} different; white is zero"
    title = f"transpose {rows} × {columns}" if transposed else f"matrix {rows} × {columns}: {kinds}"
    bare(axes, title)


def matrix(
    spatial,
    kernel_size,
    *,
    strides=1,
    padding="valid",
    dilation_rate=1,
    transpose=False,
    order=None,
):
    """Draw the constrained matrix ``(outputs, inputs)`` of a convolution of rank 1 or 2.

    Equal weights have the same color and label. Heavy lines separate the rows of the input.

    Args:
        spatial: the shape of the input, ``(width,)`` or ``(height, width)``.
        kernel_size: the shape of the kernel.
        strides: the stride, one number or one for each axis.
        padding: ``"valid"`` or another padding that :func:`labkit.geometry.pad_amounts` takes.
        dilation_rate: the distance between neighboring taps, one number or one for each axis.
        transpose: also draw the transpose, on the right.
        order: ``(inputs,)``, the flat index of the input that each column belongs to, if the inputs
            are shuffled.

    Returns:
        a Figure.
    """
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate}
    taps = geometry.index_map(spatial, kernel_size, **options)
    taps = taps.reshape(-1, int(np.prod(kernel_size)))
    columns = int(np.prod(spatial))
    if order is not None:
        taps = np.where(taps < 0, taps, np.argsort(order)[taps])
    shapes = tuple(spatial), tuple(kernel_size)
    if not transpose:
        width = min(10.0, 1.5 + columns * 0.3)
        figure = new_figure(width, 0.6 + (width - 0.4) * len(taps) / columns)
        draw_matrix(figure.subplots(), taps, *shapes)
        return figure
    figure = new_figure(*(min(10.0, 1.5 + n * 0.3) for n in (columns + len(taps) + 3, columns)))
    axes = figure.subplots(1, 2, width_ratios=[columns, len(taps)])
    draw_matrix(axes[0], taps, *shapes)
    draw_matrix(axes[1], taps, *shapes, transposed=True)
    return figure
