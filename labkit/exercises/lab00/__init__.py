"""Lab 00: setup. One warm-up exercise for each form that an answer can have."""

from labkit.exercises.lab00.brighten import BRIGHTEN
from labkit.exercises.lab00.differences import DIFFERENCES
from labkit.exercises.lab00.is_gray import IS_GRAY
from labkit.exercises.lab00.photo_facts import PHOTO_FACTS
from labkit.exercises.lab00.weighted_sum import WEIGHTED_SUM

EXERCISES = (WEIGHTED_SUM, PHOTO_FACTS, IS_GRAY, DIFFERENCES, BRIGHTEN)

__all__ = ["EXERCISES"]
