"""conv_channels(images, kernel): one filter sums over the channels."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.inputs import floats, integers
from labkit.exercises.lab02.sliding import CHANNELS, NUMBERS, PLACES, sliding_sum, two_axes
from labkit.reference import cross_correlate

__all__ = ["AXES", "CONV_CHANNELS"]


def one_filter(images, kernel, *, padding="valid", short=0, across="sum"):
    """conv_channels with the knobs of the sliding sum."""
    kernels = np.asarray(kernel)[..., None]
    return sliding_sum(images, kernels, padding=padding, short=short, across=across)[..., 0]


def draw(rng):
    return [
        Case((integers(rng, 1, 4, 5, 3), integers(rng, 2, 3, 3)), "one image"),
        Case((integers(rng, 2, 5, 4, 3), integers(rng, 3, 2, 3)), "several images"),
        Case((integers(rng, 3, 3, 6, 2), integers(rng, 2, 4, 2)), "several images"),
        Case((integers(rng, 2, 4, 4, 4), integers(rng, 2, 2, 4)), "square images, square kernel"),
        Case((integers(rng, 2, 5, 5, 3), integers(rng, 3, 3, 3)), "square images, square kernel"),
        Case((integers(rng, 2, 4, 3, 1), integers(rng, 3, 2, 1)), "one channel"),
        Case((integers(rng, 2, 3, 4, 5), integers(rng, 1, 1, 5)), "a kernel of one pixel"),
        Case((integers(rng, 2, 3, 2, 2), integers(rng, 3, 2, 2)), "a kernel as large as the image"),
        Case((floats(rng, 2, 4, 6, 2), floats(rng, 3, 2, 2)), "decimals"),
        Case(
            (integers(rng, 2, 4, 4, 2), floats(rng, 2, 3, 2)),
            "integers in x, decimals in the kernel",
        ),
        Case(
            (floats(rng, 2, 4, 4, 2), integers(rng, 3, 2, 2)),
            "decimals in x, integers in the kernel",
        ),
        Case(
            (floats(rng, 2, 5, 6, 3, dtype=np.float32), floats(rng, 2, 4, 3, dtype=np.float32)),
            "float32",
        ),
    ]


IMAGE = np.array([[[1, 0], [2, 1], [0, 3]], [[0, 2], [1, 1], [3, 0]], [[2, 1], [0, 0], [1, 2]]])
KERNEL = np.array([[[1, 2], [0, -1]], [[-1, 0], [2, 1]]])


def last_weight_only(images, kernel):
    """Of each filter, all weights but the very last are zero."""
    kept = np.zeros_like(kernel)
    kept[-1, -1, -1] = kernel[-1, -1, -1]
    return images, kept


def last_row_only(images, kernel):
    kept = np.zeros_like(kernel)
    kept[-1] = kernel[-1]
    return images, kept


def transposed_by_einsum(images, kernel):
    """Where an axis has size 1, einsum takes it for any size."""
    windows = np.lib.stride_tricks.sliding_window_view(images, kernel.shape[:2], axis=(1, 2))
    return np.einsum("bnmkij,jik...->bnm...", windows, kernel)


#: Which axis is which, in two dimensions, and what goes wrong in loops over them
AXES = (
    Mistake(
        "last_product",
        "only the last product is kept (= instead of +=)",
        why="Each product replaces the one before it, so only the kernel's last number counts.",
        question="Does your innermost line add to C[n, m], or overwrite it?",
        before=last_weight_only,
    ),
    Mistake(
        "last_row_only",
        "the sum starts again at 0 with every row of the kernel",
        why="Of all the kernel's rows only the last one is left in the sum.",
        question="In front of which loop does your sum start at 0?",
        before=last_row_only,
    ),
    Mistake(
        "one_row_short",
        "the last row is missing (N - A instead of N - A + 1)",
        why="Downward, the kernel fits once more than you slide it.",
        question="In how many places does a kernel of 3 rows fit into 3 rows?",
        after=lambda y, images, kernel: y[:, :-1],
    ),
    Mistake(
        "one_column_short",
        "the last column is missing (M - B instead of M - B + 1)",
        why="To the right, the kernel fits once more than you slide it.",
        question="In how many places does a kernel of 3 columns fit into 3 columns?",
        after=lambda y, images, kernel: y[:, :, :-1],
    ),
    Mistake(
        "returns_in_loop",
        "only the first row is computed",
        why="The return stands inside the loop over rows, so the function ends after one.",
        question="How far is your return indented?",
        after=lambda y, images, kernel: y[:, :1],
    ),
    Mistake(
        "kernel_upside_down",
        "the kernel is upside down",
        why="Its last row lies on the image's first row; left and right are as they should be.",
        question="Which image row does the kernel's row 0 meet at the first place?",
        before=lambda images, kernel: (images, np.flip(kernel, 0)),
    ),
    Mistake(
        "kernel_left_right",
        "the kernel's left and right are exchanged",
        why="Its last column lies on the image's first column; top and bottom are as they "
        "should be.",
        question="Which image column does the kernel's column 0 meet at the first place?",
        before=lambda images, kernel: (images, np.flip(kernel, 1)),
    ),
    Mistake(
        "kernel_transposed",
        "the kernel's rows and columns are exchanged",
        why="You lay the transposed kernel on the image: kernel[j, i] where kernel[i, j] belongs.",
        question="Which index of the kernel goes with the row of the image?",
        before=lambda images, kernel: (images, np.swapaxes(kernel, 0, 1)),
        also=(transposed_by_einsum,),
    ),
    Mistake(
        "column_by_column",
        "the outputs stand column by column where rows belong",
        why="The values are computed down each column, and then laid out as rows.",
        question="Which loop is the outer one, that over rows or that over columns?",
        after=lambda y, images, kernel: np.swapaxes(y, 1, 2).reshape(y.shape),
    ),
    Mistake(
        "output_transposed",
        "the result's rows and columns are exchanged",
        why="All values are right, but each stands at (m, n) where (n, m) belongs.",
        question="Which axis of the result goes down the image?",
        after=lambda y, images, kernel: np.swapaxes(y, 1, 2),
    ),
    Mistake(
        "kernel_sizes_swapped",
        "the kernel's height and width are exchanged in the size of the result",
        why="Your result has N - B + 1 rows and M - A + 1 columns. With a square kernel nobody "
        "notices.",
        question="Does a wide kernel cost rows, or columns?",
        answer=two_axes(lambda N, M, A, B: (N - B + 1, M - A + 1)),
    ),
    Mistake(
        "square_image",
        "the image is taken to be square",
        why="The number of columns is computed from the number of rows, so it is right only "
        "where they are equal.",
        question="Which size is images.shape[1], and which is images.shape[2]?",
        answer=two_axes(lambda N, M, A, B: (N - A + 1, N - B + 1)),
    ),
    Mistake(
        "square_kernel",
        "the kernel is taken to be square",
        why="Its height is used in place of its width, so it is right only where they are equal.",
        question="Which size is kernel.shape[0], and which is kernel.shape[1]?",
        answer=two_axes(lambda N, M, A, B: (N - A + 1, M - A + 1), window=lambda A, B: (A, A)),
        also=(two_axes(lambda N, M, A, B: (N - A + 1, M - A + 1)),),
    ),
    Mistake(
        "result_sizes_swapped",
        "the result's height and width are exchanged",
        why="The array that you fill, or the loops that fill it, have M - B + 1 rows and "
        "N - A + 1 columns. Where the two are equal nobody notices.",
        question="Which axis of the result goes down the image?",
        answer=two_axes(
            lambda N, M, A, B: (N - A + 1, M - B + 1),
            size=lambda N, M, A, B: (M - B + 1, N - A + 1),
        ),
    ),
    Mistake(
        "non_overlapping",
        "the kernel jumps by its own size",
        why="Each pixel is used at most once: the windows stand side by side, where they "
        "should overlap.",
        question="By how many pixels does the kernel move from one place to the next?",
        after=lambda y, images, kernel: y[:, :: np.shape(kernel)[0], :: np.shape(kernel)[1]],
    ),
)

CONV_CHANNELS = Exercise(
    id="conv_channels",
    lab="02",
    points=3,
    seconds=8.0,  # JAX compiles for every new shape
    call="conv_channels(images, kernel)",
    shape="(batch, N - A + 1, M - B + 1)",
    oracle=lambda images, kernel: cross_correlate(images, kernel[..., None])[..., 0],
    model=one_filter,
    examples=(Case((IMAGE[None], KERNEL)),),
    draw=draw,
    hints=(
        "One output reads a block of A x B pixels, and each pixel is a list of C numbers. How many "
        "products does it add up?",
        "It is conv2d of lab 01 with one more sum: image[n + i, m + j, k] * kernel[i, j, k], over "
        "i, j and k. And all of it once for each image of the batch.",
        "With patch = images[b, n : n + A, m : m + B], which is (A, B, C) like the kernel, the "
        "output at (b, n, m) is (patch * kernel).sum(), over all three axes.",
    ),
    mistakes=(
        *CHANNELS,
        *PLACES,
        *AXES,
        *NUMBERS,
        Mistake(
            "axis_of_one_kept",
            "the result has one axis too many, of size 1",
            why="The slide's N x M x 1 is the same set of numbers. Here one filter's result has no "
            "axis for channels; exercise 2 adds one for the filters.",
            question="Which shape does the docstring ask for?",
            after=lambda y, images, kernel: y[..., None],
        ),
    ),
)
