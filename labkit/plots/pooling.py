"""Pooling: windows and their summaries, and the matrices of average and maximum pooling."""

import numpy as np

from labkit import geometry
from labkit.plots.base import (
    GRID,
    INK,
    TAP_COLORS,
    bare,
    grid,
    new_figure,
    number,
    outline,
    tap_color,
    term,
    text_color,
)

__all__ = ["KINDS", "pooling", "pooling_windows", "reading"]

KINDS = ("max", "average")
UNCHOSEN = "#EDEDED"
REDUCE = {"max": np.max, "average": np.mean}


def pooling(image, pool_size, at=(0, 0), *, strides=None, kind="average"):
    """Draw image, output and matrix of a pooling layer, and explain one output cell.

    The matrix of average pooling contains equal weights. Maximum pooling is not linear, so its
    matrix is drawn for *this* image only: 1 at the maximum of each window (the first one of
    several), 0 at the other pixels of the window.

    Args:
        image: ``(height, width)``, small.
        pool_size: the size of a window, ``(rows, columns)`` or one number for both.
        at: ``(row, column)`` of the output cell whose window, arithmetic and row of the matrix are
            shown.
        strides: the strides, by default ``pool_size``.
        kind: ``"average"`` or ``"max"``.

    Returns:
        a Figure.

    Raises:
        ValueError: ``kind`` is unknown, ``at`` lies outside the output, or the window does not fit
            (see :mod:`labkit.geometry`).
    """
    image = np.asarray(image, float)
    if kind not in KINDS:
        raise ValueError(f"kind: expected one of {', '.join(KINDS)}, received {kind!r}")
    strides = pool_size if strides is None else strides
    out_shape = geometry.output_shape(image.shape, pool_size, strides=strides)
    if any(not 0 <= i < size for i, size in zip(at, out_shape, strict=True)):
        raise ValueError(f"at: expected a cell of the {out_shape} output, received {at}")
    reads = geometry.index_map(image.shape, pool_size, strides=strides)
    output = REDUCE[kind](image.ravel()[reads], axis=1)
    winners = reads[np.arange(len(reads)), image.ravel()[reads].argmax(axis=1)]
    row = int(np.ravel_multi_index(at, out_shape))

    cells = min(10.0, 0.6 + 0.34 * image.size)  # the width of the matrix in inches
    figure = new_figure(cells, 3.2 + (cells - 0.4) * len(reads) / image.size)
    top, bottom = figure.subfigures(
        2, 1, height_ratios=[2.3, 0.7 + cells * len(reads) / image.size]
    )
    panels = top.subplots(1, 2, width_ratios=[image.shape[1], image.shape[1]])
    rows = image.shape[0]
    grid(panels[0], image, rows=rows, title=f"image {image.shape[0]} × {image.shape[1]}")
    first = np.unravel_index(reads[row, 0], image.shape)
    window = np.unravel_index(reads[row, -1], image.shape)
    outline(panels[0], *first, *(end - start + 1 for start, end in zip(first, window, strict=True)))
    name = f"{kind} pooling, output {out_shape[0]} × {out_shape[1]}"
    grid(panels[1], output.reshape(out_shape), rows=rows, title=name)
    panels[1].set_xlim(
        -0.1, image.shape[1] + 0.1
    )  # so that cells have the same size in both panels
    outline(panels[1], *at)

    axes = bottom.subplots()
    _draw_matrix(axes, image.shape, reads, winners if kind == "max" else None, row)
    values = image.ravel()[reads[row]]
    if kind == "max":
        place = tuple(int(i) for i in np.unravel_index(winners[row], image.shape))
        message = f"max({', '.join(map(number, values))}) = {number(output[row])}, pixel {place}"
    else:
        message = f"({' + '.join(map(term, values))}) / {len(values)} = {number(output[row])}"
    axes.set_xlabel(f"output{tuple(at)} = {message}", fontsize=9, color=INK)
    return figure


