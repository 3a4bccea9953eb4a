"""transposed_conv1d(y, kernel, stride): the transpose of the strided matrix, times y."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays
from labkit.exercises.inputs import float32, floats, integers
from labkit.matrix import convolution_matrix

__all__ = ["TRANSPOSED_CONV1D"]


def stamp(
    y,
    kernel,
    stride,
    *,
    size=lambda n, A, s: (n - 1) * s + A,
    start=lambda place, s: place * s,
    gap=lambda s: 1,
    add=True,
    dtype=float,
    cut=lambda x, A, s: x,
):
    """transposed_conv1d with a knob for each way to get it wrong."""
    y, kernel = np.asarray(y, float), np.asarray(kernel, float)
    A = len(kernel)
    x = np.zeros(size(len(y), A, stride), dtype)
    for place, value in enumerate(y):
        for tap, weight in enumerate(kernel):
            at = start(place, stride) + tap * gap(stride)
            if at < len(x):
                x[at] = x[at] + value * weight if add else value * weight
    return cut(x, A, stride)


def oracle(y, kernel, stride):
    n = (len(y) - 1) * stride + len(kernel)
    return convolution_matrix(kernel, n, strides=stride).T @ y


def convolved_again(y, kernel, stride):
    """Convolve the spread values, which makes them fewer, not more."""
    spread = np.zeros((len(y) - 1) * stride + 1)
    spread[::stride] = y
    if len(spread) < len(kernel):
        return np.zeros(0)
    return np.correlate(spread, kernel, "valid")


def draw(rng):
    def case(n, a, stride, label="", values=integers):
        return Case((values(rng, n), values(rng, a), stride), label)

    return [
        case(3, 3, 2),
        case(4, 2, 3, "a stride larger than the kernel"),
        case(4, 4, 2, "a kernel of even size"),
        case(5, 3, 1, "stride 1"),
        case(3, 5, 3, "stride 3"),
        case(2, 6, 2, "a kernel longer than y"),
        case(1, 4, 2, "a single number"),
        case(4, 1, 3, "a kernel of one number"),
        case(4, 3, 2, "decimals", floats),
        Case((float32(rng, 4), float32(rng, 3), 2), "float32"),
    ]


TRANSPOSED_CONV1D = Exercise(
    id="transposed_conv1d",
    lab="05",
    points=3,
    call="transposed_conv1d(y, kernel, stride)",
    shape="((len(y) - 1) * stride + A,)",
    oracle=oracle,
    model=stamp,
    forbidden=(
        "labkit.reference",
        "labkit.matrix",
        "labkit.layers",
        "labkit.gradients",
        "scipy.signal",
        "keras.layers.Conv1DTranspose",
        "keras.ops.conv_transpose",
        "tensorflow.nn.conv_transpose",
        "tensorflow.nn.conv1d_transpose",
        "jax.lax.conv_transpose",
    ),
    examples=(Case((np.array([1, 0, 2]), np.array([1, 2, 3]), 2)),),
    draw=draw,
    hints=(
        "Which input sizes give len(y) outputs? Take the smallest of them: that is how long the "
        "result is.",
        "Column r of the transpose is row r of the matrix: the kernel, at place r * stride. So "
        "each "
        "number of y stamps a kernel, and where stamps overlap they are added.",
        "x = zeros((len(y) - 1) * stride + A); for each r: x[r * stride : r * stride + A] += "
        "y[r] * kernel. Or strided_matrix(kernel, n, stride).T @ y.",
    ),
    mistakes=(
        Mistake(
            "overwritten",
            "where stamps overlap, the last one wins",
            why="= instead of +=. The product W.T @ y adds what all rows say.",
            question="Which numbers of y have a say in x[2] if the kernel is 3 long and the "
            "stride 2?",
            knobs={"add": False},
        ),
        Mistake(
            "backward",
            "the kernel is stamped backward",
            why="The rows of the matrix hold the kernel forward, and so do the columns of its "
            "transpose.",
            question="What is the result for y = (1,)?",
            before=lambda y, kernel, stride: (y, kernel[::-1], stride),
        ),
        Mistake(
            "stride_ignored",
            "the stamps lie side by side, one step apart",
            why="Row r of the matrix begins at r * stride.",
            question="Where does the second stamp begin?",
            knobs={"size": lambda n, A, s: n - 1 + A, "start": lambda place, s: place},
        ),
        Mistake(
            "start_not_multiplied",
            "the result has the right size, but the stamps lie one step apart",
            why="The end of the result stays empty, because no stamp gets there.",
            question="At which place does the second stamp begin?",
            knobs={"start": lambda place, s: place},
        ),
        Mistake(
            "size_times_stride",
            "the result is len(y) * stride long",
            why='That is what padding "same" would give. Without padding, the last stamp is there '
            "in full: (len(y) - 1) * stride + A.",
            question="How long is the result for y = (1,)?",
            knobs={"size": lambda n, A, s: n * s},
            also=(lambda *args: stamp(*args, size=lambda n, A, s: n * s + A - 1),),
        ),
        Mistake(
            "one_stamp_too_long",
            "there are zeros, or nothing, after the last stamp",
            why="The last stamp begins at (len(y) - 1) * stride, and there the kernel ends it all.",
            question="Where does the last stamp end?",
            knobs={"size": lambda n, A, s: n * s + A},
        ),
        Mistake(
            "cropped",
            "the ends are cut off",
            why="That belongs to a padded convolution. Here the whole of W.T @ y is asked for.",
            question="How many columns has the matrix?",
            knobs={"cut": lambda x, A, s: x[(A - 1) // 2 : len(x) - A // 2]},
        ),
        Mistake(
            "repeated_then_slid",
            "each number of y is repeated, and the kernel slides over that",
            why="Between the numbers of y belong zeros, not copies: each number stamps one kernel.",
            question="How often does y[0] stamp the kernel?",
            answer=lambda y, kernel, stride: np.convolve(np.repeat(y, stride), kernel),
        ),
        Mistake(
            "first_missing",
            "the first number of the result is missing",
            why="The first stamp begins at place 0.",
            question="What is the result for y = (1,)?",
            after=lambda x, *args: x[1:],
        ),
        Mistake(
            "last_missing",
            "the last number of the result is missing",
            why="The last stamp begins at (len(y) - 1) * stride and is A long.",
            question="How long is the result for y = (1,)?",
            after=lambda x, *args: x[:-1],
        ),
        arrays.integers_only(
            lambda *args: stamp(*args, dtype=int),
            lambda y, kernel, stride: stamp(y.astype(int), kernel.astype(int), stride),
        ),
        Mistake(
            "spread_kernel",
            "the kernel is spread, not the stamps",
            why="The stride is the distance from stamp to stamp; within a stamp the weights stay "
            "side by side.",
            question="What is the result for y = (1,)?",
            knobs={
                "size": lambda n, A, s: n - 1 + (A - 1) * s + 1,
                "start": lambda place, s: place,
                "gap": lambda s: s,
            },
        ),
        Mistake(
            "not_transposed",
            "the zeros are put between the numbers, and then the kernel slides: no transpose",
            why="A transposed convolution makes more numbers of few. Sliding over the spread y "
            "needs full padding and the mirrored kernel.",
            question="How long is the result for y = (1,)?",
            answer=convolved_again,
        ),
        Mistake(
            "spread_only",
            "y is spread out, and the kernel is not used",
            why="Zeros between the numbers are half of the work; each number then stamps a kernel.",
            question="What is the result for y = (1,)?",
            answer=lambda y, kernel, stride: stamp(y, [1.0], stride),
        ),
        Mistake(
            "repeated",
            "each number of y is repeated, and the kernel is not used",
            why="That is enlarging by copying. A transposed convolution stamps kernels.",
            question="Where does your code use the kernel?",
            answer=lambda y, kernel, stride: np.repeat(np.asarray(y, float), stride),
        ),
        Mistake(
            "inverse",
            "the strided convolution is undone, as far as that goes",
            why="The transpose is not the inverse: it goes from the outputs' shape back to the "
            "inputs', but does not bring the inputs back.",
            question="What does each number of y do in W.T @ y?",
            answer=lambda y, kernel, stride: (
                np.linalg.pinv(
                    convolution_matrix(
                        np.asarray(kernel, float),
                        (len(y) - 1) * stride + len(kernel),
                        strides=stride,
                    )
                )
                @ np.asarray(y, float)
            ),
        ),
    ),
)
