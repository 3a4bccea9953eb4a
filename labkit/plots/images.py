"""Grids of images: photographs, digits and feature maps."""

import numpy as np

from labkit.plots.base import INK, bare, new_figure

__all__ = ["images"]


def images(arrays, titles=(), *, columns=None, signed=False, limit=None, width=10.0):
    """Show images in a row or a grid, each with its title.

    Args:
        arrays: gray images ``(height, width)`` or color images ``(height, width, 3)``.
        titles: a title for each image; missing ones are empty.
        columns: how many images stand in a row, by default all.
        signed: draw zero white, negative values orange and positive values purple, on one scale for
            all images, with a color bar.
        limit: the end of the signed scale, by default the largest absolute value.
        width: the width of the figure in inches.

    Returns:
        a Figure.
    """
    arrays = [np.asarray(array) for array in arrays]
    columns = columns or len(arrays)
    rows = -(-len(arrays) // columns)
    height, wide = arrays[0].shape[:2]
    figure = new_figure(width, rows * (width / columns * height / wide + 0.4))
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    if signed and limit is None:
        limit = max(np.abs(array).max() for array in arrays)
    for axes in panels:
        bare(axes)
    drawn = None
    for axes, array, title in zip(panels, arrays, [*titles, *[""] * len(arrays)], strict=False):
        if signed:
            drawn = axes.imshow(array, cmap="PuOr", vmin=-limit, vmax=limit)
        else:
            drawn = axes.imshow(array, cmap="gray")
        axes.set_title(title, fontsize=10, color=INK)
    if signed:
        beyond = max(np.abs(array).max() for array in arrays) > limit
        bar = {"shrink": 0.8, "pad": 0.01, "extend": "both" if beyond else "neither"}
        figure.colorbar(drawn, ax=panels.tolist(), **bar)
    return figure
