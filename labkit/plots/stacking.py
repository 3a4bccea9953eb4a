"""Layers as matrices: the bias as one more column, and two linear layers as a product."""

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

__all__ = ["bias_column", "product"]

BIAS_COLORS = ("#222222", "#DDDDDD", "#777777")  # no tap is gray, so gray always means a bias


def bias_column(image, kernels, bias, at=(0, 0, 0)):
    """Draw image, filters, one output, and the matrix with the biases as its last column.

    A row of the matrix belongs to a (place, filter), and the filter changes fastest. Taps have
    their usual colors. Biases are gray, with one shade and label for each filter.

    Args:
        image: ``(rows, columns)``, small, one channel.
        kernels: ``(A, B, filters)``.
        bias: ``(filters,)``.
        at: ``(row, column, filter)`` of the output whose arithmetic is shown.

    Returns:
        a Figure.

    Raises:
        ValueError: ``at`` lies outside the output, or shapes do not fit.
    """
    image, kernels, bias = (np.asarray(array, float) for array in (image, kernels, bias))
    A, B, filters = kernels.shape
    taps = geometry.index_map(image.shape, (A, B))
    places = geometry.output_shape(image.shape, (A, B))
    if len(at) != 3 or any(not 0 <= i < n for i, n in zip(at, (*places, filters), strict=True)):
        raise ValueError(f"at: expected a cell of the {(*places, filters)} output, received {at}")
    n, m, f = at
    taps = taps.reshape(*places, A * B)
    output = image.ravel()[taps] @ kernels[..., f].ravel() + bias[f]
    rows, inputs = output.size * filters, image.size
    heights = [0.38 * max(len(image), A) + 0.4, 6.4 * rows / (inputs + 4) + 1.0]
    figure = new_figure(7.6, sum(heights))
    top, bottom = figure.subfigures(2, 1, height_ratios=heights)
    widths = [image.shape[1], *[B + 1.4] * filters, places[1]]
    panels = top.subplots(1, filters + 2, width_ratios=widths)
    tallest = max(len(image), A)
    grid(panels[0], image, rows=tallest, title=f"image {len(image)} × {image.shape[1]}")
    for i, j in np.ndindex(A, B):
        outline(panels[0], n + i, m + j)
    for g in range(filters):
        _draw_filter(panels[1 + g], kernels[..., g], bias[g], g, tallest)
    grid(panels[-1], output, rows=tallest, title=f"output {f}")
    outline(panels[-1], n, m)
    axes = bottom.subplots()
    _draw_with_bias(axes, taps.reshape(-1, A * B), image.shape, (A, B), filters)
    outline(axes, (n * places[1] + m) * filters + f, 0, width=inputs + 1)
    pairs = [*zip(image.ravel()[taps[n, m]], kernels[..., f].ravel(), strict=True), (1, bias[f])]
    terms = " + ".join(f"{term(x)}·{term(weight)}" for x, weight in pairs)
    axes.set_xlabel(
        f"output({n}, {m}) of filter {f} = {terms} = {number(output[n, m])}", fontsize=9, color=INK
    )
    return figure


def _draw_filter(axes, kernel, bias, which, rows):
    """Draw a kernel, with its bias on the right."""
    A, B = kernel.shape
    colors = [[tap_color(i * B + j) for j in range(B)] for i in range(A)]
    labels = [[f"k{i}{j}\n{number(kernel[i, j])}" for j in range(B)] for i in range(A)]
    grid(axes, kernel, colors, labels, f"filter {which}, bias", rows, fontsize=7)
    face = BIAS_COLORS[which % len(BIAS_COLORS)]
    axes.add_patch(Rectangle((B + 0.3, 0), 1, 1, facecolor=face, edgecolor=GRID, lw=0.8))
    style = {"ha": "center", "va": "center", "fontsize": 7, "color": text_color(face)}
    axes.text(B + 0.8, 0.5, f"b{which}\n{number(bias)}", **style)
    axes.set_xlim(-0.1, B + 1.4)


