"""matrix2d(kernel, height, width): the doubly blocked Toeplitz matrix."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, kernels, matrices
from labkit.exercises.inputs import float32, floats, integers
from labkit.matrix import convolution_matrix

__all__ = ["MATRIX2D"]


def doubly_blocked(
    kernel,
    height,
    width,
    *,
    flip=(),
    short=(0, 0),
    jump="width",
    start="width",
    rows_by="row",
    columns_by="row",
    kernel_rows=slice(None),
    dtype=float,
):
    """matrix2d with a knob for each way to get it wrong."""
    kernel = np.flip(kernel, flip)
    A, B = kernel.shape
    N, M = height - A + 1 - short[0], width - B + 1 - short[1]
    sizes = {"width": width, "height": height, "B": B, "M": M}
    W = np.zeros((N * M, height * width), dtype)
    for n in range(N):
        for m in range(M):
            row = n * M + m if rows_by == "row" else m * N + n
            for i in range(A)[kernel_rows]:
                for j in range(B):
                    column = n * sizes[start] + m + i * sizes[jump] + j
                    if columns_by == "column":
                        column = (m + j) * height + n + i
                    W[row, column] = kernel[i, j]
    return W


def padded(kernel, height, width):
    """Return the columns of the matrix for a padded image that belong to the image itself."""
    A, B = kernel.shape
    top, left = (A - 1) // 2, (B - 1) // 2
    W = doubly_blocked(kernel, height + A - 1, width + B - 1)
    W = W.reshape(-1, height + A - 1, width + B - 1)
    return W[:, top : top + height, left : left + width].reshape(-1, height * width)


def hangs_over(kernel, height, width):
    A, B = kernel.shape
    W = doubly_blocked(kernel, height + A - 1, width + B - 1)
    W = W.reshape(-1, height + A - 1, width + B - 1)
    return W[:, :height, :width].reshape(-1, height * width)


def not_deleted(kernel, height, width):
    """Return the one-dimensional matrix of the kernel's rows with gaps between them."""
    A, B = kernel.shape
    long = np.zeros((A, width))
    long[:, :B] = kernel
    return convolution_matrix(long.ravel()[: (A - 1) * width + B], height * width)


def draw(rng):
    return [
        Case((integers(rng, 2, 2), 3, 4), "a square kernel"),
        Case((integers(rng, 2, 3), 5, 4), "an image that is higher than wide"),
        Case((integers(rng, 3, 2), 4, 5), "a kernel that is higher than wide"),
        Case((integers(rng, 2, 2), 4, 4), "a square image and a square kernel"),
        Case((integers(rng, 1, 3), 3, 4), "a kernel of one row"),
        Case((integers(rng, 3, 1), 4, 3), "a kernel of one column"),
        Case((integers(rng, 1, 1), 2, 3), "a kernel of one number"),
        Case((integers(rng, 3, 2), 3, 2), "a kernel as large as the image"),
        Case((floats(rng, 3, 3), 4, 6), "decimals"),
        Case((float32(rng, 2, 3), 3, 5), "float32"),
    ]


MATRIX2D = Exercise(
    id="matrix2d",
    lab="01",
    points=4,
    call="matrix2d(kernel, height, width)",
    shape="((height - A + 1) * (width - B + 1), height * width)",
    oracle=lambda kernel, height, width: convolution_matrix(kernel, (height, width)),
    model=doubly_blocked,
    examples=(Case((np.array([[1, 0, -1], [2, 1, 0]]), 4, 5)),),
    draw=draw,
    hints=(
        "Each row is one output (n, m). Which pixels does it read? At which place of the long "
        "vector does each of them stand?",
        "Pixel (r, c) stands at place r * width + c. So within a row of the matrix, how many "
        "columns lie between kernel[0, 0] and kernel[1, 0]?",
        "Four loops: n, m, i, j. W[n * (width - B + 1) + m, (n + i) * width + m + j] is "
        "kernel[i, j], and everything else is zero.",
    ),
    mistakes=(
        matrices.no_gap_between_kernel_rows(knobs={"jump": "B"}),
        matrices.one_output_width_apart(knobs={"jump": "M"}),
        Mistake(
            "jumps_height",
            "the kernel's rows are one image height apart, not one width",
            why="An image row has as many pixels as the image is wide. With a square image nobody "
            "notices.",
            question="How many pixels are in one row of the image?",
            knobs={"jump": "height"},
        ),
        matrices.wraps_over_rows(knobs={"start": "M"}),
        matrices.height_for_width(knobs={"jump": "height", "start": "height"}),
        matrices.sizes_exchanged(before=lambda kernel, height, width: (kernel, width, height)),
        matrices.all_column_by_column(knobs={"rows_by": "column", "columns_by": "column"}),
        matrices.outputs_column_by_column(knobs={"rows_by": "column"}),
        matrices.pixels_column_by_column(knobs={"columns_by": "column"}),
        kernels.turned(
            id="kernel_turned",
            question="Which weight stands in the first column of row 0?",
            knobs={"flip": (0, 1)},
        ),
        kernels.transposed(
            question="Which weights stand in row 0 before the first gap?",
            before=lambda kernel, height, width: (kernel.T, height, width),
        ),
        Mistake(
            "kernel_upside_down",
            "the kernel's rows come in reverse order",
            why="Its last row lies on the image's first row; left and right are as they should be.",
            question="Which weights stand in row 0 before the first gap?",
            knobs={"flip": (0,)},
        ),
        Mistake(
            "kernel_left_right",
            "the kernel's left and right are exchanged",
            why="Each row of the kernel reads backward.",
            question="Which weight stands in the first column of row 0?",
            knobs={"flip": (1,)},
        ),
        Mistake(
            "rows_backward",
            "the outputs come in reverse order",
            why="Each row is right, but the last output stands first.",
            question="Which output is row 0 of the matrix?",
            after=lambda W, kernel, height, width: W[::-1],
        ),
        Mistake(
            "toeplitz",
            "no row is deleted where an image row ends",
            why="One Toeplitz matrix of the long vector has a row for every start, also for those "
            "where the kernel runs over the edge of the image into the next row.",
            question="At how many columns of the image can the kernel start?",
            answer=not_deleted,
        ),
        Mistake(
            "hangs_over",
            "there is an output for every pixel, and the kernel is cut off at the edge",
            why="The kernel starts at every pixel, also where it does not fit any more.",
            question="How many outputs has a 2 x 3 kernel on a 4 x 5 image?",
            answer=hangs_over,
        ),
        matrices.outputs_missing(knobs={"short": (1, 1)}),
        matrices.row_of_outputs_missing(knobs={"short": (1, 0)}),
        matrices.column_of_outputs_missing(knobs={"short": (0, 1)}),
        Mistake(
            "first_kernel_row_only",
            "only the kernel's first row is written",
            why="Each output reads A rows of the image; yours reads one.",
            question="How many entries of a row are not zero?",
            knobs={"kernel_rows": slice(1)},
        ),
        matrices.padded_same(answer=padded),
        matrices.transposed(),
        arrays.integers_only(knobs={"dtype": int}, after=None),
    ),
)
