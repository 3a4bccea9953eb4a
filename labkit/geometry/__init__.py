"""Where a sliding window goes: sizes, padding amounts, receptive fields, index maps.

Everything here is about positions, nothing about values, and every shape error of the mathematics
is raised here. Output ``n`` of one axis reads the inputs ``n * stride - before + a * dilation`` for
the taps ``a = 0 .. kernel_size - 1``; from this one line all the rest follows (Dumoulin and Visin,
"A guide to convolution arithmetic for deep learning", 2016).

``spatial``, ``kernel_size``, ``strides`` and ``dilation_rate`` are an int (the same on every axis)
or one int per axis, for 1 to 3 axes. ``padding`` is one of

- ``"valid"``: none;
- ``"same"``: ``ceil(size / stride)`` outputs, as TensorFlow and Keras do it: the odd element goes
  *after*, and the amount depends on the size;
- ``"full"``: every output that touches the input at all;
- ``"causal"``: all before, so that no output sees a later input (one axis only);
- an int: that many before and after on every axis;
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

__all__ = [
    "PADDINGS",
    "ReceptiveField",
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
