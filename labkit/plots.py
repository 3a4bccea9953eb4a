"""The pictures of the labs: image, kernel, output and constrained matrix, always in one language.

A kernel's taps each have a color *and* a label (``k01`` is row 0, column 1), and wear both
wherever they turn up: in the kernel, in the matrix, on the edges of the network. What a picture
points at is outlined in black. Functions return a ``matplotlib.figure.Figure`` that nobody else
holds; :func:`show` puts it into a notebook with its alternative text.
"""

import base64
import html
import io

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from labkit import geometry

__all__ = [
    "TAP_COLORS",
    "curves",
    "images",
    "matrix",
    "mimebundle",
    "network",
    "picture",
    "show",
]

# Paul Tol's "muted" scheme (https://sronpersonalpages.nl/~pault/): nine colors told apart by
# color-blind readers, one for each tap of a 3x3 kernel. Larger kernels go round again: the
# labels, not the colors, carry the meaning.
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
_GRID = "#C8C8C8"
_INK = "#222222"


def mimebundle(figure, alt):
    """What a notebook stores for ``figure``: HTML with alt text, and the alt text alone.

    Raises:
        ValueError: ``alt`` is empty: a picture without words is lost on those who cannot see it.
    """
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt: expected a sentence that says what the figure shows, got {alt!r}")
    alt = " ".join(alt.split())
    buffer = io.BytesIO()
    # no software version: the same picture is the same bytes
    figure.savefig(buffer, format="png", dpi=144, bbox_inches="tight", metadata={"Software": None})
    png = buffer.getvalue()
    picture = (
        f'<img alt="{html.escape(alt)}" width="{_pixel_width(png) // 2}" '
        'style="max-width:100%;height:auto;background:#fff" '
        f'src="data:image/png;base64,{base64.b64encode(png).decode("ascii")}">'
    )
    return {"text/html": picture, "text/plain": f"Figure: {alt}"}


def _pixel_width(png):
    return int.from_bytes(png[16:20], "big")  # the IHDR chunk's first field


def show(figure, alt):
    """Show ``figure`` in a notebook; ``alt`` says in words what is to be seen in it."""
    from IPython.display import display

    display(mimebundle(figure, alt), raw=True)


def _figure(width, height):
    return Figure(figsize=(width, height), layout="constrained")


def _text_color(background):
    red, green, blue = to_rgb(background)
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.5 else "black"


def _number(value):
    text = f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"
    return text.replace("-", "−")


def _term(value):
    return _number(value) if value >= 0 else f"({_number(value)})"


def _bare(axes, title=None):
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)
    if title:
        axes.set_title(title, fontsize=10, color=_INK)


def _grid(axes, values, colors=None, labels=None, title=None, rows=None, fontsize=9):
    """Draw a small array as numbered cells, gray by value or colored, in a space of ``rows``."""
    columns = values.shape[1]
    low = values.min()
    spread = (values.max() - low) or 1
    for row in range(len(values)):
        for column in range(columns):
            shade = 1 - 0.45 * (values[row, column] - low) / spread
            face = colors[row][column] if colors else (shade, shade, shade)
            axes.add_patch(Rectangle((column, row), 1, 1, facecolor=face, edgecolor=_GRID, lw=0.8))
            label = labels[row][column] if labels else _number(values[row, column])
            axes.text(
                column + 0.5,
                row + 0.5,
                label,
                ha="center",
                va="center",
                fontsize=fontsize,
                color=_text_color(face),
            )
    axes.set_xlim(-0.1, columns + 0.1)
    axes.set_ylim((rows or len(values)) + 0.1, -0.1)
    axes.set_aspect("equal")
    _bare(axes, title)


def _outline(axes, row, column, height=1, width=1):
    axes.add_patch(Rectangle((column, row), width, height, fill=False, edgecolor="black", lw=2.6))


def _tap_color(tap):
    return TAP_COLORS[tap % len(TAP_COLORS)]


def _tap_label(tap, kernel_shape):
    return "k" + "".join(str(i) for i in np.unravel_index(tap, kernel_shape))


def _correlate(image, kernel, taps):
    flat = np.append(image.ravel(), 0.0)  # index -1, padding, reads the zero at the end
    return (flat[taps] * kernel.ravel()).sum(-1)


