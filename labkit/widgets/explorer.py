"""The explorer: point at an output and see its receptive field and its row of the matrix."""

import numpy as np

from labkit import plots
from labkit.widgets.showing import script, show

__all__ = ["CONTROLS", "explorer"]

CONTROLS = ("kernel", "padding", "strides", "dilation_rate")


def _widget(image, kernel, at, options, controls):
    import anywidget
    import traitlets

    class Explorer(anywidget.AnyWidget):
        _esm = script("explorer")
        image = traitlets.List().tag(sync=True)
        kernel = traitlets.List().tag(sync=True)
        colors = traitlets.List().tag(sync=True)
        controls = traitlets.List().tag(sync=True)
        at = traitlets.List().tag(sync=True)
        kernel_size = traitlets.List().tag(sync=True)
        stride = traitlets.Int().tag(sync=True)
        padding = traitlets.Unicode().tag(sync=True)
        dilation = traitlets.Int().tag(sync=True)

    return Explorer(
        image=image.tolist(),
        kernel=kernel.tolist(),
        colors=list(plots.TAP_COLORS),
        controls=list(controls),
        at=list(at),
        kernel_size=list(kernel.shape),
        stride=options["strides"],
        padding=str(options["padding"]),
        dilation=options["dilation_rate"],
    )


def explorer(
    image, kernel, at=(0, 0), *, strides=1, padding="valid", dilation_rate=1, controls=("kernel",)
):
    """Show image, kernel, output and matrix; point at an output to see where it comes from.

    ``image`` ``(height, width)`` and ``kernel`` ``(rows, columns)`` are small arrays of numbers,
    ``at`` is the output cell to begin with. ``strides`` and ``dilation_rate`` are 1, 2 or 3,
    ``padding`` is "valid", "same", "full", or 1 or 2 zeros on every side: what to begin with;
    ``controls`` names what may be changed by slider, of `CONTROLS`. Arrow keys move over the
    output. Without anywidget, or where no widget can run, the figure of :func:`plots.picture`.

    Raises:
        ValueError: not two-dimensional, more than can be looked at (64 pixels), an option or a
            control that there is not, or the kernel does not fit into the image.
    """
    image, kernel = np.asarray(image, float), np.asarray(kernel, float)
    if image.ndim != 2 or kernel.ndim != 2:
        raise ValueError(
            "explorer: expected an image (height, width) and a kernel (rows, columns), "
            f"received shapes {image.shape} and {kernel.shape}"
        )
    if image.size > 64:
        raise ValueError(
            f"explorer: expected at most 64 pixels, received {image.shape}: its matrix would have "
            f"{image.size} columns, too many to see. Take a corner: image[:6, :6]"
        )
    for name, value, known in (
        ("strides", strides, (1, 2, 3)),
        ("dilation_rate", dilation_rate, (1, 2, 3)),
        ("padding", padding, ("valid", "same", "full", 1, 2)),
        *(("controls", control, CONTROLS) for control in controls),
    ):
        if value not in known:
            told = ", ".join(map(repr, known))
            raise ValueError(f"explorer: {name}: expected one of {told}, received {value!r}")
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate}
    figure = plots.picture(image, kernel, at, **options)
    usual = {"strides": 1, "padding": "valid", "dilation_rate": 1}
    changed = [f"{name} {value}" for name, value in options.items() if value != usual[name]]
    told = f"with {', '.join(changed)} " if changed else ""
    alt = (
        f"The {image.shape[0]} by {image.shape[1]} image, "
        f"the {kernel.shape[0]} by {kernel.shape[1]} kernel, "
        f"their output {told}and the constrained "
        f"matrix; output {tuple(at)}, its receptive field and its row of the matrix are outlined."
    )
    show(
        plots.mimebundle(figure, alt),
        lambda: _widget(image, kernel, at, options, controls),
    )
