"""is_convolution(W, height, width, a, b): does a matrix obey both constraints?"""

import numpy as np

from labkit import matrix
from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import answers
from labkit.exercises.inputs import floats, integers

__all__ = ["IS_CONVOLUTION"]

TOLERANCE = 1e-6


def recognized(W, height, width, a, b):
    """The oracle."""
    W = np.asarray(W)
    if W.shape != ((height - a + 1) * (width - b + 1), height * width):
        return False
    return bool(matrix.recognize(W, (height, width), (a, b), filters=1, tolerance=TOLERANCE))


def is_convolution(
    W,
    height,
    width,
    a,
    b,
    *,
    shape=True,
    zeros=True,
    ties=True,
    tolerance=TOLERANCE,
    rows=slice(None),
    first_output=0,
):
    """is_convolution with a knob for each thing that may be forgotten."""
    N, M = height - a + 1, width - b + 1
    if W.shape != (N * M, height * width):
        if shape:
            return False
        W = np.reshape(W, (N * M, height * width))  # raises where the sizes do not fit
    kernel = W[0].reshape(height, width)[:a, :b]
    for row in range(first_output, N * M)[rows]:
        n, m = divmod(row, M)
        field = W[row].reshape(height, width).copy()
        if ties and np.abs(field[n : n + a, m : m + b] - kernel).max() > tolerance:
            return False
        field[n : n + a, m : m + b] = 0
        if zeros and np.abs(field).max() > tolerance:
            return False
    return True


def toeplitz(W, height, width, a, b):
    return bool(np.abs(W[1:, 1:] - W[:-1, :-1]).max(initial=0) <= TOLERANCE)


def same_values_in_every_row(W, height, width, a, b):
    rows = np.sort(W, axis=1)
    return bool(np.abs(rows - rows[0]).max() <= TOLERANCE)


def pattern_only(W, height, width, a, b):
    pattern = matrix.convolution_matrix(np.ones((a, b)), (height, width))
    return W.shape == pattern.shape and bool(((W != 0) == (pattern != 0)).all())


def few_numbers(W, height, width, a, b):
    return np.count_nonzero(W[0]) <= a * b and bool(
        (np.count_nonzero(W, axis=1) == np.count_nonzero(W[0])).all()
    )


def held_against(W, height, width, a, b):
    """Return W minus the matrix of the kernel that its row 0 holds; None if the shapes differ."""
    if W.shape != ((height - a + 1) * (width - b + 1), height * width):
        return None
    kernel = W[0].reshape(height, width)[:a, :b]
    return W - matrix.convolution_matrix(kernel, (height, width))


def signs_ignored(*args):
    difference = held_against(*args)
    return difference is not None and bool(difference.max() <= TOLERANCE)


def cancels(*args):
    difference = held_against(*args)
    return difference is not None and bool(abs(difference.sum()) <= TOLERANCE)


def any_shape_raises(W, height, width, a, b):
    if held_against(W, height, width, a, b) is None:
        raise ValueError
    return is_convolution(W, height, width, a, b)


def rows_not_counted(W, height, width, a, b):
    if W.shape[1] != height * width:
        return False
    kernel = W[0].reshape(height, width)[:a, :b]
    rows = zip(W, matrix.convolution_matrix(kernel, (height, width)), strict=False)
    return all(np.abs(row - right).max() <= TOLERANCE for row, right in rows)


def built(kernel, height, width, label, change=None):
    a, b = kernel.shape
    W = matrix.convolution_matrix(kernel, (height, width))
    if change:
        W = change(W)
    return Case((W, height, width, a, b), label)


def added(row, column, amount):
    """Return a change that adds `amount` to one entry."""

    def change(W):
        W = W.astype(float)
        W[row, column] += amount
        return W

    return change


