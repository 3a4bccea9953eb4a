"""conv2d(image, kernel): the sliding sum in two directions."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, kernels, padding, places, sums
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.models.convolution import sliced, slide
from labkit.reference import cross_correlate_plain

__all__ = ["CONV2D"]


def indexed(places, *, window=lambda A, B: (A, B), read=lambda n, m, i, j: (n + i, m + j)):
    """Return a conv2d that reads every number by its indices, which raise beyond the edge."""

    def conv2d(image, kernel):
        y = np.zeros(places(*image.shape, *kernel.shape))
        for n, m in np.ndindex(y.shape):
            for i, j in np.ndindex(*window(*kernel.shape)):
                y[n, m] += image[read(n, m, i, j)] * kernel[i, j]
        return y

    return conv2d


def valid(N, M, A, B):
    return N - A + 1, M - B + 1


def products(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return windows * kernel


def padded_alike(image, kernel):
    """Pad with half a kernel of zeros on all sides, whether its sizes are odd or even."""
    return slide(np.pad(image, [(size // 2,) * 2 for size in kernel.shape]), kernel)


def then_zeros(*computed):
    def conv2d(image, kernel):
        y = slide(image, kernel)
        kept = np.zeros_like(y)
        kept[computed] = y[computed]
        return kept

    return conv2d


def strided(image, kernel):
    A, B = kernel.shape
    return slide(image, kernel)[::A, ::B]


def draw(rng):
    return [
        Case((integers(rng, 4, 5), integers(rng, 2, 3))),
        Case((integers(rng, 5, 4), integers(rng, 3, 2)), "a kernel that is higher than wide"),
        Case((integers(rng, 5, 5), integers(rng, 3, 3)), "a square image and a square kernel"),
        Case((integers(rng, 3, 6), integers(rng, 2, 2)), "a square kernel of even size"),
        Case((integers(rng, 6, 3), integers(rng, 2, 2)), "a square kernel of even size"),
        Case((integers(rng, 3, 5), integers(rng, 1, 4)), "a kernel of one row"),
        Case((integers(rng, 5, 3), integers(rng, 4, 1)), "a kernel of one column"),
        Case((integers(rng, 3, 4), integers(rng, 1, 1)), "a kernel of one number"),
        Case((integers(rng, 3, 4), integers(rng, 3, 4)), "a kernel as large as the image"),
        Case((floats(rng, 4, 6), floats(rng, 3, 2)), "decimals"),
        Case(
            (integers(rng, 4, 4), floats(rng, 2, 3)),
            "integers in the image, decimals in the kernel",
        ),
        Case(
            (floats(rng, 4, 4), integers(rng, 3, 2)),
            "decimals in the image, integers in the kernel",
        ),
        Case((float32(rng, 5, 6), float32(rng, 2, 4)), "float32"),
    ]


IMAGE = np.array([[1, 2, 0, 1, 3], [0, 1, 2, 3, 1], [2, 0, 1, 1, 0], [1, 3, 0, 2, 2]])

CONV2D = Exercise(
    id="conv2d",
    lab="01",
    points=3,
    call="conv2d(image, kernel)",
    shape="(N - A + 1, M - B + 1)",
    oracle=cross_correlate_plain,
    model=slide,
    examples=(Case((IMAGE, np.array([[1, 0, -1], [2, 1, 0]]))),),
    draw=draw,
    hints=(
        "Lay the kernel on the image's top left corner, multiply what lies on each other and add "
        "it all up: that is C(0, 0). How far can the kernel move to the right, and how far down?",
        "Take N and M from the image's shape, A and B from the kernel's: four sizes that may all "
        "be different. Rows go with N and A, columns with M and B.",
        "C[n, m] is the sum of image[n : n + A, m : m + B] * kernel over both axes; n runs over "
        "N - A + 1 rows, m over M - B + 1 columns. Let the result hold decimals.",
    ),
    mistakes=(
        kernels.turned(id="kernel_turned", knobs={"flip": (0, 1)}),
        kernels.upside_down(knobs={"flip": (0,)}),
        kernels.left_right(knobs={"flip": (1,)}),
        kernels.transposed(
            indexed(valid, read=lambda n, m, i, j: (n + j, m + i)),
            before=lambda image, kernel: (image, np.transpose(kernel)),
        ),
        places.result_transposed(),
        Mistake(
            "image_indices_swapped",
            "the image's rows and columns are exchanged",
            why="You read image[m + i, n + j] where image[n + i, m + j] belongs: the first index "
            "of an array goes down.",
            question="Which index of the image goes with the row of the result?",
            answer=indexed(valid, read=lambda n, m, i, j: (m + i, n + j)),
        ),
        Mistake(
            "one_short",
            "the last row and the last column are missing (N - A instead of N - A + 1)",
            why="The kernel fits once more than you slide it, in both directions.",
            question="In how many places does a kernel of 3 rows fit into 3 rows?",
            knobs={"short": (1, 1)},
            also=(sliced(lambda N, M, A, B: (N - A, M - B), size=valid),),
        ),
        places.row_missing(knobs={"short": (1, 0)}),
        places.column_missing(knobs={"short": (0, 1)}),
        kernels.sizes_exchanged_in_the_result(
            sliced(lambda N, M, A, B: (N - B + 1, M - A + 1)),
            knobs={"shape": lambda N, M, A, B: (N - B + 1, M - A + 1)},
        ),
        places.result_sizes_exchanged(
            sliced(
                lambda N, M, A, B: (M - B + 1, N - A + 1),
                size=lambda N, M, A, B: (N - A + 1, M - B + 1),
            ),
            answer=sliced(
                lambda N, M, A, B: (N - A + 1, M - B + 1),
                size=lambda N, M, A, B: (M - B + 1, N - A + 1),
            ),
        ),
        Mistake(
            "image_sizes_swapped",
            "the image's height and width are exchanged",
            why="shape is (rows, columns): the height comes first. With a square image nobody "
            "notices.",
            question="Is image.shape[0] the height, or the width?",
            answer=sliced(lambda N, M, A, B: (M - A + 1, N - B + 1)),
            also=(indexed(lambda N, M, A, B: (M - A + 1, N - B + 1)),),
        ),
        Mistake(
            "loops_swapped",
            "the loop over rows runs over the columns, and the other way around",
            why="n goes with the rows of the image, but it runs as far as there are columns.",
            question="Which of your loops ends at N - A + 1?",
            answer=sliced(
                lambda N, M, A, B: (M - B + 1, N - A + 1),
                size=lambda N, M, A, B: (N - A + 1, M - B + 1),
                put=lambda n, m: (m, n),
            ),
        ),
        places.square_image(
            sliced(lambda N, M, A, B: (N - A + 1, N - B + 1)),
            sliced(lambda N, M, A, B: (M - A + 1, M - B + 1)),
            indexed(lambda N, M, A, B: (M - A + 1, M - B + 1)),
            knobs={"shape": lambda N, M, A, B: (N - A + 1, N - B + 1)},
        ),
        kernels.square(
            sliced(lambda N, M, A, B: (N - A + 1, M - A + 1), window=lambda A, B: (A, A)),
            sliced(lambda N, M, A, B: (N - A + 1, M - A + 1)),
            answer=indexed(lambda N, M, A, B: (N - A + 1, M - A + 1), window=lambda A, B: (A, A)),
        ),
        Mistake(
            "square_everything",
            "image and kernel are both taken to be square",
            why="len(image) and len(kernel) are heights, and you use them as widths, too.",
            question="How do you get the number of columns of an array?",
            answer=sliced(lambda N, M, A, B: (N - A + 1, N - A + 1), window=lambda A, B: (A, A)),
            also=(
                sliced(lambda N, M, A, B: (N - A + 1, N - A + 1)),
                indexed(lambda N, M, A, B: (N - A + 1, N - A + 1), window=lambda A, B: (A, A)),
                indexed(lambda N, M, A, B: (N - A + 1, N - A + 1)),
            ),
        ),
        sums.starts_at_one(knobs={"first": 1}),
        sums.ends_too_early(knobs={"last": 1}),
        sums.last_product(knobs={"keep": "last product"}),
        sums.last_row_only(knobs={"keep": "sum of the last row"}),
        sums.never_reset(),
        Mistake(
            "not_summed",
            "the products are not added up",
            why="For each place you return the whole window times the kernel, or the sums of its "
            "rows; one number was asked for.",
            question="Over how many axes does your sum run?",
            answer=products,
            also=(
                lambda image, kernel: products(image, kernel).sum(-1),
                lambda image, kernel: products(image, kernel).sum(-2),
            ),
        ),
        padding.same(padded_alike, knobs={"padding": "same"}),
        padding.same_more_before(knobs={"padding": "same, extra before"}),
        padding.full(knobs={"padding": "full"}),
        kernels.moves_by_its_own_size(answer=strided),
        arrays.integers_only(
            lambda image, kernel: slide(image.astype(int), kernel.astype(int)),
            lambda image, kernel: np.round(slide(image, kernel)),
        ),
        arrays.integers_step_by_step(knobs={"dtype": int}),
        Mistake(
            "dtype_of_image",
            "the result has the image's dtype, so an integer image cuts the decimals",
            why="np.zeros_like(image), or dtype=image.dtype, makes an array of integers when the "
            "image holds integers, even if the kernel has decimals.",
            question="Which dtype can hold 2 * 0.5 + 1 * 0.25?",
            after=lambda y, image, kernel: y.astype(np.asarray(image).dtype),
            also=(
                lambda image, kernel: slide(image, kernel, dtype=image.dtype),
                lambda image, kernel: slide(image, kernel.astype(image.dtype)),
            ),
        ),
        arrays.dtype_of_kernel(
            lambda image, kernel: slide(image, kernel, dtype=kernel.dtype),
            lambda image, kernel: slide(image.astype(kernel.dtype), kernel),
            after=lambda y, image, kernel: y.astype(np.asarray(kernel).dtype),
        ),
        sums.averaged(after=lambda y, image, kernel: y / np.size(kernel)),
        sums.no_weights(before=lambda image, kernel: (image, np.ones_like(kernel))),
        arrays.first_row_of_results_only(
            lambda image, kernel: slide(image, kernel)[0],
            lambda image, kernel: slide(image, kernel)[0, 0],
            then_zeros(0),
            then_zeros(0, 0),
            after=lambda y, image, kernel: y[:1],
        ),
        arrays.left_flat(),
    ),
)
