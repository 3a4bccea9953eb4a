"""im2col(x, size, stride): every patch a row, so that a convolution is one dense product."""

import numpy as np

from labkit import geometry
from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, kernels, places
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.models.convolution import FORMULAS, reads

__all__ = ["IM2COL"]


def by_index_map(x, size, stride):
    """Look the pixels up in labkit's map from (output, tap) to pixel: the oracle."""
    x = np.asarray(x)
    reads = geometry.index_map(x.shape[1:3], size, strides=stride)
    pixels = x.reshape(len(x), -1, x.shape[-1])
    return pixels[:, reads].reshape(len(x) * len(reads), -1)


def im2col(
    x,
    size,
    stride,
    *,
    rows="bnm",
    columns="ijc",
    formula="stride",
    places=lambda length, taps, s: (length - taps) // s + 1,
    flip=False,
):
    """im2col with a knob for each way to get it wrong."""
    x = np.asarray(x)
    A, B = size
    tall, wide = places(x.shape[1], A, stride), places(x.shape[2], B, stride)
    between, apart = FORMULAS[formula](stride)
    patches = x[(slice(None), *reads((tall, wide), size, between, apart))]
    if flip:
        patches = patches[:, :, :, ::-1, ::-1]
    patches = np.einsum(f"bnmijc->{rows}{columns}", patches)
    return patches.reshape(len(x) * tall * wide, -1)


