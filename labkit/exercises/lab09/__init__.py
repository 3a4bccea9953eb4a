"""Lab 09: LeNet-5. One module for each exercise."""

from labkit.exercises.lab09.c3_inputs import C3_INPUTS
from labkit.exercises.lab09.confusion import CONFUSION
from labkit.exercises.lab09.layer_counts import LAYER_COUNTS
from labkit.exercises.lab09.lenet5 import LENET5
from labkit.exercises.lab09.subsample import SUBSAMPLE
from labkit.exercises.lab09.train import TRAIN

EXERCISES = (LAYER_COUNTS, C3_INPUTS, SUBSAMPLE, LENET5, TRAIN, CONFUSION)

__all__ = ["EXERCISES"]
