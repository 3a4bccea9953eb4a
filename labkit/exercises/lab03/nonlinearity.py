"""nonlinearity(name, z): sigmoid, tanh, ReLU and two variants of it."""

import numpy as np
from scipy import special

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.checks.forbidden import BUILTINS
from labkit.exercises.families import arrays
from labkit.exercises.inputs import floats, integers

__all__ = ["NAMES", "NONLINEARITY", "value", "values"]

NAMES = ("sigmoid", "tanh", "relu", "leaky_relu", "elu")


def value(name, z):
    """Compute the values with libraries: the oracle."""
    z = np.asarray(z, float)
    return {
        "sigmoid": special.expit,
        "tanh": np.tanh,
        "relu": lambda z: np.maximum(z, 0),
        "leaky_relu": lambda z: np.where(z > 0, z, 0.1 * z),
        "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    }[name](z)


def values(
    name,
    z,
    *,
    sigmoid=lambda z: (1 + np.tanh(z / 2)) / 2,
    tanh=lambda z: 2 / (1 + np.exp(-2 * z)) - 1,
    relu=lambda z: z * (z > 0),
    leaky_relu=lambda z: np.maximum(z, 0.1 * z),
    elu=lambda z: np.maximum(z, 0) + np.exp(np.minimum(z, 0)) - 1,
):
    """nonlinearity with a knob for each of its formulas."""
    formulas = {
        "sigmoid": sigmoid,
        "tanh": tanh,
        "relu": relu,
        "leaky_relu": leaky_relu,
        "elu": elu,
    }
    with np.errstate(over="ignore", invalid="ignore"):
        return formulas[name](np.asarray(z, float))


def draw(rng):
    cases = []
    for name in NAMES:
        cases += [
            Case((name, floats(rng, 7) / 4), name),
            Case((name, np.append(integers(rng, 6), 0)), name),
            Case((name, (floats(rng, 2, 3, 2) / 4).astype(np.float32)), name),
            Case((name, np.array([-800.0, -30.0, 0.5, 30.0, 800.0])), "large numbers"),
        ]
    return cases


NONLINEARITY = Exercise(
    id="nonlinearity",
    lab="03",
    points=2,
    call="nonlinearity(name, z)",
    shape="as z",
    oracle=value,
    model=values,
    forbidden=(*BUILTINS, "keras.activations", "keras.ops", "tensorflow.nn", "jax.nn"),
    examples=(Case(("leaky_relu", np.array([-2, 3]))), Case(("sigmoid", np.array([0.0])))),
    draw=draw,
    hints=(
        "Five formulas, of which three take another turn for negative z. What does np.where do?",
        "np.where(z > 0, z, 0.1 * z) chooses, number by number. For the sigmoid, which of exp(z) "
        "and exp(-z) can become infinite without harm, if it stands in the denominator?",
        "1 / (1 + np.exp(-z)), np.tanh(z), np.maximum(z, 0), np.where(z > 0, z, 0.1 * z), and "
        "np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1), which never computes exp(800).",
    ),
    mistakes=(
        Mistake(
            "sigmoid_mirrored",
            "the sigmoid falls where it should rise",
            why="exp(z) stands where exp(-z) belongs, so large inputs give 0.",
            question="What should the sigmoid of 30 be, nearly?",
            knobs={"sigmoid": lambda z: 1 / (1 + np.exp(z))},
        ),
        Mistake(
            "sigmoid_overflows",
            "the sigmoid of large numbers is not a number",
            why="exp(z) / (1 + exp(z)) becomes infinity by infinity. The same function can be "
            "written so that only the denominator grows.",
            question="What is exp(800), and what is exp(-800)?",
            knobs={"sigmoid": lambda z: np.exp(z) / (1 + np.exp(z))},
        ),
        Mistake(
            "sigmoid_without_one",
            "the 1 in the sigmoid's denominator is missing",
            why="1 / exp(-z) is just exp(z).",
            question="What should the sigmoid of 0 be?",
            knobs={"sigmoid": np.exp},
        ),
        Mistake(
            "softmax",
            "the sigmoid's values are made to sum to 1 (a softmax)",
            why="Each number has its own sigmoid, whatever the others are.",
            question="Does the sigmoid of one number depend on the others?",
            knobs={"sigmoid": special.softmax},
        ),
        Mistake(
            "tanh_of_half",
            "tanh is too flat: 2 * sigmoid(z) - 1",
            why="That is tanh(z / 2). They are relatives: tanh(z) = 2 * sigmoid(2 * z) - 1.",
            question="How steep is tanh at 0?",
            knobs={"tanh": lambda z: np.tanh(z / 2)},
        ),
        Mistake(
            "tanh_overflows",
            "tanh of large numbers is not a number",
            why="(exp(z) - exp(-z)) / (exp(z) + exp(-z)) becomes infinity by infinity.",
            question="What is exp(800), and what is exp(-800)?",
            knobs={"tanh": lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))},
        ),
        Mistake(
            "relu_is_minimum",
            "ReLU keeps the negative numbers, not the positive ones",
            why="min(0, z) where max(0, z) belongs.",
            question="What is the ReLU of 3?",
            knobs={"relu": lambda z: np.minimum(z, 0)},
        ),
        Mistake(
            "relu_is_step",
            "ReLU gives 0 or 1",
            why="That says whether z is positive (it is ReLU's slope). ReLU itself passes z on.",
            question="What is the ReLU of 3?",
            knobs={"relu": lambda z: (z > 0).astype(float)},
        ),
        Mistake(
            "relu_is_absolute",
            "ReLU gives the absolute value",
            why="Negative numbers become 0, not positive.",
            question="What is the ReLU of -3?",
            knobs={"relu": np.abs},
        ),
        Mistake(
            "relu_not_applied",
            "ReLU changes nothing",
            why="Negative numbers have to become 0.",
            question="What is the ReLU of -3?",
            knobs={"relu": lambda z: z},
        ),
        Mistake(
            "relu_capped",
            "ReLU is cut at the top, too",
            why="Only negative numbers are cut; positive ones pass, however large.",
            question="What is the ReLU of 30?",
            knobs={"relu": lambda z: np.clip(z, 0, 1)},
            also=(lambda name, z: values(name, z, relu=lambda z: np.clip(z, 0, 6)),),
        ),
        Mistake(
            "leaky_slope_03",
            "the leaky ReLU's slope is 0.3",
            why="0.3 is the default of keras.layers.LeakyReLU. The table of this lab says 0.1.",
            question="What is the leaky ReLU of -10?",
            knobs={"leaky_relu": lambda z: np.where(z > 0, z, 0.3 * z)},
        ),
        Mistake(
            "leaky_slope_02",
            "the leaky ReLU's slope is 0.2",
            why="0.2 is the default of keras.activations.leaky_relu. The table of this lab says "
            "0.1.",
            question="What is the leaky ReLU of -10?",
            knobs={"leaky_relu": lambda z: np.where(z > 0, z, 0.2 * z)},
        ),
        Mistake(
            "leaky_slope_001",
            "the leaky ReLU's slope is 0.01",
            why="0.01 is what Maas et al. used, and PyTorch does. The table of this lab says 0.1.",
            question="What is the leaky ReLU of -10?",
            knobs={"leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z)},
        ),
        Mistake(
            "leaky_everywhere",
            "the leaky ReLU's slope is used for positive numbers, too",
            why="0.1 * z for all z is a line, and no non-linearity at all.",
            question="What is the leaky ReLU of 10?",
            knobs={"leaky_relu": lambda z: 0.1 * z},
        ),
        Mistake(
            "leaky_other_side",
            "the leaky ReLU leaks on the positive side",
            why="min where max belongs: negative numbers pass as they are.",
            question="What is the leaky ReLU of 10?",
            knobs={"leaky_relu": lambda z: np.minimum(z, 0.1 * z)},
        ),
        Mistake(
            "leaky_is_constant",
            "the leaky ReLU of every negative number is the same",
            why="0.1 is a slope: it multiplies z.",
            question="What is the leaky ReLU of -10?",
            knobs={"leaky_relu": lambda z: np.where(z > 0, z, -0.1 * (z < 0))},
            also=(lambda name, z: values(name, z, leaky_relu=lambda z: np.where(z > 0, z, 0.1)),),
        ),
        Mistake(
            "elu_without_one",
            "the ELU's minus one is missing",
            why="exp(z) jumps at 0, from 1 to 0. With the 1 subtracted both sides meet.",
            question="What is the ELU just left of 0?",
            knobs={"elu": lambda z: np.where(z > 0, z, np.exp(np.minimum(z, 0)))},
        ),
        Mistake(
            "elu_everywhere",
            "the ELU is exp(z) - 1 for positive numbers, too",
            why="Only negative numbers go through the exponential; positive ones pass.",
            question="What is the ELU of 3?",
            knobs={"elu": np.expm1},
        ),
        Mistake(
            "elu_overflows",
            "the ELU of large numbers is not a number",
            why="Both sides are computed and multiplied by 0 or 1, and infinity times 0 is none.",
            question="What is exp(800) * 0?",
            knobs={"elu": lambda z: z * (z > 0) + (np.exp(z) - 1) * (z <= 0)},
        ),
        Mistake(
            "name_ignored",
            "the name is not looked at: it is always ReLU",
            why="All five names give max(0, z).",
            question="Where in your code does the name decide something?",
            answer=lambda name, z: np.maximum(z, 0),
            also=(lambda name, z: value("sigmoid", z), lambda name, z: np.tanh(z)),
        ),
        arrays.integers_only(),
        Mistake(
            "dtype_of_z",
            "the result has z's dtype, so integers in z cut the decimals",
            why="np.zeros_like(z) holds integers when z does, and then every sigmoid is 0.",
            question="What is the dtype of the array that you make before the loops?",
            after=lambda answer, name, z: answer.astype(z.dtype),
        ),
    ),
)