def picture(image, kernel, at=(0, 0), *, strides=1, padding="valid", dilation_rate=1):
    """Image, kernel, output and constrained matrix side by side, one output cell followed through.

    ``image`` ``(height, width)`` and ``kernel`` ``(rows, columns)`` are small arrays; ``at`` is the
    output cell whose receptive field, arithmetic and row of the matrix are outlined. Returns a
    Figure.

    Raises:
        ValueError: ``at`` lies outside the output, or the shapes do not fit (see geometry).
    """
    image, kernel = np.asarray(image, float), np.asarray(kernel, float)
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate}
    out_shape = geometry.output_shape(image.shape, kernel.shape, **options)
    if any(not 0 <= i < size for i, size in zip(at, out_shape, strict=True)):
        raise ValueError(f"at: expected a cell of the {out_shape} output, received {at}")
    taps = geometry.index_map(image.shape, kernel.shape, **options)
    taps = taps.reshape(*out_shape, kernel.size)
    output = _correlate(image, kernel, taps)
    figure = _figure(10.2, 6.4 if taps[..., 0].size > 9 else 4.6)
    top, bottom = figure.subfigures(2, 1, height_ratios=[1, 1.25])
    panels = top.subplots(1, 3, width_ratios=[image.shape[1], kernel.shape[1], out_shape[1]])
    tallest = max(image.shape[0], out_shape[0], kernel.shape[0])  # cells of one size throughout
    _grid(panels[0], image, rows=tallest, title=f"image {image.shape[0]} × {image.shape[1]}")
    for index in taps[at][taps[at] >= 0]:
        _outline(panels[0], *np.unravel_index(index, image.shape))
    colors = [
        [_tap_color(r * kernel.shape[1] + c) for c in range(kernel.shape[1])]
        for r in range(kernel.shape[0])
    ]
    labels = [
        [f"k{r}{c}\n{_number(kernel[r, c])}" for c in range(kernel.shape[1])]
        for r in range(kernel.shape[0])
    ]
    _grid(panels[1], kernel, colors, labels, title="kernel", rows=tallest, fontsize=8)
    _grid(panels[2], output, rows=tallest, title=f"output {out_shape[0]} × {out_shape[1]}")
    _outline(panels[2], *at)
    axes = bottom.subplots()
    row = int(np.ravel_multi_index(at, out_shape))
    _draw_matrix(axes, taps.reshape(-1, kernel.size), image.shape, kernel.shape, row)
    used = [t for t in range(kernel.size) if taps[at][t] >= 0]
    terms = " + ".join(
        f"{_term(image.ravel()[taps[at][t]])}·{_term(kernel.ravel()[t])}" for t in used
    )
    axes.set_xlabel(f"output{at} = {terms} = {_number(output[at])}", fontsize=9, color=_INK)
    return figure


def _draw_matrix(axes, taps, in_shape, kernel_shape, row=None):
    """The constrained matrix from its index map ``(output, tap)``: which tap stands where."""
    rows, columns = len(taps), int(np.prod(in_shape))
    labeled = columns <= 40 and rows <= 24
    for output, indices in enumerate(taps):
        for tap, index in enumerate(indices):
            if index >= 0:
                color = _tap_color(tap)
                axes.add_patch(Rectangle((index, output), 1, 1, facecolor=color, lw=0))
                if labeled:
                    axes.text(
                        index + 0.5,
                        output + 0.5,
                        _tap_label(tap, kernel_shape)[1:],
                        ha="center",
                        va="center",
                        fontsize=7 if columns <= 30 else 6,
                        color=_text_color(color),
                    )
    step = in_shape[-1] if len(in_shape) > 1 else columns
    for column in range(columns + 1):
        heavy = column % step == 0
        axes.axvline(column, color=_INK if heavy else _GRID, lw=1 if heavy else 0.4, zorder=0.5)
    for line in range(rows + 1):
        axes.axhline(line, color=_GRID, lw=0.4, zorder=0.5)
    if row is not None:
        _outline(axes, row, 0, width=columns)
    axes.set_xlim(0, columns)
    axes.set_ylim(rows, 0)
    axes.set_aspect("equal")
    kinds = f"{taps[taps >= 0].size} weights, {taps.shape[1]} different; white is zero"
    _bare(axes, f"matrix {rows} × {columns}: {kinds}")


