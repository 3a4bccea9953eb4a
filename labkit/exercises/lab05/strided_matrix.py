"""strided_matrix(kernel, n, stride): stride deletes rows of the matrix."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, matrices, places
from labkit.exercises.inputs import float32, floats, integers
from labkit.matrix import convolution_matrix

__all__ = ["STRIDED_MATRIX"]


def build(
    kernel,
    n,
    stride,
    *,
    rows=lambda n, A, s: (n - A) // s + 1,
    start=lambda row, s: row * s,
    gap=lambda s: 1,
    beyond="error",
):
    """strided_matrix with a knob for each way to get it wrong."""
    kernel = np.asarray(kernel, float)
    W = np.zeros((rows(n, len(kernel), stride), n))
    for row in range(len(W)):
        for tap, weight in enumerate(kernel):
            column = start(row, stride) + tap * gap(stride)
            if beyond == "wraps":
                column %= n
            elif beyond == "cut" and column >= n:
                continue
            W[row, column] += weight
    return W


def oracle(kernel, n, stride):
    return convolution_matrix(kernel, n, strides=stride)


def draw(rng):
    def case(a, n, stride, label="", values=integers):
        return Case((values(rng, a), n, stride), label)

    return [
        case(3, 7, 2),
        case(2, 7, 2, "a place that does not fit any more"),
        case(3, 10, 3, "stride 3"),
        case(4, 12, 3, "stride 3"),
        case(2, 9, 4, "a stride larger than the kernel"),
        case(3, 6, 1, "stride 1"),
        case(4, 4, 2, "a kernel as long as the input"),
        case(3, 9, 2, "decimals", floats),
        Case((float32(rng, 3), 8, 2), "float32"),
    ]


STRIDED_MATRIX = Exercise(
    id="strided_matrix",
    lab="05",
    points=2,
    call="strided_matrix(kernel, n, stride)",
    shape="((n - A) // stride + 1, n)",
    oracle=oracle,
    model=build,
    examples=(Case((np.array([1, 0, -2]), 7, 2)),),
    draw=draw,
    hints=(
        "Write down the matrix for stride 1. Which of its outputs does stride 2 keep?",
        "An output is a row. So which rows are left?",
        "Every stride-th row of lab 01's matrix, from row 0 on: W[::stride].",
    ),
    mistakes=(
        Mistake(
            "not_strided",
            "no row is deleted",
            why="The stride skips places of the kernel, and every place is a row.",
            question="How many outputs are there?",
            knobs={"rows": lambda n, A, s: n - A + 1, "start": lambda row, s: row},
        ),
        Mistake(
            "first_rows",
            "the first rows are kept, not every stride-th",
            why="From row to row the kernel has to move by the stride.",
            question="Where does the kernel stand in row 1?",
            knobs={"start": lambda row, s: row},
        ),
        Mistake(
            "columns_deleted",
            "columns are deleted, not rows",
            why="All inputs stay; it is outputs that are skipped.",
            question="How many numbers does W multiply?",
            answer=lambda kernel, n, stride: build(kernel, n, 1)[:, ::stride],
        ),
        Mistake(
            "both_deleted",
            "rows and columns are deleted",
            why="All inputs stay; only outputs are skipped.",
            question="How many inputs does W multiply?",
            answer=lambda kernel, n, stride: build(kernel, n, 1)[::stride, ::stride],
        ),
        Mistake(
            "spread",
            "the weights stand the stride apart: dilation, not stride",
            why="Stride moves the kernel from row to row; its weights stay side by side.",
            question="Which inputs does output 0 read?",
            knobs={
                "rows": lambda n, A, s: max(n - (A - 1) * s, 0),
                "start": lambda row, s: row,
                "gap": lambda s: s,
            },
        ),
        Mistake(
            "rows_emptied",
            "the skipped rows are set to zero, not deleted",
            why="The result would have zeros where there should be no outputs at all.",
            question="How many numbers should come out of W @ x?",
            answer=lambda kernel, n, stride: np.where(
                (np.arange(n - len(kernel) + 1) % stride == 0)[:, None], build(kernel, n, 1), 0
            ),
        ),
        Mistake(
            "others_kept",
            "the rows that should be deleted are kept",
            why="Rows 0, s, 2 s, ... stay, and the others go.",
            question="Is output 0 still there?",
            answer=lambda kernel, n, stride: (
                build(kernel, n, 1)[np.arange(n - len(kernel) + 1) % stride != 0]
                if stride > 1
                else build(kernel, n, 1)[:0]
            ),
        ),
        Mistake(
            "last_of_each_step",
            "the first row is skipped",
            why="Rows are kept from row 0 on: W[::stride], not W[stride - 1 :: stride].",
            question="Which inputs does output 0 read?",
            answer=lambda kernel, n, stride: build(kernel, n, 1)[stride - 1 :: stride],
        ),
        places.plus_one_missing(
            id="one_row_short",
            question="How many rows are there if the kernel is as long as the input?",
            knobs={"rows": lambda n, A, s: (n - A) // s},
        ),
        Mistake(
            "divided_as_a_whole",
            "the number of rows is (n - A + 1) // stride",
            why="The first place is free; only the steps after it are divided.",
            question="How many rows has n = 4 with a kernel of 4 and stride 2?",
            knobs={"rows": lambda n, A, s: (n - A + 1) // s},
        ),
        Mistake(
            "hangs_over",
            "in the last row the kernel hangs over the end",
            why="A step that would push the kernel over the end is not taken.",
            question="Which rows hold the whole kernel?",
            knobs={"rows": lambda n, A, s: -(-n // s), "beyond": "cut"},
        ),
        Mistake(
            "wraps",
            "in the last row the kernel goes on at the beginning",
            why="The kernel has to fit whole: the input is no ring.",
            question="Should the last output depend on the first input?",
            knobs={"rows": lambda n, A, s: -(-n // s), "beyond": "wraps"},
        ),
        matrices.kernel_backward(before=lambda kernel, n, stride: (kernel[::-1], n, stride)),
        matrices.transposed(),
        Mistake(
            "from_the_end",
            "the rows are kept from the last one on, in reverse order",
            why="W[::-stride] begins at the end and goes backward.",
            question="Which row of the matrix is output 0?",
            answer=lambda kernel, n, stride: build(kernel, n, 1)[::-stride],
            also=(lambda kernel, n, stride: build(kernel, n, stride)[::-1],),
        ),
        arrays.integers_only(),
    ),
)
