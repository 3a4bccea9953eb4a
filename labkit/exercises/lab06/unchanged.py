"""unchanged(f, images, shift): how invariant is f? Functions come by name."""

import numpy as np

from labkit.adapters import lab06
from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import answers

__all__ = ["UNCHANGED"]


def oracle(name, images, shift):
    f = lab06.IMAGE_FUNCTIONS[name]
    moved = np.pad(images, ((0, 0), (0, 0), (shift, 0)))[:, :, : images.shape[2]]
    return float(np.mean(np.abs(f(moved) - f(images)) < 1e-6))


def move(images, amounts, fill="zeros"):
    """Move the images along each axis and fill in `fill`."""
    if fill == "the other side":
        return np.roll(images, amounts, axis=(0, 1, 2))
    mode = "constant" if fill == "zeros" else "edge"
    pads = [(max(s, 0), max(-s, 0)) for s in amounts]
    part = tuple(
        slice(after, size + after) for (_, after), size in zip(pads, images.shape, strict=True)
    )
    return np.pad(images, pads, mode=mode)[part]


def unchanged(
    name,
    images,
    shift,
    *,
    axis="right",
    fill="zeros",
    what="images",
    say="share",
    equal=np.isclose,
):
    """unchanged with a knob for each way to get it wrong."""
    f = lab06.IMAGE_FUNCTIONS[name]
    amounts = {
        "right": (0, 0, shift),
        "left": (0, 0, -shift),
        "down": (0, shift, 0),
        "both": (0, shift, shift),
        "batch": (shift, 0, 0),
        "one": (0, 0, 1),
        "nowhere": (0, 0, 0),
    }[axis]
    before = f(images)
    after = move(before, amounts, fill) if what == "outputs" else f(move(images, amounts, fill))
    if what == "moved along":
        before, after = before[:, :, :-shift], after[:, :, shift:]
    same = equal(before, after)
    return {
        "share": lambda: same.mean(),
        "changed": lambda: 1 - same.mean(),
        "number": lambda: same.sum(),
        "over images": lambda: same.sum() / len(same),
        "percent": lambda: 100 * same.mean(),
        "of whole images": lambda: same.reshape(len(same), -1).all(axis=1).mean(),
        "difference": lambda: np.abs(before - after).mean(),
        "first image": lambda: same[0].mean(),
        "all or nothing": lambda: float(same.all()),
    }[say]()


def padded_along(name, images, shift):
    """Compare with f(x) moved along, and count the pixels that came in as well."""
    before = move(lab06.IMAGE_FUNCTIONS[name](images), (0, 0, shift))
    return np.isclose(before, lab06.IMAGE_FUNCTIONS[name](move(images, (0, 0, shift)))).mean()


def left_behind(name, images, shift):
    """Move the images without clearing the first columns."""
    f, moved = lab06.IMAGE_FUNCTIONS[name], images.copy()
    moved[:, :, shift:] = images[:, :, :-shift]
    return np.isclose(f(images), f(moved)).mean()


def some_images(rng, *shape):
    """Draw different images of gray levels 0 to 3: neighbors often agree, and edges are not 0."""
    images = rng.integers(0, 4, shape)
    images[:, :, [0, -1]] = rng.integers(1, 4, (*shape[:2], 2))
    images[0, 1, :] = images[0, 1, 0]  # one row of one gray
    return images


def tenths(rng, *shape):
    """Draw images of which nothing falls out: averages stay, summed in another order."""
    images = rng.integers(1, 10, shape) * 0.1
    images[:, :, -2:] = 0
    return images


