"""The ways of computing a convolution, one module each, all with the same function ``convolve``.

>>> sorted(IMPLEMENTATIONS)
['banded', 'im2col', 'matrix', 'native', 'shift', 'sparse']
"""

from labkit.layers.implementations import banded, im2col, matrix, native, shift, sparse

__all__ = ["IMPLEMENTATIONS"]

IMPLEMENTATIONS = {
    "matrix": matrix,
    "sparse": sparse,
    "banded": banded,
    "im2col": im2col,
    "shift": shift,
    "native": native,
}