def draw(rng):
    K = integers(rng, 2, 3)
    holes = integers(rng, 3, 2)
    holes.flat[[0, 3, 5]] = 0
    noise = 1e-9 * rng.choice([-1.0, 1.0], (9, 20))
    local = floats(rng, 9, 20) * (matrix.convolution_matrix(np.ones((2, 3)), (4, 5)) != 0)
    sliding = np.zeros((9, 20))  # one column on with every row, over the edges of the image
    for row in range(9):
        sliding[row, row : row + 3], sliding[row, row + 5 : row + 8] = K
    by_columns = matrix.convolution_matrix(K.T, (5, 4))
    yes = [
        built(K, 4, 5, "a convolution"),
        built(floats(rng, 2, 3), 4, 5, "a convolution, off by rounding", lambda W: W + noise),
        built(floats(rng, 3, 2), 5, 4, "a convolution"),
        built(holes, 5, 3, "a convolution whose kernel has zeros in it"),
        built(integers(rng, 2, 2), 3, 3, "a convolution"),
        built(integers(rng, 1, 1), 2, 3, "a convolution with one weight"),
        built(integers(rng, 3, 2), 3, 2, "a kernel as large as the image"),
        built(np.zeros((2, 2)), 3, 4, "a convolution with a kernel of zeros"),
        built(integers(rng, 2, 2), 3, 4, "a square kernel"),
        built(integers(rng, 2, 3), 4, 4, "a square image"),
    ]
    no = [
        built(K, 4, 5, "the last weight of the last row differs", added(8, 19, 1)),
        built(K, 4, 5, "one weight in the middle differs", added(4, 12, -0.5)),
        built(K, 4, 5, "one weight differs by 0.01", added(3, 5, 0.01)),
        built(K, 4, 5, "one weight differs by 0.0005", added(6, 10, 0.0005)),
        built(K, 4, 5, "row 0 has a number where a zero must be", added(0, 3, 2)),
        built(K, 4, 5, "the last row has a number where a zero must be", added(8, 0, -1)),
        built(K, 4, 5, "0.01 stands where a zero must be", added(4, 4, 0.01)),
        built(K, 4, 5, "-0.0005 stands where a zero must be", added(2, 19, -0.0005)),
        built(K, 4, 5, "two rows are exchanged", lambda W: W[[0, 1, 2, 4, 3, 5, 6, 7, 8]]),
        built(K, 4, 5, "zeros are in place, but all weights differ", lambda W: local),
        built(K, 4, 5, "the kernel slides over the edges of the image", lambda W: sliding),
        built(K, 4, 5, "a convolution of images read by columns", lambda W: by_columns),
        built(K, 4, 5, "a row is missing", lambda W: W[:-1]),
        built(K, 4, 5, "the transpose of a convolution", lambda W: W.T),
        built(K, 4, 5, "a column is missing", lambda W: W[:, :-1]),
        built(K, 4, 5, "numbers everywhere", lambda W: floats(rng, 9, 20)),
    ]
    return [*yes, *no]


def always(answer):
    return lambda W, height, width, a, b: answer


