"""The pooling explorer: point at an output and see its window, and its row of the matrix."""

import numpy as np

from labkit import plots
from labkit.widgets.showing import script, show

__all__ = ["pooling"]


def _widget(image, pool_size, stride, at, kind):
    import anywidget
    import traitlets

    class PoolingExplorer(anywidget.AnyWidget):
        _esm = script("pooling")
        image = traitlets.List().tag(sync=True)
        colors = traitlets.List().tag(sync=True)
        pool_size = traitlets.List().tag(sync=True)
        stride = traitlets.Int().tag(sync=True)
        at = traitlets.List().tag(sync=True)
        kind = traitlets.Unicode().tag(sync=True)

    return PoolingExplorer(
        image=image.tolist(),
        colors=list(plots.TAP_COLORS),
        pool_size=list(pool_size),
        stride=stride,
        at=list(at),
        kind=kind,
    )


def pooling(image, pool_size=(2, 2), stride=2, at=(0, 0), kind="average"):
    """Show an image, its pooling and the matrix; point at an output to see where it comes from.

    ``image`` ``(height, width)`` is a small array of numbers, ``pool_size`` ``(rows, columns)`` and
    ``stride`` are where the sliders begin, ``kind`` is ``"average"`` or ``"max"``; ``at`` is the
    output cell to begin with. Arrow keys move over the output. Without anywidget, or where no
    widget can run, the figure of :func:`plots.pooling`.

    Raises:
        ValueError: not two-dimensional, more than can be looked at (64 pixels), or what
            :func:`plots.pooling` raises.
    """
    image = np.asarray(image, float)
    if image.ndim != 2:
        raise ValueError(
            f"pooling: expected an image (height, width), received shape {image.shape}"
        )
    if image.size > 64:
        raise ValueError(
            f"pooling: expected at most 64 pixels, received {image.shape}: its matrix would have "
            f"{image.size} columns, too many to see. Take a corner: image[:6, :6]"
        )
    figure = plots.pooling(image, pool_size, at, strides=stride, kind=kind)
    alt = (
        f"The {image.shape[0]} by {image.shape[1]} image, its {kind} pooling with windows of "
        f"{pool_size[0]} by {pool_size[1]} and stride {stride}, and the matrix; output "
        f"{tuple(at)}, its window and its row of the matrix are outlined."
    )
    show(plots.mimebundle(figure, alt), lambda: _widget(image, pool_size, stride, at, kind))
