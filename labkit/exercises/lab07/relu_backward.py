"""relu_backward(x, dy): what a ReLU lets through on the way back."""

import numpy as np

from labkit import gradients
from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.lab07.automatic import AUTOMATIC

__all__ = ["RELU_BACKWARD"]


def gate(x, dy, *, open=lambda x, dy: x > 0, shut=0.0, what=lambda x, dy: dy):
    """relu_backward with a knob for each way to get it wrong."""
    x, dy = np.asarray(x, float), np.asarray(dy, float)
    return np.where(open(x, dy), what(x, dy), shut * dy)


def draw(rng):
    def with_zeros(x):
        x = x.copy()
        x.flat[:: max(x.size // 3, 1)] = 0
        return x

    return [
        Case((integers(rng, 8), integers(rng, 8))),
        Case((floats(rng, 3, 4), floats(rng, 3, 4)), "a table"),
        Case((with_zeros(integers(rng, 9)), integers(rng, 9)), "exactly 0"),
        Case((floats(rng, 2, 3, 2, 2), floats(rng, 2, 3, 2, 2)), "feature maps"),
        Case((-np.abs(integers(rng, 5)), integers(rng, 5)), "nothing positive"),
        Case((np.abs(floats(rng, 5)), floats(rng, 5)), "everything positive"),
        # however little above zero, and whole numbers beside fractions
        Case((floats(rng, 6) / 2**12, floats(rng, 6))),
        Case((integers(rng, 6), floats(rng, 6))),
        Case((float32(rng, 6), float32(rng, 6)), "float32"),
    ]


RELU_BACKWARD = Exercise(
    id="relu_backward",
    lab="07",
    points=1,
    call="relu_backward(x, dy)",
    shape="the shape of x",
    oracle=gradients.relu_gradient,
    model=gate,
    forbidden=AUTOMATIC,
    examples=(Case((np.array([3.0, -1.0, 0.0, 2.0]), np.array([10.0, 20.0, 30.0, -40.0]))),),
    draw=draw,
    hints=(
        "ReLU lets positive numbers pass, and makes 0 of all others. If a negative x moves a "
        "little, what does y do?",
        "Where x was positive, dy passes unchanged; everywhere else nothing does. At exactly 0, "
        "take 0, as Keras does.",
        "np.where(x > 0, dy, 0), or dy * (x > 0).",
    ),
    mistakes=(
        Mistake(
            "gate_on_dy",
            "the sign of dy decides, not that of x",
            why="What was let through on the way forward is let through on the way back, whatever "
            "its gradient.",
            question="Which of the two arrays did the ReLU see?",
            knobs={"open": lambda x, dy: dy > 0},
        ),
        Mistake(
            "relu_of_dy_too",
            "negative gradients are cut off as well",
            why="A gradient may well be negative: the loss falls when this output grows.",
            question="What should become of dy = -40 where x = 2?",
            knobs={"open": lambda x, dy: (x > 0) & (dy > 0)},
        ),
        Mistake(
            "all_pass",
            "everything is let through",
            why="Where x is negative, y stays 0 when x moves.",
            question="What does y do if x = -1 moves a little?",
            knobs={"open": lambda x, dy: np.ones(x.shape, bool)},
        ),
        Mistake(
            "at_zero",
            "at exactly 0 the gradient passes",
            why="There is a kink, and any value from 0 to 1 could be defended. Keras takes 0, and "
            "so do we.",
            question="Is 0 > 0?",
            knobs={"open": lambda x, dy: x >= 0},
        ),
        Mistake(
            "half_at_zero",
            "at exactly 0 half of the gradient passes",
            why="There is a kink, and 1/2 could be defended. Keras takes 0, and so do we.",
            question="What does Keras let through at 0?",
            after=lambda answer, x, dy: np.where(np.asarray(x) == 0, np.asarray(dy) / 2, answer),
        ),
        Mistake(
            "other_way",
            "negative places pass, and positive ones do not",
            why="The condition is the wrong way round.",
            question="What does y do if x = 3 moves a little?",
            knobs={"open": lambda x, dy: x < 0},
            also=(lambda x, dy: gate(x, dy, open=lambda x, dy: x <= 0),),
        ),
        Mistake(
            "leaky",
            "a little passes where x is negative (leaky ReLU)",
            why="That is another function, with a slope of its own below 0.",
            question="What does y do if x = -1 moves a little?",
            knobs={"shut": 0.3},
            also=(lambda x, dy: gate(x, dy, shut=0.2), lambda x, dy: gate(x, dy, shut=0.1)),
        ),
        Mistake(
            "slightly_leaky",
            "a hundredth passes where x is negative (leaky ReLU)",
            why="That is another function, whose slope below 0 is 0.01.",
            question="How much of dy should pass where x = -1?",
            knobs={"shut": 0.01},
        ),
        Mistake(
            "forward",
            "the forward pass is returned",
            why="max(x, 0) is y. Asked for is what dy becomes.",
            question="Where does your code use dy?",
            knobs={"what": lambda x, dy: x},
        ),
        Mistake(
            "slope_only",
            "the slope is returned, and not multiplied by dy",
            why="The slope is 1 or 0; what comes from above is multiplied by it.",
            question="Where does your code use dy?",
            knobs={"what": lambda x, dy: np.ones(x.shape)},
        ),
        Mistake(
            "sign",
            "negative places pass, with the sign turned around",
            why="np.sign(x) is -1 below 0; the slope of a ReLU is 0 there.",
            question="What does y do if x = -1 moves a little?",
            answer=lambda x, dy: dy * np.sign(x),
        ),
        arrays.dtype_of_x(),
        arrays.integers_only(),
        Mistake(
            "times_x",
            "dy is multiplied by x",
            why="The slope of y = x is 1, not x.",
            question="If x = 3 grows by 1, by how much does y grow?",
            knobs={"what": lambda x, dy: dy * x},
        ),
    ),
)
