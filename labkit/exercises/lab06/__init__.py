"""Lab 06: pooling and variable-size input. One module for each exercise."""

from labkit.exercises.lab06.average_matrix import AVERAGE_MATRIX
from labkit.exercises.lab06.average_pool import AVERAGE_POOL
from labkit.exercises.lab06.class_scores import CLASS_SCORES
from labkit.exercises.lab06.global_average_pool import GLOBAL_AVERAGE_POOL
from labkit.exercises.lab06.is_linear import IS_LINEAR
from labkit.exercises.lab06.max_pool import MAX_POOL
from labkit.exercises.lab06.unchanged import UNCHANGED

EXERCISES = (
    MAX_POOL,
    AVERAGE_POOL,
    AVERAGE_MATRIX,
    IS_LINEAR,
    UNCHANGED,
    GLOBAL_AVERAGE_POOL,
    CLASS_SCORES,
)

__all__ = ["EXERCISES"]
