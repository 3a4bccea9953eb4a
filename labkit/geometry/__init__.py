"""Where a sliding window goes: sizes, padding amounts, receptive fields, index maps.

This package deals with positions only, never with values, and it raises every shape error of the
mathematics. Output ``n`` of one axis reads the inputs ``n * stride - before + a * dilation`` for
the taps ``a = 0 .. kernel_size - 1``; everything else follows from this line (Dumoulin and Visin,
"A guide to convolution arithmetic for deep learning", 2016).

``spatial``, ``kernel_size``, ``strides`` and ``dilation_rate`` are an int (the same on every axis)
or one int for each axis, for 1 to 3 axes. ``padding`` is one of

- ``"valid"``: no padding;
- ``"same"``: ``ceil(size / stride)`` outputs, as TensorFlow and Keras compute it: the amount
  depends on the size, and when it is odd the extra element goes *after*;
- ``"full"``: every output that touches the input at all;
- ``"causal"``: all padding before, so that no output sees a later input (one axis only);
- an int: that many zeros before and after on every axis;
- ``((before, after), ...)``: one pair for each axis.
"""

from labkit.geometry.arguments import as_array, as_number, as_tuple
from labkit.geometry.channels import channel_groups
from labkit.geometry.fields import ReceptiveField, Step, receptive_field
from labkit.geometry.sliding import (
    PADDINGS,
    Windows,
    index_map,
    output_shape,
    output_size,
    pad_amounts,
    windows,
)
from labkit.geometry.transposed import transpose_output_shape, transpose_pad_amounts
from labkit.geometry.types import Padding, Pads, Shape, Sizes

__all__ = [
    "PADDINGS",
    "Padding",
    "Pads",
    "ReceptiveField",
    "Shape",
    "Sizes",
    "Step",
    "Windows",
    "as_array",
    "as_number",
    "as_tuple",
    "channel_groups",
    "index_map",
    "output_shape",
    "output_size",
    "pad_amounts",
    "receptive_field",
    "transpose_output_shape",
    "transpose_pad_amounts",
    "windows",
]
