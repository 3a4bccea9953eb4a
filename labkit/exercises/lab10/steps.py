"""adagrad_step and rmsprop_step: one step of each optimizer, by hand."""

import dataclasses
import functools

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import answers, backpropagation
from labkit.exercises.inputs import float32, floats, integers

__all__ = ["ADAGRAD_STEP", "RMSPROP_STEP"]

EPSILON = 1e-7
OPTIMIZERS = ("keras", "tensorflow.keras", "torch.optim", "jax.example_libraries")


def step(
    w,
    gradient,
    memory,
    learning_rate,
    rho=None,
    *,
    rule="sum",
    squared=np.square,
    direction=-1,
    divide_by="root",
    use="new",
    shared=None,
    kept=lambda memory, new: new,
    rate=lambda learning_rate: learning_rate,
    scaled_first=False,
    epsilon=EPSILON,
):
    """Make a step of either optimizer, with a knob for each way to get it wrong."""
    w, gradient, memory = (np.asarray(array, float) for array in (w, gradient, memory))
    seen = gradient * learning_rate if scaled_first else gradient
    new = {
        "sum": lambda: memory + squared(seen),
        "average": lambda: rho * memory + (1 - rho) * squared(seen),
        "average of 0.9": lambda: 0.9 * memory + 0.1 * squared(seen),
        "exchanged": lambda: (1 - rho) * memory + rho * squared(seen),
        "decayed sum": lambda: rho * memory + squared(seen),
        "new only": lambda: squared(seen),
        "average of 0.99": lambda: 0.99 * memory + 0.01 * squared(seen),
        "halves": lambda: 0.5 * memory + 0.5 * squared(seen),
    }[rule]()
    used = memory if use == "old" else new
    if shared:
        used = np.full_like(used, shared(used))
    with np.errstate(divide="ignore", invalid="ignore"):
        divisor = {
            "root": np.sqrt(used + epsilon),
            "itself": used + epsilon,
            "nothing": np.ones_like(used),
        }[divide_by]
        return w + direction * rate(learning_rate) * gradient / divisor, kept(memory, new)


def by_number(accumulate):
    """Return an oracle for single numbers; `accumulate(memory, g, *rest)` is the new memory."""

    def oracle(w, gradient, memory, learning_rate, *rest):
        w_new, memory_new = np.array(w, float), np.array(memory, float)
        for place in np.ndindex(w.shape):
            g = float(gradient[place])
            memory_new[place] = accumulate(float(memory[place]), g, *rest)
            w_new[place] -= learning_rate * g / (memory_new[place] + EPSILON) ** 0.5
        return w_new, memory_new

    return oracle


def draw(rng, rhos=(None,) * 6):
    def case(w, gradient, memory, learning_rate, rho, label=""):
        rest = () if rho is None else (rho,)
        return Case((w, gradient, memory, learning_rate, *rest), label)

    quiet = integers(rng, 4).astype(float)
    quiet[rng.integers(4)] = 0.0
    zeros = np.zeros(4)
    return [
        case(floats(rng, 3), integers(rng, 3), np.abs(floats(rng, 3)), 0.5, rhos[0]),
        case(floats(rng, 5), floats(rng, 5), np.abs(integers(rng, 5)), 0.25, rhos[1]),
        case(
            floats(rng, 2, 3),
            floats(rng, 2, 3),
            np.abs(floats(rng, 2, 3)),
            0.125,
            rhos[2],
            "a table of weights",
        ),
        case(floats(rng, 4), floats(rng, 4), np.zeros(4), 0.75, rhos[3], "the first step"),
        case(floats(rng, 4), quiet, zeros, 0.5, rhos[4], "a gradient of 0 in the first step"),
        case(
            float32(rng, 6),
            float32(rng, 6),
            np.abs(float32(rng, 6)),
            0.5,
            rhos[5],
            "float32",
        ),
    ]


def into_the_same_array(w, gradient, memory, *rest):
    """Use memory += …, which raises where whole numbers would have to hold decimals."""
    np.add(memory, np.square(gradient), out=np.array(memory))
    return w, gradient, memory, *rest


