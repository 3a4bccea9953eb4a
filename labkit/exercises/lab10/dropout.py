"""dropout(x, noise, rate, training): inverted dropout, after Srivastava et al. (2014)."""

import math

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays
from labkit.exercises.inputs import float32, floats, integers

__all__ = ["DROPOUT"]


def drop(
    x,
    noise,
    rate,
    training,
    *,
    kept=lambda noise, rate: noise >= rate,
    scale=lambda rate, kept: 1 / (1 - rate),
    active=lambda training: training,
    at_test=lambda rate: 1,
    dropped=0,
):
    """dropout with a knob for each way to get it wrong."""
    x, noise = np.asarray(x, float), np.asarray(noise)
    if not active(training):
        return x * at_test(rate)
    keep = kept(noise, rate)
    return np.where(keep, x * scale(rate, keep), dropped)


def oracle(x, noise, rate, training):
    """Drop or scale value by value."""
    if not training:
        return np.array(x, float)
    values = [
        float(value) / (1 - rate) if luck >= rate else 0.0
        for value, luck in zip(x.ravel().tolist(), noise.ravel().tolist(), strict=True)
    ]
    return np.array(values).reshape(x.shape)


def luck(rng, rate, *shape):
    """Draw numbers in [0, 1), some below `rate`, some above, and one equal to it, which stays."""
    size = math.prod(shape)
    numbers = ((np.arange(size) + 0.5) / size * 0.998).round(4)
    numbers[np.argmin(np.abs(numbers - rate))] = rate
    return rng.permutation(numbers).reshape(shape)


def draw(rng):
    return [
        Case((integers(rng, 8), luck(rng, 0.25, 8), 0.25, True)),
        Case((floats(rng, 3, 5), luck(rng, 0.75, 3, 5), 0.75, True), "three of four dropped"),
        Case((floats(rng, 2, 3, 4, 2), luck(rng, 0.375, 2, 3, 4, 2), 0.375, True), "feature maps"),
        Case((integers(rng, 6), luck(rng, 0.0, 6), 0.0, True), "a rate of 0"),
        Case((floats(rng, 3, 4), luck(rng, 0.25, 3, 4), 0.25, False), "not in training"),
        Case((integers(rng, 7), luck(rng, 0.75, 7), 0.75, False), "not in training"),
        Case((float32(rng, 9), luck(rng, 0.625, 9), 0.625, True), "float32"),
    ]


