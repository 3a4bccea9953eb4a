"""tied_gradient(D, a): from the gradient of the dense matrix to that of the kernel."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, backpropagation
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.lab07.automatic import AUTOMATIC

__all__ = ["TIED_GRADIENT"]


def along_diagonals(
    D,
    a,
    *,
    column=lambda row, tap, a: row + tap,
    gather=np.sum,
    rows=slice(None),
    change=lambda D: D,
    taps=lambda a: range(a),
):
    """tied_gradient with a knob for each way to get it wrong."""
    D = change(np.asarray(D, float))[rows]
    return np.array(
        [gather([D[row, column(row, tap, a)] for row in range(len(D))]) for tap in taps(a)]
    )


def oracle(D, a):
    """Add the diagonals of D, which has shape (n - a + 1, n), one by one."""
    rows = len(D)
    return np.array([np.trace(np.asarray(D, float)[:, tap : tap + rows]) for tap in range(a)])


def draw(rng):
    def case(a, n, label="", values=integers):
        return Case((values(rng, n - a + 1, n), a), label)

    return [
        case(3, 6),
        case(2, 6, "a kernel of even size"),
        case(4, 7, "decimals", floats),
        case(1, 5, "a kernel of one number"),
        case(5, 5, "a kernel as long as the input"),
        case(3, 10),
        Case((float32(rng, 4, 6), 3), "float32"),
    ]


TIED_GRADIENT = Exercise(
    id="tied_gradient",
    lab="07",
    points=2,
    call="tied_gradient(D, a)",
    shape="(a,)",
    oracle=oracle,
    model=along_diagonals,
    forbidden=AUTOMATIC,
    examples=(Case((np.array([[1, 2, 3, 4], [5, 6, 7, 8]]), 3)),),
    draw=draw,
    hints=(
        "In which entries of the matrix does k[0] stand, and in which k[1]? Draw them.",
        "k[i] stands in row r, column r + i, for every row r. If it moves, all of these entries "
        "move together: so their gradients add up.",
        "sum(D[r, r + i] for r in range(rows)) for each i: the i-th diagonal above the main one.",
    ),
    mistakes=(
        Mistake(
            "mean",
            "the tied gradients are averaged, not added",
            why="All entries move by as much as the weight does, and each changes the loss: the "
            "effects add up.",
            question="If two entries each change the loss by 1, and both move, by how much does "
            "it change?",
            knobs={"gather": np.mean},
        ),
        Mistake(
            "first_row",
            "only the first row is read",
            why="That is the place of output 0 only. The weight is used in every row.",
            question="In how many rows does k[0] stand?",
            knobs={"rows": slice(1)},
        ),
        Mistake(
            "last_row",
            "only the last row counts: = instead of +=",
            why="Each row overwrote the one before.",
            question="In how many rows of the matrix does k[0] stand?",
            knobs={"gather": lambda values: values[-1]},
        ),
        Mistake(
            "columns",
            "columns are added up, not diagonals",
            why="Column i says what input i did in all outputs, with a different weight in each.",
            question="Which weight stands in row 1, column 0?",
            knobs={"column": lambda row, tap, a: tap},
        ),
        Mistake(
            "backward",
            "the gradient is in reverse order",
            why="k[0] stands on the main diagonal, k[1] on the one above it.",
            question="Which weight stands in the corner D[0, 0]?",
            knobs={"column": lambda row, tap, a: row + a - 1 - tap},
        ),
        Mistake(
            "one_off",
            "the diagonals begin one column too far to the right",
            why="k[0] stands in row 0, column 0.",
            question="Which weight stands in the corner D[0, 0]?",
            answer=lambda D, a: np.array([np.trace(D, offset=tap + 1) for tap in range(a)]),
        ),
        Mistake(
            "first_row_missing",
            "the first row is left out",
            why="Counting starts at 0.",
            question="How many rows has D?",
            knobs={"rows": slice(1, None)},
            also=(
                # each row keeps its number
                lambda D, a: along_diagonals(D, a) - np.asarray(D, float)[0, :a],
            ),
        ),
        Mistake(
            "last_row_missing",
            "the last row is left out",
            why="There are n - a + 1 rows, all with the whole kernel.",
            question="How many rows has D?",
            knobs={"rows": slice(-1)},
        ),
        Mistake(
            "transposed",
            "D is read with rows and columns exchanged",
            why="A row belongs to an output, a column to an input; the kernel moves to the right "
            "from row to row.",
            question="In which column of row 0 does k[2] stand?",
            answer=lambda D, a: np.array(
                [np.trace(np.asarray(D, float), offset=-tap) for tap in range(a)]
            ),
        ),
        Mistake(
            "one_tap_short",
            "the last weight has no gradient",
            why="There are a weights, from k[0] to k[a - 1].",
            question="How long is the gradient of a kernel of one number?",
            knobs={"taps": lambda a: range(a - 1)},
        ),
        Mistake(
            "sizes",
            "sizes are added up, not gradients",
            why="Gradients of opposite sign cancel; that is no accident.",
            question="What if one entry pulls up and another one down?",
            knobs={"change": np.abs},
        ),
        Mistake(
            "total",
            "everything is added up",
            why="Entries where no weight stands do not count at all: they are zeros, and stay so.",
            question="How many numbers is the gradient of the kernel?",
            answer=lambda D, a: np.sum(D),
        ),
        arrays.integers_only(),
        backpropagation.downhill(),
    ),
)
