"""average_matrix(height, width, pool, stride): the matrix that average pooling is."""

import dataclasses

import numpy as np

from labkit import matrix
from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import matrices, places, pooling
from labkit.exercises.lab06.sizes import ARGUMENTS
from labkit.exercises.models.pooling import PLACES

__all__ = ["AVERAGE_MATRIX"]


def by_kernel(height, width, pool, stride):
    """Return the matrix of a convolution whose weights are all equal: the oracle."""
    kernel = np.full(pool, 1 / (pool[0] * pool[1]))
    return matrix.convolution_matrix(kernel, (height, width), strides=stride)


def average_matrix(
    height,
    width,
    pool,
    stride,
    *,
    weight=lambda A, B, S, T: 1 / (A * B),
    jump="width",
    start="S",
    places="(N - A) // S + 1",
    rows_by="row",
    columns_by="row",
    spread=False,
    kernel_rows=None,
):
    """The matrix with a knob for each way to get it wrong."""
    (A, B), (S, T) = pool, stride
    rows, columns = PLACES[places](height, A, S), PLACES[places](width, B, T)
    W = np.zeros((rows * columns, height * width))
    step = {"width": width, "height": height, "pool": B, "columns": columns}[jump]
    for n, m in np.ndindex(rows, columns):
        r, c = {"S": (n * S, m * T), "1": (n, m), "A": (n * A, m * B)}[start]
        row = n * columns + m if rows_by == "row" else m * rows + n
        for i, j in np.ndindex(kernel_rows or A, B):
            down, right = (r + i * S, c + j * T) if spread else (r + i, c + j)
            column = down * step + right if columns_by == "row" else right * height + down
            W[row, column] = weight(A, B, S, T)
    return W


def by_runs(step, begin):
    """Write each window row as a run of B entries, the runs `step` apart from the first on."""

    def runs(height, width, pool, stride):
        (A, B), (S, T) = pool, stride
        rows, columns = (height - A) // S + 1, (width - B) // T + 1
        W = np.zeros((rows * columns, height * width))
        sizes = {"width": width, "height": height, "pool": B, "columns": columns}
        for n, m in np.ndindex(rows, columns):
            start = n * S * sizes[begin] + m * T
            for first in (start + i * sizes[step] for i in range(A)):
                W[n * columns + m, first : first + B] = 1 / (A * B)
        return W

    return runs


def cut_short(places):
    """Let windows begin as far as `places(N, A)`, and cut them where the image ends."""

    def windows(height, width, pool, stride):
        (A, B), (S, T) = pool, stride
        rows = []
        for r in range(0, places(height, A, S), S):
            for c in range(0, places(width, B, T), T):
                image = np.zeros((height, width))
                image[r : r + A, c : c + B] = 1 / (A * B)
                rows.append(image.ravel())
        return np.array(rows)

    return windows


def first_rows(height, width, pool, stride):
    """Return the right number of rows, but the first ones of the matrix for stride 1."""
    return by_kernel(height, width, pool, 1)[: len(by_kernel(height, width, pool, stride))]


def every_row(height, width, pool, stride):
    """Keep rows at multiples of the stride, as if the outputs were one long line."""
    return by_kernel(height, width, pool, 1)[:: stride[0] * stride[1]]


def divided_by_places(height, width, pool, stride):
    """Make each column's sum 1 instead of each row's."""
    W = by_kernel(height, width, pool, stride)
    return W / np.maximum(W.sum(axis=0), 1e-12)


def of_sizes(mistake):
    """Return a mistake in (x, pool, stride) as one in (height, width, pool, stride)."""

    def before(height, width, pool, stride):
        return (height, width, *mistake.before(None, pool, stride)[1:])

    return dataclasses.replace(mistake, before=before)


