"""Lab 10: what makes convolutional networks work. One module for each group of exercises."""

from labkit.exercises.lab10.ablation_effect import ABLATION_EFFECT
from labkit.exercises.lab10.batch_norm import BATCH_NORM
from labkit.exercises.lab10.clear_effects import CLEAR_EFFECTS
from labkit.exercises.lab10.dropout import DROPOUT
from labkit.exercises.lab10.glorot import GLOROT
from labkit.exercises.lab10.permute_pixels import PERMUTE_PIXELS
from labkit.exercises.lab10.steps import ADAGRAD_STEP, RMSPROP_STEP

EXERCISES = (
    GLOROT,
    ADAGRAD_STEP,
    RMSPROP_STEP,
    DROPOUT,
    BATCH_NORM,
    ABLATION_EFFECT,
    CLEAR_EFFECTS,
    PERMUTE_PIXELS,
)

__all__ = ["EXERCISES"]
