"""Lab 07: back-propagation. One module for each exercise, the two small ones together."""

from labkit.exercises.lab07.conv_backward import CONV_BACKWARD
from labkit.exercises.lab07.input_gradient import INPUT_GRADIENT
from labkit.exercises.lab07.max_pool_backward import MAX_POOL_BACKWARD
from labkit.exercises.lab07.network_gradients import NETWORK_GRADIENTS
from labkit.exercises.lab07.numerical_gradient import NUMERICAL_GRADIENT
from labkit.exercises.lab07.relu_backward import RELU_BACKWARD
from labkit.exercises.lab07.softmax_gradient import SOFTMAX_GRADIENT
from labkit.exercises.lab07.tied_gradient import TIED_GRADIENT

EXERCISES = (
    TIED_GRADIENT,
    INPUT_GRADIENT,
    CONV_BACKWARD,
    NUMERICAL_GRADIENT,
    RELU_BACKWARD,
    MAX_POOL_BACKWARD,
    SOFTMAX_GRADIENT,
    NETWORK_GRADIENTS,
)

__all__ = ["EXERCISES"]