SHARED_MISTAKES = (
    Mistake(
        "uphill",
        "the step goes up the gradient",
        why="The gradient points to where the loss grows; we want it to fall.",
        question="Should the loss grow or fall?",
        knobs={"direction": 1},
    ),
    Mistake(
        "no_root",
        "the square root is missing",
        why="Squares were collected; their root is of the gradient's own size, so that the step "
        "does not depend on the units of the loss.",
        question="What happens to the step if all gradients double?",
        knobs={"divide_by": "itself"},
    ),
    Mistake(
        "not_divided",
        "the step is not divided by anything: plain gradient descent",
        why="The memory is kept, and not used.",
        question="Where does the memory enter the step?",
        knobs={"divide_by": "nothing"},
    ),
    Mistake(
        "old_memory",
        "the step is divided by the memory from before this gradient",
        why="In the first step that memory is 0, and the step becomes enormous.",
        question="What is the memory in the very first step?",
        knobs={"use": "old"},
    ),
    Mistake(
        "memory_forgotten",
        "the memory comes back unchanged",
        why="Without this gradient's square in it, the next step knows nothing of it.",
        question="What should the next step know of this one?",
        knobs={"kept": lambda memory, new: memory},
    ),
    Mistake(
        "memory_in_place",
        "the memory that was given is changed in place (+= or *=)",
        why="memory += … writes into the caller's own array, and one that holds integers cannot "
        "take decimals.",
        question="Which of the two makes a new array: memory += g, or memory = memory + g?",
        before=into_the_same_array,
    ),
    Mistake(
        "root_kept",
        "the root of the memory is returned, not the memory",
        why="The next step adds squares to it, and takes the root again.",
        question="What will the next step add to what you return?",
        knobs={"kept": lambda memory, new: np.sqrt(new)},
    ),
    Mistake(
        "not_squared",
        "the gradients are collected without being squared",
        why="Positive and negative ones then cancel, and a root of a negative number is none.",
        question="What does a gradient of -3 add to the memory?",
        knobs={"squared": lambda g: g},
    ),
    Mistake(
        "absolute",
        "the gradients' sizes are collected, not their squares",
        why="The root is taken of squares.",
        question="What does a gradient of -3 add to the memory?",
        knobs={"squared": np.abs},
    ),
    Mistake(
        "one_for_all",
        "all weights share one memory in the step",
        why="The point of this method is that every weight has a step size of its own.",
        question="Should a weight with small gradients move like one with large gradients?",
        knobs={"shared": np.sum},
    ),
    Mistake(
        "rate_left_out",
        "the learning rate is left out",
        why="The step is learning_rate times the gradient, divided by the root.",
        question="What does a learning rate of 0 do?",
        knobs={"rate": lambda learning_rate: 1},
    ),
    Mistake(
        "rate_in_the_memory",
        "the gradient is multiplied by the learning rate before it is squared",
        why="The memory collects gradients, not steps.",
        question="Does the memory depend on the learning rate?",
        knobs={"scaled_first": True},
    ),
    Mistake(
        "no_epsilon",
        "nothing keeps the divisor from being 0",
        why="A weight whose gradients have all been 0 gives 0 / 0.",
        question="What is the step of a weight whose first gradient is 0?",
        knobs={"epsilon": 0.0},
    ),
    answers.results_exchanged(),
    Mistake(
        "step_instead_of_weights",
        "the step itself is returned, not the new weights",
        why="The step still has to be added to w.",
        question="What are the weights after a step of 0?",
        after=lambda answer, w, *args: (answer[0] - w, answer[1]),
    ),
)


def in_other_styles(rule):
    """Return the shared mistakes for an optimizer of this `rule`, made in other ways, too."""
    other = {
        # the old memory is used as well as kept; the mean, or the largest, in place of the sum
        "memory_forgotten": ({"kept": lambda memory, new: memory, "use": "old"},),
        "one_for_all": ({"shared": np.mean}, {"shared": np.max}),
    }
    return tuple(
        dataclasses.replace(
            mistake,
            also=tuple(
                functools.partial(step, rule=rule, **knobs) for knobs in other.get(mistake.id, ())
            ),
        )
        for mistake in SHARED_MISTAKES
    )


