"""padded_matrix(kernel, n, before, after): padding adds rows to the matrix, not columns."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, matrices
from labkit.exercises.inputs import float32, floats, integers
from labkit.matrix import convolution_matrix

__all__ = ["PADDED_MATRIX"]


def banded(
    kernel,
    n,
    before,
    after,
    *,
    offset=lambda before, after: before,
    rows=lambda n, before, after, A: n + before + after - A + 1,
    beyond="left out",
    columns=lambda n, before, after: n,
):
    """padded_matrix with a knob for each way to get it wrong."""
    kernel = np.asarray(kernel, float)
    A, width = len(kernel), columns(n, before, after)
    W = np.zeros((rows(n, before, after, A), width))
    for row in range(len(W)):
        for tap in range(A):
            column = row + tap - offset(before, after)
            if beyond == "wraps" or (beyond == "negative" and column < width):
                column %= width
            elif beyond == "at the edge":
                column = min(max(column, 0), width - 1)
            if 0 <= column < width:
                W[row, column] += kernel[tap]
    return W


def wraps_and_overwrites(kernel, n, before, after):
    """Use = where `banded` has +=: of weights that meet in one column, the last one stays."""
    W = np.zeros((n + before + after - len(kernel) + 1, n))
    for row in range(len(W)):
        for tap, weight in enumerate(kernel):
            W[row, (row + tap - before) % n] = weight
    return W


def oracle(kernel, n, before, after):
    return convolution_matrix(kernel, n, padding=((before, after),))


def draw(rng):
    def case(a, n, before, after, label="", values=integers):
        return Case((values(rng, a), n, before, after), label)

    return [
        case(3, 5, 1, 2),
        case(4, 5, 2, 1, "a kernel of even size"),
        case(3, 6, 1, 1, "one zero on either side"),
        case(2, 4, 0, 1, "zeros after only"),
        case(4, 6, 3, 0, "zeros before only"),
        case(3, 4, 0, 0, "no padding"),
        case(4, 3, 2, 3, "a kernel longer than the input"),
        case(2, 3, 3, 2, "rows that see nothing but zeros"),
        case(3, 5, 2, 1, "decimals", floats),
        Case((float32(rng, 3), 4, 1, 2), "float32"),
    ]


PADDED_MATRIX = Exercise(
    id="padded_matrix",
    lab="04",
    points=3,
    call="padded_matrix(kernel, n, before, after)",
    shape="(n + before + after - A + 1, n)",
    oracle=oracle,
    model=banded,
    examples=(Case((np.array([1, 0, -2]), 4, 1, 1)),),
    draw=draw,
    hints=(
        "W multiplies the input without its zeros. So how many columns has it, and how many rows?",
        "Start from the matrix for the padded input, n + before + after columns. Which of its "
        "columns always meet a zero?",
        "Build the matrix of lab 01 for n + before + after numbers, and keep the columns before : "
        "before + n.",
    ),
    mistakes=(
        Mistake(
            "columns_kept",
            "the matrix still has columns for the zeros",
            why="W should multiply the input as it is. What meets a zero adds nothing, so those "
            "columns can go.",
            question="How many numbers are there to multiply with?",
            knobs={
                "columns": lambda n, before, after: n + before + after,
                "offset": lambda before, after: 0,
            },
        ),
        Mistake(
            "not_padded",
            "it is the matrix without padding",
            why="Padding gives the kernel more places, and every place is a row.",
            question="How many outputs are there?",
            knobs={
                "rows": lambda n, before, after, A: max(n - A + 1, 0),
                "offset": lambda before, after: 0,
            },
        ),
        Mistake(
            "rows_of_zeros",
            "the new rows are empty",
            why="They are outputs whose kernel lies partly on zeros, and partly on the input: "
            "those "
            "weights stay.",
            question="Which inputs does output 0 still see?",
            answer=lambda kernel, n, before, after: np.pad(
                banded(kernel, n, 0, 0, rows=lambda n, b, a, A: max(n - A + 1, 0)),
                [(before, after), (0, 0)],
            ),
        ),
        Mistake(
            "not_moved",
            "the kernel begins at column 0 of row 0",
            why="Output 0 begins `before` places ahead of the input: its first weights meet zeros.",
            question="Which weight of output 0 meets the first input?",
            knobs={"offset": lambda before, after: 0},
        ),
        Mistake(
            "moved_by_after",
            "the kernel is moved by `after`, not by `before`",
            why="The zeros before the input are those that move it.",
            question="Which weight of output 0 meets the first input?",
            knobs={"offset": lambda before, after: after},
        ),
        Mistake(
            "wraps",
            "the weights that meet zeros come back at the other end of the row",
            why="A negative index counts from the end in Python. These weights meet zeros, and "
            "should be left out.",
            question="Should output 0 depend on the last input?",
            knobs={"beyond": "wraps"},
            also=(wraps_and_overwrites,),
        ),
        Mistake(
            "negative_indices",
            "the weights that meet the zeros before come back at the end of the row",
            why="You check that the column is not too large. It can also be negative, and then "
            "Python counts from the end.",
            question="What is [1, 2, 3][-1]?",
            knobs={"beyond": "negative"},
        ),
        Mistake(
            "minus_zero",
            "W[:, before:-after] is used, and -0 is 0",
            why="With no zeros after the input, the slice ends at -0, which is 0: no column is "
            "left. Say where it ends, before + n.",
            question="What is [1, 2, 3][1:-0]?",
            after=lambda W, kernel, n, before, after: W if after else W[:, :0],
        ),
        Mistake(
            "at_the_edge",
            "the weights that meet zeros are added to the first or last column",
            why="That repeats the value at the edge instead of adding zeros.",
            question="What is a weight times zero?",
            knobs={"beyond": "at the edge"},
        ),
        Mistake(
            "as_many_rows_as_inputs",
            "there are as many rows as inputs, whatever the padding",
            why='That is right for "same" only: A - 1 zeros in all.',
            question="How many outputs are there without padding?",
            knobs={"rows": lambda n, before, after, A: n},
            also=(lambda kernel, n, before, after: banded(kernel, n, before, after)[:n],),
        ),
        Mistake(
            "one_row_short",
            "the last row is missing",
            why="The kernel fits once more (the + 1 of lab 01).",
            question="How many rows are there if the kernel is as long as the padded input?",
            knobs={"rows": lambda n, before, after, A: n + before + after - A},
        ),
        Mistake(
            "before_only",
            "the zeros after the input add no rows",
            why="They give the kernel more places, too.",
            question="How many numbers has the padded input?",
            knobs={"rows": lambda n, before, after, A: max(n + before - A + 1, 0)},
        ),
        matrices.kernel_backward(before=lambda kernel, *sizes: (kernel[::-1], *sizes)),
        matrices.transposed(),
        arrays.integers_only(),
    ),
)
