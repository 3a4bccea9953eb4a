"""Names for the types that arguments of the mathematics have."""

from collections.abc import Sequence
from typing import SupportsIndex, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Padding", "Pads", "Shape", "Sizes"]

# One whole number for all axes, or one for each axis.
Sizes: TypeAlias = SupportsIndex | Sequence[SupportsIndex] | NDArray[np.integer]

# A name ("valid", "same", "full", "causal"), one amount for every side, or (before, after) pairs.
Padding: TypeAlias = str | SupportsIndex | Sequence[Sequence[SupportsIndex]]

# Sizes after normalization: one Python int for each axis.
Shape: TypeAlias = tuple[int, ...]

# Padding after normalization: (before, after) for each axis.
Pads: TypeAlias = tuple[tuple[int, int], ...]
