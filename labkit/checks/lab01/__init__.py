"""Lab 01: convolution as a constrained matrix multiply."""

from labkit.checks.lab01.conv1d import CONV1D
from labkit.checks.lab01.conv2d import CONV2D

EXERCISES = (CONV1D, CONV2D)

__all__ = ["EXERCISES"]
