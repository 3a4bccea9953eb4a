"""conv_channels(images, kernel): one filter sums over the channels."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, kernels, places, sums
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.lab02.sliding import CHANNELS, NUMBERS, PLACES
from labkit.exercises.models.convolution import sliced, slide_filters
from labkit.reference import cross_correlate

__all__ = ["AXES", "CONV_CHANNELS"]


def one_filter(images, kernel, *, padding="valid", short=0, across="sum"):
    """conv_channels with the knobs of the sliding sum."""
    kernels = np.asarray(kernel)[..., None]
    return slide_filters(images, kernels, padding=padding, short=short, across=across)[..., 0]


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
            (float32(rng, 2, 5, 6, 3), float32(rng, 2, 4, 3)),
            "float32",
        ),
    ]


IMAGE = np.array([[[1, 0], [2, 1], [0, 3]], [[0, 2], [1, 1], [3, 0]], [[2, 1], [0, 0], [1, 2]]])
KERNEL = np.array([[[1, 2], [0, -1]], [[-1, 0], [2, 1]]])


def last_weight_only(images, kernel):
    """Set all weights of each filter but the very last to zero."""
    kept = np.zeros_like(kernel)
    kept[-1, -1, -1] = kernel[-1, -1, -1]
    return images, kept


def last_row_only(images, kernel):
    kept = np.zeros_like(kernel)
    kept[-1] = kernel[-1]
    return images, kept


def transposed_by_einsum(images, kernel):
    """Transpose in einsum, which lets an axis of size 1 match any size."""
    windows = np.lib.stride_tricks.sliding_window_view(images, kernel.shape[:2], axis=(1, 2))
    return np.einsum("bnmkij,jik...->bnm...", windows, kernel)


#: Which axis is which, in two dimensions, and what goes wrong in loops over them
AXES = (
    sums.last_product(before=last_weight_only),
    sums.last_row_only(before=last_row_only),
    places.row_missing(after=lambda y, images, kernel: y[:, :-1]),
    places.column_missing(after=lambda y, images, kernel: y[:, :, :-1]),
    arrays.first_row_of_results_only(after=lambda y, images, kernel: y[:, :1]),
    kernels.upside_down(before=lambda images, kernel: (images, np.flip(kernel, 0))),
    kernels.left_right(before=lambda images, kernel: (images, np.flip(kernel, 1))),
    kernels.transposed(
        transposed_by_einsum, before=lambda images, kernel: (images, np.swapaxes(kernel, 0, 1))
    ),
    Mistake(
        "column_by_column",
        "the outputs stand column by column where rows belong",
        why="The values are computed down each column, and then laid out as rows.",
        question="Which loop is the outer one, that over rows or that over columns?",
        after=lambda y, images, kernel: np.swapaxes(y, 1, 2).reshape(y.shape),
    ),
    places.result_transposed(after=lambda y, images, kernel: np.swapaxes(y, 1, 2)),
    kernels.sizes_exchanged_in_the_result(answer=sliced(lambda N, M, A, B: (N - B + 1, M - A + 1))),
    places.square_image(
        question="Which size is images.shape[1], and which is images.shape[2]?",
        answer=sliced(lambda N, M, A, B: (N - A + 1, N - B + 1)),
    ),
    kernels.square(
        sliced(lambda N, M, A, B: (N - A + 1, M - A + 1)),
        answer=sliced(lambda N, M, A, B: (N - A + 1, M - A + 1), window=lambda A, B: (A, A)),
    ),
    places.result_sizes_exchanged(
        answer=sliced(
            lambda N, M, A, B: (N - A + 1, M - B + 1),
            size=lambda N, M, A, B: (M - B + 1, N - A + 1),
        )
    ),
    kernels.moves_by_its_own_size(
        after=lambda y, images, kernel: y[:, :: np.shape(kernel)[0], :: np.shape(kernel)[1]]
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