IS_CONVOLUTION = Exercise(
    id="is_convolution",
    lab="01",
    points=3,
    call="is_convolution(W, height, width, a, b)",
    oracle=recognized,
    model=is_convolution,
    draw=draw,
    hints=(
        "Two things make a matrix a convolution: zeros where no edge may be, and equal weights. A "
        "matrix can obey one of them and break the other.",
        "If it is a convolution, you know of which kernel: recover it from row 0. What should the "
        "whole matrix look like then?",
        "Refuse a wrong shape; recover the kernel; build its matrix with matrix2d; compare all "
        "entries, with a tolerance.",
    ),
    mistakes=(
        answers.always_true(
            why="Every matrix passes, even one with numbers everywhere.",
            question="Which matrix of 9 x 20 is not a convolution? Try your function on it.",
        ),
        answers.always_false(
            why="No matrix passes, not even matrix2d(kernel, height, width).",
            question="What does your function say to matrix2d(kernel, 4, 5)?",
        ),
        Mistake(
            "shape_only",
            "only the shape is looked at",
            why="A matrix of the right shape may hold any numbers.",
            question="What do the two constraints say about the entries?",
            knobs={"zeros": False, "ties": False},
        ),
        Mistake(
            "zeros_only",
            "the zeros are checked, the equal weights are not",
            why="That is a local layer: each output has weights of its own.",
            question="What distinguishes a local layer from a convolution?",
            knobs={"ties": False},
        ),
        Mistake(
            "ties_only",
            "the equal weights are checked, the zeros are not",
            why="Outside of the receptive fields there may stand anything.",
            question="Which entries of a row do you never look at?",
            knobs={"zeros": False},
        ),
        answers.no_rounding_allowed(id="exact", knobs={"tolerance": 0}),
        Mistake(
            "too_tolerant",
            "differences much larger than those of rounding are allowed",
            why="The tolerance is so wide that weights that clearly differ count as equal.",
            question="How large are the differences that rounding makes?",
            knobs={"tolerance": 0.1},
            also=tuple(
                lambda *args, tolerance=tolerance: is_convolution(*args, tolerance=tolerance)
                for tolerance in (0.005, 0.001)
            ),
        ),
        Mistake(
            "shape_not_checked",
            "a matrix of the wrong shape is not refused",
            why="For a matrix with too few or too many rows or columns the answer is False, not an "
            "error.",
            question="Which shape must W have?",
            knobs={"shape": False},
            also=(any_shape_raises,),
        ),
        Mistake(
            "rows_not_counted",
            "a matrix with too few rows is not refused",
            why="The rows that are there are right, but there is not one for every output.",
            question="How many outputs has a 2 x 3 kernel on a 4 x 5 image?",
            answer=rows_not_counted,
        ),
        Mistake(
            "row_0_only",
            "only row 0 is looked at",
            why="A return inside the loop ends it after the first row.",
            question="How far is your return indented?",
            knobs={"rows": slice(1)},
        ),
        Mistake(
            "signs_ignored",
            "a difference below zero passes",
            why="The largest difference is small as well if all differences are negative. Take "
            "the absolute value first.",
            question="Is -5 smaller than 0.000001?",
            answer=signs_ignored,
        ),
        Mistake(
            "cancels",
            "differences of both signs cancel each other",
            why="You add up all differences, and +2 and -2 make 0.",
            question="What is the sum of 3 and -3?",
            answer=cancels,
        ),
        Mistake(
            "first_rows_only",
            "only the first two rows are looked at",
            why="What holds for row 1 need not hold for row 8.",
            question="What if only the last row is wrong?",
            knobs={"rows": slice(2)},
        ),
        Mistake(
            "row_0_not_checked",
            "row 0 is taken on trust",
            why="The kernel is read from row 0, but the zeros of that row have to be checked, too.",
            question="What if W[0, 3] is not zero?",
            knobs={"first_output": 1},
        ),
        Mistake(
            "last_row_not_checked",
            "the last row is not looked at",
            why="range(rows - 1) ends one row too early.",
            question="Which row is the last that your loop sees?",
            knobs={"rows": slice(-1)},
        ),
        Mistake(
            "toeplitz",
            "all diagonals are asked to be equal (Toeplitz)",
            why="That is the constraint in one dimension. In two, a diagonal breaks where an image "
            "row ends: doubly blocked Toeplitz.",
            question="Is matrix2d(kernel, 4, 5) equal along all its diagonals?",
            answer=toeplitz,
        ),
        Mistake(
            "values_not_places",
            "the rows must hold the same numbers, wherever they stand",
            why="Two rows may hold the same weights at the wrong places.",
            question="What if two rows of a convolution are exchanged?",
            answer=same_values_in_every_row,
        ),
        Mistake(
            "pattern_only",
            "where the kernel may stand, no zero is allowed, and nothing else is checked",
            why="Zeros in the right places do not make the weights equal; and a kernel may have "
            "zeros of its own.",
            question="Is the matrix of the kernel [[1, 0], [0, 1]] a convolution?",
            answer=pattern_only,
        ),
        Mistake(
            "counts_only",
            "only the number of entries other than zero is checked",
            why="a * b numbers in each row are not enough: places and values matter.",
            question="What if the numbers of a row stand somewhere else?",
            answer=few_numbers,
        ),
        Mistake(
            "sizes_exchanged",
            "height and width are exchanged",
            why="You hold W against convolutions of images (width, height).",
            question="Is height the number of rows, or of columns?",
            before=lambda W, height, width, a, b: (W, width, height, a, b),
        ),
        Mistake(
            "kernel_sizes_exchanged",
            "the kernel's height and width are exchanged",
            why="You hold W against convolutions with kernels of (b, a). With a square kernel "
            "nobody notices.",
            question="Is a the number of rows of the kernel, or of columns?",
            before=lambda W, height, width, a, b: (W, height, width, b, a),
        ),
        Mistake(
            "opposite",
            "True and False are exchanged",
            why="The answer is the opposite of the right one, for every matrix.",
            question="What does your function return when it finds a difference?",
            after=lambda answer, W, height, width, a, b: not answer,
        ),
    ),
)
