"""max_pool(x, pool, stride): the largest value of each window."""

import numpy as np

from labkit import reference
from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, places, pooling
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.lab06.sizes import FORBIDDEN, SIZES
from labkit.exercises.models.pooling import slide

__all__ = ["CORNER", "MAX_POOL"]

#: The top of the first of the real digits, a zero, in its source's units of 0 to 16.
CORNER = np.array([[5, 13, 9, 1], [13, 15, 10, 15], [15, 2, 0, 11], [12, 0, 0, 8]])


def max_pool(x, pool, stride):
    return reference.max_pool(np.asarray(x)[None], pool, strides=stride)[0]


def carried_over(x, pool, stride):
    """Carry the largest value so far from one window to the next."""
    y = slide(x, pool, stride)
    rows, columns, channels = y.shape
    return np.maximum.accumulate(y.reshape(-1, channels), axis=0).reshape(rows, columns, channels)


def channels_first(x, pool, stride):
    """Pool as if the axes were (channel, height, width)."""
    turned = slide(np.moveaxis(x, 0, -1), pool, stride)
    return np.moveaxis(turned, -1, 0)


def padded_same(fill, before=True):
    def pool_same(x, pool, stride):
        totals = [
            max((-(-size // s) - 1) * s + a - size, 0)
            for size, a, s in zip(x.shape, pool, stride, strict=False)
        ]
        amounts = [(total // 2 * before, total - total // 2 * before) for total in totals]
        padded = np.pad(np.asarray(x, float), [*amounts, (0, 0)], constant_values=fill)
        return slide(padded, pool, stride)

    return pool_same


def draw(rng):
    return [
        Case((integers(rng, 4, 6, 1), (2, 2), (2, 2)), "windows side by side"),
        Case((integers(rng, 6, 4, 2), (2, 2), (2, 2)), "several channels"),
        Case((integers(rng, 5, 7, 3), (3, 3), (2, 2)), "windows that overlap"),
        Case((integers(rng, 6, 5, 2), (3, 2), (1, 1)), "windows that overlap"),
        Case((integers(rng, 5, 8, 2), (2, 3), (2, 2)), "a window that is not square"),
        Case((integers(rng, 8, 6, 2), (2, 2), (3, 3)), "gaps between the windows"),
        Case((integers(rng, 6, 9, 2), (3, 3), (3, 2)), "a stride for each direction"),
        Case((integers(rng, 7, 6, 3), (2, 2), (1, 3)), "a stride for each direction"),
        Case((integers(rng, 5, 7, 2), (2, 2), (2, 2)), "a remainder at the edge"),
        Case((integers(rng, 7, 8, 1), (3, 3), (3, 3)), "a remainder at the edge"),
        Case((integers(rng, 8, 8, 2), (3, 3), (2, 2)), "a remainder at the edge"),
        Case((integers(rng, 3, 4, 2), (3, 4), (1, 2)), "a window as large as the image"),
        Case((integers(rng, 4, 5, 2), (1, 1), (2, 2)), "windows of one pixel"),
        Case((-np.abs(integers(rng, 4, 4, 2)), (2, 2), (2, 2)), "negative values only"),
        Case((floats(rng, 5, 6, 2), (2, 3), (1, 2)), "decimals"),
        Case((float32(rng, 6, 4, 3), (3, 2), (2, 1)), "float32"),
    ]


MAX_POOL = Exercise(
    id="max_pool",
    lab="06",
    points=3,
    call="max_pool(x, pool, stride)",
    shape="((N - A) // S + 1, (M - B) // T + 1, channels)",
    oracle=max_pool,
    model=slide,
    examples=(Case((CORNER[..., np.newaxis], (2, 2), (2, 2))),),
    draw=draw,
    forbidden=FORBIDDEN,
    seconds=8,  # JAX compiles anew for each of the many shapes
    hints=(
        "Draw a row of 7 pixels. Where does a window of 3 start if the stride is 2, and how often "
        "does it fit whole?",
        "Two loops over the outputs (n, m). The window of output (n, m) starts at row n * "
        "stride[0] and column m * stride[1], and is pool[0] rows high and pool[1] columns wide. "
        "Which axes of that window do you take the maximum over, and which one stays?",
        "x[r : r + A, c : c + B].max(axis=(0, 1)) with r = n * S and c = m * T: one number for "
        "each channel. There are (N - A) // S + 1 places for n and (M - B) // T + 1 for m.",
    ),
    mistakes=(
        *SIZES,
        Mistake(
            "starts_at_zero",
            "the maximum starts at 0",
            why="The best value so far is 0 before the first pixel is looked at, and of negative "
            "values none is larger. Feature maps are full of negative values.",
            question="What is the largest of -3 and -2?",
            knobs={"reduce": "max from 0"},
        ),
        Mistake(
            "not_reset",
            "the best value of one window is carried over to the next",
            why="The maximum is set once, before the loops, so each window has to beat all the "
            "windows before it.",
            question="What does your best value hold when the second window begins?",
            answer=carried_over,
        ),
        pooling.over_channels(
            lambda x, pool, stride: slide(x, pool, stride).max(axis=-1, keepdims=True),
            after=lambda y, x, pool, stride: y.max(axis=-1),
        ),
        pooling.same_for_all_channels(knobs={"reduce": "all channels"}),
        Mistake(
            "first_channel_only",
            "only the first channel is looked at",
            why="The other channels are pooled nowhere, or filled with the first one's maximum.",
            question="Where in your code does the last axis of x turn up?",
            knobs={"reduce": "first channel"},
            also=(
                lambda x, pool, stride: slide(x, pool, stride)[..., :1],
                lambda x, pool, stride: slide(x, pool, stride)[..., 0],
                lambda x, pool, stride: slide(x, pool, stride) * (np.arange(x.shape[2]) == 0),
            ),
        ),
        Mistake(
            "channels_first",
            "x is read as (channels, height, width)",
            why="The window slides over the last two axes. In Keras, and here, the channels come "
            "last.",
            question="Which axis of x counts the channels?",
            answer=channels_first,
        ),
        Mistake(
            "size_over_pool",
            "the output has N // pool rows",
            why="That counts windows side by side. The stride says how far apart they really are.",
            question="How many windows of 3, a stride of 2 apart, fit into 7 rows?",
            knobs={"places": "N // A"},
        ),
        Mistake(
            "window_one_short",
            "each window lacks its last row and column",
            why="A slice ends before its end: r : r + A - 1 holds A - 1 rows.",
            question="How many rows are in x[0:1]?",
            knobs={"grow": -1},
        ),
        Mistake(
            "window_one_more",
            "each window has a row and a column too many",
            why="A slice ends before its end: r : r + A + 1 holds A + 1 rows.",
            question="How many rows are in x[0:3]?",
            knobs={"grow": 1},
        ),
        pooling.all_exchanged(
            id="both_exchanged", before=lambda x, pool, stride: (x, pool[::-1], stride[::-1])
        ),
        places.stride_of_rows_only(
            before=lambda x, pool, stride: (x, pool, (stride[0], stride[0]))
        ),
        Mistake(
            "rows_only",
            "only the rows are pooled",
            why="Each output looks at one column of pixels, and the width stays what it was.",
            question="Over how many columns of the image does one output look?",
            before=lambda x, pool, stride: (x, (pool[0], 1), (stride[0], 1)),
        ),
        Mistake(
            "columns_only",
            "only the columns are pooled",
            why="Each output looks at one row of pixels, and the height stays what it was.",
            question="Over how many rows of the image does one output look?",
            before=lambda x, pool, stride: (x, (1, pool[1]), (1, stride[1])),
        ),
        Mistake(
            "last_row",
            "only the last row of each window counts",
            why="The maximum is started anew for each row of the window, so that of the last row "
            "remains.",
            question="Where does your best value start, before or inside the loop over rows?",
            knobs={"reduce": "last row"},
        ),
        pooling.first_pixel(knobs={"reduce": "first"}),
        Mistake(
            "minimum",
            "the smallest value is taken",
            why="min and max differ by two letters.",
            question="Which is the maximum of 5, 13, 13 and 15?",
            knobs={"reduce": "min"},
        ),
        Mistake(
            "mean",
            "the mean of each window is taken",
            why="That is average pooling, the next exercise.",
            question="Does max pooling compute, or choose?",
            knobs={"reduce": "mean"},
        ),
        Mistake(
            "sum",
            "the values of each window are added",
            why="Adding up is what a convolution does. Max pooling keeps one value and forgets the "
            "others.",
            question="Is your output one of the pixels of its window?",
            knobs={"reduce": "sum"},
        ),
        Mistake(
            "absolute_values",
            "the signs are lost: the largest absolute value is taken",
            why="Of -9 and 2 you return 9. The maximum is 2.",
            question="Which is larger, -9 or 2?",
            knobs={"reduce": "max of sizes"},
        ),
        Mistake(
            "farthest_from_zero",
            "the value farthest from 0 is taken",
            why="Of -9 and 2 you return -9. The maximum is 2.",
            question="Which is larger, -9 or 2?",
            knobs={"reduce": "largest size"},
        ),
        Mistake(
            "position",
            "the position of the maximum is returned, not its value",
            why="argmax says where the maximum stands.",
            question="What is the difference between max and argmax?",
            knobs={"reduce": "position"},
        ),
        pooling.whole_image(
            lambda x, pool, stride: x.max(axis=(0, 1), keepdims=True),
            answer=lambda x, pool, stride: x.max(axis=(0, 1)),
        ),
        Mistake(
            "padded_zeros",
            "the image is padded with zeros, so that no pixel is left over",
            why="There is an output for every stride begun (padding='same'), and zeros win over "
            "negative values. Asked for are only the places where the window fits whole.",
            question="Which of your outputs touch no added zero?",
            answer=padded_same(0),
            also=(padded_same(0, before=False),),
        ),
        Mistake(
            "padded_same",
            "windows that hang over the edge on both sides are added (padding='same')",
            why="There is an output for every stride begun. Asked for are only the places where "
            "the window fits whole.",
            question="Which of your windows lie whole in the image?",
            answer=padded_same(-np.inf),
        ),
        arrays.first_result_only(after=lambda y, x, pool, stride: y[0, 0]),
        arrays.integers_only(),
    ),
)
