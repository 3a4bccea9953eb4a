"""The ways of computing a convolution: one module for each, all with the same ``convolve``.

``convolve(x, kernel, window)`` cross-correlates images with a kernel:

- ``x`` is ``(batch, *spatial, channels)``, of 1 to 3 spatial axes and any floating-point dtype;
- ``kernel`` is ``(*kernel_size, channels, filters)``, of the same dtype;
- ``window``, a `labkit.layers.windows.Window`, says where the kernel goes;
- the result is ``(batch, *window.output, filters)``, of the same dtype.

To add an implementation, add a module with this function to `IMPLEMENTATIONS`; the tests of the
contract then run on it. If it cannot compute every convolution, it also has a function
``unsupported``: see `labkit.layers.implementations.winograd`.

>>> sorted(IMPLEMENTATIONS)
['banded', 'fft', 'im2col', 'matrix', 'native', 'shift', 'sparse', 'winograd']
"""

from collections.abc import Mapping

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
from labkit.layers.signatures import Implementation

__all__ = ["IMPLEMENTATIONS", "check_supported"]

IMPLEMENTATIONS: dict[str, Implementation] = {
    "matrix": matrix,
    "sparse": sparse,
    "banded": banded,
    "im2col": im2col,
    "shift": shift,
    "fft": fft,
    "winograd": winograd,
    "native": native,
}


def check_supported(name: str, sizes: Mapping[str, tuple[int, ...]]) -> None:
    """Check that an implementation can compute convolutions of these sizes.

    Args:
        name: of the implementation; names that are not in `IMPLEMENTATIONS` pass.
        sizes: "kernel_size", "strides" and "dilation_rate", one integer for each axis.

    Raises:
        ValueError: it cannot.
    """
    unsupported = getattr(IMPLEMENTATIONS.get(name), "unsupported", None)
    problem = unsupported and unsupported(**sizes)
    if problem:
        raise ValueError(f"implementation {name!r}: {problem}")
