"""Lab 03: bias and non-linearity. One module for each exercise."""

from labkit.exercises.lab03.bias_column import BIAS_COLUMN
from labkit.exercises.lab03.collapse import COLLAPSE
from labkit.exercises.lab03.collapse_bias import COLLAPSE_BIAS
from labkit.exercises.lab03.conv_bias import CONV_BIAS
from labkit.exercises.lab03.conv_layer import CONV_LAYER
from labkit.exercises.lab03.nonlinearity import NONLINEARITY
from labkit.exercises.lab03.saturation import SATURATION

EXERCISES = (
    CONV_BIAS,
    BIAS_COLUMN,
    COLLAPSE,
    COLLAPSE_BIAS,
    NONLINEARITY,
    CONV_LAYER,
    SATURATION,
)

__all__ = ["EXERCISES"]
