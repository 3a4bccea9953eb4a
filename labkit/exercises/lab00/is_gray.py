"""is_gray(image): an answer that is yes or no."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import answers, arrays

__all__ = ["IS_GRAY"]


def oracle(image):
    return all(red == green == blue for row in image.tolist() for red, green, blue in row)


def is_gray(image, *, pairs=((0, 1), (1, 2)), reduce=np.all, of=lambda image: image):
    """is_gray with a knob for each way to get it wrong."""
    image = of(image)
    return bool(all(reduce(image[..., a] == image[..., b]) for a, b in pairs))


def gray(rng, height, width):
    levels = rng.permutation(256)[: height * width].reshape(height, width, 1)
    return np.repeat(levels, 3, axis=2).astype(np.uint8)


def with_color(rng, height, width, channels, places):
    """Draw a gray image with color in `channels` at some `places` off the first row and column."""
    image = gray(rng, height, width)
    inner = [(r, c) for r in range(1, height) for c in range(1, width)]
    for index in rng.permutation(len(inner))[:places]:
        image[inner[index]][list(channels)] ^= np.uint8(rng.integers(1, 128))
    return image


def colored_at(rng, place):
    image = gray(rng, 3, 4)
    image[place][1] ^= np.uint8(rng.integers(1, 128))
    return image


def mirrored_about_red(rng, height, width):
    """Make green exceed red by as much as blue falls short of it: red is the pixel's mean."""
    image = gray(rng, height, width) // 2 + 60
    away = rng.integers(1, 50, (height, width))
    image[..., 1] += away.astype(np.uint8)
    image[..., 2] -= away.astype(np.uint8)
    return image


def same_sums(rng, height, width):
    """Give all channels the same sum, but no channel the values of another."""
    image = gray(rng, height, width) // 2 + 60
    image[0, 0] += np.array([0, 1, 2], np.uint8)
    image[-1, -1] -= np.array([0, 1, 2], np.uint8)
    return image


def same_means(rng, height, width):
    """Give all channels the same values, each in another order."""
    image = gray(rng, height, width)
    image[..., 1] = image[::-1, ::-1, 1]
    image[..., 2] = image[::-1, :, 2]
    return image


def one_off(rng):
    image = gray(rng, 4, 3)
    image[2, 1, rng.integers(3)] ^= np.uint8(1)
    return image


def draw(rng):
    return [
        Case((gray(rng, 3, 4),), "gray"),
        Case((gray(rng, 4, 2),), "gray"),
        Case((gray(rng, 2, 2),), "gray"),
        Case((np.full((2, 3, 3), int(rng.integers(1, 255)), np.uint8),), "one gray all over"),
        Case((with_color(rng, 4, 5, (0,), 1),), "a single colored pixel"),
        Case((with_color(rng, 5, 4, (1,), 1),), "a single colored pixel"),
        Case((with_color(rng, 3, 4, (2,), 1),), "a single colored pixel"),
        Case((with_color(rng, 4, 4, (0, 1), 3),), "a few colored pixels"),
        Case((with_color(rng, 4, 4, (1, 2), 3),), "a few colored pixels"),
        Case((colored_at(rng, (0, 0)),), "only the first pixel is colored"),
        Case((colored_at(rng, (0, 2)),), "color in the first row only"),
        Case((colored_at(rng, (2, 0)),), "color in the first column only"),
        Case((colored_at(rng, (2, 3)),), "only the last pixel is colored"),
        Case((one_off(rng),), "one value differs by 1"),
        Case((mirrored_about_red(rng, 3, 3),), "red is the mean of every pixel"),
        Case((same_sums(rng, 3, 4),), "channels with the same mean"),
        Case((same_means(rng, 3, 4),), "channels with the same values at other places"),
        Case((rng.integers(0, 256, (3, 3, 3)).astype(np.uint8),), "color all over"),
    ]


