"""padded_conv2d(image, kernel, pads): convolution over an image with zeros around it."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, kernels, padding, places
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.models.convolution import slide
from labkit.reference import cross_correlate_plain

__all__ = ["PADDED_CONV2D"]


def padded(
    image,
    kernel,
    pads,
    *,
    mode="constant",
    order=lambda rows, columns: (rows, columns),
    side=lambda before, after: (before, after),
    short=0,
    flip=(),
    after_all=None,
    dtype=float,
):
    """padded_conv2d with a knob for each way to get it wrong."""
    image = np.asarray(image, float)
    pads = [side(*pair) for pair in order(*pads)]
    box = image if after_all is not None else np.pad(image, pads, mode=mode)
    y = slide(box, kernel, flip=flip, short=short, dtype=dtype)
    return after_all(y, pads) if after_all else y


def oracle(image, kernel, pads):
    return cross_correlate_plain(image, kernel, padding=pads)


def cropped_same(image, kernel, pads):
    """Return as many outputs as pixels, whatever the padding."""
    y = padded(image, kernel, pads)
    return y[: image.shape[0], : image.shape[1]]


def negative_indices(image, kernel, pads):
    (top, bottom), (left, right) = pads
    N, M = image.shape
    box = np.zeros((top + N + bottom, left + M + right))
    for n, m in np.ndindex(box.shape):
        if n - top < N and m - left < M:
            box[n, m] = image[n - top, m - left]
    return padded(box, kernel, ((0, 0), (0, 0)))


def draw(rng):
    def case(shape, size, pads, values=integers, label=""):
        return Case((values(rng, *shape), values(rng, *size), pads), label)

    a, b, c, d = rng.permutation(4).tolist()
    return [
        case((3, 4), (2, 3), ((1, 0), (0, 2))),
        case((4, 3), (3, 2), ((a, b), (c, d)), floats, "four different amounts"),
        case((4, 4), (3, 3), ((1, 1), (1, 1)), floats, "one zero on every side"),
        case((5, 3), (2, 2), ((0, 1), (0, 1)), label="below and on the right"),
        case((2, 2), (3, 4), ((1, 2), (2, 3)), floats, "a kernel larger than the image"),
        case((3, 5), (2, 2), ((0, 0), (0, 0)), label="no padding"),
        case((3, 5), (1, 3), ((0, 0), (2, 0)), label="on the left only"),
        case((4, 5), (3, 2), ((2, 1), (1, 2)), float32, "float32"),
    ]


FIGURE3 = np.array([[35, 19, 25, 6], [13, 22, 16, 53], [4, 3, 7, 10], [9, 8, 1, 3]])

PADDED_CONV2D = Exercise(
    id="padded_conv2d",
    lab="04",
    points=2,
    call="padded_conv2d(image, kernel, pads)",
    shape="(top + N + bottom - A + 1, left + M + right - B + 1)",
    oracle=oracle,
    model=padded,
    examples=(Case((FIGURE3, np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]]), ((1, 1), (1, 1)))),),
    draw=draw,
    hints=(
        "If you had an image with the zeros already around it, which function of lab 01 would do "
        "the rest?",
        "Pad first: top rows above, bottom rows below, left and right columns. Then slide the "
        "kernel over the larger image.",
        "box = np.pad(image, pads), and then the two loops of conv2d over box.",
    ),
    mistakes=(
        Mistake(
            "not_padded",
            "the image is not padded",
            why="Your output is that of a valid convolution.",
            question="Which shape should come out?",
            answer=lambda image, kernel, pads: padded(image, kernel, ((0, 0), (0, 0))),
        ),
        Mistake(
            "output_padded",
            "the output is padded, not the image",
            why="Zeros around the image mix with its pixels under the kernel. Zeros around the "
            "output are only zeros.",
            question="Is the output at the edge zero when pixels are under the kernel?",
            knobs={"after_all": lambda y, pads: np.pad(y, pads)},
        ),
        padding.edge_repeated(knobs={"mode": "edge"}),
        padding.mirrored(
            lambda image, kernel, pads: padded(image, kernel, pads, mode="reflect"),
            knobs={"mode": "symmetric"},
        ),
        padding.circular(knobs={"mode": "wrap"}),
        Mistake(
            "negative_indices",
            "zeros stand below and on the right only; above and on the left it wraps around",
            why="You compute the pixel's index and check that it is not too large. It can also be "
            "negative, and then Python counts from the end.",
            question="What is [1, 2, 3][-1]?",
            answer=negative_indices,
        ),
        padding.directions_exchanged(knobs={"order": lambda rows, columns: (columns, rows)}),
        padding.sides_exchanged(knobs={"side": lambda before, after: (after, before)}),
        padding.first_on_both_sides(knobs={"side": lambda before, after: (before, before)}),
        Mistake(
            "total_shared",
            "the zeros are shared out evenly between the two sides",
            why="The pairs say exactly how many stand where.",
            question="How many rows of zeros stand above the image?",
            knobs={
                "side": lambda before, after: ((before + after) // 2, -(-(before + after) // 2))
            },
        ),
        places.last_row_and_column_missing(knobs={"short": 1}),
        Mistake(
            "as_large_as_the_image",
            "the output has at most the image's size, whatever the padding",
            why="Only with A - 1 and B - 1 zeros in all does the size stay the same.",
            question="How large is the output with no padding?",
            answer=cropped_same,
        ),
        kernels.turned(knobs={"flip": (0, 1)}),
        arrays.integers_only(
            lambda *args: padded(*args, dtype=int),
            lambda image, kernel, pads: padded(image.astype(int), kernel.astype(int), pads),
        ),
    ),
)
