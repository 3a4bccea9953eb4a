"""The padding viewer: TensorFlow's "same" above the symmetric convention, on the same input."""

import numpy as np

from labkit import plots
from labkit.widgets.showing import script, show

__all__ = ["padding_viewer"]


def _widget(signal, kernel, strides):
    import anywidget
    import traitlets

    class PaddingViewer(anywidget.AnyWidget):
        _esm = script("padding")
        signal = traitlets.List().tag(sync=True)
        kernel = traitlets.List().tag(sync=True)
        colors = traitlets.List().tag(sync=True)
        n = traitlets.Int().tag(sync=True)
        a = traitlets.Int().tag(sync=True)
        stride = traitlets.Int().tag(sync=True)

    signal, kernel = signal.tolist(), kernel.tolist()
    return PaddingViewer(
        signal=signal,
        kernel=kernel,
        colors=list(plots.TAP_COLORS),
        n=len(signal),
        a=len(kernel),
        stride=strides,
    )


def padding_viewer(signal, kernel, *, strides=1):
    """Show ``signal`` ``(n,)`` padded for ``kernel`` ``(a,)`` by both conventions of "same".

    Sliders shorten the signal and the kernel, and change the stride (1 to 3); outputs that differ
    are outlined. Without anywidget, or where no widget can run, the figure of
    :func:`labkit.plots.padding`.

    Raises:
        ValueError: not one-dimensional, fewer than 4 or more than 16 numbers, or a kernel longer
            than the signal.
    """
    signal, kernel = np.asarray(signal, float), np.asarray(kernel, float)
    if signal.ndim != 1 or kernel.ndim != 1 or not 4 <= len(signal) <= 16:
        raise ValueError(
            "padding_viewer: expected a signal of 4 to 16 numbers and a kernel (a,), received "
            f"shapes {signal.shape} and {kernel.shape}"
        )
    if not 1 <= len(kernel) <= len(signal):
        raise ValueError(
            f"padding_viewer: expected a kernel of 1 to {len(signal)} numbers, as many as the "
            f"signal has at most, received {len(kernel)}"
        )
    figure = plots.padding(signal, kernel, strides=strides)
    tensorflow, symmetric = plots.padding_conventions(len(signal), len(kernel), strides)
    alt = (
        f"A signal of {len(signal)} numbers, a kernel of {len(kernel)}, stride {strides}, twice. "
        f"Above, TensorFlow adds {tensorflow[0]} zeros before and {tensorflow[1]} after; below, "
        f"{symmetric[0]} are added on both sides. Outputs that differ are outlined."
    )
    show(plots.mimebundle(figure, alt), lambda: _widget(signal, kernel, strides))
