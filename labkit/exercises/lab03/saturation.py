"""saturation(name, z, threshold): how many units are flat, and how steep they are on average."""

import numpy as np

from labkit import gradients
from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.checks.forbidden import BUILTINS
from labkit.exercises.families import answers
from labkit.exercises.inputs import floats
from labkit.exercises.lab03.nonlinearity import NAMES, values

__all__ = ["SATURATION"]


def measured(
    name,
    z,
    threshold,
    *,
    sigmoid=lambda s: s * (1 - s),
    tanh=lambda t: 1 - t**2,
    relu=lambda y: (y > 0).astype(float),
    leaky_relu=lambda y: np.where(y > 0, 1, 0.1),
    elu=lambda y: np.where(y > 0, 1, y + 1),
    flat=lambda slopes, z, threshold: slopes < threshold,
    of=np.mean,
    average=np.mean,
):
    """saturation with a knob for each slope, taken from the non-linearity's value."""
    z = np.asarray(z, float)
    formulas = {
        "sigmoid": sigmoid,
        "tanh": tanh,
        "relu": relu,
        "leaky_relu": leaky_relu,
        "elu": elu,
    }
    slopes = formulas[name](values(name, z))
    return of(flat(slopes, z, threshold)), average(slopes)


def oracle(name, z, threshold):
    z = np.asarray(z, float)
    ones = np.ones_like(z)
    slopes = {
        "sigmoid": gradients.sigmoid_gradient,
        "tanh": gradients.tanh_gradient,
        "relu": gradients.relu_gradient,
        "leaky_relu": lambda z, dy: gradients.leaky_relu_gradient(z, dy, negative_slope=0.1),
        "elu": gradients.elu_gradient,
    }[name](z, ones)
    return float(np.mean(slopes < threshold)), float(slopes.mean())


def of_value(name, z, threshold):
    """Take the slope at the output: sigmoid'(sigmoid(z))."""
    return measured(name, values(name, z), threshold)


def both(answer):
    """Read the two numbers by name or in order, from any container."""
    if isinstance(answer, dict) and set(answer) == {"fraction", "slope"}:
        answer = answer["fraction"], answer["slope"]
    return answer


def draw(rng):
    def numbers(*shape):
        return floats(rng, *shape) * rng.choice([0.23, 0.31], shape)

    shapes = {
        "sigmoid": [(30,), (4, 7), (3, 2, 2, 5)],
        "tanh": [(30,), (5, 6), (2, 3, 2, 4)],
        "relu": [(11,), (3, 7), (2, 3, 2, 3)],
        "leaky_relu": [(11,), (7, 3), (2, 3, 3, 3)],
        "elu": [(30,), (4, 7), (3, 2, 2, 5)],
    }
    # A slope that is the threshold itself does not lie below it. Left of 0, ReLU's is exactly 0,
    # however it is computed.
    thresholds = {"sigmoid": (0.05, 0.01, 0.02), "tanh": (0.05, 0.2, 0.3), "relu": (0.05, 0.2, 0.0)}
    return [
        Case((name, numbers(*shape), threshold), name)
        for name in NAMES
        for shape, threshold in zip(
            shapes[name], thresholds.get(name, (0.05, 0.2, 0.04)), strict=True
        )
    ] + [
        Case((name, np.array([-800.0, -40.0, 0.3, 1.7, 40.0, 800.0, 900.0]), 0.05), "large numbers")
        for name in NAMES
    ]


