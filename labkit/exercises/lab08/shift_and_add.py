"""shift_and_add(x, kernel, stride): one shifted image for each tap, and no patches at all."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, channels, kernels, places
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.models.convolution import FORMULAS, reads
from labkit.reference import cross_correlate

__all__ = ["SHIFT_AND_ADD"]


def shift_and_add(
    x,
    kernel,
    stride,
    *,
    formula="stride",
    flip=False,
    add=True,
    taps=lambda A, B: np.ndindex(A, B),
    product=lambda seen, weights: seen @ weights,
    places=lambda length, taps, s: (length - taps) // s + 1,
):
    """shift_and_add with a knob for each way to get it wrong."""
    x, kernel = np.asarray(x, float), np.asarray(kernel, float)
    A, B = kernel.shape[:2]
    tall, wide = places(x.shape[1], A, stride), places(x.shape[2], B, stride)
    y = np.zeros((len(x), tall, wide, kernel.shape[3]))
    between, apart = FORMULAS[formula](stride)
    windows = x[(slice(None), *reads((tall, wide), (A, B), between, apart))]
    for i, j in taps(A, B):
        seen = windows[:, :, :, i, j]
        weights = kernel[A - 1 - i, B - 1 - j] if flip else kernel[i, j]
        y = product(seen, weights) + (y if add else 0)
    return y


def draw(rng):
    def case(image, kernel, stride, label, values=integers):
        return Case((values(rng, *image), values(rng, *kernel), stride), label)

    return [
        case((1, 5, 6, 1), (2, 3, 1, 1), 1, "one channel, one filter"),
        case((1, 4, 5, 3), (2, 2, 3, 2), 1, "several channels and filters"),
        case((2, 5, 4, 2), (3, 2, 2, 2), 1, "several images"),
        case((2, 9, 11, 2), (3, 2, 2, 3), 2, "stride 2"),
        case((2, 8, 7, 2), (2, 3, 2, 3), 2, "a place that does not fit any more", floats),
        case((1, 13, 11, 3), (2, 3, 3, 2), 3, "stride 3", floats),
        case((2, 9, 7, 2), (1, 2, 2, 3), 4, "a stride larger than the kernel"),
        case((2, 3, 4, 2), (3, 4, 2, 3), 1, "a kernel as large as the image"),
        case((2, 4, 3, 3), (1, 1, 3, 2), 1, "a kernel of one pixel"),
        case((2, 6, 6, 2), (3, 3, 2, 2), 1, "a square image and a square kernel", float32),
        # whole pixels and a kernel of fractions
        Case((integers(rng, 2, 4, 5, 2), floats(rng, 2, 2, 2, 2), 1)),
    ]


SHIFT_AND_ADD = Exercise(
    id="shift_and_add",
    lab="08",
    points=3,
    call="shift_and_add(x, kernel, stride)",
    shape="(batch, rows, columns, filters)",
    oracle=lambda x, kernel, stride: cross_correlate(x, kernel, strides=stride),
    model=shift_and_add,
    examples=(
        Case(
            (
                np.array([3, 1, 4, 1, 5, 9]).reshape(1, 2, 3, 1),
                np.array([1, 2, 0, -1]).reshape(2, 2, 1, 1),
                1,
            )
        ),
    ),
    draw=draw,
    hints=(
        "Fix one tap (i, j). Which pixel does it meet for output (0, 0), which for (0, 1)? And for "
        "all outputs together?",
        "Tap (i, j) meets a shifted copy of the image: a slice that begins at (i, j). Each pixel's "
        "channels times kernel[i, j], a (channels, filters) matrix, is its part of the output.",
        "y += x[:, i : i + (rows - 1) * s + 1 : s, j : j + (columns - 1) * s + 1 : s] @ "
        "kernel[i, j], for every tap; y starts as zeros.",
    ),
    mistakes=(
        Mistake(
            "overwritten",
            "every tap overwrites the one before: = where += should be",
            why="Only the last tap is left in the result.",
            question="What should happen to what the taps before have put into y?",
            knobs={"add": False},
        ),
        kernels.turned(id="flipped", knobs={"flip": True}),
        places.stride_ignored(before=lambda x, kernel, stride: (x, kernel, 1)),
        Mistake(
            "slice_without_step",
            "the number of outputs is right, but the slices have no step",
            why="Neighboring outputs read neighboring pixels, though the stride says otherwise.",
            question="Which pixels does tap (0, 0) meet if the stride is 2?",
            knobs={"formula": "neither"},
        ),
        Mistake(
            "dilated",
            "the shift is multiplied by the stride, and the slices have no step",
            why="You read pixel n + i * s. That is dilation (lab 05).",
            question="Which pixels does output (0, 0) read if the stride is 2?",
            knobs={"formula": "dilation"},
        ),
        Mistake(
            "not_shifted",
            "every tap meets the same pixels: nothing is shifted",
            why="Each slice begins at 0, so all weights of a filter act on one pixel.",
            question="Which pixel does tap (0, 1) meet for output (0, 0)?",
            knobs={"formula": "no shift"},
        ),
        places.last_place_missing(knobs={"places": lambda length, taps, s: (length - taps) // s}),
        places.edge_left_out(knobs={"places": lambda length, taps, s: -((taps - length) // s)}),
        arrays.first_image_only(
            id="first_image", before=lambda x, kernel, stride: (x[:1], kernel, stride), after=None
        ),
        Mistake(
            "first_row_of_taps",
            "only the kernel's first row is used",
            why="One of the two loops runs over a single value.",
            question="How many shifted images does a kernel of 2 x 3 need?",
            knobs={"taps": lambda A, B: np.ndindex(1, B)},
        ),
        Mistake(
            "first_tap",
            "only the kernel's first tap is used",
            why="The return stands inside the loop, so the function ends after the first turn.",
            question="How far is your return indented?",
            knobs={"taps": lambda A, B: [(0, 0)]},
        ),
        Mistake(
            "diagonal",
            "only the taps with i = j are used",
            why="One loop moves both indices at once.",
            question="How many shifted images does a kernel of 2 x 3 need?",
            knobs={"taps": lambda A, B: [(i, i) for i in range(min(A, B))]},
        ),
        Mistake(
            "last_tap_left_out",
            "the last row and the last column of the kernel are left out",
            why="range(A - 1) ends before A - 1.",
            question="Which values does i take in range(A - 1)?",
            knobs={"taps": lambda A, B: np.ndindex(A - 1, B - 1)},
        ),
        Mistake(
            "channels_summed_first",
            "the channels of the image and of the kernel are summed before multiplying",
            why="A sum of products is not the product of the sums (lab 02).",
            question="What is 1 * 3 + 2 * 4, and what is (1 + 2) * (3 + 4)?",
            knobs={
                "product": lambda seen, weights: seen.sum(-1, keepdims=True) * weights.sum(axis=0)
            },
        ),
        channels.first_only(knobs={"product": lambda seen, weights: seen[..., :1] @ weights[:1]}),
        channels.last_only(knobs={"product": lambda seen, weights: seen[..., -1:] @ weights[-1:]}),
        Mistake(
            "averaged",
            "the sum is divided by the number of taps",
            why="A convolution is a weighted sum; the weights need no help.",
            question="What do you divide by, and where does the formula say so?",
            after=lambda y, x, kernel, stride: y / (kernel.shape[0] * kernel.shape[1]),
        ),
        arrays.integers_only(
            lambda *args: shift_and_add(
                *args, product=lambda seen, weights: np.trunc(seen @ weights)
            )
        ),
        arrays.dtype_of_x(),
    ),
)