def _draw_matrix(axes, in_shape, reads, winners, row):
    """Draw one row for each output: equal weights, or a single 1 at the maximum."""
    from matplotlib.patches import Rectangle

    rows, columns, size = len(reads), int(np.prod(in_shape)), reads.shape[1]
    for output, indices in enumerate(reads):
        for index in indices:
            if winners is None:
                color, label = TAP_COLORS[0], f"1/{size}"
            elif index == winners[output]:
                color, label = TAP_COLORS[1], "1"
            else:
                color, label = UNCHOSEN, "0"
            axes.add_patch(Rectangle((index, output), 1, 1, facecolor=color, lw=0))
            if columns <= 40:
                spot = {"ha": "center", "va": "center", "fontsize": 7 if columns <= 30 else 6}
                axes.text(index + 0.5, output + 0.5, label, color=text_color(color), **spot)
    for column in range(columns + 1):
        heavy = column % in_shape[1] == 0
        axes.axvline(column, color=INK if heavy else GRID, lw=1 if heavy else 0.4, zorder=0.5)
    for line in range(rows + 1):
        axes.axhline(line, color=GRID, lw=0.4, zorder=0.5)
    outline(axes, row, 0, width=columns)
    axes.set_xlim(0, columns)
    axes.set_ylim(rows, 0)
    axes.set_aspect("equal")
    if winners is None:
        message = f"{reads.size} equal weights, 1/{size}; white is zero"
    else:
        message = "for this image only: 1 at the winner"
    bare(axes, f"matrix {rows} × {columns}: {message}")


def pooling_windows(image, pool_size):
    """Draw an image in windows of different colors, with their maxima and averages.

    The first pixel with the maximum of its window is outlined. This is the lecture's figure 5.

    Args:
        image: ``(height, width)``, small.
        pool_size: the size of a window, ``(rows, columns)`` or one number for both.

    Returns:
        a Figure.

    Raises:
        ValueError: the size of the image is not a multiple of the size of the windows.
    """
    image = np.asarray(image, float)
    size = geometry.as_tuple(pool_size, 2, "pool_size")
    if any(n % k for n, k in zip(image.shape, size, strict=True)):
        raise ValueError(
            f"pool_size: expected windows that cover the image, received {size} for {image.shape}"
        )
    rows, columns = (n // k for n, k in zip(image.shape, size, strict=True))
    reads = geometry.index_map(image.shape, size, strides=size)
    values = image.ravel()[reads]
    figure = new_figure(8.6, 3.0)
    panels = figure.subplots(1, 3, width_ratios=[image.shape[1], columns, columns])
    colors = [
        [tap_color(r // size[0] * columns + c // size[1]) for c in range(image.shape[1])]
        for r in range(image.shape[0])
    ]
    grid(panels[0], image, colors, _numbers(image), f"image {image.shape[0]} × {image.shape[1]}")
    for winner in reads[np.arange(len(reads)), values.argmax(axis=1)]:
        outline(panels[0], *np.unravel_index(winner, image.shape))
    own = [[tap_color(r * columns + c) for c in range(columns)] for r in range(rows)]
    for axes, kind in zip(panels[1:], KINDS, strict=True):
        pooled = REDUCE[kind](values, axis=1).reshape(rows, columns)
        grid(axes, pooled, own, _numbers(pooled), f"{kind} of each window")
    return figure


def _numbers(array):
    return [[number(value) for value in row] for row in array]


def reading(canvas, labels, *, field, stride, sure=None):
    """Show a wide image with what a network predicts for each of its receptive fields.

    Each label is drawn below the middle of its receptive field.

    Args:
        canvas: ``(height, width)``, the image.
        labels: ``(fields,)``, the predicted labels from left to right.
        field: the width of a receptive field in pixels.
        stride: the distance between neighboring fields in pixels.
        sure: ``(fields,)`` of booleans; where it is False, the label is small and gray. By default
            all are True.

    Returns:
        a Figure.
    """
    canvas = np.asarray(canvas)
    figure = new_figure(10, 0.9 + 10 * canvas.shape[0] / canvas.shape[1])
    axes = figure.subplots()
    axes.imshow(canvas, cmap="gray_r", extent=(0, canvas.shape[1], canvas.shape[0], 0))
    sure = [True] * len(labels) if sure is None else sure
    for place, (label, certain) in enumerate(zip(labels, sure, strict=True)):
        middle = place * stride + field / 2
        style = {"fontsize": 15, "weight": "bold"} if certain else {"fontsize": 9}
        color = "#882255" if certain else "#6A6A6A"
        axes.text(
            middle,
            canvas.shape[0] + 0.9,
            str(label),
            ha="center",
            va="center",
            color=color,
            **style,
        )
        axes.plot(
            [middle] * 2,
            [canvas.shape[0], canvas.shape[0] + 0.25],
            color=color,
            lw=1,
            clip_on=False,
        )
    axes.set_xlim(0, canvas.shape[1])
    axes.set_ylim(canvas.shape[0] + 1.6, 0)
    bare(axes)
    return figure
