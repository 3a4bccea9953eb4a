"""The ways of computing a convolution, one module each, all with the same function ``convolve``.

>>> sorted(IMPLEMENTATIONS)
['banded', 'fft', 'im2col', 'matrix', 'native', 'shift', 'sparse', 'winograd']
"""

from labkit.layers.implementations import (
    banded,
    fft,
    im2col,
    matrix,
    native,
    shift,
    sparse,
    winograd,
)

__all__ = ["IMPLEMENTATIONS"]

IMPLEMENTATIONS = {
    "matrix": matrix,
    "sparse": sparse,
    "banded": banded,
    "im2col": im2col,
    "shift": shift,
    "fft": fft,
    "winograd": winograd,
    "native": native,
}