ADAGRAD_STEP = Exercise(
    id="adagrad_step",
    lab="10",
    points=2,
    call="adagrad_step(w, gradient, memory, learning_rate)",
    shape="(w, memory), each of the shape of w",
    oracle=by_number(lambda memory, g: memory + g * g),
    model=step,
    forbidden=OPTIMIZERS,
    examples=(Case((np.array([1.0, 2.0]), np.array([3, -4]), np.array([16.0, 9.0]), 0.5)),),
    draw=draw,
    hints=(
        "The memory is the sum of the squares of all gradients so far. What does this one add?",
        "The new memory comes first. Then every weight goes down its gradient, divided by the root "
        "of its own memory.",
        "memory = memory + gradient**2, then "
        "w - learning_rate * gradient / np.sqrt(memory + 1e-7).",
    ),
    mistakes=(
        *in_other_styles("sum"),
        Mistake(
            "average",
            "old squares fade away, as in RMSProp",
            why="Adagrad never forgets: its memory is the sum of all squares.",
            question="Can Adagrad's memory ever become smaller?",
            knobs={"rule": "average of 0.9"},
            also=(
                lambda *args: step(*args, rule="average of 0.99"),
                lambda *args: step(*args, rule="halves"),
            ),
        ),
        backpropagation.this_gradient_only(knobs={"rule": "new only"}),
    ),
)

RMSPROP_STEP = Exercise(
    id="rmsprop_step",
    lab="10",
    points=2,
    call="rmsprop_step(w, gradient, memory, learning_rate, rho)",
    shape="(w, memory), each of the shape of w",
    oracle=by_number(lambda memory, g, rho: rho * memory + (1 - rho) * g * g),
    model=functools.partial(step, rule="average"),
    forbidden=OPTIMIZERS,
    examples=(Case((np.array([1.0, 2.0]), np.array([2, -4]), np.array([4.0, 0.0]), 0.5, 0.75)),),
    draw=lambda rng: draw(rng, rhos=(0.75, 0.875, 0.25, 0.75, 0.875, 0.25)),
    hints=(
        "The memory is a running average of squares: the share rho stays, and what is left of 1 "
        "is filled with the new square.",
        "Then it goes as in Adagrad: down the gradient, divided by the root of the new memory.",
        "memory = rho * memory + (1 - rho) * gradient**2, then "
        "w - learning_rate * gradient / np.sqrt(memory + 1e-7).",
    ),
    mistakes=(
        *in_other_styles("average"),
        Mistake(
            "sum",
            "nothing fades away: the squares are added up, as in Adagrad",
            why="RMSProp was made because Adagrad's sum only grows, and its steps die out.",
            question="What happens to the steps when the memory only grows?",
            knobs={"rule": "sum"},
        ),
        Mistake(
            "shares_exchanged",
            "rho and 1 - rho are exchanged",
            why="rho is the share of the old memory that stays; near 1, it forgets slowly.",
            question="With rho = 1, what should the memory be after the step?",
            knobs={"rule": "exchanged"},
        ),
        Mistake(
            "own_rho",
            "the share that stays is 0.9, whatever rho is",
            why="0.9 is usual, but rho is given.",
            question="Where does your code use rho?",
            knobs={"rule": "average of 0.9"},
            also=(lambda *args: step(*args, rule="average of 0.99"),),
        ),
        Mistake(
            "decayed_sum",
            "the new square enters whole, not with the share 1 - rho",
            why="Then it is no average: for equal gradients the memory grows beyond their square.",
            question="If every gradient is 2, where should the memory settle?",
            knobs={"rule": "decayed sum"},
        ),
        backpropagation.this_gradient_only(knobs={"rule": "new only"}),
    ),
)
