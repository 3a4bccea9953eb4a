"""Convolution as a constrained matrix: build it, use it, read it back, tell whether it is one.

A layer without its bias and non-linearity is a matrix. That of a convolution obeys two
constraints: *zeros*, since an output reads only its receptive field, and *equal weights*, since
every output uses the same kernel. This package states the constraints once
(:func:`tied_entries`) and uses them in both directions.

Images become vectors row by row: columns are ``(*spatial, channels)``, rows ``(*output, filters)``,
where the last axis runs fastest. For ``strides``, ``padding`` and ``dilation_rate`` see
:mod:`labkit.geometry`; an int ``spatial`` is one axis.
"""

from labkit.matrix.building import (
    TiedEntries,
    apply,
    convolution_matrix,
    tied_entries,
    transposed_convolution_matrix,
    with_bias,
)
from labkit.matrix.counting import Counts, multiplication_counts, weight_counts
from labkit.matrix.reading import recover_kernel
from labkit.matrix.recognition import Recognition, recognize

__all__ = [
    "Counts",
    "Recognition",
    "TiedEntries",
    "apply",
    "convolution_matrix",
    "multiplication_counts",
    "recognize",
    "recover_kernel",
    "tied_entries",
    "transposed_convolution_matrix",
    "weight_counts",
    "with_bias",
]
