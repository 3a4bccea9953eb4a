"""A few images of each class."""

import numpy as np

from labkit.plots.base import INK, bare, new_figure

__all__ = ["samples"]


def samples(images, labels, classes, *, each=8):
    """Show the first images of each class, with one row for each class.

    Args:
        images: ``(images, height, width)`` or ``(images, height, width, 3)``.
        labels: ``(images,)``, the index of each image's class in ``classes``.
        classes: the names of the classes.
        each: how many images to show of each class.

    Returns:
        a Figure.
    """
    figure = new_figure(0.62 * each + 1.6, 0.64 * len(classes))
    panels = figure.subplots(len(classes), each, squeeze=False)
    for number, (row, name) in enumerate(zip(panels, classes, strict=True)):
        chosen = np.flatnonzero(np.asarray(labels) == number)[:each]
        for axes, index in zip(row, chosen, strict=False):
            axes.imshow(images[index], cmap="gray_r")
        for axes in row:
            bare(axes)
        row[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=10, color=INK)
    return figure