def matrix(spatial, kernel_size, *, strides=1, padding="valid", dilation_rate=1):
    """The constrained matrix alone, ``(outputs, inputs)``: equal weights in equal color and label.

    Heavy lines part the input's rows. Rank 1 and 2. Returns a Figure.
    """
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate}
    taps = geometry.index_map(spatial, kernel_size, **options)
    taps = taps.reshape(-1, int(np.prod(kernel_size)))
    columns = int(np.prod(spatial))
    width = min(10.0, 1.5 + columns * 0.3)
    figure = _figure(width, 0.6 + (width - 0.4) * len(taps) / columns)
    _draw_matrix(figure.subplots(), taps, tuple(spatial), tuple(kernel_size))
    return figure


def network(n, kernel_size, *, kinds=("dense", "local", "convolutional")):
    """A layer of ``n`` inputs drawn as a classical network, dense, local and convolutional.

    Edges of equal weight share a color and a label; in the dense and local layers every edge is a
    weight of its own and is drawn gray. The lecture's figures 1 and 2. Returns a Figure.
    """
    outputs = geometry.output_size(n, kernel_size)
    figure = _figure(3.4 * len(kinds), 3.6)
    for axes, kind in zip(figure.subplots(1, len(kinds), squeeze=False)[0], kinds, strict=True):
        offset = (n - outputs) / 2
        edges = [
            (i, o, i - o)
            for o in range(outputs)
            for i in range(n)
            if kind == "dense" or 0 <= i - o < kernel_size
        ]
        for i, o, tap in edges:
            tied = kind == "convolutional"
            color = _tap_color(tap) if tied else "#8A8A8A"
            axes.plot([i, o + offset], [0, 2], color=color, lw=2.2 if tied else 0.9, zorder=1)
            if tied:
                where = 0.32
                axes.text(
                    i + (o + offset - i) * where,
                    2 * where,
                    f"k{tap}",
                    fontsize=8,
                    ha="center",
                    va="center",
                    color=_text_color(color),
                    bbox={"boxstyle": "round,pad=0.15", "facecolor": color, "lw": 0},
                )
        for x, y, label in [(i, 0, f"$x_{i}$") for i in range(n)] + [
            (o + offset, 2, f"$y_{o}$") for o in range(outputs)
        ]:
            axes.scatter([x], [y], s=420, color="white", edgecolor=_INK, zorder=2)
            axes.text(x, y, label, ha="center", va="center", fontsize=10, zorder=3)
        weights = kernel_size if kind == "convolutional" else len(edges)
        axes.set_xlim(-0.6, n - 0.4)
        axes.set_ylim(-0.45, 2.45)
        _bare(axes, f"{kind}: {len(edges)} edges, {weights} weights")
    return figure


def images(arrays, titles=(), *, columns=None, signed=False, limit=None, width=10.0):
    """Images in a row (or a grid of ``columns``), each with its title; returns a Figure.

    Gray arrays ``(height, width)`` or color ``(height, width, 3)``. ``signed`` draws zero as white,
    negative values in orange and positive in purple, on one scale for all, with a bar that says so;
    the scale goes to ``limit``, or else to the largest value.
    """
    arrays = [np.asarray(array) for array in arrays]
    columns = columns or len(arrays)
    rows = -(-len(arrays) // columns)
    height, wide = arrays[0].shape[:2]
    figure = _figure(width, rows * (width / columns * height / wide + 0.4))
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    if signed and limit is None:
        limit = max(np.abs(array).max() for array in arrays)
    for axes in panels:
        _bare(axes)
    drawn = None
    for axes, array, title in zip(panels, arrays, [*titles, *[""] * len(arrays)], strict=False):
        if signed:
            drawn = axes.imshow(array, cmap="PuOr", vmin=-limit, vmax=limit)
        else:
            drawn = axes.imshow(array, cmap="gray")
        axes.set_title(title, fontsize=10, color=_INK)
    if signed:
        beyond = max(np.abs(array).max() for array in arrays) > limit
        bar = {"shrink": 0.8, "pad": 0.01, "extend": "both" if beyond else "neither"}
        figure.colorbar(drawn, ax=panels.tolist(), **bar)
    return figure


def curves(x, lines, *, xlabel, ylabel, title="", log=True):
    """Named lines over ``x``, told apart by marker and end label; returns a Figure."""
    figure = _figure(7.2, 4.0)
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
