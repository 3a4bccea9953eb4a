"""permute_pixels(images, order): the same shuffle of the pixels for every image."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.inputs import float32, floats, integers

__all__ = ["PERMUTE_PIXELS"]


def shuffle(images, order, *, use=lambda order: order, layout="C", into="C"):
    """permute_pixels with a knob for each way to get it wrong."""
    images = np.asarray(images)
    count, height, width = images.shape
    flat = np.array([image.ravel(layout) for image in images]).reshape(count, -1)
    mixed = flat[:, use(np.asarray(order))]
    return np.array([row.reshape(height, width, order=into) for row in mixed])


def oracle(images, order):
    """Move pixel by pixel."""
    out = np.zeros_like(images)
    _, _, width = images.shape
    for place, source in enumerate(order.tolist()):
        out[:, place // width, place % width] = images[:, source // width, source % width]
    return out


def each_its_own(images, order):
    mixed = [
        np.ravel(image)[np.roll(order, number)].reshape(image.shape)
        for number, image in enumerate(images)
    ]
    return np.array(mixed)


def within_rows(images, order):
    width = np.shape(images)[2]
    return np.asarray(images)[:, :, [place for place in order if place < width]]


def whole_rows(images, order):
    height = np.shape(images)[1]
    return np.asarray(images)[:, [place for place in order if place < height]]


def draw(rng):
    def case(count, height, width, values=integers, label=""):
        while True:  # an order that is neither its own inverse nor keeps a pixel in place
            order = rng.permutation(height * width)
            places = np.arange(order.size)
            if not (order == places).any() and (order[order] != places).any():
                return Case((values(rng, count, height, width), order), label)

    return [
        case(2, 2, 3),
        case(3, 4, 3, label="higher than wide"),
        case(4, 3, 3, label="square images"),
        case(1, 2, 5, floats, "one image"),
        case(3, 3, 4, float32, "float32"),
    ]


PERMUTE_PIXELS = Exercise(
    id="permute_pixels",
    lab="10",
    points=1,
    call="permute_pixels(images, order)",
    shape="(images, height, width)",
    oracle=oracle,
    model=shuffle,
    examples=(
        Case(
            (
                np.array([[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [10, 11, 12]]]),
                np.array([3, 0, 5, 1, 2, 4]),
            )
        ),
    ),
    draw=draw,
    hints=(
        "Write the pixels of an image in one row, as in lab 01. Which of them comes to place 0?",
        "Every image gets the same order: only the axis of the pixels is shuffled, never that of "
        "the images.",
        "Reshape to (images, height * width), index the second axis with order, and reshape back.",
    ),
    mistakes=(
        Mistake(
            "inverse",
            "the order is used backward: pixel p is sent to order[p]",
            why="New pixel p should be old pixel order[p]. You did the inverse permutation.",
            question="Which old pixel stands at place 0 of the new image?",
            knobs={"use": np.argsort},
        ),
        Mistake(
            "each_its_own",
            "every image gets an order of its own",
            why="Then nothing can be learned any more, by any network. The experiment needs one "
            "fixed order for all.",
            question="Which old pixel stands at place 0 of the second image?",
            answer=each_its_own,
        ),
        Mistake(
            "columns_first",
            "the pixels are read column by column",
            why="Pixel (r, c) is number r * width + c: row by row.",
            question="Which number has pixel (0, 1)?",
            knobs={"layout": "F", "into": "F"},
        ),
        Mistake(
            "read_by_columns",
            "the pixels are read column by column, and written row by row",
            why="Pixel (r, c) is number r * width + c, for reading as for writing.",
            question="Which number has pixel (0, 1)?",
            knobs={"layout": "F"},
        ),
        Mistake(
            "written_by_columns",
            "the pixels are read row by row, and written column by column",
            why="The new pixel (r, c) is number r * width + c, as the old one is.",
            question="Which number has pixel (0, 1)?",
            knobs={"into": "F"},
        ),
        Mistake(
            "sorted_away",
            "the pixels are where they were",
            why="The images come back unchanged. Perhaps the result of indexing was not kept.",
            question="Which old pixel stands at place 0 of the new image?",
            knobs={"use": np.sort},
        ),
        Mistake(
            "reversed_order",
            "the order is read from its end",
            why="New pixel p should be old pixel order[p], counted from the front.",
            question="Which old pixel stands at place 0 of the new image?",
            knobs={"use": lambda order: order[::-1]},
        ),
        Mistake(
            "not_reshaped",
            "each image comes back as one row of pixels",
            why="A convolution needs images again: (images, height, width).",
            question="Which shape should come out?",
            after=lambda mixed, images, order: mixed.reshape(len(mixed), -1),
        ),
        Mistake(
            "sides_exchanged",
            "height and width are exchanged",
            why="The pixels are in the right order, but in rows of the wrong length.",
            question="How long is a row of the image?",
            after=lambda mixed, images, order: mixed.reshape(
                len(mixed), mixed.shape[2], mixed.shape[1]
            ),
        ),
        Mistake(
            "within_rows",
            "only the columns are shuffled",
            why="Every pixel stays in its row, so upright neighbors stay neighbors.",
            question="Can a pixel of the first row end up in the last?",
            answer=within_rows,
        ),
        Mistake(
            "whole_rows",
            "only the rows are shuffled",
            why="Every row stays whole, so level neighbors stay neighbors.",
            question="Can a pixel of the first column end up in the last?",
            answer=whole_rows,
        ),
        Mistake(
            "first_image_only",
            "only the first image is shuffled",
            why="The others come back as they were.",
            question="Does your code treat the first image differently from the second?",
            after=lambda mixed, images, order: np.concatenate([mixed[:1], np.asarray(images)[1:]]),
        ),
    ),
)
