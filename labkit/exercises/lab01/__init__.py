"""Lab 01: convolution as a constrained matrix multiply. One module for each exercise."""

from labkit.exercises.lab01.conv1d import CONV1D
from labkit.exercises.lab01.conv2d import CONV2D
from labkit.exercises.lab01.count_parameters import COUNT_PARAMETERS
from labkit.exercises.lab01.flip import FLIP
from labkit.exercises.lab01.is_convolution import IS_CONVOLUTION
from labkit.exercises.lab01.matrix1d import MATRIX1D
from labkit.exercises.lab01.matrix2d import MATRIX2D
from labkit.exercises.lab01.recover_kernel import RECOVER_KERNEL

EXERCISES = (
    CONV1D,
    FLIP,
    CONV2D,
    MATRIX1D,
    MATRIX2D,
    RECOVER_KERNEL,
    IS_CONVOLUTION,
    COUNT_PARAMETERS,
)

__all__ = ["EXERCISES"]