def unfolded(x, size, stride):
    """Return the patches before they are laid out as rows."""
    rows = ((n - a) // stride + 1 for n, a in zip(x.shape[1:3], size, strict=True))
    return im2col(x, size, stride).reshape(len(x), *rows, *size, x.shape[3])


def draw(rng):
    def case(shape, size, stride, label, values=integers):
        return Case((values(rng, *shape), size, stride), label)

    return [
        case((1, 5, 6, 1), (2, 3), 1, "one image, one channel"),
        case((1, 4, 5, 3), (2, 2), 1, "several channels"),
        case((2, 5, 4, 2), (3, 2), 1, "several images"),
        case((2, 7, 9, 2), (3, 2), 2, "stride 2"),
        case((3, 8, 6, 2), (2, 3), 2, "a place that does not fit any more", floats),
        case((2, 9, 11, 3), (2, 3), 3, "stride 3", floats),
        case((2, 9, 7, 2), (1, 2), 4, "a stride larger than the kernel"),
        case((2, 3, 4, 2), (3, 4), 1, "a kernel as large as the image"),
        case((2, 4, 3, 3), (1, 1), 1, "a kernel of one pixel"),
        case((2, 6, 6, 2), (3, 3), 1, "a square image and a square kernel", float32),
    ]


IM2COL = Exercise(
    id="im2col",
    lab="08",
    points=3,
    call="im2col(x, size, stride)",
    shape="(batch * rows * columns, A * B * channels)",
    oracle=by_index_map,
    model=im2col,
    examples=(Case((np.array([3, 1, 4, 1, 5, 9]).reshape(1, 2, 3, 1), (2, 2), 1)),),
    draw=draw,
    hints=(
        "How many numbers does one output read, all channels together? That is the width of your "
        "matrix. And how many outputs has the whole batch?",
        "The columns must stand in the order in which kernel.reshape(-1, filters) puts the "
        "weights: tap rows, then tap columns, and the channels fastest.",
        "Row (b, n, m) is x[b, n * s : n * s + A, m * s : m * s + B].ravel(). Collect them in a "
        "list in that order, or reshape and transpose sliding_window_view.",
    ),
    mistakes=(
        Mistake(
            "channels_outermost",
            "the columns are in the order channel, row, column",
            why="The kernel is (A, B, channels, filters), so reshaping it makes the channel the "
            "fastest. Your patches keep each channel together, as sliding_window_view does.",
            question="Which weight is number 1 of kernel.reshape(-1, filters)?",
            knobs={"columns": "cij"},
        ),
        Mistake(
            "taps_column_by_column",
            "the taps of each patch are read column by column",
            why="The kernel is reshaped row by row, so the patch has to be, too.",
            question="Which tap comes after (0, 0)?",
            knobs={"columns": "jic"},
        ),
        Mistake(
            "places_column_by_column",
            "the patches are in column-by-column order",
            why="After place (0, 0) you put place (1, 0), so the product, reshaped to the output's "
            "shape, is scrambled.",
            question="Which place is row 1 of the matrix?",
            knobs={"rows": "bmn"},
        ),
        Mistake(
            "batch_fastest",
            "the images of the batch alternate: the batch is the fastest of the rows",
            why="All places of the first image come first, then those of the second.",
            question="Which image does row 1 of the matrix belong to?",
            knobs={"rows": "nmb"},
        ),
        Mistake(
            "first_image",
            "only the first image of the batch is unfolded",
            why="The patches of the other images are missing.",
            question="How many rows should a batch of two images have?",
            before=lambda x, size, stride: (x[:1], size, stride),
        ),
        places.stride_ignored(before=lambda x, size, stride: (x, size, 1)),
        Mistake(
            "start_not_multiplied",
            "the number of patches is right, but they begin one pixel apart",
            why="The stride went into the count, not into where a patch starts.",
            question="At which column does the second patch begin if the stride is 2?",
            knobs={"formula": "neither"},
        ),
        Mistake(
            "dilated",
            "the stride went into the patch: its pixels are a stride apart",
            why="You read pixel n + i * s. That is dilation (lab 05).",
            question="Which pixels lie in the first patch of size 2 if the stride is 2?",
            knobs={"formula": "dilation"},
        ),
        Mistake(
            "tiles",
            "the patches stand side by side, without overlap",
            why="You step by the size of the kernel, not by the stride.",
            question="How many patches of 2 does a row of 3 pixels have if the stride is 1?",
            answer=lambda x, size, stride: np.concatenate(
                [
                    x[b, n : n + size[0], m : m + size[1]].reshape(1, -1)
                    for b in range(len(x))
                    for n in range(0, x.shape[1] - size[0] + 1, size[0])
                    for m in range(0, x.shape[2] - size[1] + 1, size[1])
                ]
            ),
        ),
        places.last_place_missing(knobs={"places": lambda length, taps, s: (length - taps) // s}),
        places.edge_left_out(knobs={"places": lambda length, taps, s: -((taps - length) // s)}),
        Mistake(
            "size_exchanged",
            "the kernel's rows and columns are exchanged",
            why="size is (rows, columns). With a square kernel nobody notices.",
            question="Is size[0] the number of rows, or of columns?",
            before=lambda x, size, stride: (x, size[::-1], stride),
        ),
        kernels.square(
            id="square_only",
            why="You use size[0] for both directions.",
            question="What is size[1] for?",
            before=lambda x, size, stride: (x, (size[0], size[0]), stride),
        ),
        Mistake(
            "flipped",
            "each patch is turned by 180 degrees",
            why="What Keras calls convolution reads image and kernel in the same direction.",
            question="Which pixel does the kernel's first weight meet?",
            knobs={"flip": True},
        ),
        Mistake(
            "transposed",
            "each patch is a column, not a row",
            why="Some books do it this way, and write kernel times patches. Here it is patches "
            "times kernel.",
            question="What shape has patches @ kernel.reshape(-1, filters) to have?",
            after=lambda patches, x, size, stride: patches.T,
        ),
        Mistake(
            "not_flattened",
            "the patches are right, but not laid out as rows",
            why="A product with the reshaped kernel needs two axes: places and taps.",
            question="How many axes has the result to have?",
            answer=unfolded,
            also=(
                lambda x, size, stride: im2col(x, size, stride).reshape(
                    len(x), -1, size[0] * size[1] * x.shape[3]
                ),
                lambda x, size, stride: im2col(x, size, stride).reshape(
                    *unfolded(x, size, stride).shape[:3], -1
                ),
            ),
        ),
        Mistake(
            "one_row_for_each_image",
            "all patches of an image stand in one row",
            why="Each place must have a row of its own, for one output is one row.",
            question="How many rows do two images with four places each make?",
            after=lambda patches, x, size, stride: patches.reshape(len(x), -1),
        ),
        arrays.integers_only(),
    ),
)