IS_GRAY = Exercise(
    id="is_gray",
    lab="00",
    points=1,
    call="is_gray(image)",
    oracle=oracle,
    model=is_gray,
    examples=(
        Case((np.array([[[7, 7, 7], [9, 9, 9]]], np.uint8),)),
        Case((np.array([[[7, 7, 7], [9, 8, 9]]], np.uint8),)),
    ),
    draw=draw,
    hints=(
        "What do red, green and blue of a gray pixel have in common? For how many of the pixels "
        "has it to hold?",
        "image[..., 0] holds the red values of all pixels. Compare it with the green ones, and the "
        "green ones with the blue ones: that gives yes or no for each pixel.",
        "(image[..., 0] == image[..., 1]).all() says whether red equals green everywhere. It takes "
        "one more such comparison, and an `and`.",
    ),
    mistakes=(
        Mistake(
            "any_pixel",
            "one gray pixel is enough (any instead of all)",
            why="A colored photograph has some gray pixels, too. All of them have to be gray.",
            question="For how many pixels has it to hold?",
            knobs={"reduce": np.any},
        ),
        Mistake(
            "blue_not_compared",
            "blue is not compared",
            why="Red equals green, but the third channel is never looked at.",
            question="Is a pixel of (7, 7, 200) gray?",
            knobs={"pairs": ((0, 1),)},
        ),
        Mistake(
            "red_not_compared",
            "red is not compared",
            why="Green equals blue, but the first channel is never looked at.",
            question="Is a pixel of (200, 7, 7) gray?",
            knobs={"pairs": ((1, 2),)},
        ),
        Mistake(
            "green_not_compared",
            "green is not compared",
            why="Red equals blue, but the middle channel is never looked at.",
            question="Is a pixel of (7, 200, 7) gray?",
            knobs={"pairs": ((0, 2),)},
        ),
        arrays.first_pixel_only(knobs={"of": lambda image: image[:1, :1]}),
        arrays.first_row_only(knobs={"of": lambda image: image[:1]}),
        arrays.first_column_only(knobs={"of": lambda image: image[:, :1]}),
        Mistake(
            "last_pixel",
            "only the last pixel counts",
            why="Each pixel's answer replaces the one before it, so the last one decides.",
            question="What should happen to your answer at the first pixel that is not gray?",
            knobs={"of": lambda image: image[-1:, -1:]},
        ),
        Mistake(
            "one_pair_is_enough",
            "one pair of equal channels is enough (or instead of and)",
            why="A pixel passes if red equals green, or if green equals blue. Both have to hold: "
            "not equal is `!=` in one pair or in the other.",
            question="Is a pixel of (7, 7, 200) gray?",
            answer=lambda image: bool(
                ((image[..., 0] == image[..., 1]) | (image[..., 1] == image[..., 2])).all()
            ),
            also=(
                lambda image: bool(
                    (image[..., 0] == image[..., 1]).all() or (image[..., 1] == image[..., 2]).all()
                ),
            ),
        ),
        Mistake(
            "nearly_equal",
            "channels that are nearly equal count as equal",
            why="These are whole numbers, and nothing was rounded: 7 and 8 differ.",
            question="Is a pixel of (7, 8, 7) gray?",
            answer=lambda image: bool((np.ptp(image.astype(int), axis=-1) <= 1).all()),
            also=tuple(
                lambda image, most=most: bool((np.ptp(image.astype(int), axis=-1) <= most).all())
                for most in (2, 3, 5, 10)
            ),
        ),
        Mistake(
            "mean_equals_red",
            "each pixel's mean is compared with its red only",
            why="Green can be above red by as much as blue is below it.",
            question="What is the mean of (7, 8, 6)?",
            answer=lambda image: bool((image.mean(axis=-1) == image[..., 0]).all()),
        ),
        Mistake(
            "means_only",
            "only the channels' means are compared",
            why="Red and green can have the same mean and yet differ at every pixel.",
            question="Is an image gray in which one half is red and the other half cyan?",
            answer=lambda image: bool(np.ptp(image.mean(axis=(0, 1))) == 0),
        ),
        Mistake(
            "one_gray",
            "all pixels have to be the same gray",
            why="You compare pixels with each other. A gray image has many grays; what has to "
            "agree is red, green and blue within each pixel.",
            question="Is an image gray that holds black and white?",
            answer=lambda image: bool((image == image[0, 0, 0]).all()),
        ),
        answers.always_false(
            why="Whatever the image, you say no. If you look at the number of channels: every "
            "image here has three, gray or not.",
            question="Which numbers do the three channels of a gray pixel hold?",
        ),
        Mistake(
            "inverted",
            "yes and no are exchanged",
            why="You return True for the colored ones.",
            question="What should is_gray say of an image of zeros?",
            after=lambda answer, image: not answer,
        ),
        answers.always_true(),
    ),
)
