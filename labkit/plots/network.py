"""A one-dimensional layer drawn as units and edges."""

from labkit import geometry
from labkit.plots.base import INK, bare, new_figure, tap_color, text_color

__all__ = ["network"]


def network(n, kernel_size, *, kinds=("dense", "local", "convolutional")):
    """Draw a layer as units and edges: dense, locally connected and convolutional.

    In the convolutional layer, edges with the same weight share a color and a label. In the dense
    and local layers every edge has its own weight and is gray. These are the lecture's figures 1
    and 2.

    Args:
        n: the number of inputs.
        kernel_size: how many neighboring inputs an output of the local and convolutional layers
            reads.
        kinds: which layers to draw, from left to right.

    Returns:
        a Figure.
    """
    outputs = geometry.output_size(n, kernel_size)
    figure = new_figure(3.4 * len(kinds), 3.6)
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
            color = tap_color(tap) if tied else "#8A8A8A"
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
                    color=text_color(color),
                    bbox={"boxstyle": "round,pad=0.15", "facecolor": color, "lw": 0},
                )
        for x, y, label in [(i, 0, f"$x_{i}$") for i in range(n)] + [
            (o + offset, 2, f"$y_{o}$") for o in range(outputs)
        ]:
            axes.scatter([x], [y], s=420, color="white", edgecolor=INK, zorder=2)
            axes.text(x, y, label, ha="center", va="center", fontsize=10, zorder=3)
        weights = kernel_size if kind == "convolutional" else len(edges)
        axes.set_xlim(-0.6, n - 0.4)
        axes.set_ylim(-0.45, 2.45)
        bare(axes, f"{kind}: {len(edges)} edges, {weights} weights")
    return figure
