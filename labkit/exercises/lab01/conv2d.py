"""conv2d(image, kernel): the sliding sum in two directions."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.inputs import floats, integers
from labkit.reference import cross_correlate_plain

__all__ = ["CONV2D"]


PADDINGS = {
    "valid": lambda size: (0, 0),
    "same": lambda size: ((size - 1) // 2, size // 2),
    "same, extra before": lambda size: (size // 2, (size - 1) // 2),
    "full": lambda size: (size - 1, size - 1),
}


def sliding_sum(
    image,
    kernel,
    *,
    flip=(),
    padding="valid",
    short=(0, 0),
    rows="N - A + 1",
    columns="M - B + 1",
    first=0,
    last=0,
    used="all of the kernel",
    keep="sum",
    dtype=float,
):
    """conv2d with a knob for each way to get it wrong."""
    image, kernel = np.asarray(image, float), np.flip(kernel, flip)
    A, B = kernel.shape
    image = np.pad(image, [PADDINGS[padding](size) for size in (A, B)])
    N, M = image.shape
    sizes = {
        "N - A + 1": N - A + 1,
        "N - B + 1": N - B + 1,
        "M - A + 1": M - A + 1,
        "M - B + 1": M - B + 1,
    }
    y = np.zeros((sizes[rows] - short[0], sizes[columns] - short[1]), dtype)
    for n in range(y.shape[0]):
        for m in range(y.shape[1]):
            for i in range(first, A - last):
                if keep == "sum of the last row":
                    y[n, m] = 0
                for j in range(first, (A if used == "a square" else B) - last):
                    product = image[n + i, m + j] * kernel[i, j]
                    y[n, m] = product if keep == "last product" else y[n, m] + product
    return y


def here(n, m):
    return n, m


def sliced(places, *, size=None, put=here, window=lambda A, B: (A, B)):
    """conv2d with slices, which are cut at the image's edge, and its sizes as they are given."""

    def conv2d(image, kernel):
        (N, M), (A, B) = image.shape, kernel.shape
        rows, columns = places(N, M, A, B)
        height, width = window(A, B)
        y = np.zeros((size or places)(N, M, A, B))
        for n in range(rows):
            for m in range(columns):
                y[put(n, m)] = np.sum(image[n : n + height, m : m + width] * kernel)
        return y

    return conv2d


