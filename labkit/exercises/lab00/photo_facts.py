"""photo_facts(image): an answer of several values."""

import numpy as np

from labkit.checks.exercise import EXACT, Case, Exercise, Mistake
from labkit.exercises.families import arrays
from labkit.exercises.inputs import integers

__all__ = ["PHOTO_FACTS"]

NAMES = ("height", "width", "darkest", "brightest")


def oracle(image):
    rows = image.tolist()
    values = [value for row in rows for pixel in row for value in pixel]
    return len(rows), len(rows[0]), min(values), max(values)


def photo_facts(image, *, sizes=(0, 1), values=(np.min, np.max), of=lambda image: image):
    """photo_facts with a knob for each way to get it wrong."""
    height, width = (image.shape[axis] for axis in sizes)
    return height, width, *(float(reduce(of(image))) for reduce in values)


def as_tuple(answer):
    """Bring a dictionary with the four names into the form of a tuple."""
    if isinstance(answer, dict) and set(answer) == set(NAMES):
        return tuple(answer[name] for name in NAMES)
    return tuple(answer) if isinstance(answer, list) else answer


def some(rng, *shape, channels=(-1, -1)):
    """An image in which darkest and brightest stand in neither the first row nor the first column,
    but in these channels."""
    image = (np.abs(integers(rng, *shape)) % 200 + 20).astype(np.uint8)
    inner = rng.permutation(np.argwhere(np.ones(shape[:2]))).tolist()
    inner = [(row, column) for row, column in inner if min(row, column) > 0]
    image[*inner[0], channels[0]] = rng.integers(1, 9)
    image[*inner[1], channels[1]] = rng.integers(240, 255)
    return image


def draw(rng):
    return [
        Case((some(rng, 3, 5, 3),), "wider than high"),
        Case((some(rng, 5, 4, 3),), "higher than wide"),
        Case((some(rng, 4, 4, 3, channels=(0, 1)),), "a square image"),
        Case((some(rng, 2, 6, 3, channels=(1, 0)),), "wider than high"),
        Case((some(rng, 7, 2, 3, channels=(2, 1)),), "higher than wide"),
        Case((some(rng, 3, 4, 1),), "a single channel"),
    ]


PHOTO_FACTS = Exercise(
    id="photo_facts",
    lab="00",
    points=1,
    call="photo_facts(image)",
    shape="(height, width, darkest, brightest)",
    oracle=oracle,
    model=photo_facts,
    read=as_tuple,
    tolerance=EXACT,
    examples=(Case((np.array([[[9], [7], [30]], [[8], [2], [5]]], np.uint8),)),),
    draw=draw,
    hints=(
        "An array knows its own size. What does image.shape say for the example, and which of its "
        "numbers is the height?",
        "image.shape is (height, width, channels). The smallest value of an array is image.min().",
        "In one line: return image.shape[0], image.shape[1], image.min(), image.max().",
    ),
    mistakes=(
        Mistake(
            "sizes_exchanged",
            "height and width are exchanged",
            why="shape[0] counts rows, and the number of rows is the height. Screens say 640 × "
            "427, arrays say (427, 640).",
            question="How many rows does an image of shape (2, 3, 1) have?",
            knobs={"sizes": (1, 0)},
        ),
        Mistake(
            "values_exchanged",
            "darkest and brightest are exchanged",
            why="In these images 0 is black and 255 is white.",
            question="Is the darkest value the smallest, or the largest?",
            knobs={"values": (np.max, np.min)},
        ),
        Mistake(
            "width_and_channels",
            "the width is given as height, and the number of channels as width",
            why="shape[1] and shape[2] are the second and the third size; Python counts from 0.",
            question="Which index has the first number of shape?",
            knobs={"sizes": (1, 2)},
        ),
        Mistake(
            "channels_as_width",
            "the number of channels is given as the width",
            why="The last number of shape counts channels: 3 for red, green and blue.",
            question="What does the middle number of shape count?",
            knobs={"sizes": (0, 2)},
        ),
        Mistake(
            "always_0_to_255",
            "darkest and brightest are always 0 and 255",
            why="Those are the values that *could* be there. Asked for are those that are.",
            question="Does every photograph contain pure black?",
            knobs={"values": (lambda image: 0, lambda image: 255)},
        ),
        arrays.first_row_only(knobs={"of": lambda image: image[0]}),
        Mistake(
            "first_channel",
            "only the first channel is searched",
            why="image[..., 0] holds the red values only.",
            question="What is the shape of image[..., 0]?",
            knobs={"of": lambda image: image[..., 0]},
        ),
        Mistake(
            "last_channel",
            "only the last channel is searched",
            why="image[..., -1] holds the blue values only; in a loop over channels, each one "
            "replaces what the one before it found.",
            question="What is the shape of image[..., -1]?",
            knobs={"of": lambda image: image[..., -1]},
        ),
        arrays.first_column_only(knobs={"of": lambda image: image[:, 0]}),
        arrays.first_pixel_only(knobs={"of": lambda image: image[0, 0]}),
        Mistake(
            "darkest_starts_at_0",
            "the darkest value starts at 0, and nothing is darker",
            why="A smallest value that starts at 0 stays there, since no byte is below. Start with "
            "a value of the image, or with 255.",
            question="Is there a 0 in the example?",
            knobs={"values": (lambda image: 0, np.max)},
        ),
        Mistake(
            "values_before_sizes",
            "the values come before the sizes",
            why="Asked for is (height, width, darkest, brightest), in this order.",
            question="What does the first of your four values count?",
            after=lambda facts, image: (*facts[2:], *facts[:2]),
        ),
        Mistake(
            "places",
            "the places of the darkest and brightest values are given",
            why="argmin and argmax say where the values stand, not what they are.",
            question="What is [7, 9].index(7)?",
            knobs={"values": (np.argmin, np.argmax)},
        ),
        Mistake(
            "gray_first",
            "the channels are averaged before searching",
            why="A pixel with a red of 255 is not white. Asked for are the values themselves.",
            question="Which values do the channels of a pure red pixel have?",
            knobs={"of": lambda image: image.mean(axis=-1)},
        ),
        Mistake(
            "last_is_size",
            "the last index is given instead of the size",
            why="The rows of an image of height 3 are numbered 0, 1 and 2: the last index is 2, "
            "and the height is 3.",
            question="How many rows are there if the last one is number 2?",
            after=lambda facts, image: (facts[0] - 1, facts[1] - 1, *facts[2:]),
        ),
        Mistake(
            "mean_and_spread",
            "the mean is given where the darkest value belongs",
            why="The mean lies in the middle, not at the dark end.",
            question="Which function of an array gives its smallest value?",
            knobs={"values": (np.mean, np.max)},
        ),
        Mistake(
            "scaled_to_1",
            "the values are divided by 255",
            why="That is a good habit before learning. Here the values were asked for as they are.",
            question="What is the largest value that a byte can hold?",
            after=lambda facts, image: (*facts[:2], facts[2] / 255, facts[3] / 255),
        ),
    ),
)
