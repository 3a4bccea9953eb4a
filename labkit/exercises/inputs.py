"""Random arrays that tell mistakes apart: no two values equal, none 0 or 1, both signs.

With all values different, no kernel is symmetric by chance and no row equals another. Floats are
whole quarters, never whole numbers: float32 adds them without rounding, and truncation shows.
"""

import math

import numpy as np

__all__ = ["float32", "floats", "integers"]


def integers(rng, *shape):
    """Different integers, none of them 0 or 1, negative and positive ones; int64 of `shape`.

    >>> integers(np.random.default_rng(0), 2, 3)
    array([[ 5, -4,  7],
           [-6, -2,  3]])
    """
    size = math.prod(shape)
    signs = np.where((np.arange(size) + rng.integers(2)) % 2, -1, 1)
    return rng.permutation(np.arange(2, size + 2) * signs).reshape(shape)


def floats(rng, *shape, dtype=np.float64):
    """As :func:`integers`, each a quarter, a half or three quarters away from zero.

    >>> floats(np.random.default_rng(0), 3)
    array([-4.25, -2.25,  3.25])
    """
    whole = integers(rng, *shape)
    return (whole + np.sign(whole) * rng.choice([0.25, 0.5, 0.75], shape)).astype(dtype)


def float32(rng, *shape):
    """As :func:`floats`, in float32."""
    return floats(rng, *shape, dtype=np.float32)
