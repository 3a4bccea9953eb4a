"""The pictures of the labs, all drawn with the same colors, labels and outlines.

Each tap of a kernel has a color *and* a label (``k01`` is row 0, column 1), and keeps both in
every picture: in the kernel, in the constrained matrix and on the edges of the network. The cells
that a picture explains are outlined in black. Each function returns a new
``matplotlib.figure.Figure`` that is not registered with pyplot; :func:`show` displays it in a
notebook with its alternative text.
"""

from labkit.plots.activations import activations, by_layer
from labkit.plots.architecture import architecture
from labkit.plots.base import TAP_COLORS
from labkit.plots.channels import channel_matrices, channels
from labkit.plots.convolution import matrix, picture
from labkit.plots.curves import curves
from labkit.plots.effects import effects
from labkit.plots.images import images
from labkit.plots.network import network
from labkit.plots.padding import padding, padding_conventions
from labkit.plots.pooling import pooling, pooling_windows, reading
from labkit.plots.roofline import roofline
from labkit.plots.samples import samples
from labkit.plots.showing import mimebundle, show
from labkit.plots.skeletons import skeletons
from labkit.plots.stacking import bias_column, product
from labkit.plots.tables import tables, tied
from labkit.plots.timings import timings, verdict

__all__ = [
    "TAP_COLORS",
    "activations",
    "architecture",
    "bias_column",
    "by_layer",
    "channel_matrices",
    "channels",
    "curves",
    "effects",
    "images",
    "matrix",
    "mimebundle",
    "network",
    "padding",
    "padding_conventions",
    "picture",
    "pooling",
    "pooling_windows",
    "product",
    "reading",
    "roofline",
    "samples",
    "show",
    "skeletons",
    "tables",
    "tied",
    "timings",
    "verdict",
]
