"""dilated_conv2d(image, kernel, dilation): the kernel's taps stand apart."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, kernels, places
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.models.convolution import slide
from labkit.reference import cross_correlate_plain

__all__ = ["DILATED_CONV2D"]


def dilated(
    image,
    kernel,
    dilation,
    *,
    gap=lambda d: (d, d),
    places=lambda size, taps, d: size - d * (taps - 1),
    dtype=float,
):
    """dilated_conv2d with a knob for each way to get it wrong."""
    gaps = gap(dilation)
    shape = [
        max(places(*each), 0) for each in zip(np.shape(image), np.shape(kernel), gaps, strict=True)
    ]
    return slide(image, kernel, dilation=gaps, shape=shape, dtype=dtype)


def oracle(image, kernel, dilation):
    return cross_correlate_plain(image, kernel, dilation_rate=dilation)


def enlarged(image, kernel, dilation):
    kernel = np.kron(kernel, np.ones((dilation, dilation)))
    return slide(image, kernel)


def draw(rng):
    def case(shape, size, dilation, label="", values=integers):
        return Case((values(rng, *shape), values(rng, *size), dilation), label)

    return [
        case((6, 8), (2, 3), 2),
        case((9, 7), (3, 2), 2, "higher than wide", floats),
        case((8, 10), (2, 3), 3, "dilation 3"),
        case((8, 8), (3, 3), 2, "a square image and a square kernel", floats),
        case((5, 6), (2, 3), 1, "dilation 1"),
        case((5, 7), (3, 4), 2, "a kernel as large as the image, once spread"),
        case((6, 7), (1, 3), 3, "a kernel of one row"),
        case((8, 6), (2, 2), 4, "dilation 4", floats),
        case((7, 8), (2, 3), 2, "float32", float32),
    ]


DILATED_CONV2D = Exercise(
    id="dilated_conv2d",
    lab="05",
    points=2,
    call="dilated_conv2d(image, kernel, dilation)",
    shape="(N - dilation * (A - 1), M - dilation * (B - 1))",
    oracle=oracle,
    model=dilated,
    examples=(Case((np.arange(1, 21).reshape(4, 5) % 7, np.array([[1, -1], [0, 2]]), 2)),),
    draw=draw,
    hints=(
        "You have a function that spreads a kernel, and one that convolves. What happens if you "
        "use "
        "one after the other?",
        "Or in the sum itself: tap (i, j) of output (n, m) reads row n + i * dilation and column "
        "m + j * dilation.",
        "The output has N - dilation * (A - 1) rows; image[n : n + dilation * (A - 1) + 1 : "
        "dilation, "
        "...] are the rows under the taps.",
    ),
    mistakes=(
        Mistake(
            "not_dilated",
            "the dilation is ignored",
            why="The taps stand side by side.",
            question="Which pixels does output (0, 0) read?",
            answer=lambda image, kernel, dilation: slide(image, kernel),
        ),
        Mistake(
            "size_only",
            "the output has the right size, but the taps stand side by side",
            why="The size was reduced, and the places of the taps were not multiplied.",
            question="Which pixels does output (0, 0) read?",
            answer=lambda image, kernel, dilation: slide(image, kernel)[
                : image.shape[0] - dilation * (kernel.shape[0] - 1),
                : image.shape[1] - dilation * (kernel.shape[1] - 1),
            ],
        ),
        Mistake(
            "stride",
            "this is a stride, not a dilation",
            why="You move the kernel by s pixels. Here its taps should stand s pixels apart, and "
            "it still moves by one.",
            question="Which pixels does output (0, 0) read?",
            answer=lambda image, kernel, dilation: slide(image, kernel)[::dilation, ::dilation],
        ),
        Mistake(
            "repeated",
            "the weights are repeated, as one enlarges an image",
            why="Between the taps there should be zeros.",
            question="How many pixels does output (0, 0) read?",
            answer=enlarged,
        ),
        Mistake(
            "rows_only",
            "the dilation is used for the rows only",
            why="It holds for both directions.",
            question="Which columns does output (0, 0) read?",
            knobs={"gap": lambda d: (d, 1)},
        ),
        Mistake(
            "columns_only",
            "the dilation is used for the columns only",
            why="The rows need it as well.",
            question="Which rows does output (0, 0) read?",
            knobs={"gap": lambda d: (1, d)},
        ),
        Mistake(
            "one_zero_too_many",
            "the taps stand one pixel too far apart",
            why="Dilation 1 means side by side; dilation 2 means one pixel between them.",
            question="Which pixels does output (0, 0) read if the dilation is 1?",
            knobs={"gap": lambda d: (d + 1, d + 1)},
        ),
        Mistake(
            "thinned_image",
            "the image is thinned, and then convolved",
            why="That reads the right pixels for some outputs and leaves out all others.",
            question="How many outputs should there be?",
            answer=lambda image, kernel, dilation: dilated(
                np.asarray(image)[::dilation, ::dilation], kernel, 1
            ),
        ),
        places.last_row_and_column_missing(
            knobs={"places": lambda size, taps, d: size - d * (taps - 1) - 1}
        ),
        Mistake(
            "too_short_by_the_kernel",
            "the size is taken to be N - dilation * A + 1",
            why="A taps have A - 1 gaps: the spread kernel covers dilation * (A - 1) + 1 pixels. "
            "Zeros after its last tap would cost you outputs.",
            question="How many pixels does a kernel of one tap cover?",
            knobs={"places": lambda size, taps, d: size - d * taps + 1},
        ),
        kernels.turned(
            before=lambda image, kernel, dilation: (image, kernel[::-1, ::-1], dilation)
        ),
        kernels.dilation_of_two(before=lambda image, kernel, dilation: (image, kernel, 2)),
        kernels.transposed(before=lambda image, kernel, dilation: (image, kernel.T, dilation)),
        places.result_transposed(),
        arrays.integers_only(
            lambda *args: dilated(*args, dtype=int),
            lambda image, kernel, dilation: dilated(
                image.astype(int), kernel.astype(int), dilation
            ),
        ),
    ),
)
