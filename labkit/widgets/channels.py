"""The channel explorer: one output followed through all planes and the block matrix."""

import numpy as np

from labkit import plots
from labkit.widgets.showing import script, show

__all__ = ["channels"]


def _widget(image, kernels, at, order):
    import anywidget
    import traitlets

    class ChannelExplorer(anywidget.AnyWidget):
        _esm = script("channels")
        image = traitlets.List().tag(sync=True)
        kernels = traitlets.List().tag(sync=True)
        colors = traitlets.List().tag(sync=True)
        at = traitlets.List().tag(sync=True)
        order = traitlets.Unicode().tag(sync=True)

    return ChannelExplorer(
        image=image.tolist(),
        kernels=kernels.tolist(),
        colors=list(plots.TAP_COLORS),
        at=list(at),
        order=order,
    )


def channels(image, kernels, at=(0, 0, 0), order="channels last"):
    """Show planes, filters, output and block matrix; point at an output to see where it comes from.

    ``image`` ``(rows, columns, channels)`` and ``kernels`` ``(A, B, channels, filters)`` are small;
    ``at`` ``(row, column, filter)`` is the output to begin with. Arrow keys move over the output;
    two fields choose the filter and whether vectors hold whole channels one after the other
    (``"blocks"``) or the channels of a pixel together (``"channels last"``). Without anywidget, or
    where no widget can run, the figure of :func:`plots.channels`.

    Raises:
        ValueError: more than can be looked at (64 numbers), or what :func:`plots.channels` raises.
    """
    image, kernels = np.asarray(image, float), np.asarray(kernels, float)
    if image.ndim != 3 or kernels.ndim != 4:
        raise ValueError(
            "channels: expected an image (rows, columns, channels) and kernels "
            f"(A, B, channels, filters), received shapes {image.shape} and {kernels.shape}"
        )
    if image.size > 64:
        raise ValueError(
            f"channels: expected at most 64 numbers, received {image.shape}: its matrix would have "
            f"{image.size} columns, too many to see. Take a corner: image[:4, :4]"
        )
    figure = plots.channels(image, kernels, at, order=order)
    rows, columns, depth = image.shape
    alt = (
        f"The {rows} by {columns} image with {depth} channels, filter {at[2]} of "
        f"{kernels.shape[3]}, its output, and the matrix, in the order {order!r}; output "
        f"{tuple(at[:2])}, the pixels that it reads and its row of the matrix are outlined."
    )
    show(plots.mimebundle(figure, alt), lambda: _widget(image, kernels, at, order))