def draw(rng):
    cases = [
        (name, some_images(rng, batch, height, width), shift)
        for name, batch, height, width, shift in (
            ("the pixels", 3, 5, 6, 1),
            ("the pixels", 2, 4, 7, 2),
            ("max pooling, 2 x 2", 3, 6, 8, 1),
            ("max pooling, 2 x 2", 2, 8, 6, 2),
            ("max pooling, 3 x 3, stride 1", 4, 6, 7, 1),
            ("max pooling, 3 x 3, stride 1", 3, 7, 9, 3),
            ("average pooling, 2 x 2", 4, 6, 8, 1),
            ("global max pooling", 5, 3, 3, 1),
            ("global max pooling", 7, 2, 4, 2),
            ("differences of neighbors", 3, 6, 9, 1),
            ("differences of neighbors", 2, 5, 6, 4),
        )
    ]
    cases.append(("global average pooling", tenths(rng, 30, 6, 9), 1))
    return [Case((name, images, shift), name) for name, images, shift in cases]


UNCHANGED = Exercise(
    id="unchanged",
    lab="06",
    points=2,
    call="unchanged(f, images, shift)",
    oracle=oracle,
    model=unchanged,
    use=lab06.unchanged,
    examples=(
        Case(("the pixels", np.array([[[1, 1, 0, 2]]]), 1)),
        Case(("max pooling, 2 x 2", np.array([[[0, 3, 3, 1], [2, 0, 0, 0]]]), 1)),
    ),
    draw=draw,
    forbidden=(),  # f itself is ours
    hints=(
        "Write the row 1, 1, 0, 2 on paper and move it one place to the right. Which number comes "
        "in on the left, and which one falls out?",
        "Make an array of zeros like images, and copy into its columns from `shift` on what stands "
        "`shift` columns further left. Then call f twice.",
        "moved[:, :, shift:] = images[:, :, :-shift]; the answer is the mean of "
        "np.isclose(f(moved), f(images)), because True counts as 1.",
    ),
    mistakes=(
        Mistake(
            "wraps_around",
            "what falls out on the right comes in again on the left",
            why="np.roll turns the image like a drum. A digit that moves on paper leaves paper "
            "behind: zeros.",
            question="What should the first column of a moved image hold?",
            knobs={"fill": "the other side"},
        ),
        Mistake(
            "edge_repeated",
            "the first column is repeated on the left",
            why="What comes in is paper, zeros, whatever the image's edge looks like.",
            question="What should the first column of a moved image hold?",
            knobs={"fill": "edge"},
        ),
        Mistake(
            "left_behind",
            "the first columns are still there after the move",
            why="A copy of the images keeps what stood on the left. Paper should come in there: "
            "zeros.",
            question="What should the first column of a moved image hold?",
            answer=left_behind,
        ),
        Mistake(
            "rolled_flat",
            "what falls out of one row comes in at the next",
            why="np.roll without an axis moves all pixels of all images as one long line.",
            question="What does np.roll do when it is not told an axis?",
            answer=lambda name, images, shift: np.isclose(
                lab06.IMAGE_FUNCTIONS[name](images),
                lab06.IMAGE_FUNCTIONS[name](np.roll(images, shift)),
            ).mean(),
        ),
        Mistake(
            "moved_left",
            "the images are moved to the left",
            why="images[:, :, shift:] begins with a later column, so everything moves left.",
            question="In which column does the old column 0 stand after moving right by 1?",
            knobs={"axis": "left"},
        ),
        Mistake(
            "moved_down",
            "the images are moved down",
            why="Axis 1 is the height. To the right is axis 2.",
            question="Which axis of images counts the columns?",
            knobs={"axis": "down"},
        ),
        Mistake(
            "moved_both_ways",
            "the images are moved down, too",
            why="They should move to the right only.",
            question="Which axes did you shift, and which one counts the columns?",
            knobs={"axis": "both"},
        ),
        Mistake(
            "moved_in_batch",
            "the images change places with each other",
            why="Axis 0 counts images. You compare one image with another.",
            question="Which axis of images counts the columns?",
            knobs={"axis": "batch"},
        ),
        Mistake(
            "rolled_in_batch",
            "the images change places with each other, in a ring",
            why="np.roll along axis 0 exchanges whole images.",
            question="Which axis of images counts the columns?",
            knobs={"axis": "batch", "fill": "the other side"},
        ),
        Mistake(
            "by_one",
            "the images are always moved by 1",
            why="The argument shift is not used.",
            question="By how many columns should images move if shift is 3?",
            knobs={"axis": "one"},
        ),
        Mistake(
            "not_moved",
            "nothing is moved, so nothing changes",
            why="The images are compared with themselves. A slice that is assigned to itself, or a "
            "function whose result nobody keeps, does nothing.",
            question="Print your moved images: are they different from images?",
            knobs={"axis": "nowhere"},
        ),
        Mistake(
            "outputs_moved",
            "the outputs are moved, not the images",
            why="The question is what f makes of a moved image. You move what f made of the image "
            "at rest.",
            question="How often does your function call f?",
            knobs={"what": "outputs"},
        ),
        Mistake(
            "moved_along",
            "you move along: outputs are compared with their neighbors at a distance of shift",
            why="That measures *equi*variance: does the output move with the input? Invariance "
            "asks whether it stays.",
            question="With which output of the image at rest do you compare output (0, 2)?",
            knobs={"what": "moved along"},
            also=(padded_along,),
        ),
        Mistake(
            "changed",
            "it is the share that does change",
            why="Yours and the right answer add up to 1.",
            question="What should it be if f is global max pooling and nothing falls out?",
            knobs={"say": "changed"},
        ),
        Mistake(
            "number",
            "it is the number of unchanged outputs, not their share",
            why="You count them. A share is between 0 and 1.",
            question="Of how many outputs?",
            knobs={"say": "number"},
        ),
        Mistake(
            "percent",
            "it is the share in percent",
            why="A share is between 0 and 1; yours is 100 times as large.",
            question="What is one half, as a number?",
            knobs={"say": "percent"},
        ),
        Mistake(
            "whole_images",
            "it is the share of images of which nothing at all changes",
            why="An image with a single changed output counts as changed. Count outputs.",
            question="How many outputs has one image, and how many of them changed?",
            knobs={"say": "of whole images"},
        ),
        Mistake(
            "over_images",
            "the number of unchanged outputs is divided by the number of images",
            why="An image has many outputs, so that may be more than 1. Divide by the number of "
            "all outputs.",
            question="Of how many outputs?",
            knobs={"say": "over images"},
        ),
        Mistake(
            "over_pixels",
            "the number of unchanged outputs is divided by the number of pixels",
            why="f may have fewer outputs than there are pixels: pooling does.",
            question="How many outputs has global pooling for 3 images?",
            answer=lambda name, images, shift: (
                unchanged(name, images, shift, say="number") / images.size
            ),
        ),
        Mistake(
            "sign_counts",
            "outputs that become smaller are counted as unchanged",
            why="A difference of -5 is less than 10⁻⁶, too. Its absolute value is not.",
            question="Is an output that falls from 7 to 2 unchanged?",
            knobs={"equal": lambda before, after: after - before < 1e-6},
        ),
        Mistake(
            "f_not_used",
            "the images are compared, not what f makes of them",
            why="Without f you measure the pixels, whatever the function.",
            question="How often does your function call f?",
            answer=lambda name, images, shift: unchanged("the pixels", images, shift),
        ),
        Mistake(
            "first_image",
            "only the first image counts",
            why="The other images of the batch are left out.",
            question="What is the length of your list of images?",
            knobs={"say": "first image"},
        ),
        Mistake(
            "all_or_nothing",
            "the answer is whether everything stays, not how much",
            why="np.allclose gives one yes or no for all outputs at once.",
            question="What does np.isclose return, and what np.allclose?",
            knobs={"say": "all or nothing"},
        ),
        answers.exactly_equal(knobs={"equal": np.equal}),
        Mistake(
            "mean_difference",
            "it is by how much the outputs change, not how many stay",
            why="The mean of |after - before| is a good question, too, and the lab comes to it. "
            "Here each output either stays or does not.",
            question="What is your answer if a single output changes by 1000?",
            knobs={"say": "difference"},
        ),
    ),
)
