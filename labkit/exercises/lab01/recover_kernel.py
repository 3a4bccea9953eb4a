"""recover_kernel(W, height, width, a, b): from the matrix back to the kernel."""

import numpy as np

from labkit import matrix
from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, kernels
from labkit.exercises.inputs import float32, floats, integers

__all__ = ["RECOVER_KERNEL"]


def read_back(
    W, height, width, a, b, *, row=0, image="height, width", order="C", corner=0, square=False
):
    """recover_kernel with a knob for each way to get it wrong."""
    shape = (height, width) if image == "height, width" else (width, height)
    field = np.reshape(W[row], shape, order=order)
    return field[corner : corner + a, corner : corner + (a if square else b)]


def by_distance(distance):
    """Read kernel row i from matrix row 0 at `distance` * i."""

    def read(W, height, width, a, b):
        step = distance(height, width, a, b)
        return np.array([[W[0][i * step + j] for j in range(b)] for i in range(a)])

    return read


def first_column(W, height, width, a, b):
    return np.reshape(W[: a * b, 0], (a, b))


def distinct_values(W, height, width, a, b):
    values = list(dict.fromkeys(value for value in W[0].tolist() if value))
    return np.reshape(values, (a, b))


def of(kernel, height, width, label=""):
    a, b = kernel.shape
    W = matrix.convolution_matrix(kernel, (height, width))
    return Case((W, height, width, a, b), label)


def with_zeros(rng, a, b):
    """Draw a kernel with two equal numbers and with zeros, also at its first and last place."""
    kernel = integers(rng, a, b)
    kernel.flat[[0, 2, -1]] = 0
    kernel.flat[3] = kernel.flat[1]
    return kernel


def with_equals(rng, a, b):
    kernel = integers(rng, a, b)
    kernel.flat[-1] = kernel.flat[0]
    return kernel


def draw(rng):
    return [
        of(integers(rng, 2, 2), 3, 4, "a square kernel"),
        of(integers(rng, 3, 2), 5, 4, "a kernel that is higher than wide"),
        of(integers(rng, 2, 3), 5, 3, "a kernel as wide as the image"),
        of(integers(rng, 2, 2), 4, 4, "a square image and a square kernel"),
        of(with_zeros(rng, 2, 3), 4, 5, "a kernel with zeros in it"),
        of(with_zeros(rng, 3, 3), 5, 4, "a kernel with zeros in it"),
        of(with_equals(rng, 2, 3), 4, 4, "a kernel with two equal weights"),
        of(integers(rng, 1, 3), 3, 5, "a kernel of one row"),
        of(integers(rng, 3, 1), 4, 3, "a kernel of one column"),
        of(integers(rng, 1, 1), 3, 2, "a kernel of one number"),
        of(integers(rng, 2, 3), 2, 3, "a kernel as large as the image"),
        of(floats(rng, 2, 3), 3, 6, "decimals"),
        of(float32(rng, 3, 2), 4, 3, "float32"),
    ]


