"""conv_nd(x, kernels): one, two and three dimensions by the same code."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.lab02.conv_filters import FILTERS
from labkit.exercises.lab02.sliding import CHANNELS, NUMBERS, PLACES
from labkit.exercises.models.convolution import slide_filters
from labkit.reference import cross_correlate

__all__ = ["CONV_ND"]


def draw(rng):
    return [
        Case((integers(rng, 2, 7, 4), integers(rng, 3, 4, 2)), "rank 1"),
        Case((integers(rng, 1, 5, 2), integers(rng, 2, 2, 3)), "rank 1"),
        Case((integers(rng, 2, 6, 2), integers(rng, 1, 2, 2)), "rank 1, as many filters"),
        Case((integers(rng, 2, 4, 5, 2), integers(rng, 3, 2, 2, 3)), "rank 2"),
        Case((integers(rng, 3, 4, 3, 3), integers(rng, 2, 2, 3, 3)), "rank 2, as many filters"),
        Case((integers(rng, 2, 5, 4, 1), integers(rng, 2, 3, 1, 1)), "rank 2, one channel"),
        Case((integers(rng, 2, 3, 4, 5, 2), integers(rng, 2, 3, 2, 2, 3)), "rank 3"),
        Case(
            (integers(rng, 1, 4, 3, 3, 2), integers(rng, 3, 1, 2, 2, 2)), "rank 3, as many filters"
        ),
        Case((integers(rng, 2, 2, 3, 2, 4), integers(rng, 2, 3, 2, 4, 2)), "rank 3, one place"),
        Case((floats(rng, 2, 6, 2), floats(rng, 4, 2, 3)), "rank 1, decimals"),
        Case(
            (integers(rng, 2, 5, 2), floats(rng, 2, 2, 2)), "integers in x, decimals in the kernel"
        ),
        Case(
            (floats(rng, 2, 3, 3, 2), integers(rng, 2, 1, 2, 2)),
            "decimals in x, integers in the kernel",
        ),
        Case(
            (
                float32(rng, 2, 3, 3, 4, 2),
                float32(rng, 2, 2, 2, 2, 2),
            ),
            "rank 3, float32",
        ),
    ]


def only(*ranks):
    """Return code that was written for these ranks and raises for others."""

    def wrong(x, kernels):
        if x.ndim - 2 not in ranks:
            raise ValueError("not enough values to unpack")
        return slide_filters(x, kernels)

    return wrong


def one_size_for_all(x, kernels):
    """Slide along every axis as often as along the first."""
    y = slide_filters(x, kernels)
    places = y.shape[1]
    if any(size < places for size in y.shape[1:-1]):
        raise IndexError("index out of bounds")
    return y[:, *[slice(places)] * (x.ndim - 2)]


def cube(x, kernels):
    """Take the kernel to be as large along every axis as along the first."""
    many, rank = len(kernels), x.ndim - 2
    if any(size < many for size in kernels.shape[:rank]):
        raise IndexError("index out of bounds")
    return slide_filters(x, kernels[(slice(many),) * rank])


def last_axis_fixed(y, x, kernels):
    """Keep the kernel at the start of the last spatial axis."""
    return np.take(y, [0], axis=-2)


CONV_ND = Exercise(
    id="conv_nd",
    lab="02",
    points=3,
    seconds=8.0,  # JAX compiles for every new shape
    call="conv_nd(x, kernels)",
    shape="(batch, *places, filters)",
    oracle=cross_correlate,
    model=slide_filters,
    examples=(
        Case(
            (
                np.array([[[1, 0], [2, 1], [0, 3], [1, 1]]]),
                np.array([[[1], [2]], [[-1], [0]]]),
            ),
            "rank 1",
        ),
    ),
    draw=draw,
    hints=(
        "What differs between one, two and three dimensions is how many loops there are over "
        "places. Which shape tells you how many spatial axes x has?",
        "np.ndindex(2, 3, 4) runs over all (i, j, k), and np.ndindex(5) over all (i,). So one loop "
        "can run over all places, whatever the rank.",
        "Shift and add: for each tap in np.ndindex(*size), cut x to the places shifted by the tap, "
        "x[:, t : t + places] along each axis, multiply it by the matrix kernels[tap] (channels, "
        "filters) with @, and add it to the result.",
    ),
    mistakes=(
        Mistake(
            "images_only",
            "only images are understood, rank 2",
            why="Your code names two spatial axes. Time series have one, volumes have three.",
            question="Where does your code take it for granted that there are rows and columns?",
            answer=only(2),
            also=(only(1), only(3)),
        ),
        Mistake(
            "no_volumes",
            "volumes are not understood, rank 3",
            why="One and two spatial axes are right, the third is missing.",
            question="Which line of your code would have to change for a fourth dimension?",
            answer=only(1, 2),
        ),
        Mistake(
            "no_time_series",
            "time series are not understood, rank 1",
            why="Two and three spatial axes are right, a single one is not.",
            question="What is x.ndim for a batch of time series?",
            answer=only(2, 3),
        ),
        Mistake(
            "last_axis_fixed",
            "the kernel does not move along the last spatial axis",
            why="One loop over places is missing, so the kernel stays at the start of that axis.",
            question="Along how many axes does a kernel slide over a volume?",
            after=last_axis_fixed,
        ),
        Mistake(
            "one_size_for_all",
            "all axes are taken to have as many places as the first",
            why="The number of places is computed from the first axis alone, so it is right only "
            "for cubes.",
            question="How many places are there along each axis of a (3, 4, 5) volume?",
            answer=one_size_for_all,
        ),
        Mistake(
            "cube",
            "the kernel is taken to be as large along all axes as along the first",
            why="len(kernels) is one of its sizes. Each axis has a size of its own.",
            question="How many taps are there along each axis of a (2, 3, 4) kernel?",
            answer=cube,
        ),
        Mistake(
            "first_axis_mirrored",
            "the kernel is mirrored along its first axis",
            why="Its last row, or moment, meets the first of the input.",
            question="Which moment does the kernel's moment 0 meet at the first place?",
            before=lambda x, kernels: (x, np.flip(kernels, 0)),
        ),
        Mistake(
            "spatial_axes_backward",
            "the kernel's spatial axes come in backward order",
            why="kernels[j, i] stands where kernels[i, j] belongs, and in volumes [k, j, i].",
            question="Which axis of the kernel goes with the first axis of a volume?",
            before=lambda x, kernels: (
                x,
                np.transpose(kernels, (*range(x.ndim - 3, -1, -1), -2, -1)),
            ),
        ),
        *FILTERS,
        *CHANNELS,
        *PLACES,
        *NUMBERS,
    ),
)
