"""occlusion_map: where a network looks, after Zeiler and Fergus (2014), section 4.2."""

import numpy as np

from labkit.adapters import lab11
from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import places
from labkit.exercises.inputs import floats, integers

__all__ = ["OCCLUSION_MAP"]


def occlude(
    weights,
    image,
    size,
    stride,
    fill,
    *,
    forget=True,
    move=True,
    fill_with=None,
    side=lambda size: size,
    back=0,
    round=lambda steps: int(steps // 1),
    more=1,
    result=lambda score, covered: covered,
    add=0,
):
    """occlusion_map with a knob for each way to get it wrong."""
    score = lab11.scorer(weights)
    image = np.array(image, float)
    whole = score(image)
    rows, columns = (round((extent - size) / stride) + more for extent in image.shape[:2])
    found = np.zeros((rows, columns))
    covered = image.copy()
    for i in range(rows):
        for j in range(columns):
            if forget:
                covered = image.copy()
            top = max((i * stride if move else i) - back * (size // 2), 0)
            left = max((j * stride if move else j) - back * (size // 2), 0)
            bottom = top + side(size) if not back else i * stride + size - size // 2
            right = left + side(size) if not back else j * stride + size - size // 2
            square = covered[top:bottom, left:right]
            square[...] = square * add + (fill if fill_with is None else fill_with(image))
            found[i, j] = result(whole, score(covered))
    return found


def oracle(weights, image, size, stride, fill):
    """Sum what each square takes away, since the score is linear."""
    change = (fill - image) * weights
    total = (image * weights).sum()
    return total + in_squares(change, size, stride)


def in_squares(values, size, stride):
    """Return the sum of `values` over each square and all channels."""
    values = values.reshape(*values.shape[:2], -1).sum(-1)
    windows = np.lib.stride_tricks.sliding_window_view(values, (size, size))
    return windows[::stride, ::stride].sum((-2, -1))


def first_channel(weights, image, size, stride, fill):
    if image.ndim < 3:
        return occlude(weights, image, size, stride, fill)
    one = oracle(weights[..., 0], image[..., 0], size, stride, fill)
    return one + (image * weights)[..., 1:].sum()


def draw(rng):
    def case(height, width, size, stride, fill, values=floats, label=""):
        return Case(
            (floats(rng, height, width), values(rng, height, width), size, stride, fill), label
        )

    return [
        case(6, 8, 2, 2, 0.5),
        case(9, 7, 3, 2, -1.25, label="squares that overlap"),
        case(7, 10, 2, 3, 0.75, label="squares with gaps between them"),
        case(5, 5, 3, 1, 3.0, integers, "a square image, stride 1"),
        case(4, 6, 4, 1, 0.25, label="a square as high as the image"),
        case(8, 5, 1, 2, 0.5, label="a square of one pixel"),
        case(7, 6, 2, 2, 0.0, integers, "black squares"),
        Case((floats(rng, 6, 7, 3), floats(rng, 6, 7, 3), 2, 2, 0.5), "an image with channels"),
        Case((floats(rng, 7, 5, 2), floats(rng, 7, 5, 2), 3, 1, -0.75), "an image with channels"),
    ]


OCCLUSION_MAP = Exercise(
    id="occlusion_map",
    lab="11",
    points=3,
    call="occlusion_map(score, image, size, stride, fill)",
    note="Here score(image) is (weights * image).sum(), and its weights stand in its place.",
    shape="((height - size) // stride + 1, (width - size) // stride + 1)",
    oracle=oracle,
    model=occlude,
    use=lab11.occlusion_map,
    forbidden=(),
    examples=(
        Case(
            (
                np.array([[1.0, 2.0, 0.0], [0.0, 3.0, 1.0]]),
                np.array([[2.0, 1.0, 4.0], [1.0, 0.0, 5.0]]),
                2,
                1,
                0.5,
            )
        ),
    ),
    draw=draw,
    hints=(
        "Cover the top left square of a copy of the image, and ask the network for its score: that "
        "is entry (0, 0). Why a copy?",
        "The square of entry (i, j) begins at row i * stride and column j * stride, and only "
        "squares that lie whole in the image count.",
        "covered = image.copy(); covered[r : r + size, c : c + size] = fill, with r = i * stride "
        "and c = j * stride; the entry is score(covered).",
    ),
    mistakes=(
        Mistake(
            "squares_stay",
            "the squares stay: every one is added to those before",
            why="The image has to be whole again before the next square. Take a fresh copy each "
            "time.",
            question="How much of the image is covered for the last entry?",
            knobs={"forget": False},
        ),
        Mistake(
            "stride_left_out",
            "the squares move by one pixel, whatever the stride",
            why="Entry (i, j) belongs to the square that begins at (i * stride, j * stride).",
            question="Where does the square of entry (0, 1) begin?",
            knobs={"move": False},
        ),
        Mistake(
            "black",
            "the square is filled with 0",
            why="The fill is given: 0 may be an unusual value for the network.",
            question="Where does your code use `fill`?",
            knobs={"fill_with": lambda image: 0.0},
        ),
        Mistake(
            "mean",
            "the square is filled with the image's mean",
            why="That is a good choice, but here the fill is given.",
            question="Where does your code use `fill`?",
            knobs={"fill_with": lambda image: image.mean()},
        ),
        Mistake(
            "one_too_large",
            "the square is one pixel too large",
            why="A slice leaves out its end: r : r + size covers size rows.",
            question="How many rows does the slice r : r + size + 1 cover?",
            knobs={"side": lambda size: size + 1},
        ),
        Mistake(
            "one_too_small",
            "the square is one pixel too small",
            why="A slice leaves out its end: r : r + size - 1 covers size - 1 rows.",
            question="How many rows does the slice r : r + size - 1 cover?",
            knobs={"side": lambda size: size - 1},
        ),
        Mistake(
            "added",
            "the fill is added to the pixels of the square",
            why="What was there should be hidden: = instead of +=.",
            question="Can one still see through your square?",
            knobs={"add": 1},
        ),
        Mistake(
            "every_start",
            "every multiple of the stride begins a square, even where it does not fit",
            why="range(0, height, stride) goes on to the edge; the last squares hang over it and "
            "cover less.",
            question="Does the last square lie whole in the image?",
            answer=lambda weights, image, size, stride, fill: occlude(
                weights,
                image,
                size,
                stride,
                fill,
                round=lambda steps: int((steps * stride + size - 1) // stride),
            ),
        ),
        Mistake(
            "first_channel",
            "only the first channel is covered",
            why="Without the last axis, a slice covers all channels.",
            question="Can one still see the square in another color?",
            answer=first_channel,
        ),
        Mistake(
            "centered",
            "the square is centered at (i * stride, j * stride)",
            why="At the edge it then hangs over and covers less. It should begin there.",
            question="How many pixels are covered for entry (0, 0)?",
            knobs={"back": 1},
        ),
        Mistake(
            "ceil",
            "squares that hang over the edge count as well",
            why="The last square of a row or column covers less than the others.",
            question="Does the last square lie whole in the image?",
            knobs={"round": lambda steps: int(-(-steps // 1))},
        ),
        Mistake(
            "one_short",
            "the last row and column of the map are missing",
            why="There is one more place: the first.",
            question="How many places are there if the square is as large as the image?",
            knobs={"more": 0},
        ),
        Mistake(
            "drop",
            "the map shows how much the score falls, not the score",
            why="That is a fine picture, too, and this map turned over. Asked for is the score "
            "itself.",
            question="What is the entry if the covered pixels do not matter?",
            knobs={"result": lambda score, covered: score - covered},
        ),
        Mistake(
            "change",
            "the map shows the change of the score, not the score",
            why="Asked for is what the network says of the covered image.",
            question="What is the entry if the covered pixels do not matter?",
            knobs={"result": lambda score, covered: covered - score},
        ),
        Mistake(
            "never_covered",
            "every entry is the score of the whole image",
            why="Perhaps the square was drawn on one copy, and another one was scored.",
            question="Which image do you give to the network?",
            knobs={"result": lambda score, covered: score},
        ),
        places.result_transposed(id="transposed"),
        Mistake(
            "everything_else_covered",
            "everything but the square is covered",
            why="The square hides what is under it; you show only that.",
            question="How much of the image does the network see for entry (0, 0)?",
            answer=lambda weights, image, size, stride, fill: (
                (fill * weights).sum() + in_squares((image - fill) * weights, size, stride)
            ),
        ),
    ),
)