def _draw_with_bias(axes, taps, spatial, kernel_size, filters):
    """Draw the matrix with the column of biases; ``taps`` is the index map ``(places, taps)``."""
    rows, inputs = len(taps) * filters, int(np.prod(spatial))
    entries = [
        (place * filters + f, index, tap_color(tap), _label(tap, kernel_size))
        for place, indices in enumerate(taps)
        for f in range(filters)
        for tap, index in enumerate(indices)
    ]
    entries += [
        (r, inputs, BIAS_COLORS[r % filters % len(BIAS_COLORS)], f"b{r % filters}")
        for r in range(rows)
    ]
    _cells(axes, rows, inputs + 1, entries, _breaks(spatial))
    for r in range(rows):
        axes.text(-0.3, r + 0.5, f"filter {r % filters}", ha="right", va="center", fontsize=8)
    axes.text(inputs + 0.5, -0.3, "times 1", ha="center", fontsize=9, color=INK)
    axes.set_xlim(-2.2, inputs + 1.6)
    bare(axes, f"matrix {rows} × ({inputs} + 1): one more column, {filters} different biases\n")


def product(spatial, first_size, second_size):
    """Draw the product of two layers' matrices, which is the matrix of one convolution.

    Both layers have one channel and rank 1 or 2. Labels name the taps: ``g`` of the second layer,
    ``k`` of the first layer, ``h`` of the kernel of the product.

    Args:
        spatial: the shape of the first layer's input.
        first_size: the shape of the first layer's kernel.
        second_size: the shape of the second layer's kernel.

    Returns:
        a Figure.
    """
    between = geometry.output_shape(spatial, first_size)
    whole = tuple(a + p - 1 for a, p in zip(first_size, second_size, strict=True))
    parts = [
        ("second layer", between, second_size, "g"),
        ("first layer", spatial, first_size, "k"),
        ("both in one", spatial, whole, "h"),
    ]
    maps = [
        geometry.index_map(shape, size).reshape(-1, int(np.prod(size)))
        for _, shape, size, _ in parts
    ]
    widths = [int(np.prod(shape)) for _, shape, _, _ in parts]
    heights = [len(taps) for taps in maps]
    inch = 9.4 / (sum(widths) + 4)
    figure = new_figure(10.2, inch * max(heights) + 0.9)
    figure.get_layout_engine().set(wspace=0.06)
    panels = figure.subplots(1, 3, width_ratios=widths)
    for axes, (title, shape, size, letter), taps in zip(panels, parts, maps, strict=True):
        entries = [
            (row, index, tap_color(tap), _label(tap, size, letter))
            for row, indices in enumerate(taps)
            for tap, index in enumerate(indices)
        ]
        fontsize = min(8, 72 * inch / 2.2 / max(1, len(_label(0, size)) * 0.5))
        _cells(axes, len(taps), int(np.prod(shape)), entries, _breaks(shape), fontsize)
        axes.set_ylim(max(heights) + 0.05, -0.05)
        bare(axes, f"{title}\n{len(taps)} × {int(np.prod(shape))}, {taps.shape[1]} weights")
    middle = 1 - min(heights) / max(heights) / 2
    for axes, sign in zip(panels[:2], "×=", strict=True):
        axes.annotate(
            sign,
            (1, middle),
            xytext=(5, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=16,
            va="center",
        )
    return figure


def _label(tap, size, letter="k"):
    """Return the label of a tap, such as ``k01``."""
    return letter + "".join(str(i) for i in np.unravel_index(tap, tuple(size)))


def _breaks(spatial):
    """Return the columns of the matrix at which a new row of the image begins."""
    return range(0, int(np.prod(spatial)) + 1, spatial[-1])


def _cells(axes, rows, columns, entries, heavy, fontsize=8.0):
    """Draw a matrix from its entries (row, column, color, label)."""
    for row, column, color, label in entries:
        axes.add_patch(Rectangle((column, row), 1, 1, facecolor=color, lw=0))
        axes.text(
            column + 0.5,
            row + 0.5,
            label,
            ha="center",
            va="center",
            fontsize=fontsize,
            color=text_color(color),
        )
    for column in range(columns + 1):
        strong = column in heavy
        axes.plot([column] * 2, [0, rows], color=INK if strong else GRID, lw=1 if strong else 0.4)
    for row in range(rows + 1):
        axes.plot([0, columns], [row, row], color=GRID, lw=0.4)
    axes.set_xlim(-0.05, columns + 0.05)
    axes.set_ylim(rows + 0.05, -0.05)
    axes.set_aspect("equal")
