"""Lab 08: a real Keras layer. One module for each exercise."""

from labkit.exercises.lab08.extra_values import EXTRA_VALUES
from labkit.exercises.lab08.im2col import IM2COL
from labkit.exercises.lab08.keras_layer import KERAS_LAYER
from labkit.exercises.lab08.shift_and_add import SHIFT_AND_ADD
from labkit.exercises.lab08.winners import WINNERS

EXERCISES = (IM2COL, SHIFT_AND_ADD, EXTRA_VALUES, WINNERS, KERAS_LAYER)

__all__ = ["EXERCISES"]