def draw(rng):
    # weights depend on sizes alone, so the sizes are what is drawn
    extra, wide = rng.integers(0, 3, 2).tolist()
    return [
        Case((4 + extra, 6 + wide, (2, 2), (2, 2)), "windows side by side"),
        Case((6 + wide, 4 + extra, (3, 2), (3, 2)), "windows side by side"),
        Case((5 + wide, 7 + wide, (3, 3), (2, 2)), "windows that overlap"),
        Case((4 + wide, 6, (2, 3), (1, 1)), "windows that overlap"),
        Case((5 + extra, 4 + wide, (2, 2), (1, 1)), "windows that overlap"),
        Case((5 + extra, 8, (2, 3), (2, 2)), "a window that is not square"),
        Case((8, 5, (2, 2), (3, 3)), "gaps between the windows"),
        Case((7, 6 + extra, (2, 2), (1, 3)), "a stride for each direction"),
        Case((6 + wide, 7, (3, 2), (2, 1)), "a stride for each direction"),
        Case((5, 7, (2, 2), (2, 2)), "a remainder at the edge"),
        Case((3, 4, (3, 4), (1, 2)), "a window as large as the image"),
        Case((3, 4 + extra, (1, 1), (2, 2)), "windows of one pixel"),
        Case((6, 6, (2, 2), (2, 2)), "a square image"),
    ]