SATURATION = Exercise(
    id="saturation",
    lab="03",
    points=3,
    call="saturation(name, z, threshold)",
    shape="(fraction, slope)",
    oracle=oracle,
    model=measured,
    read=both,
    forbidden=(*BUILTINS, "keras.activations", "keras.ops", "tensorflow.nn", "jax.nn"),
    examples=(
        Case(("relu", np.array([-1.0, 2.0, -3.0, 4.0, 5.0]), 0.05)),
        Case(("sigmoid", np.array([-6.0, 0.0, 6.0]), 0.05)),
    ),
    draw=draw,
    hints=(
        "Saturated means flat: what does f do when z changes a little? So you need the slope of "
        "each of the five functions at every number of z.",
        "With s = sigmoid(z), the slope is s * (1 - s); with t = tanh(z), it is 1 - t ** 2. The "
        "others have one slope right of 0 and another left of it.",
        "For negative z the slopes are 0 (relu), 0.1 (leaky_relu) and exp(z) (elu), for positive z "
        "they are 1. Then np.mean(slopes < threshold) and np.mean(slopes).",
    ),
    mistakes=(
        Mistake(
            "sigmoid_value",
            "the sigmoid's value is taken for its slope",
            why="s says how active the unit is; s * (1 - s) how much it answers to a change.",
            question="How steep is the sigmoid at 30?",
            knobs={"sigmoid": lambda s: s},
        ),
        Mistake(
            "sigmoid_one_minus",
            "the sigmoid's slope is taken to be 1 - s",
            why="One factor is missing: s * (1 - s).",
            question="How steep is the sigmoid at -30?",
            knobs={"sigmoid": lambda s: 1 - s},
        ),
        Mistake(
            "sigmoid_like_tanh",
            "the sigmoid's slope is taken to be 1 - s ** 2",
            why="That is tanh's rule. The sigmoid's slope is at most 1/4.",
            question="How steep is the sigmoid at 0?",
            knobs={"sigmoid": lambda s: 1 - s**2},
        ),
        Mistake(
            "tanh_not_squared",
            "tanh's slope is taken to be 1 - t",
            why="The square is missing: at large negative z, 1 - t would be 2.",
            question="How steep is tanh at -30?",
            knobs={"tanh": lambda t: 1 - t},
        ),
        Mistake(
            "tanh_like_sigmoid",
            "tanh's slope is taken to be t * (1 - t)",
            why="That is the sigmoid's rule. At 0 it would make tanh flat, where it is steepest.",
            question="How steep is tanh at 0?",
            knobs={"tanh": lambda t: t * (1 - t)},
        ),
        Mistake(
            "relu_value",
            "ReLU's value is taken for its slope",
            why="Right of 0 the slope is 1, however large z is.",
            question="How steep is ReLU at 30?",
            knobs={"relu": lambda y: y},
        ),
        Mistake(
            "relu_never_flat",
            "ReLU is taken to be steep everywhere",
            why="Slides call it non-saturating, and that is half of the truth: left of 0 it is "
            "flat.",
            question="How steep is ReLU at -3?",
            knobs={"relu": np.ones_like},
        ),
        Mistake(
            "leaky_flat",
            "the leaky ReLU is taken to be flat left of 0",
            why="It leaks: its slope there is 0.1.",
            question="How steep is the leaky ReLU at -3?",
            knobs={"leaky_relu": lambda y: np.where(y > 0, 1, 0.0)},
        ),
        Mistake(
            "elu_value",
            "the ELU's value is taken for its slope",
            why="Its value is exp(z) - 1, which is negative; its slope is exp(z).",
            question="Does the ELU rise or fall left of 0?",
            knobs={"elu": lambda y: np.where(y > 0, 1, y)},
            also=(lambda *args: measured(*args, elu=lambda y: y),),
        ),
        Mistake(
            "elu_flat",
            "the ELU is taken to be flat left of 0",
            why="It is flat far to the left only; near 0 its slope is nearly 1.",
            question="How steep is the ELU at -0.1?",
            knobs={"elu": lambda y: np.where(y > 0, 1, 0.0)},
        ),
        Mistake(
            "slope_of_value",
            "the slope is taken at f(z), not at z",
            why="f was applied before the slope was computed, once too often.",
            question="Which number goes into the formula with exp: z, or f(z)?",
            answer=of_value,
        ),
        Mistake(
            "steep_counted",
            "the steep units are counted, not the flat ones",
            why="Saturated are those whose slope lies below the threshold.",
            question="Is a unit saturated if its slope is large, or if it is small?",
            knobs={"flat": lambda slopes, z, threshold: slopes >= threshold},
        ),
        Mistake(
            "threshold_counted",
            "slopes that equal the threshold are counted, too",
            why="Below the threshold means < and not <=.",
            question="Is 0 below 0?",
            knobs={"flat": lambda slopes, z, threshold: slopes <= threshold},
        ),
        Mistake(
            "small_inputs_counted",
            "the inputs near 0 are counted, not the small slopes",
            why="It is the slope that is compared with the threshold, not z.",
            question="What is compared with the threshold?",
            knobs={"flat": lambda slopes, z, threshold: np.abs(z) < threshold},
        ),
        Mistake(
            "count",
            "the number of flat units is returned, not the fraction",
            why="A fraction lies between 0 and 1: divide by how many there are.",
            question="Which fraction of 5 numbers are 2 of them?",
            knobs={"of": np.sum},
        ),
        Mistake(
            "percent",
            "the fraction is given in percent",
            why="A fraction lies between 0 and 1.",
            question="Which fraction of 5 numbers are 2 of them?",
            knobs={"of": lambda flat: 100 * np.mean(flat)},
        ),
        Mistake(
            "divided_by_first_axis",
            "only the first axis is counted",
            why="len(z) is the size of the first axis. There are z.size numbers in all.",
            question="How many numbers are in an array of shape (4, 7)?",
            knobs={"of": lambda flat: flat.sum() / len(flat)},
        ),
        Mistake(
            "summed_slopes",
            "the slopes are added up, not averaged",
            why="A mean slope is at most 1 here.",
            question="By what is a sum divided to make a mean?",
            knobs={"average": np.sum},
        ),
        Mistake(
            "largest_slope",
            "the largest slope is returned, not the mean",
            why="What shrinks the gradient is the typical slope, not the best one.",
            question="What is the mean of 0 and 1?",
            knobs={"average": np.max},
        ),
        Mistake(
            "median_slope",
            "the median slope is returned, not the mean",
            why="np.mean, not np.median.",
            question="What is the mean of 0, 0 and 1?",
            knobs={"average": np.median},
        ),
        answers.results_exchanged(),
    ),
)
