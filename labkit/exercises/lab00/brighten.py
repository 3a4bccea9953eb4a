"""brighten(image, amount): an answer that is an array."""

import numpy as np

from labkit.checks.exercise import EXACT, Case, Exercise, Mistake

__all__ = ["BRIGHTEN"]


def oracle(image, amount):
    bright = [
        [[min(max(value + amount, 0), 255) for value in pixel] for pixel in row]
        for row in image.tolist()
    ]
    return np.array(bright)


def brighten(image, amount, *, low=0, high=255, times=False, dtype=int, part=slice(None)):
    """brighten with a knob for each way to get it wrong."""
    changed = np.array(image, dtype)
    if times:
        changed[..., part] = changed[..., part] * amount
    else:
        changed[..., part] = changed[..., part] + amount
    return np.clip(changed, low, high)


def stretched(image, amount):
    """Scale the values so that the brightest becomes 255 if it would exceed 255."""
    changed = image.astype(float) + amount
    largest = changed.max()
    return np.maximum(changed * (255 / largest if largest > 255 else 1), 0)


def some(rng, *shape, darkest=0, brightest=255):
    """Draw values from dark to bright, with the darkest and the brightest among them."""
    image = rng.integers(darkest, brightest + 1, shape)
    image.flat[:4] = darkest, brightest, 128, 60
    return rng.permuted(image.ravel()).reshape(shape).astype(np.uint8)


def draw(rng):
    return [
        Case((some(rng, 3, 4, 3), int(rng.integers(30, 60))), "a little brighter"),
        Case((some(rng, 4, 2, 3), int(rng.integers(130, 190))), "much brighter"),
        Case((some(rng, 2, 5, 3), -int(rng.integers(30, 60))), "darker"),
        Case((some(rng, 3, 3, 3), -int(rng.integers(130, 190))), "much darker"),
        Case((some(rng, 4, 3, 1), int(rng.integers(60, 90))), "a single channel"),
        Case((some(rng, 2, 3, 3), 0), "as it was"),
        Case((some(rng, 3, 2, 3, brightest=200), int(rng.integers(20, 40))), "no white in it"),
        Case((some(rng, 3, 2, 3, darkest=50), -int(rng.integers(20, 40))), "no black in it"),
    ]


BRIGHTEN = Exercise(
    id="brighten",
    lab="00",
    points=2,
    call="brighten(image, amount)",
    shape="(height, width, channels)",
    oracle=oracle,
    model=brighten,
    tolerance=EXACT,
    examples=(Case((np.array([[[10], [200], [255]]], np.uint8), 100)),),
    draw=draw,
    hints=(
        "What is 200 + 100, and what should become of it? What can a byte hold?",
        "Leave the bytes first: image.astype(int) can hold 300 and -20. What is left to do then?",
        "np.clip(image.astype(int) + amount, 0, 255): what is below 0 becomes 0, and what is above "
        "255 becomes 255.",
    ),
    mistakes=(
        Mistake(
            "bytes_overflow",
            "bytes overflow: 255 and 1 more is 0",
            why="The image is uint8, whole numbers from 0 to 255. Beyond 255 the counter starts "
            "again at 0, so 200 + 100 is 44, and bright places turn dark. To clip comes too late "
            "then.",
            question="What is np.uint8(200) + np.uint8(100)?",
            answer=lambda image, amount: (image.astype(int) + amount) % 256,
            also=(lambda image, amount: image + amount,),  # NumPy refuses a negative amount
        ),
        Mistake(
            "not_clipped",
            "values beyond 0 and 255 are left as they are",
            why="300 is no gray level. What would be brighter than white is white.",
            question="What is the brightest value that a byte can hold?",
            knobs={"low": -(10**6), "high": 10**6},
        ),
        Mistake(
            "not_clipped_below",
            "values below 0 are left as they are",
            why="amount may be negative, and nothing is darker than black.",
            question="What should become of 10 if amount is -50?",
            knobs={"low": -(10**6)},
        ),
        Mistake(
            "not_clipped_above",
            "values above 255 are left as they are",
            why="Nothing is brighter than white.",
            question="What should become of 200 if amount is 100?",
            knobs={"high": 10**6},
        ),
        Mistake(
            "clipped_to_1",
            "everything is clipped to 1",
            why="1 is white only for images that were divided by 255.",
            question="Which value is white in an image of bytes?",
            knobs={"high": 1},
        ),
        Mistake(
            "clipped_to_256",
            "values are clipped to 256, not to 255",
            why="A byte has 256 values, but the first is 0, so the last is 255.",
            question="What is the largest value of np.uint8?",
            knobs={"high": 256},
        ),
        Mistake(
            "clipped_to_own_range",
            "values are clipped to the range of the image",
            why="The brightest value that there was is not the brightest that there can be.",
            question="What should become of 200 if amount is 30 and no pixel is brighter?",
            answer=lambda image, amount: np.clip(
                image.astype(int) + amount, image.min(), image.max()
            ),
            also=(lambda image, amount: np.clip(image.astype(int) + amount, 0, image.max()),),
        ),
        Mistake(
            "beyond_becomes_0",
            "values above 255 become 0",
            why="What is too bright was set to black.",
            question="What should become of 200 if amount is 100?",
            answer=lambda image, amount: (
                lambda bright: np.where((bright < 0) | (bright > 255), 0, bright)
            )(image.astype(int) + amount),
        ),
        Mistake(
            "below_becomes_255",
            "values below 0 become 255",
            why="What is too dark was set to white.",
            question="What should become of 10 if amount is -50?",
            answer=lambda image, amount: (
                lambda bright: np.where((bright < 0) | (bright > 255), 255, bright)
            )(image.astype(int) + amount),
        ),
        Mistake(
            "amount_without_sign",
            "the sign of amount is lost",
            why="amount may be negative, and then the image becomes darker.",
            question="What should become of 100 if amount is -50?",
            before=lambda image, amount: (image, abs(amount)),
        ),
        Mistake(
            "multiplied",
            "the values are multiplied by amount",
            why="* stands where + belongs: black then stays black however bright you make it.",
            question="What should become of 10 if amount is 100?",
            knobs={"times": True},
        ),
        Mistake(
            "darker",
            "amount is subtracted",
            why="What should be brighter is darker.",
            question="What should become of 10 if amount is 100?",
            before=lambda image, amount: (image, -amount),
        ),
        Mistake(
            "first_channel",
            "only the first channel is made brighter",
            why="image[..., 0] is red. A photograph that is brighter in red only looks red.",
            question="How many channels has the image?",
            knobs={"part": slice(1)},
        ),
        Mistake(
            "stretched",
            "all values are scaled down so that they fit",
            why="Values that fit would change, too. Only what goes beyond is cut.",
            question="What should become of 10 if amount is 100, whatever the other pixels are?",
            answer=stretched,
        ),
        Mistake(
            "not_changed",
            "the image comes back as it was",
            why="A new array was made, perhaps, and the old one returned.",
            question="Which array does your return name?",
            answer=lambda image, amount: image,
        ),
        Mistake(
            "divided_by_255",
            "the result is divided by 255",
            why="That is a good habit before learning. Here gray levels from 0 to 255 were asked "
            "for.",
            question="What is the largest value in your result?",
            after=lambda bright, image, amount: bright / 255,
        ),
    ),
)
