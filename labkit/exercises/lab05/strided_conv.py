"""strided_conv2d(image, kernel, stride): every stride-th place, in both directions."""

import math

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, kernels, places
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.models.convolution import FORMULAS, slide
from labkit.reference import cross_correlate_plain

__all__ = ["STRIDED_CONV2D"]


def strided(
    image,
    kernel,
    stride,
    *,
    formula="stride",
    axes=(True, True),
    places=lambda size, taps, s: (size - taps) // s + 1,
    fill=None,
    dtype=float,
):
    """strided_conv2d with a knob for each way to get it wrong."""
    steps = [stride if strided else 1 for strided in axes]
    shape = [places(*each) for each in zip(np.shape(image), np.shape(kernel), steps, strict=True)]
    strides, dilations = zip(*map(FORMULAS[formula], steps), strict=True)
    y = slide(image, kernel, stride=strides, dilation=dilations, shape=shape, dtype=dtype)
    for n, m in np.ndindex(*shape):
        if fill and not fill(n, m, stride):
            y[n, m] = 0
    return y


def shrink_first(image, kernel, stride):
    """Keep every stride-th pixel, and then convolve."""
    return strided(np.asarray(image)[::stride, ::stride], kernel, 1)


def fits_spread(size, taps, s):
    return max((size - s * (taps - 1) - 1) // s + 1, 0)


def zeros_between(image, kernel, stride):
    y = strided(image, kernel, 1)
    kept = np.zeros_like(y)
    kept[::stride, ::stride] = y[::stride, ::stride]
    return kept


def slices_cut(places, formula):
    """Return a `strided` with slices, which are cut at the edge where an index would raise."""

    def strided_conv2d(image, kernel, stride):
        A, B = kernel.shape
        rows, columns = (
            places(size, taps, stride) for size, taps in zip(image.shape, kernel.shape, strict=True)
        )
        y = np.zeros((rows, columns))
        for n, m in np.ndindex(rows, columns):
            r, c = FORMULAS[formula](stride)[0] * n, FORMULAS[formula](stride)[0] * m
            window = image[r : r + A, c : c + B]
            y[n, m] = (window * kernel[: window.shape[0], : window.shape[1]]).sum()
        return y

    return strided_conv2d


def oracle(image, kernel, stride):
    return cross_correlate_plain(image, kernel, strides=stride)


def draw(rng):
    def case(shape, size, stride, label="", values=integers):
        return Case((values(rng, *shape), values(rng, *size), stride), label)

    return [
        case((7, 9), (3, 2), 2),
        case((8, 6), (2, 3), 2, "a place that does not fit any more", floats),
        case((9, 11), (2, 3), 3, "stride 3"),
        case((10, 8), (3, 3), 3, "stride 3", floats),
        case((7, 7), (3, 3), 2, "a square image and a square kernel"),
        case((9, 7), (1, 2), 4, "a stride larger than the kernel"),
        case((4, 5), (2, 3), 1, "stride 1"),
        case((5, 6), (5, 3), 2, "a kernel as high as the image"),
        case((8, 9), (3, 2), 2, "float32", float32),
    ]


STRIDED_CONV2D = Exercise(
    id="strided_conv2d",
    lab="05",
    points=2,
    call="strided_conv2d(image, kernel, stride)",
    shape="((N - A) // stride + 1, (M - B) // stride + 1)",
    oracle=oracle,
    model=strided,
    examples=(
        Case(
            (
                np.array([[1, 2, 0, 1, 3], [0, 1, 2, 3, 1], [2, 0, 1, 1, 0], [1, 3, 0, 2, 2]]),
                np.array([[1, 0], [2, -1]]),
                2,
            )
        ),
    ),
    draw=draw,
    hints=(
        "Output (0, 0) is as before. With stride 2, at which pixel does the kernel of output (0, "
        "1) "
        "begin, and that of (1, 0)?",
        "Output (n, m) begins at row n * stride and column m * stride. Along a side there is room "
        "for (size - taps) // stride steps, and the first place counts, too.",
        "C[n, m] is the sum of image[r : r + A, c : c + B] * kernel with r = n * stride and "
        "c = m * stride.",
    ),
    mistakes=(
        Mistake(
            "dilation",
            "this is the formula on the slide, I(n + i * s, m + j * s): dilation, not stride",
            why="The s multiplies the kernel's taps, so they stand apart, and the kernel still "
            "moves by one pixel. For a stride, s has to multiply the place: I(n * s + i, ...).",
            question="Which two pixels do outputs (0, 0) and (0, 1) begin at?",
            knobs={
                "formula": "dilation",
                "places": lambda size, taps, s: max(size - (taps - 1) * s, 0),
            },
        ),
        Mistake(
            "dilation_in_the_strided_size",
            "the size is that of a stride, but the sum is the slide's, I(n + i * s, m + j * s)",
            why="The s multiplies the kernel's taps there. For a stride, it has to multiply the "
            "place: I(n * s + i, ...).",
            question="At which pixel does output (0, 1) begin?",
            knobs={"formula": "dilation"},
        ),
        Mistake(
            "start_not_multiplied",
            "the output has the right size, but the kernel still moves by one pixel",
            why="You compute fewer outputs, and they all come from the top left of the image.",
            question="At which pixel does the last output begin?",
            knobs={"formula": "neither"},
        ),
        Mistake(
            "taps_strided_too",
            "the image is thinned first, so the place and the taps are multiplied by the stride",
            why="The kernel moves by the stride, but its taps stay side by side.",
            question="Which pixels does output (0, 0) read?",
            answer=shrink_first,
            also=(lambda *args: strided(*args, formula="both", places=fits_spread),),
        ),
        places.stride_ignored(id="not_strided", knobs={"axes": (False, False)}),
        Mistake(
            "rows_only",
            "the stride is used for the rows only",
            why="It holds for both directions.",
            question="By how many columns does the kernel move?",
            knobs={"axes": (True, False)},
        ),
        Mistake(
            "columns_only",
            "the stride is used for the columns only",
            why="The rows need it as well.",
            question="By how many rows does the kernel move?",
            knobs={"axes": (False, True)},
        ),
        places.plus_one_missing(
            lambda *args: strided(*args, places=lambda n, a, s: math.ceil((n - a) / s)),
            knobs={"places": lambda size, taps, s: (size - taps) // s},
        ),
        Mistake(
            "divided_as_a_whole",
            "the size is (N - A + 1) // stride",
            why="The first place is free; only the steps after it are divided: "
            "(N - A) // stride + 1.",
            question="How many outputs has a row of 5 with a kernel of 2 and stride 3?",
            knobs={"places": lambda size, taps, s: (size - taps + 1) // s},
        ),
        Mistake(
            "ceil",
            "a last place is counted at which the kernel hangs over the edge",
            why="A step that would push the kernel over the edge is not taken: round down.",
            question="Does the last kernel lie whole in the image?",
            answer=slices_cut(lambda size, taps, s: math.ceil((size - taps) / s) + 1, "stride"),
            also=(lambda *args: strided(*args, places=lambda n, a, s: math.ceil((n - a) / s) + 1),),
        ),
        Mistake(
            "size_divided",
            "the size is that of the image, divided by the stride",
            why="That is right for padding 'same'. Without padding, the kernel has to fit whole.",
            question="Does the last kernel lie whole in the image?",
            answer=slices_cut(lambda size, taps, s: math.ceil(size / s), "stride"),
            also=(
                slices_cut(lambda size, taps, s: size // s, "stride"),
                lambda *args: strided(*args, places=lambda n, a, s: n // s),
            ),
        ),
        Mistake(
            "last_of_each_step",
            "the first place is skipped",
            why="Outputs are kept from place 0 on: 0, s, 2 s, ...",
            question="At which pixel does output (0, 0) begin?",
            answer=lambda image, kernel, stride: strided(image, kernel, 1)[
                stride - 1 :: stride, stride - 1 :: stride
            ],
        ),
        Mistake(
            "step_and_bound",
            "the loops go in steps of the stride up to the strided size, so most outputs stay 0",
            why="range(0, rows, stride) belongs to the image's places, range(rows) to the "
            "outputs. You mixed the two.",
            question="Which outputs does your loop ever write?",
            knobs={
                "fill": lambda n, m, s: n % s == 0 and m % s == 0,
                "formula": "neither",
            },
            also=(lambda *args: strided(*args, formula="neither")[:: args[2], :: args[2]],),
        ),
        Mistake(
            "zeros_between",
            "the skipped places are left in the result, as zeros",
            why="The loops go in steps of the stride and so does the index that you write to. The "
            "outputs stand side by side: index n // stride.",
            question="Which shape should come out?",
            answer=zeros_between,
        ),
        Mistake(
            "step_and_start",
            "only every stride-th output is computed, and the others stay 0",
            why="The stride is used twice: in the loop's step and in the place. Once is enough.",
            question="Which outputs does your loop ever write?",
            knobs={"fill": lambda n, m, s: n % s == 0 and m % s == 0},
        ),
        kernels.turned(before=lambda image, kernel, stride: (image, kernel[::-1, ::-1], stride)),
        kernels.transposed(before=lambda image, kernel, stride: (image, kernel.T, stride)),
        places.result_transposed(),
        arrays.integers_only(
            lambda *args: strided(*args, dtype=int),
            lambda image, kernel, stride: strided(image.astype(int), kernel.astype(int), stride),
        ),
    ),
)
