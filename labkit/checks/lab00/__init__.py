"""Lab 00: setup. One warm-up exercise for each form that an answer can have."""

from labkit.checks.lab00.brighten import BRIGHTEN
from labkit.checks.lab00.differences import DIFFERENCES
from labkit.checks.lab00.is_gray import IS_GRAY
from labkit.checks.lab00.photo_facts import PHOTO_FACTS
from labkit.checks.lab00.weighted_sum import WEIGHTED_SUM

EXERCISES = (WEIGHTED_SUM, PHOTO_FACTS, IS_GRAY, DIFFERENCES, BRIGHTEN)

__all__ = ["EXERCISES"]
