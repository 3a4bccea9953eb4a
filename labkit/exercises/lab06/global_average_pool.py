"""global_average_pool(x): one number for each image and channel, whatever the image's size."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.lab06.sizes import FORBIDDEN
from labkit.reference import average_pool

__all__ = ["GLOBAL_AVERAGE_POOL"]


def pooled_whole(x):
    """Pool with a window as large as the image: the oracle."""
    return average_pool(x, x.shape[1:-1])[:, 0, 0, :]


def averaged(
    x, *, axes=(1, 2), keep=False, reduce=np.mean, divide=lambda total, height, width: total
):
    """global_average_pool with a knob for each way to get it wrong."""
    height, width = x.shape[1:3]
    return divide(reduce(np.asarray(x, float), axis=axes, keepdims=keep), height, width)


def draw(rng):
    return [
        Case((integers(rng, 2, 3, 4, 5),), "all sizes different"),
        Case((integers(rng, 4, 3, 2, 3),), "higher than wide"),
        Case((integers(rng, 3, 3, 3, 3),), "all sizes equal"),
        Case((integers(rng, 1, 4, 5, 3),), "a single image"),
        Case((integers(rng, 3, 2, 5, 1),), "a single channel"),
        Case((integers(rng, 2, 1, 6, 2),), "images of one row"),
        Case((integers(rng, 2, 5, 1, 4),), "images of one column"),
        Case((integers(rng, 3, 1, 1, 4),), "images of one pixel"),
        Case((floats(rng, 2, 4, 4, 3),), "decimals"),
        Case((float32(rng, 3, 2, 6, 2),), "float32"),
    ]


GLOBAL_AVERAGE_POOL = Exercise(
    id="global_average_pool",
    lab="06",
    points=1,
    call="global_average_pool(x)",
    shape="(batch, channels)",
    oracle=pooled_whole,
    model=averaged,
    examples=(Case((np.array([[[[1, 10], [3, 20]]], [[[5, 0], [7, 0]]]]),)),),
    draw=draw,
    forbidden=FORBIDDEN,
    hints=(
        "How many numbers should come out of 2 images of 8 x 8 pixels with 3 channels each?",
        "The window is as large as the image. Which of the four axes does it cover, and which two "
        "stay?",
        "x.mean(axis=...) takes several axes at once: those of the height and of the width.",
    ),
    mistakes=(
        Mistake(
            "over_batch",
            "the average is taken over the images, too",
            why="Axis 0 counts images. What one image shows must not depend on the others.",
            question="How many rows should the answer for 2 images have?",
            knobs={"axes": (0, 1, 2)},
        ),
        Mistake(
            "over_channels",
            "the average is taken over the channels, too",
            why="The last axis counts channels; each keeps a number of its own.",
            question="How many numbers should one image with 3 channels give?",
            knobs={"axes": (1, 2, 3)},
        ),
        Mistake(
            "over_channels_only",
            "the average is taken over the channels, at every pixel",
            why="axis=-1 is the channels' axis. The image keeps its size.",
            question="Which axes are the height and the width?",
            knobs={"axes": 3},
        ),
        Mistake(
            "over_batch_only",
            "the images are averaged with each other",
            why="axis=0 counts images. You get the average image.",
            question="Which axes are the height and the width?",
            knobs={"axes": 0},
        ),
        Mistake(
            "height_only",
            "only the height is averaged away",
            why="For each column one average is left.",
            question="Which axes are the height and the width?",
            knobs={"axes": 1},
        ),
        Mistake(
            "width_only",
            "only the width is averaged away",
            why="For each row one average is left.",
            question="Which axes are the height and the width?",
            knobs={"axes": 2},
        ),
        Mistake(
            "channels_first",
            "x is read as (batch, channels, height, width)",
            why="You average axes 2 and 3. In Keras, and here, the channels come last.",
            question="Which axis of x counts the channels?",
            knobs={"axes": (2, 3)},
        ),
        Mistake(
            "one_image",
            "x is read as a single image (height, width, channels)",
            why="You average axes 0 and 1, and axis 0 counts images.",
            question="How many axes has x?",
            knobs={"axes": (0, 1)},
        ),
        Mistake(
            "everything",
            "everything is averaged to a single number",
            why="mean() without axes averages images, pixels and channels alike.",
            question="How many numbers should come out?",
            knobs={"axes": None},
        ),
        Mistake(
            "axes_kept",
            "the axes of height and width are still there, with size 1",
            why="keepdims=True, or a pooling window as large as the image, leaves "
            "(batch, 1, 1, channels). Asked for is (batch, channels).",
            question="What is the shape of your answer?",
            knobs={"keep": True},
        ),
        Mistake(
            "sum",
            "the sum is not divided",
            why="A larger image would get larger numbers, and the layers behind could not cope.",
            question="What is the average of 1 and 3?",
            knobs={"reduce": np.sum},
        ),
        Mistake(
            "maximum",
            "the largest value is taken",
            why="That is global *max* pooling.",
            question="What is the average of 1 and 3?",
            knobs={"reduce": np.max},
        ),
        Mistake(
            "median",
            "the median is taken",
            why="Half of the values lie below it. An average adds them up.",
            question="What is the average of 0, 0 and 9?",
            knobs={"reduce": np.median},
        ),
        Mistake(
            "divided_by_height",
            "the sum is divided by the height only",
            why="An image has height times width pixels.",
            question="How many pixels has an image of 3 x 4?",
            knobs={"reduce": np.sum, "divide": lambda total, height, width: total / height},
        ),
        Mistake(
            "divided_by_width",
            "the sum is divided by the width only",
            why="For each column there are as many pixels as the image is high.",
            question="How many pixels has an image of 3 x 4?",
            knobs={"reduce": np.sum, "divide": lambda total, height, width: total / width},
        ),
        Mistake(
            "divided_by_square",
            "the sum is divided by the square of the height",
            why="With square images nobody notices.",
            question="How many pixels has an image of 3 x 4?",
            knobs={"reduce": np.sum, "divide": lambda total, height, width: total / height**2},
        ),
        Mistake(
            "divided_by_all",
            "the sum over the pixels is divided by the size of the whole array",
            why="x.size counts images and channels, too.",
            question="How many pixels has one channel of one image?",
            answer=lambda x: x.sum(axis=(1, 2)) / x.size,
        ),
        arrays.first_image_only(
            lambda x: averaged(x)[:1], id="first_image", after=lambda y, x: y[0]
        ),
        Mistake(
            "transposed",
            "images and channels are exchanged",
            why="The answer has a row for each channel. One row for each image was asked for.",
            question="What is the shape of your answer for 2 images with 3 channels?",
            after=lambda y, x: y.T,
        ),
        Mistake(
            "integers_only",
            "the averages are cut to integers",
            why="Averages of integers are rarely whole: an array of integers, or //, loses "
            "decimals.",
            question="Which dtype can hold the average of 1 and 2?",
            after=lambda y, x: np.trunc(y + np.sign(y) * 1e-9),
        ),
        arrays.dtype_of_x_in_averages(),
        arrays.rounded_down(),
    ),
)
