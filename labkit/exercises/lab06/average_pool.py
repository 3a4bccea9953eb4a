"""average_pool(x, pool, stride, pad): the mean of each window, of what lies in the image."""

import functools

import numpy as np

from labkit import reference
from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, pooling
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.lab06.max_pool import CORNER
from labkit.exercises.lab06.sizes import FORBIDDEN, SIZES
from labkit.exercises.models.pooling import reshaped, slide

__all__ = ["AVERAGE_POOL"]


def average_pool(x, pool, stride, pad):
    pads = tuple((amount, amount) for amount in pad)
    return reference.average_pool(np.asarray(x)[None], pool, strides=stride, padding=pads)[0]


#: average_pool with a knob for each way to get it wrong.
mean = functools.partial(slide, reduce="mean")


def channels_padded(amounts, fill=0):
    def pool_padded(x, pool, stride, pad):
        padded = np.pad(np.asarray(x, float), amounts(*pad), constant_values=fill)
        return mean(padded, pool, stride, (0, 0))

    return pool_padded


def from_the_end(x, pool, stride, pad):
    """Slice with negative starts, which count from the end, so that most such windows are empty."""
    (A, B), (S, T), (P, Q) = pool, stride, pad
    y = np.zeros(((x.shape[0] + 2 * P - A) // S + 1, (x.shape[1] + 2 * Q - B) // T + 1, x.shape[2]))
    for n, m in np.ndindex(y.shape[:2]):
        r, c = n * S - P, m * T - Q
        window = x[r : r + A, c : c + B]
        y[n, m] = window.sum((0, 1)) / (window[..., 0].size or np.nan)
    return y


def with_zeros(rng, *shape):
    """Draw an image in which some pixels are 0; they count."""
    x = integers(rng, *shape)
    x[::2, 1::2] = 0
    return x


def draw(rng):
    return [
        Case((integers(rng, 4, 6, 1), (2, 2), (2, 2), (0, 0)), "windows side by side"),
        Case((integers(rng, 6, 4, 2), (2, 2), (2, 2), (0, 0)), "several channels"),
        Case((integers(rng, 5, 7, 3), (3, 3), (2, 2), (0, 0)), "windows that overlap"),
        Case((integers(rng, 5, 8, 2), (2, 3), (2, 2), (0, 0)), "a window that is not square"),
        Case((integers(rng, 7, 6, 2), (2, 2), (1, 3), (0, 0)), "a stride for each direction"),
        Case((integers(rng, 5, 7, 2), (2, 2), (2, 2), (0, 0)), "a remainder at the edge"),
        Case((integers(rng, 8, 8, 1), (3, 3), (2, 2), (0, 0)), "a remainder at the edge"),
        Case((with_zeros(rng, 6, 6, 2), (2, 3), (2, 2), (0, 0)), "zeros inside the image"),
        Case((integers(rng, 5, 5, 2), (3, 3), (1, 1), (1, 1)), "padding"),
        Case((integers(rng, 5, 7, 1), (3, 3), (2, 2), (1, 1)), "padding"),
        Case((integers(rng, 6, 5, 2), (2, 3), (2, 1), (0, 1)), "padding on two sides only"),
        Case((integers(rng, 5, 6, 2), (3, 2), (1, 2), (1, 0)), "padding on two sides only"),
        Case((integers(rng, 4, 6, 2), (3, 5), (2, 3), (2, 1)), "unequal padding"),
        Case((integers(rng, 3, 4, 3), (3, 4), (1, 1), (0, 0)), "a window as large as the image"),
        Case((integers(rng, 4, 5, 2), (1, 1), (2, 2), (0, 0)), "windows of one pixel"),
        Case((floats(rng, 5, 6, 2), (2, 3), (1, 2), (1, 2)), "decimals"),
        Case((float32(rng, 6, 4, 3), (3, 2), (2, 1), (1, 1)), "float32"),
    ]


AVERAGE_POOL = Exercise(
    id="average_pool",
    lab="06",
    points=3,
    call="average_pool(x, pool, stride, pad)",
    shape="((N + 2P - A) // S + 1, (M + 2Q - B) // T + 1, channels)",
    oracle=average_pool,
    model=mean,
    examples=(Case((CORNER[..., np.newaxis], (2, 2), (2, 2), (0, 0))),),
    draw=draw,
    forbidden=FORBIDDEN,
    seconds=8,  # JAX compiles anew for each of the many shapes
    hints=(
        "With pad (0, 0) it is max_pool with another summary. Get that right first. Then: where "
        "does the window of output (0, 0) start when pad is (1, 1)?",
        "A window that hangs over the edge holds fewer pixels. How could you know how many? Cut it "
        "where the image ends, or pool a second image that holds a 1 for each real pixel.",
        "With r = n * S - P, the rows of the window that exist are x[max(r, 0) : r + A]; columns "
        "likewise. mean(axis=(0, 1)) then divides by what is there. There are "
        "(N + 2 * P - A) // S + 1 places.",
    ),
    mistakes=(
        *SIZES,
        Mistake(
            "divided_by_window",
            "padding is counted: every sum is divided by the size of the window",
            why="At the edge a part of the window lies outside. You add zeros for it and then "
            "divide as if they had been pixels, so the border comes out too dark.",
            question="What is the average of an image in which every pixel is 6, at its corner?",
            knobs={"fill": 0},
        ),
        Mistake(
            "divided_by_nonzero",
            "pixels that are 0 are not counted",
            why="You divide by how many values differ from 0. A black pixel of the image is a "
            "pixel like any other; only what lies outside does not count.",
            question="What is the average of 0, 0, 0 and 4?",
            knobs={"reduce": "without zeros"},
        ),
        Mistake(
            "sum",
            "the sum is not divided",
            why="The values of each window are added up, and nothing is divided.",
            question="What is the average of 5, 13, 13 and 15?",
            knobs={"reduce": "sum"},
        ),
        Mistake(
            "divided_by_four",
            "every sum is divided by 4",
            why="That is right for windows of 2 x 2 only.",
            question="Where does your 4 come from, and what is it for a window of 2 x 3?",
            knobs={"divide": lambda A, B: 4},
        ),
        Mistake(
            "divided_by_rows",
            "the sum is divided by the number of rows only",
            why="The window has rows times columns values.",
            question="How many values lie in a window of 2 x 3?",
            knobs={"divide": lambda A, B: A},
        ),
        Mistake(
            "divided_by_columns",
            "the sum is divided by the number of columns only",
            why="That is the size of one row of the window. It has several.",
            question="How many values lie in a window of 2 x 3?",
            knobs={"divide": lambda A, B: B},
        ),
        Mistake(
            "divided_by_square",
            "the sum is divided by the square of the window's rows",
            why="k * k is the size of a square window. This one has rows times columns values.",
            question="How many values lie in a window of 2 x 3?",
            knobs={"divide": lambda A, B: A * A},
        ),
        Mistake(
            "divided_by_stride",
            "the sum is divided by the product of the strides",
            why="With a stride equal to the pool size nobody notices. But how many values were "
            "added is decided by the window.",
            question="How many values lie in a window of 3 x 3 if the stride is 2?",
            answer=lambda x, pool, stride, pad: (
                mean(x, pool, stride, pad, reduce="sum") / (stride[0] * stride[1])
            ),
        ),
        Mistake(
            "not_padded",
            "pad is not used",
            why="Your windows stay inside the image, whatever pad says.",
            question="How many outputs has a row of 5 pixels with windows of 3, stride 1 and pad "
            "1?",
            before=lambda x, pool, stride, pad: (x, pool, stride, (0, 0)),
        ),
        Mistake(
            "padded_before_only",
            "padding is put only before the image (above and to the left)",
            why="pad is for each side: P rows above and P rows below.",
            question="By how many rows does the image grow in all if pad[0] is 1?",
            knobs={"sides": (True, False)},
        ),
        Mistake(
            "padded_after_only",
            "padding is put only after the image (below and to the right)",
            why="Above and to the left nothing is added, though pad is for each side.",
            question="By how many rows does the image grow in all if pad[0] is 1?",
            knobs={"sides": (False, True)},
        ),
        Mistake(
            "edge_repeated",
            "the image is padded with copies of its edge",
            why="The border pixels are counted several times. What lies outside holds no values.",
            question="Which pixels does the window of output (0, 0) really hold?",
            knobs={"mode": "edge"},
        ),
        Mistake(
            "mirrored",
            "the image is padded with its mirror image",
            why="Pixels near the border are counted several times. What lies outside holds no "
            "values.",
            question="Which pixels does the window of output (0, 0) really hold?",
            knobs={"mode": "symmetric"},
        ),
        Mistake(
            "other_side",
            "what lies outside is read from the other side of the image",
            why="In Python, index -1 is the last row, not one that does not exist.",
            question="What is x[-1]?",
            knobs={"mode": "wrap"},
        ),
        Mistake(
            "negative_start",
            "windows that begin outside of the image are empty",
            why="A slice from -1 to 2 begins at the *last* row, and ends before it: nothing is in "
            "it. The start has to be cut at 0.",
            question="What is [1, 2, 3, 4][-1:2]?",
            answer=from_the_end,
            also=(lambda *args: np.nan_to_num(from_the_end(*args)),),
        ),
        Mistake(
            "channels_padded",
            "the channels are padded, too",
            why="np.pad with one number pads every axis, and that adds channels of zeros.",
            question="How many channels does the output have?",
            answer=channels_padded(lambda P, Q: P),
            also=(
                channels_padded(lambda P, Q: (P, Q)),
                channels_padded(lambda P, Q: [(P, P), (Q, Q), (1, 1)]),
                channels_padded(lambda P, Q: max(P, Q), np.nan),
            ),
        ),
        Mistake(
            "pad_exchanged",
            "the padding of rows and columns is exchanged",
            why="pad[0] is for above and below. With equal padding nobody notices.",
            question="What is pad[1] for?",
            before=lambda x, pool, stride, pad: (x, pool, stride, pad[::-1]),
        ),
        Mistake(
            "one_pad",
            "the padding of the rows is used for the columns, too",
            why="pad is a pair, like pool and stride.",
            question="What is pad[1] for?",
            before=lambda x, pool, stride, pad: (x, pool, stride, (pad[0], pad[0])),
        ),
        Mistake(
            "reshaped",
            "the image is cut into tiles: stride and padding are not used",
            why="A reshape makes windows that stand side by side. Windows that overlap, or hang "
            "over the edge, cannot be had that way.",
            question="Which of the arguments does your function never look at?",
            answer=reshaped(np.mean),
        ),
        pooling.over_channels(
            lambda *args: mean(*args).mean(axis=-1, keepdims=True),
            after=lambda y, x, pool, stride, pad: y.mean(axis=-1),
        ),
        pooling.same_for_all_channels(knobs={"reduce": "mean of all channels"}),
        pooling.all_exchanged(
            before=lambda x, pool, stride, pad: (x, pool[::-1], stride[::-1], pad[::-1])
        ),
        Mistake(
            "maximum",
            "the largest value of each window is taken",
            why="That is max pooling, the exercise before.",
            question="What is the mean of 5, 13, 13 and 15?",
            knobs={"reduce": "max"},
            also=(lambda *args: mean(*args, reduce="max", fill=0),),
        ),
        Mistake(
            "median",
            "the median of each window is taken",
            why="Half of the values lie below the median, whatever they are. The mean adds them "
            "up.",
            question="What is the mean of 0, 0 and 9?",
            knobs={"reduce": "median"},
        ),
        Mistake(
            "middle",
            "the middle between the smallest and the largest value is taken",
            why="All values count for a mean, not only the two at the ends.",
            question="What is the mean of 0, 0 and 9?",
            knobs={"reduce": "middle"},
        ),
        pooling.first_pixel(knobs={"reduce": "first"}),
        pooling.whole_image(
            lambda x, pool, stride, pad: x.mean(axis=(0, 1), keepdims=True),
            answer=lambda x, pool, stride, pad: x.mean(axis=(0, 1)),
        ),
        arrays.first_result_only(after=lambda y, x, pool, stride, pad: y[0, 0]),
        arrays.rounded_down(),
        arrays.integers_only(after=lambda y, x, pool, stride, pad: np.trunc(y + np.sign(y) * 1e-9)),
        arrays.dtype_of_x_in_averages(),
    ),
)
