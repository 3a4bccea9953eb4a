"""zero_pad(images, pads): zeros around every image of a batch."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, padding
from labkit.exercises.inputs import float32, floats, integers

__all__ = ["ZERO_PAD"]


def pad(
    images,
    pads,
    *,
    widths=lambda rows, columns: [(0, 0), rows, columns, (0, 0)],
    mode="constant",
    order=lambda rows, columns: (rows, columns),
    side=lambda before, after: (before, after),
):
    """zero_pad with a knob for each way to get it wrong."""
    rows, columns = (side(*pair) for pair in order(*pads))
    return np.pad(images, widths(rows, columns), mode=mode)


def oracle(images, pads):
    """Put the images into a larger array of zeros."""
    (top, bottom), (left, right) = pads
    count, height, width, channels = images.shape
    box = np.zeros((count, top + height + bottom, left + width + right, channels))
    box[:, top : top + height, left : left + width] = images
    return box


def one_by_one(images, pads):
    (top, bottom), (left, right) = pads
    return np.array([np.pad(image, [(top, bottom), (left, right), (0, 0)]) for image in images])


def minus_zero(images, pads):
    if 0 in (pads[0][1], pads[1][1]):
        raise ValueError
    return pad(images, pads)


def draw(rng):
    def case(shape, pads, values=integers, label=""):
        return Case((values(rng, *shape), pads), label)

    a, b, c, d = (rng.permutation(4) + 1).tolist()
    return [
        case((2, 3, 4, 2), ((1, 2), (3, 0))),
        case((3, 4, 2, 1), ((a, b), (c, d)), floats, "four different amounts"),
        case((1, 4, 4, 3), ((2, 2), (1, 1)), floats, "a square image"),
        case((2, 2, 5, 2), ((0, 3), (0, 0)), label="below only"),
        case((2, 5, 2, 2), ((0, 0), (2, 1)), label="on the sides only"),
        case((2, 2, 3, 4), ((0, 0), (0, 0)), label="no padding"),
        case((2, 4, 3, 2), ((1, 1), (2, 2)), float32, "float32"),
    ]


ZERO_PAD = Exercise(
    id="zero_pad",
    lab="04",
    points=1,
    call="zero_pad(images, pads)",
    shape="(batch, top + height + bottom, left + width + right, channels)",
    oracle=oracle,
    model=pad,
    forbidden=("keras.layers.ZeroPadding2D", "labkit.layers"),
    examples=(Case((np.array([[1, 2], [3, 4]]).reshape(1, 2, 2, 1), ((1, 0), (0, 2)))),),
    draw=draw,
    hints=(
        "Which of the four axes (batch, height, width, channels) get zeros, and which do not?",
        "Make an array of zeros that is larger by top + bottom and left + right, and put the "
        "images "
        "into it. Or tell np.pad a pair of amounts for each of the four axes.",
        "np.pad(images, [(0, 0), (top, bottom), (left, right), (0, 0)]) with pads = ((top, "
        "bottom), "
        "(left, right)).",
    ),
    mistakes=(
        Mistake(
            "first_axes",
            "the batch and the height are padded, not height and width",
            why="Axis 0 counts the images. You added images of zeros.",
            question="How many images should come out?",
            knobs={"widths": lambda rows, columns: [rows, columns, (0, 0), (0, 0)]},
        ),
        Mistake(
            "channels_padded",
            "the width and the channels are padded, not height and width",
            why="The last axis counts the channels. You added channels of zeros.",
            question="How many channels should come out?",
            knobs={"widths": lambda rows, columns: [(0, 0), (0, 0), rows, columns]},
        ),
        Mistake(
            "batch_padded_too",
            "the batch is padded, too",
            why="Rows and columns of zeros are meant, not whole images of zeros.",
            question="How many images came out?",
            knobs={"widths": lambda rows, columns: [rows, rows, columns, (0, 0)]},
        ),
        Mistake(
            "channels_padded_too",
            "the channels are padded, too",
            why="Every pixel keeps its channels; new pixels are added around.",
            question="How many channels came out?",
            knobs={"widths": lambda rows, columns: [(0, 0), rows, columns, columns]},
        ),
        padding.edge_repeated(knobs={"mode": "edge"}),
        padding.mirrored(knobs={"mode": "symmetric"}),
        padding.circular(knobs={"mode": "wrap"}),
        padding.directions_exchanged(knobs={"order": lambda rows, columns: (columns, rows)}),
        padding.sides_exchanged(knobs={"side": lambda before, after: (after, before)}),
        padding.first_on_both_sides(knobs={"side": lambda before, after: (before, before)}),
        Mistake(
            "before_only",
            "zeros are added above and on the left only",
            why="Each pair has a second number: below, and on the right.",
            question="How many rows of zeros stand below the image?",
            knobs={"side": lambda before, after: (before, 0)},
        ),
        Mistake(
            "not_moved",
            "the image stands in the top left corner",
            why="The box has the right size, but the image has to begin at row top, column left.",
            question="Which row of the box holds the image's first row?",
            answer=lambda images, pads: np.pad(
                images, [(0, 0), (0, sum(pads[0])), (0, sum(pads[1])), (0, 0)]
            ),
        ),
        Mistake(
            "not_padded",
            "nothing is added",
            why="The images come back as they were. Perhaps the result of np.pad was not kept.",
            question="Which shape should come out?",
            answer=lambda images, pads: images,
        ),
        arrays.first_image_only(lambda images, pads: pad(images, pads)[0], id="one_image"),
        Mistake(
            "minus_zero",
            "box[top:-bottom] is used, and -0 is 0",
            why="With nothing to add below, the slice ends at -0, which is 0: it is empty. Say "
            "where it ends, top + height.",
            question="What is [1, 2, 3][0:-0]?",
            answer=minus_zero,
        ),
        arrays.integers_only(),
    ),
)