DROPOUT = Exercise(
    id="dropout",
    lab="10",
    points=2,
    call="dropout(x, noise, rate, training)",
    shape="the shape of x",
    oracle=oracle,
    model=drop,
    examples=(Case((np.array([4, -2, 6, 8]), np.array([0.9, 0.1, 0.6, 0.3]), 0.5, True)),),
    draw=draw,
    forbidden=(
        "keras",
        "tensorflow.nn.dropout",
        "tensorflow.nn.experimental",
        "torch.nn",
        "torch.dropout",
    ),
    hints=(
        "In training, a value stays if its noise is at least the rate. Which of the four in the "
        "example stay?",
        "Fewer values are left to add up, so what stays is made larger: by how much, if one half "
        "is dropped? Outside of training nothing is dropped. What should become of x there?",
        "In training: np.where(noise >= rate, x / (1 - rate), 0). Otherwise: x.",
    ),
    mistakes=(
        Mistake(
            "not_scaled",
            "what stays is not made larger",
            why="The next layer then gets smaller sums in training than later, when nothing is "
            "dropped.",
            question="What is the mean of many outputs, compared with x?",
            knobs={"scale": lambda rate, kept: 1},
        ),
        Mistake(
            "scaled_at_test",
            "what stays is not made larger; outside of training everything is made smaller",
            why="That is how it was first published, and it works. Here, as in Keras, training "
            "does the scaling, and afterwards x passes unchanged.",
            question="What should dropout do to x outside of training?",
            answer=lambda *args: drop(
                *args, scale=lambda rate, kept: 1, at_test=lambda rate: 1 - rate
            ),
        ),
        Mistake(
            "smaller_at_test_too",
            "outside of training, x is multiplied by 1 - rate",
            why="The scaling has been done in training; doing both counts it twice.",
            question="What should dropout do to x outside of training?",
            knobs={"at_test": lambda rate: 1 - rate},
        ),
        Mistake(
            "larger_at_test",
            "outside of training, x is made larger, too",
            why="Nothing was dropped there, so there is nothing to make up for.",
            question="What should dropout do to x outside of training?",
            knobs={"at_test": lambda rate: 1 / (1 - rate)},
        ),
        Mistake(
            "active_at_test",
            "values are dropped outside of training",
            why="The network would answer the same question differently every time.",
            question="Where does your code look at `training`?",
            knobs={"active": lambda training: True},
        ),
        Mistake(
            "never_active",
            "nothing is ever dropped",
            why="In training, values whose noise is below the rate become 0.",
            question="Where does your code look at `noise`?",
            knobs={"active": lambda training: False},
        ),
        Mistake(
            "flag_inverted",
            "values are dropped outside of training, and only there",
            why="The condition on `training` is the wrong way round.",
            question="When should x pass unchanged?",
            knobs={"active": lambda training: not training},
        ),
        Mistake(
            "keeps_the_others",
            "the values to drop are kept, and the others dropped",
            why="The rate is the share that is dropped: a value stays if its noise is at least the "
            "rate.",
            question="With a rate of 0, how many values should stay?",
            knobs={"kept": lambda noise, rate: noise < rate},
        ),
        Mistake(
            "other_end",
            "the values with the largest noise are dropped",
            why="As many are dropped, but others: a value stays if its noise is at least the rate.",
            question="Should a value with noise 0.9 stay if the rate is 0.5?",
            knobs={"kept": lambda noise, rate: noise < 1 - rate},
            also=(lambda *args: drop(*args, kept=lambda noise, rate: noise <= 1 - rate),),
        ),
        Mistake(
            "equal_dropped",
            "a value whose noise equals the rate is dropped",
            why="It stays if its noise is *at least* the rate. With noise 0 and a rate of 0, "
            "nothing may be dropped.",
            question="Is 0.5 at least 0.5?",
            knobs={"kept": lambda noise, rate: noise > rate},
        ),
        Mistake(
            "rate_is_what_stays",
            "the rate is taken for the share that stays",
            why="In Keras, the rate is the share that is dropped. (The paper's p is what stays.)",
            question="With a rate of 0.25, how many of 100 values should stay?",
            knobs={
                "kept": lambda noise, rate: noise < rate,
                "scale": lambda rate, kept: 1 / rate if rate else 1,
            },
        ),
        Mistake(
            "scaled_by_rate",
            "what stays is divided by the rate, not by 1 - rate",
            why="If a quarter is dropped, three quarters stay, and they have to make up for four.",
            question="If a rate of 0.25 drops 1 of 4 values, by what do you divide?",
            knobs={"scale": lambda rate, kept: 1 / rate if rate else 1},
        ),
        Mistake(
            "made_smaller",
            "what stays is multiplied by 1 - rate, not divided by it",
            why="Fewer values have to make up for all, so they must grow.",
            question="Should what stays become larger or smaller?",
            knobs={"scale": lambda rate, kept: 1 - rate},
        ),
        Mistake(
            "scaled_by_count",
            "what stays is scaled by how many happened to stay",
            why="The scale is fixed by the rate. Counting ties every value's size to the luck of "
            "all the others.",
            question="On what should the scale depend?",
            knobs={"scale": lambda rate, kept: kept.size / max(kept.sum(), 1)},
        ),
        arrays.dtype_of_x(),
        arrays.integers_only(
            lambda x, noise, rate, training: (
                np.trunc(drop(x, noise, rate, training)) if training else x
            )
        ),
        Mistake(
            "dropped_for_good",
            "the dropped values are taken out, and the result is shorter",
            why="The next layer expects the same shape; a dropped value is 0.",
            question="Which shape should come out?",
            after=lambda y, x, noise, rate, training: (
                y[np.asarray(noise) >= rate] if training else y
            ),
        ),
    ),
)