def indexed(places, *, window=lambda A, B: (A, B), read=lambda n, m, i, j: (n + i, m + j)):
    """conv2d with an index for every number, which raises beyond the edge."""

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
    """Half a kernel of zeros on all sides, whether its sizes are odd or even."""
    return sliding_sum(np.pad(image, [(size // 2,) * 2 for size in kernel.shape]), kernel)


def then_zeros(*computed):
    def conv2d(image, kernel):
        y = sliding_sum(image, kernel)
        kept = np.zeros_like(y)
        kept[computed] = y[computed]
        return kept

    return conv2d


def strided(image, kernel):
    A, B = kernel.shape
    return sliding_sum(image, kernel)[::A, ::B]


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
        Case((floats(rng, 5, 6, dtype=np.float32), floats(rng, 2, 4, dtype=np.float32)), "float32"),
    ]


IMAGE = np.array([[1, 2, 0, 1, 3], [0, 1, 2, 3, 1], [2, 0, 1, 1, 0], [1, 3, 0, 2, 2]])

CONV2D = Exercise(
    id="conv2d",
    lab="01",
    points=3,
    call="conv2d(image, kernel)",
    shape="(N - A + 1, M - B + 1)",
    oracle=cross_correlate_plain,
    model=sliding_sum,
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
        Mistake(
            "kernel_turned",
            "the kernel is turned by 180 degrees",
            why="That is the mathematician's convolution. Here the kernel is laid on the image as "
            "it is, without the mirror: cross-correlation.",
            question="Which pixel does kernel[0, 0] multiply in C(0, 0)?",
            knobs={"flip": (0, 1)},
        ),
        Mistake(
            "kernel_upside_down",
            "the kernel is upside down",
            why="Its last row lies on the image's first row; left and right are as they should be.",
            question="Which image row does the kernel's row 0 meet in C(0, 0)?",
            knobs={"flip": (0,)},
        ),
        Mistake(
            "kernel_left_right",
            "the kernel's left and right are exchanged",
            why="Its last column lies on the image's first column; top and bottom are as they "
            "should be.",
            question="Which image column does the kernel's column 0 meet in C(0, 0)?",
            knobs={"flip": (1,)},
        ),
        Mistake(
            "kernel_transposed",
            "the kernel's rows and columns are exchanged",
            why="You lay the transposed kernel on the image: kernel[j, i] where kernel[i, j] "
            "belongs.",
            question="Which index of the kernel goes with the row of the image?",
            before=lambda image, kernel: (image, np.transpose(kernel)),
            also=(indexed(valid, read=lambda n, m, i, j: (n + j, m + i)),),
        ),
        Mistake(
            "output_transposed",
            "the result's rows and columns are exchanged",
            why="All values are right, but each stands at (m, n) where (n, m) belongs.",
            question="What is the result's first axis: down, or to the right?",
            after=lambda y, image, kernel: y.T,
        ),
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
        Mistake(
            "one_row_short",
            "the last row is missing (N - A instead of N - A + 1)",
            why="Downward, the kernel fits once more than you slide it.",
            question="In how many places does a kernel of 3 rows fit into 3 rows?",
            knobs={"short": (1, 0)},
        ),
        Mistake(
            "one_column_short",
            "the last column is missing (M - B instead of M - B + 1)",
            why="To the right, the kernel fits once more than you slide it.",
            question="In how many places does a kernel of 3 columns fit into 3 columns?",
            knobs={"short": (0, 1)},
        ),
        Mistake(
            "kernel_sizes_swapped",
            "the kernel's height and width are exchanged in the size of the result",
            why="Your result has N - B + 1 rows and M - A + 1 columns. With a square kernel nobody "
            "notices.",
            question="Does a wide kernel cost rows, or columns?",
            knobs={"rows": "N - B + 1", "columns": "M - A + 1"},
            also=(sliced(lambda N, M, A, B: (N - B + 1, M - A + 1)),),
        ),
        Mistake(
            "result_sizes_swapped",
            "the result's height and width are exchanged",
            why="The array that you fill, or the loops that fill it, have M - B + 1 rows and "
            "N - A + 1 columns. Where the two are equal nobody notices.",
            question="What is the result's first axis: down, or to the right?",
            answer=sliced(
                lambda N, M, A, B: (N - A + 1, M - B + 1),
                size=lambda N, M, A, B: (M - B + 1, N - A + 1),
            ),
            also=(
                sliced(
                    lambda N, M, A, B: (M - B + 1, N - A + 1),
                    size=lambda N, M, A, B: (N - A + 1, M - B + 1),
                ),
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
        Mistake(
            "square_image",
            "the image is taken to be square",
            why="The number of columns is computed from the number of rows, so it is right only "
            "where they are equal.",
            question="Which size is image.shape[0], and which is image.shape[1]?",
            knobs={"columns": "N - B + 1"},
            also=(
                sliced(lambda N, M, A, B: (N - A + 1, N - B + 1)),
                sliced(lambda N, M, A, B: (M - A + 1, M - B + 1)),
                indexed(lambda N, M, A, B: (M - A + 1, M - B + 1)),
            ),
        ),
        Mistake(
            "square_kernel",
            "the kernel is taken to be square",
            why="Its height is used in place of its width, so it is right only where they are "
            "equal.",
            question="Which size is kernel.shape[0], and which is kernel.shape[1]?",
            knobs={"columns": "M - A + 1", "used": "a square"},
            also=(
                sliced(lambda N, M, A, B: (N - A + 1, M - A + 1), window=lambda A, B: (A, A)),
                sliced(lambda N, M, A, B: (N - A + 1, M - A + 1)),
            ),
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
        Mistake(
            "skips_first",
            "the sums start at 1 instead of 0",
            why="The kernel's first row and first column are never used. Sums on slides often run "
            "from 1; in Python the first index is 0.",
            question="What does range(1, A) leave out?",
            knobs={"first": 1},
        ),
        Mistake(
            "skips_last",
            "the sums end one too early",
            why="The kernel's last row and last column are never used: range(A - 1) ends at A - 2.",
            question="What is the last value of range(A)?",
            knobs={"last": 1},
        ),
        Mistake(
            "last_product",
            "only the last product is kept (= instead of +=)",
            why="Each product replaces the one before it, so only the kernel's last number counts.",
            question="Does your innermost line add to C[n, m], or overwrite it?",
            knobs={"keep": "last product"},
        ),
        Mistake(
            "last_row_only",
            "the sum starts again at 0 with every row of the kernel",
            why="Of all the kernel's rows only the last one is left in the sum.",
            question="In front of which loop does your sum start at 0?",
            knobs={"keep": "sum of the last row"},
        ),
        Mistake(
            "never_reset",
            "the sum does not start again at 0 for the next place",
            why="Each result contains all the results before it.",
            question="What is the value of your sum when the second place begins?",
            after=lambda y, image, kernel: np.cumsum(y).reshape(y.shape),
        ),
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
        Mistake(
            "padded_same",
            "the image is padded with zeros, so the result is as large as the image",
            why="Half a kernel of zeros was put around the image (mode='same'). Asked for are only "
            "the places where the kernel fits whole.",
            question="Which of your outputs touch no added zero?",
            knobs={"padding": "same"},
            also=(padded_alike,),
        ),
        Mistake(
            "padded_same_before",
            "the image is padded with zeros, more of them above and on the left",
            why="Half a kernel of zeros was put around the image (SciPy's mode='same'), so the "
            "result is as large as the image. Asked for are only the places where the kernel fits "
            "whole.",
            question="Which of your outputs touch no added zero?",
            knobs={"padding": "same, extra before"},
        ),
        Mistake(
            "padded_full",
            "every place that touches the image at all is used (mode='full')",
            why="The result is larger than the image: along all edges the kernel hangs over.",
            question="Where does the kernel have to start and end to stay within the image?",
            knobs={"padding": "full"},
        ),
        Mistake(
            "non_overlapping",
            "the kernel jumps by its own size",
            why="Each pixel is used at most once: the windows stand side by side, where they "
            "should overlap.",
            question="By how many pixels does the kernel move from C(0, 0) to C(0, 1)?",
            answer=strided,
        ),
        Mistake(
            "integers_only",
            "the result is cut to integers",
            why="The array that you fill holds integers, so every number loses its decimals.",
            question="What is the dtype of the array that you make before the loops?",
            after=lambda y, image, kernel: y.astype(int),
            also=(
                lambda image, kernel: sliding_sum(image.astype(int), kernel.astype(int)),
                lambda image, kernel: np.round(sliding_sum(image, kernel)),
            ),
        ),
        Mistake(
            "integers_step_by_step",
            "every step of the sum is cut to an integer",
            why="The array that you add to holds integers: each += loses the decimals once more.",
            question="What is the dtype of the array that you make before the loops?",
            knobs={"dtype": int},
        ),
        Mistake(
            "dtype_of_image",
            "the result has the image's dtype, so an integer image cuts the decimals",
            why="np.zeros_like(image), or dtype=image.dtype, makes an array of integers when the "
            "image holds integers, even if the kernel has decimals.",
            question="Which dtype can hold 2 * 0.5 + 1 * 0.25?",
            after=lambda y, image, kernel: y.astype(np.asarray(image).dtype),
            also=(
                lambda image, kernel: sliding_sum(image, kernel, dtype=image.dtype),
                lambda image, kernel: sliding_sum(image, kernel.astype(image.dtype)),
            ),
        ),
        Mistake(
            "dtype_of_kernel",
            "the result has the kernel's dtype, so integers in the kernel cut the decimals",
            why="dtype=kernel.dtype makes an array of integers when the kernel holds integers, "
            "even if the input has decimals.",
            question="Which dtype can hold 2 * 0.5 + 1 * 0.25?",
            after=lambda y, image, kernel: y.astype(np.asarray(kernel).dtype),
            also=(
                lambda image, kernel: sliding_sum(image, kernel, dtype=kernel.dtype),
                lambda image, kernel: sliding_sum(image.astype(kernel.dtype), kernel),
            ),
        ),
        Mistake(
            "mean",
            "the products are averaged instead of added",
            why="Each result is divided by the number of the kernel's weights.",
            question="Where in the formula is there a division?",
            after=lambda y, image, kernel: y / np.size(kernel),
        ),
        Mistake(
            "no_weights",
            "the pixels under the kernel are added without its weights",
            why="The kernel decides only how many pixels are added, not how much each counts.",
            question="What should C be if the kernel is all zeros?",
            before=lambda image, kernel: (image, np.ones_like(kernel)),
        ),
        Mistake(
            "returns_in_loop",
            "only the first row is computed",
            why="The return stands inside the loop over rows, so the function ends after one.",
            question="How far is your return indented?",
            after=lambda y, image, kernel: y[:1],
            also=(
                lambda image, kernel: sliding_sum(image, kernel)[0],
                lambda image, kernel: sliding_sum(image, kernel)[0, 0],
                then_zeros(0),
                then_zeros(0, 0),
            ),
        ),
        Mistake(
            "left_flat",
            "the results are in one long list, not in rows",
            why="The sums are right and in the right order; the shape is lost.",
            question="What shape should the result have?",
            after=lambda y, image, kernel: y.ravel(),
        ),
    ),
)
