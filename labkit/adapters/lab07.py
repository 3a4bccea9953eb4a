"""Adapter of lab 07: the functions that numerical_gradient differentiates, by name."""

import numpy as np

__all__ = ["FUNCTIONS", "numerical_gradient", "weights"]


def weights(x):
    """Return 1, 1.25, 1.5, ... in the shape of x."""
    return 1 + np.arange(np.size(x)).reshape(np.shape(x)) / 4


#: functions do not travel to another process, so a case holds a name
FUNCTIONS = {
    "cubes": lambda x: float((weights(x) * x**3).sum()),
    "products": lambda x: float((np.ravel(x) * np.roll(np.ravel(x), 1) ** 2).sum()),
    "waves": lambda x: float(np.sin(weights(x) * x).sum()),
    "line": lambda x: float((weights(x) * x).sum()),
}


def numerical_gradient(answer, name, x, h):
    """Call the student's numerical_gradient with the function of that name."""
    return answer(FUNCTIONS[name], x, h)
