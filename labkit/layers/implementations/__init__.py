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

__all__ = ["IMPLEMENTATIONS", "check_supported"]

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


def check_supported(name, sizes):
    """Raise a ValueError if the implementation of this name cannot compute with these sizes.

    ``sizes`` are ``kernel_size``, ``strides`` and ``dilation_rate``.
    """
    unsupported = getattr(IMPLEMENTATIONS.get(name), "unsupported", None)
    problem = unsupported and unsupported(**sizes)
    if problem:
        raise ValueError(f"implementation {name!r}: {problem}")