RECOVER_KERNEL = Exercise(
    id="recover_kernel",
    lab="01",
    points=2,
    call="recover_kernel(W, height, width, a, b)",
    shape="(a, b)",
    oracle=lambda W, height, width, a, b: matrix.recover_kernel(W, (height, width), (a, b)),
    model=read_back,
    examples=(of(np.array([[1, 0, -1], [2, 1, 0]]), 4, 5),),
    draw=draw,
    hints=(
        "Every row holds the whole kernel. In which row is it easiest to find?",
        "Row 0 belongs to output (0, 0), which reads the top left corner of the image. It has a "
        "number for each pixel: what shape could you give it?",
        "Reshape row 0 to (height, width): the kernel stands in its first a rows and b columns.",
    ),
    mistakes=(
        Mistake(
            "first_entries",
            "the first a * b entries of row 0 are taken",
            why="The kernel's first row is right. Its second row does not follow at once: between "
            "them lie the pixels to the right of the kernel.",
            question="In which column of the matrix does kernel[1, 0] stand?",
            answer=by_distance(lambda height, width, a, b: b),
        ),
        Mistake(
            "nonzero_entries",
            "the entries that are not zero are collected",
            why="A kernel may hold zeros of its own, and then too few are left.",
            question="What happens with the kernel [[1, 0], [0, 1]]?",
            answer=lambda W, height, width, a, b: W[0][W[0] != 0].reshape(a, b),
        ),
        Mistake(
            "distinct_values",
            "each value is collected only once",
            why="Two weights of a kernel may be equal, or zero; they are still two weights.",
            question="What happens with a kernel of all ones?",
            answer=distinct_values,
        ),
        Mistake(
            "distance_kernel_height",
            "the kernel's rows are looked for a entries apart",
            why="An image row is width pixels long, and so far apart are the kernel's rows.",
            question="How many pixels are in one row of the image?",
            answer=by_distance(lambda height, width, a, b: a),
        ),
        arrays.left_flat(),
        Mistake(
            "row_1",
            "row 1 of the matrix is read as if it were row 0",
            why="Row 1 belongs to output (0, 1): there the kernel has moved to the right.",
            question="Which index has the first row?",
            knobs={"row": 1},
        ),
        Mistake(
            "distance_height",
            "the kernel's rows are looked for one image height apart",
            why="An image row is width pixels long. With a square image nobody notices.",
            question="How many pixels are in one row of the image?",
            answer=by_distance(lambda height, width, a, b: height),
        ),
        Mistake(
            "distance_output_width",
            "the kernel's rows are looked for one output width apart",
            why="The columns of the matrix are pixels of the image, and its rows are width long.",
            question="Do the columns of W count inputs, or outputs?",
            answer=by_distance(lambda height, width, a, b: width - b + 1),
        ),
        Mistake(
            "image_sizes_exchanged",
            "row 0 is laid out with height and width exchanged",
            why="reshape(width, height) breaks the row at the wrong places. With a square image "
            "nobody notices.",
            question="Is height the number of rows, or of columns?",
            knobs={"image": "width, height"},
        ),
        Mistake(
            "column_by_column",
            "row 0 is laid out column by column",
            why="The image was made a vector row by row, and has to be put together that way.",
            question="Which pixel is number 1 of the long vector, (0, 1) or (1, 0)?",
            knobs={"order": "F"},
        ),
        Mistake(
            "transposed",
            "the kernel comes out transposed",
            why="All weights are there, but rows and columns are exchanged.",
            question="Which shape was asked for, (a, b) or (b, a)?",
            after=lambda kernel, W, height, width, a, b: kernel.T,
        ),
        Mistake(
            "sizes_exchanged",
            "b rows and a columns are taken",
            why="The kernel has a rows and b columns.",
            question="Which of a and b is the number of rows?",
            before=lambda W, height, width, a, b: (W, height, width, b, a),
        ),
        kernels.square(
            why="You take a columns where there are b.",
            question="What is b for?",
            knobs={"square": True},
        ),
        Mistake(
            "kernel_turned",
            "the kernel comes out turned by 180 degrees",
            why="The matrix is that of conv2d, which does not turn the kernel, so nothing has to "
            "be turned back.",
            question="Which weight of the kernel reads pixel (0, 0) for output (0, 0)?",
            after=lambda kernel, W, height, width, a, b: np.flip(kernel),
        ),
        Mistake(
            "last_row",
            "the last row is read as if it were the first",
            why="Row -1 belongs to the last output, which reads the bottom right corner of the "
            "image.",
            question="To which output does the row that you read belong?",
            knobs={"row": -1},
        ),
        Mistake(
            "corner_of_matrix",
            "the top left corner of the matrix is taken",
            why="The second row of the matrix is another output, not another row of the kernel.",
            question="What does W[1, 0] connect?",
            answer=lambda W, height, width, a, b: W[:a, :b],
        ),
        Mistake(
            "first_column",
            "the kernel is read from the first column",
            why="Column 0 is pixel (0, 0), and only output (0, 0) reads it.",
            question="Which outputs read the top left pixel?",
            answer=first_column,
        ),
        Mistake(
            "starts_at_one",
            "reading starts at pixel (1, 1) instead of (0, 0)",
            why="The kernel's first row and column are left out.",
            question="Which index has the first row?",
            knobs={"corner": 1},
        ),
        Mistake(
            "not_a_kernel",
            "the whole row is returned as an image",
            why="Around the kernel stand the zeros of all pixels that output (0, 0) does not read.",
            question="Which part of that image is the kernel?",
            answer=lambda W, height, width, a, b: W[0].reshape(height, width),
        ),
        arrays.integers_only(),
    ),
)