AVERAGE_MATRIX = Exercise(
    id="average_matrix",
    lab="06",
    points=4,
    call="average_matrix(height, width, pool, stride)",
    shape="(outputs, height * width)",
    oracle=by_kernel,
    model=average_matrix,
    examples=(Case((4, 4, (2, 2), (2, 2))),),
    draw=draw,
    hints=(
        "Which pixels does output (0, 0) average, and with which weight? At which places of the "
        "long vector do they stand?",
        "Every row of the matrix holds A * B entries, all equal, in A runs of B. Where does the "
        "first run of output (n, m) start, and how far is it to the next run?",
        "W[n * columns + m, (n * S + i) * width + m * T + j] = 1 / (A * B) for every i below A and "
        "j below B. Or take the rows of lab 01's matrix that a stride leaves.",
    ),
    mistakes=(
        *map(of_sizes, ARGUMENTS),
        Mistake(
            "sum",
            "the entries are 1: it is the matrix of sums",
            why="Each output is the sum of its window. The weights of an average add up to 1.",
            question="What should a row of the matrix add up to?",
            knobs={"weight": lambda A, B, S, T: 1},
        ),
        Mistake(
            "quarter",
            "every entry is 1/4",
            why="That is right for windows of 2 x 2 only.",
            question="What should a row of the matrix add up to?",
            knobs={"weight": lambda A, B, S, T: 1 / 4},
        ),
        Mistake(
            "divided_by_rows",
            "the weight is 1 over the window's number of rows",
            why="The window has rows times columns pixels, and they share the weight.",
            question="What should a row of the matrix add up to?",
            knobs={"weight": lambda A, B, S, T: 1 / A},
        ),
        Mistake(
            "divided_by_columns",
            "the weight is 1 over the window's number of columns",
            why="The pixels of all rows of the window share the weight, not those of one row.",
            question="What should a row of the matrix add up to?",
            knobs={"weight": lambda A, B, S, T: 1 / B},
        ),
        Mistake(
            "divided_by_square",
            "the weight is 1 over the square of the window's rows",
            why="k * k is the size of a square window.",
            question="How many pixels lie in a window of 2 x 3?",
            knobs={"weight": lambda A, B, S, T: 1 / (A * A)},
        ),
        Mistake(
            "divided_by_stride",
            "the weight is 1 over the product of the strides",
            why="With a stride equal to the pool size nobody notices. How many pixels share the "
            "weight is decided by the window.",
            question="How many pixels lie in a window of 3 x 3 if the stride is 2?",
            knobs={"weight": lambda A, B, S, T: 1 / (S * T)},
        ),
        Mistake(
            "divided_by_image",
            "the weight is 1 over the number of pixels of the whole image",
            why="An output averages its own window, not the image.",
            question="How many pixels share the weight of one output?",
            answer=lambda height, width, pool, stride: average_matrix(
                height, width, pool, stride, weight=lambda *sizes: 1 / (height * width)
            ),
        ),
        Mistake(
            "columns_add_up",
            "the columns add up to 1, where the rows should",
            why="Each *output* is an average, and the outputs are the rows of the matrix.",
            question="What should a row of the matrix add up to?",
            answer=divided_by_places,
        ),
        Mistake(
            "stride_one",
            "no rows are deleted: the stride is 1",
            why="It is the matrix of a convolution at every place. Stride keeps only some of its "
            "rows.",
            question="How many outputs, and so how many rows, does the stride leave?",
            before=lambda height, width, pool, stride: (height, width, pool, (1, 1)),
        ),
        Mistake(
            "first_rows",
            "the number of rows is right, but they are the first ones",
            why="The window of output (n, m) starts at pixel (n, m); the stride belongs into that, "
            "too.",
            question="At which pixel does the window of output (0, 1) start if the stride is 2?",
            knobs={"start": "1"},
        ),
        Mistake(
            "first_rows_of_stride_one",
            "the first rows of the matrix for stride 1 are kept",
            why="Stride deletes rows in between, not the last ones.",
            question="Which outputs of stride 1 survive a stride of 2?",
            answer=first_rows,
        ),
        Mistake(
            "every_row",
            "every S·T-th row is kept, as if the outputs stood in one line",
            why="The stride acts in two directions: every S-th output row, and in it every T-th "
            "output.",
            question="Which rows of the matrix belong to the first row of outputs?",
            answer=every_row,
        ),
        Mistake(
            "start_at_pool",
            "the number of rows is right, but the windows start a pool size apart",
            why="n * A is where a window starts if windows stand side by side.",
            question="At which row does the window of output (1, 0) start if the stride is 1?",
            knobs={"start": "A"},
        ),
        pooling.dilated(knobs={"spread": True, "start": "1"}),
        Mistake(
            "jumps_pool",
            "the window's rows are one window width apart, not one image width",
            why="In the long vector, the pixel below is one image row further on.",
            question="How many places further on is the pixel right below?",
            knobs={"jump": "pool"},
            also=(by_runs("pool", "width"),),
        ),
        Mistake(
            "jumps_output",
            "the window's rows are one output width apart, not one image width",
            why="The columns of the matrix are pixels, and the image is wider than the output.",
            question="How many places further on is the pixel right below?",
            knobs={"jump": "columns"},
            also=(by_runs("columns", "width"),),
        ),
        Mistake(
            "jumps_height",
            "the window's rows are one image height apart, not one width",
            why="An image row has as many pixels as the image is wide. With a square image nobody "
            "notices.",
            question="How many pixels are in one row of the image?",
            knobs={"jump": "height"},
            also=(by_runs("height", "width"), by_runs("height", "height")),
        ),
        matrices.sizes_exchanged(
            before=lambda height, width, pool, stride: (width, height, pool, stride)
        ),
        places.stride_of_rows_only(
            before=lambda height, width, pool, stride: (height, width, pool, (stride[0],) * 2)
        ),
        matrices.outputs_column_by_column(knobs={"rows_by": "column"}),
        matrices.pixels_column_by_column(knobs={"columns_by": "column"}),
        matrices.all_column_by_column(
            id="all_column_by_column", knobs={"rows_by": "column", "columns_by": "column"}
        ),
        Mistake(
            "first_window_row",
            "only the window's first row is written",
            why="Each output averages A rows of the image; yours reads one.",
            question="What should a row of the matrix add up to?",
            knobs={"kernel_rows": 1},
        ),
        pooling.last_window_missing(knobs={"places": "(N - A) // S"}),
        pooling.edge_left_out(knobs={"places": "ceil((N - A) / S)"}),
        pooling.every_start(
            cut_short(lambda N, A, S: N - A + S), answer=cut_short(lambda N, A, S: N)
        ),
        matrices.transposed(),
        Mistake(
            "integers_only",
            "the entries are cut to integers, so most are 0",
            why="The array that you fill holds integers, and 1/4 is none.",
            question="What is the dtype of the array that you make first?",
            after=lambda W, height, width, pool, stride: W.astype(int),
        ),
    ),
)
