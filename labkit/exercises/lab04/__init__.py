"""Lab 04: padding and output size. One module for each exercise."""

from labkit.exercises.lab04.output_size import OUTPUT_SIZE
from labkit.exercises.lab04.padded_conv import PADDED_CONV2D
from labkit.exercises.lab04.padded_matrix import PADDED_MATRIX
from labkit.exercises.lab04.pixel_use import PIXEL_USE
from labkit.exercises.lab04.same_padding import SAME_PADDING
from labkit.exercises.lab04.zero_pad import ZERO_PAD

EXERCISES = (OUTPUT_SIZE, ZERO_PAD, PADDED_CONV2D, PADDED_MATRIX, SAME_PADDING, PIXEL_USE)

__all__ = ["EXERCISES"]
