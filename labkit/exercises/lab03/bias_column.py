"""bias_column(W, bias): the bias as one more column of the constrained matrix."""

import numpy as np

from labkit import matrix
from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, biases, matrices
from labkit.exercises.inputs import float32, floats, integers

__all__ = ["BIAS_COLUMN"]


def with_column(W, bias, *, spread=lambda bias, places: np.tile(bias, places), at="end", sign=1):
    """bias_column with a knob for what the column holds and where it stands."""
    W, bias = np.asarray(W, float), np.asarray(bias, float)
    column = sign * np.asarray(spread(bias, len(W) // len(bias)))[:, None]
    if at == "instead of the last":
        return np.hstack([W[:, :-1], column])
    return np.hstack([column, W] if at == "front" else [W, column])


def as_row(W, bias):
    """Add one more row, as long as the matrix is wide, that repeats the biases."""
    return np.vstack([W, np.resize(bias, np.shape(W)[1])])


def column_for_each_filter(W, bias):
    places = len(W) // len(bias)
    return np.hstack([W, np.tile(np.diag(bias), (places, 1))])


def of(kernels, spatial, bias, label=""):
    return Case((matrix.convolution_matrix(kernels, spatial), bias), label)


def draw(rng):
    return [
        of(integers(rng, 2, 2, 1, 1), (3, 4), integers(rng, 1), "one filter"),
        of(integers(rng, 2, 2, 2, 2), (3, 4), integers(rng, 2), "two filters"),
        of(integers(rng, 2, 2, 1, 3), (3, 4), integers(rng, 3), "three filters"),
        of(integers(rng, 2, 3, 2, 4), (4, 4), integers(rng, 4), "four filters"),
        of(integers(rng, 2, 2, 1, 2), (3, 3), integers(rng, 2), "two filters"),
        of(integers(rng, 2, 2, 2, 3), (2, 2), integers(rng, 3), "one place"),
        of(integers(rng, 3, 1, 2), 5, integers(rng, 2), "one dimension"),
        of(integers(rng, 1, 1, 2, 2), (2, 2), integers(rng, 2), "a square matrix"),
        of(integers(rng, 2, 2, 1, 2), (3, 4), floats(rng, 2), "decimals in the bias alone"),
        of(floats(rng, 2, 2, 2, 3), (3, 4), floats(rng, 3), "decimals"),
        of(
            float32(rng, 2, 2, 1, 2),
            (4, 3),
            float32(rng, 2),
            "float32",
        ),
    ]


BIAS_COLUMN = Exercise(
    id="bias_column",
    lab="03",
    points=2,
    call="bias_column(W, bias)",
    shape="(rows, columns + 1)",
    oracle=matrix.with_bias,
    model=with_column,
    examples=(
        of(np.array([1, 0, -1, 2]).reshape(2, 1, 2), 4, np.array([10, -5]), "one dimension"),
    ),
    draw=draw,
    hints=(
        "Row r of W times x is output r. With a 1 at the end of x, the last entry of row r is "
        "added as it is. Which bias belongs there?",
        "Rows are (place, filter), the filter running fastest: with two filters, the rows belong "
        "to filter 0, 1, 0, 1, … So the column is the bias, repeated how often?",
        "np.tile(bias, len(W) // len(bias)) is that column; np.column_stack([W, …]) puts it at the "
        "end.",
    ),
    mistakes=(
        Mistake(
            "each_bias_repeated",
            "each bias is repeated for a block of rows (repeat in place of tile)",
            why="That fits rows in which one whole map follows the other. Here the filters of one "
            "place stand side by side, so the biases take turns.",
            question="To which filter does row 1 belong?",
            knobs={"spread": np.repeat},
        ),
        Mistake(
            "row",
            "the bias is one more row, not a column",
            why="One more row is one more output. One more column is one more input, and that is "
            "the 1 at the end of x.",
            question="How many numbers does W @ x give, and how many should it give?",
            answer=as_row,
        ),
        Mistake(
            "column_in_front",
            "the bias column stands in front",
            why="It would be right for a 1 in front of x. Here the 1 stands at the end.",
            question="Which column of W meets the last number of x?",
            knobs={"at": "front"},
        ),
        Mistake(
            "last_column_replaced",
            "the bias replaces the last column",
            why="The weights of the last input are gone. There should be one column more than "
            "before.",
            question="How many columns should the result have?",
            knobs={"at": "instead of the last"},
        ),
        biases.first_for_all(
            knobs={"spread": lambda bias, places: np.repeat(bias[:1], places * len(bias))}
        ),
        biases.last_for_all(
            knobs={"spread": lambda bias, places: np.repeat(bias[-1:], places * len(bias))}
        ),
        biases.all_added(
            knobs={"spread": lambda bias, places: np.full(places * len(bias), bias.sum())}
        ),
        Mistake(
            "first_place_only",
            "only the rows of the first place have a bias",
            why="The bias is shared by all places: that is the equal weights of this column.",
            question="What is the bias of the last row?",
            knobs={"spread": lambda bias, places: np.r_[bias, np.zeros((places - 1) * len(bias))]},
        ),
        biases.backward(knobs={"spread": lambda bias, places: np.tile(bias[::-1], places)}),
        Mistake(
            "column_for_each_filter",
            "there is a column for each filter",
            why="It would be right for as many ones at the end of x as there are filters. One is "
            "enough.",
            question="How many columns should the result have?",
            answer=column_for_each_filter,
        ),
        Mistake(
            "added_to_the_weights",
            "the bias is added to all weights of its row",
            why="Then it is multiplied by the sum of the image. It needs an entry of its own, "
            "which meets the 1.",
            question="What is W @ x if x is all zeros but for the 1?",
            answer=lambda W, bias: W + np.tile(bias, len(W) // len(bias))[:, None],
        ),
        Mistake(
            "ones",
            "the new column holds ones, not biases",
            why="The 1 belongs to x; what it is multiplied by belongs to W.",
            question="What is W @ x if x is all zeros but for the 1?",
            knobs={"spread": lambda bias, places: np.ones(places * len(bias))},
        ),
        Mistake(
            "zeros",
            "the new column holds zeros",
            why="The column is there, but no bias was written into it.",
            question="What is W @ x if x is all zeros but for the 1?",
            knobs={"sign": 0},
        ),
        biases.subtracted(
            question="What is W @ x if x is all zeros but for the 1?", knobs={"sign": -1}
        ),
        matrices.transposed(),
        Mistake(
            "column_alone",
            "the column comes back alone, without W",
            why="It has to stand beside the weights to be part of the product.",
            question="How many columns should the result have?",
            after=lambda answer, W, bias: answer[:, -1:],
        ),
        arrays.integers_only(),
        Mistake(
            "dtype_of_W",
            "the biases are cut to integers, because W holds integers",
            why="np.zeros(..., W.dtype) or W.astype cannot hold a bias with decimals.",
            question="Which dtype can hold 3 and 0.25?",
            after=lambda answer, W, bias: answer.astype(W.dtype),
        ),
    ),
)
