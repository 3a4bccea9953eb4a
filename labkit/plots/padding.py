"""The two conventions of "same" padding, drawn one above the other."""

import numpy as np
from matplotlib.patches import Rectangle

from labkit import geometry
from labkit.plots.base import (
    GRID,
    INK,
    PADDING,
    bare,
    new_figure,
    number,
    tap_color,
    text_color,
)

__all__ = ["CONVENTIONS", "padding", "padding_conventions"]

CONVENTIONS = ('"same" as TensorFlow pads it', "as many zeros on both sides")
DIFFERS = "#DDDDDD"  # a gray that no tap has


def padding_conventions(n, kernel_size, strides):
    """Return the zeros before and after a signal, by TensorFlow's and by the symmetric convention.

    PyTorch with ``padding=kernel_size // 2`` and Caffe pad symmetrically.

    Args:
        n: the length of the signal.
        kernel_size: the number of taps.
        strides: the stride of the convolution.

    Returns:
        ``((before, after), (before, after))``, TensorFlow's convention first.

    >>> padding_conventions(6, 3, 2)
    ((0, 1), (1, 1))
    """
    (asymmetric,) = geometry.pad_amounts(n, kernel_size, strides=strides, padding="same")
    return asymmetric, ((kernel_size - 1) // 2,) * 2


def padding(signal, kernel, *, strides=1):
    """Draw the convolution of a signal with "same" padding by both conventions.

    The kernel is on top. Each half below it shows the padded signal, the window of each output, and
    the outputs. Outputs that differ between the conventions are outlined.

    Args:
        signal: ``(n,)``, short.
        kernel: ``(taps,)``.
        strides: the stride of the convolution.

    Returns:
        a Figure.
    """
    signal, kernel = np.asarray(signal, float), np.asarray(kernel, float)
    conventions = padding_conventions(len(signal), len(kernel), strides)
    outputs = [_outputs(signal, kernel, pads, strides) for pads in conventions]
    longest = max(len(signal) + sum(pads) for pads in conventions)
    figure = new_figure(min(10.0, 0.7 * longest + 2), 6.2)
    first, *halves = figure.subplots(3, 1, height_ratios=[1.2, 3.5, 3.5])
    for tap, weight in enumerate(kernel):
        _cell(first, tap, 0, weight, tap_color(tap))
    first.set(xlim=(-1.2, len(signal) + 1.2), ylim=(1.1, -0.1), aspect="equal")
    bare(first, f"kernel, stride {strides}")
    shared = min(map(len, outputs))
    for axes, name, pads, values in zip(halves, CONVENTIONS, conventions, outputs, strict=True):
        differs = [
            index >= shared or outputs[0][index] != outputs[1][index]
            for index in range(len(values))
        ]
        _draw(axes, signal, len(kernel), pads, strides, values, differs)
        axes.set_xlim(-1.2, len(signal) + 1.2)
        bare(axes, f"{name}: {pads[0]} before, {pads[1]} after, {len(values)} outputs")
    return figure


def _outputs(signal, kernel, pads, strides):
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(signal, pads), len(kernel))
    return (windows @ kernel)[::strides]


def _draw(axes, signal, taps, pads, strides, values, differs):
    before, _ = pads
    for place, value in enumerate(np.pad(signal, pads)):
        inside = before <= place < before + len(signal)
        _cell(axes, place - before, 0, value, "white" if inside else PADDING)
    for index, value in enumerate(values):
        first = index * strides - before
        middle = first + (taps - 1) / 2
        for end in (first, first + taps):
            axes.plot([end, middle + 0.5], [1, 2], color="#8A8A8A", lw=1)
        _cell(axes, middle, 2, value, DIFFERS if differs[index] else "white", differs[index])
    axes.set_ylim(3.2, -0.3)
    axes.set_aspect("equal")


def _cell(axes, x, y, value, face, outlined=False):
    style = {"edgecolor": INK, "lw": 2.4} if outlined else {"edgecolor": GRID, "lw": 0.8}
    axes.add_patch(Rectangle((x, y), 1, 1, facecolor=face, **style))
    axes.text(x + 0.5, y + 0.5, number(value), ha="center", va="center", color=text_color(face))
