"""Lab 05: stride and dilation. One module for each exercise."""

from labkit.exercises.lab05.dilate_kernel import DILATE_KERNEL
from labkit.exercises.lab05.dilated_conv import DILATED_CONV2D
from labkit.exercises.lab05.strided_conv import STRIDED_CONV2D
from labkit.exercises.lab05.strided_matrix import STRIDED_MATRIX
from labkit.exercises.lab05.transposed_conv import TRANSPOSED_CONV1D
from labkit.exercises.lab05.which_formula import WHICH_FORMULA

EXERCISES = (
    STRIDED_CONV2D,
    STRIDED_MATRIX,
    DILATE_KERNEL,
    DILATED_CONV2D,
    WHICH_FORMULA,
    TRANSPOSED_CONV1D,
)

__all__ = ["EXERCISES"]
