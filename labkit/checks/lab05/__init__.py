"""Lab 05: stride and dilation. One module for each exercise."""

from labkit.checks.lab05.dilate_kernel import DILATE_KERNEL
from labkit.checks.lab05.dilated_conv import DILATED_CONV2D
from labkit.checks.lab05.strided_conv import STRIDED_CONV2D
from labkit.checks.lab05.strided_matrix import STRIDED_MATRIX
from labkit.checks.lab05.transposed_conv import TRANSPOSED_CONV1D
from labkit.checks.lab05.which_formula import WHICH_FORMULA

EXERCISES = (
    STRIDED_CONV2D,
    STRIDED_MATRIX,
    DILATE_KERNEL,
    DILATED_CONV2D,
    WHICH_FORMULA,
    TRANSPOSED_CONV1D,
)

__all__ = ["EXERCISES"]
