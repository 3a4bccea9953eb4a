"""flip(kernel): turn by 180 degrees."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, kernels
from labkit.exercises.inputs import float32, floats, integers

__all__ = ["FLIP"]


def turned(kernel):
    """Move entry (i, j) to (A - 1 - i, B - 1 - j), one by one, as the definition says."""
    result = np.empty_like(kernel)
    rows, columns = kernel.shape
    for i, j in np.ndindex(kernel.shape):
        result[rows - 1 - i, columns - 1 - j] = kernel[i, j]
    return result


def flip(kernel, *, axes=(0, 1)):
    """flip with a knob: which axes are reversed."""
    return np.flip(kernel, axes)


def in_place(kernel):
    result = np.array(kernel)
    rows, columns = result.shape
    for i, j in np.ndindex(result.shape):
        result[i, j] = result[rows - 1 - i, columns - 1 - j]
    return result


def by_negative_index(kernel):
    rows, columns = kernel.shape
    return np.array([[kernel[-i, -j] for j in range(columns)] for i in range(rows)])


def square_only(kernel):
    size = len(kernel)
    return np.array(
        [[kernel[size - 1 - i, size - 1 - j] for j in range(size)] for i in range(size)]
    )


def square_into_zeros(kernel):
    """Do the same in an array of the kernel's shape, so that wide kernels keep columns of 0."""
    result, size = np.zeros(kernel.shape), len(kernel)
    for i, j in np.ndindex(size, size):
        result[i, j] = kernel[size - 1 - i, size - 1 - j]
    return result


def draw(rng):
    return [
        Case((integers(rng, 3, 2),), "more rows than columns"),
        Case((integers(rng, 3, 3),), "a square kernel"),
        Case((integers(rng, 2, 2),), "a square kernel"),
        Case((integers(rng, 2, 5),), "more columns than rows"),
        Case((integers(rng, 1, 4),), "a kernel of one row"),
        Case((integers(rng, 4, 1),), "a kernel of one column"),
        Case((floats(rng, 3, 4),), "decimals"),
        Case((float32(rng, 4, 3),), "float32"),
    ]


FLIP = Exercise(
    id="flip",
    lab="01",
    points=1,
    call="flip(kernel)",
    shape="(A, B)",
    oracle=turned,
    model=flip,
    examples=(Case((np.array([[1, 2, 3], [4, 5, 6]]),)),),
    draw=draw,
    hints=(
        "Write a kernel of 2 rows and 3 columns on paper and turn the paper by 180 degrees. Where "
        "has the top left number gone? And the one to the right of it?",
        "Two mirrors make half a turn: one exchanges top and bottom, the other left and right.",
        "A step of -1 in a slice reads backward: kernel[::-1] reverses the rows. The columns are "
        "the second index.",
    ),
    mistakes=(
        Mistake(
            "top_bottom_only",
            "only top and bottom are exchanged",
            why="The rows come in reverse order, but each row still reads from left to right.",
            question="Where is the first number of the last row now, and where should it be?",
            knobs={"axes": (0,)},
        ),
        Mistake(
            "left_right_only",
            "only left and right are exchanged",
            why="Each row is reversed, but the rows are still in their old order.",
            question="Which row is on top now, and which should be?",
            knobs={"axes": (1,)},
        ),
        Mistake(
            "transposed",
            "the kernel is transposed, not turned",
            why="Rows became columns. A transpose mirrors at the diagonal: the top left number "
            "stays where it is. And a kernel of 2 x 3 becomes one of 3 x 2.",
            question="Where should the top left number go?",
            after=lambda flipped, kernel: np.transpose(kernel),
        ),
        Mistake(
            "other_diagonal",
            "the kernel is mirrored at the other diagonal (turned and transposed)",
            why="The corners are right, but rows have become columns.",
            question="What shape has your result for a kernel of 2 rows and 3 columns?",
            after=lambda flipped, kernel: flipped.T,
        ),
        Mistake(
            "quarter_turn",
            "the kernel is turned by 90 degrees, counterclockwise",
            why="np.rot90 makes a quarter of a turn, and half of one is needed.",
            question="How many quarters has half a turn?",
            answer=lambda kernel: np.rot90(kernel),
        ),
        Mistake(
            "quarter_turn_clockwise",
            "the kernel is turned by 90 degrees, clockwise",
            why="A quarter of a turn was made, and half of one is needed.",
            question="How many quarters has half a turn?",
            answer=lambda kernel: np.rot90(kernel, -1),
        ),
        Mistake(
            "unchanged",
            "the kernel comes back as it was",
            why="Reversing twice along the same axis, or a result that is not assigned, changes "
            "nothing.",
            question="Which line of yours changes the order of anything?",
            knobs={"axes": ()},
        ),
        Mistake(
            "flattened",
            "the numbers are in the right order, but no longer in rows",
            why="One long row, read backward, has the right order; the shape (A, B) is lost.",
            question="What does reshape need to know?",
            answer=lambda kernel: np.ravel(kernel)[::-1],
        ),
        Mistake(
            "columns_first",
            "the numbers are read column by column and written row by row",
            why="The order in which the kernel is taken apart is not that in which it is put "
            "together.",
            question="Which number follows the first one of a row: right of it, or below?",
            answer=lambda kernel: np.ravel(kernel, order="F")[::-1].reshape(kernel.shape),
        ),
        Mistake(
            "overwritten",
            "the first half is overwritten before it is read",
            why="Numbers are moved within one and the same array, so the second half is made of "
            "numbers that were just put there.",
            question="When you come to the last place, what stands in the first?",
            answer=in_place,
        ),
        Mistake(
            "index_zero_stays",
            "kernel[-i, -j] is used, and -0 is 0",
            why="The last row is kernel[-1]; kernel[-0] is the first. So row 0 and column 0 stay "
            "where they are, and all others are one off.",
            question="Which index has the last row, counted from the front?",
            answer=by_negative_index,
        ),
        kernels.square(
            square_into_zeros,
            id="square_only",
            why="len(kernel) is the number of rows; you use it for the columns as well.",
            question="What does kernel.shape say for 2 rows and 3 columns?",
            answer=square_only,
        ),
        Mistake(
            "negated",
            "the signs are turned, not the kernel",
            why="A minus before the kernel changes every number and moves none.",
            question="Is it the value or the place of a number that should change?",
            answer=lambda kernel: -kernel,
        ),
        Mistake(
            "first_left_out",
            "the slices end before the first row and the first column",
            why="kernel[-1:0:-1] stops before index 0. Without an end, kernel[::-1], it goes all "
            "the way.",
            question="Which is the last index of range(2, 0, -1)?",
            answer=lambda kernel: kernel[:0:-1, :0:-1],
        ),
        arrays.integers_only(),
    ),
)
