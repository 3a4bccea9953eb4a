"""conv_filters(images, kernels): several filters, their maps stacked as channels."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import filters
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.lab02.conv_channels import AXES
from labkit.exercises.lab02.sliding import CHANNELS, NUMBERS, PLACES
from labkit.exercises.models.convolution import slide_filters
from labkit.reference import cross_correlate

__all__ = ["CONV_FILTERS", "FILTERS"]


def draw(rng):
    return [
        Case((integers(rng, 1, 4, 5, 2), integers(rng, 2, 3, 2, 3)), "one image"),
        Case((integers(rng, 2, 5, 4, 4), integers(rng, 3, 2, 4, 2)), "several images"),
        Case((integers(rng, 3, 3, 5, 2), integers(rng, 2, 2, 2, 4)), "several images"),
        Case((integers(rng, 2, 4, 4, 3), integers(rng, 2, 2, 3, 3)), "as many filters as channels"),
        Case((integers(rng, 3, 3, 5, 2), integers(rng, 1, 3, 2, 2)), "as many filters as channels"),
        Case((integers(rng, 2, 4, 5, 2), integers(rng, 3, 2, 2, 2)), "as many filters as channels"),
        Case((integers(rng, 2, 4, 3, 3), integers(rng, 3, 2, 3, 1)), "one filter"),
        Case((integers(rng, 2, 3, 4, 1), integers(rng, 2, 2, 1, 3)), "one channel"),
        Case((integers(rng, 2, 3, 4, 3), integers(rng, 1, 1, 3, 2)), "a kernel of one pixel"),
        Case(
            (integers(rng, 2, 3, 2, 2), integers(rng, 3, 2, 2, 3)), "a kernel as large as the image"
        ),
        Case((floats(rng, 2, 4, 6, 2), floats(rng, 3, 2, 2, 3)), "decimals"),
        Case(
            (integers(rng, 2, 4, 4, 2), floats(rng, 2, 3, 2, 3)),
            "integers in x, decimals in the kernel",
        ),
        Case(
            (floats(rng, 2, 4, 4, 2), integers(rng, 3, 2, 2, 3)),
            "decimals in x, integers in the kernel",
        ),
        Case(
            (
                float32(rng, 2, 4, 5, 3),
                float32(rng, 2, 3, 3, 2),
            ),
            "float32",
        ),
    ]


def kernel_of(*values):
    return np.array(values).reshape(1, 2, 1, 2)


def swapped(kernels):
    return np.swapaxes(kernels, -1, -2)


def as_many_as_channels(some):
    """Return as many maps as there are channels, `some` of the right ones."""

    def wrong(x, kernels):
        y = slide_filters(x, kernels)
        if x.shape[-1] > y.shape[-1]:
            raise IndexError("index out of bounds")
        return some(y, x.shape[-1])

    return wrong


def side_by_side(axis):
    """Lay the maps one after the other along `axis` of (batch, *places)."""

    def wrong(x, kernels):
        maps = np.moveaxis(slide_filters(x, kernels), -1, 0)
        return np.concatenate(maps, axis=min(axis, maps.ndim - 2))

    return wrong


#: What goes wrong with the filters
FILTERS = (
    filters.taken_for_channels(
        lambda x, kernels: slide_filters(x[..., : kernels.shape[-1]], swapped(kernels)),
        before=lambda x, kernels: (x, np.swapaxes(kernels, -1, -2)),
    ),
    filters.reshaped(
        before=lambda x, kernels: (
            x,
            np.moveaxis(
                np.reshape(kernels, (np.shape(kernels)[-1], *np.shape(kernels)[:-1])), 0, -1
            ),
        )
    ),
    Mistake(
        "filters_counted_as_channels",
        "the number of filters is taken from the axis of the channels",
        why="kernels.shape[-2] counts channels, kernels.shape[-1] filters.",
        question="How many maps do 5 filters make of a color image?",
        answer=as_many_as_channels(lambda y, channels: y[..., :channels]),
        also=(as_many_as_channels(lambda y, channels: y * (np.arange(y.shape[-1]) < channels)),),
    ),
    Mistake(
        "flipped_everywhere",
        "the kernel is flipped along all of its axes, channels and filters too",
        why="np.flip without axes turns everything around. This layer mirrors nothing at all.",
        question="Which axes does np.flip(kernels) reverse?",
        before=lambda x, kernels: (x, np.flip(kernels)),
    ),
    Mistake(
        "filters_exchanged",
        "the filters are brought to the end by exchanging axes, and others have moved as well",
        why="swapaxes(0, -1) and .T put other axes in wrong places. np.moveaxis(maps, 0, -1) moves "
        "one and leaves the others in their order.",
        question="Where is the axis of the batch after your exchange?",
        after=lambda y, x, kernels: np.swapaxes(np.moveaxis(y, -1, 0), 0, -1),
        also=(lambda x, kernels: np.moveaxis(slide_filters(x, kernels), -1, 0).T,),
    ),
    filters.parted_at_the_wrong_places(
        before=lambda x, kernels: (
            x,
            np.swapaxes(
                np.reshape(
                    kernels, (*np.shape(kernels)[:-2], np.shape(kernels)[-1], np.shape(kernels)[-2])
                ),
                -1,
                -2,
            ),
        )
    ),
    filters.in_front(),
    filters.second(),
    Mistake(
        "stacked_then_reshaped",
        "the stack of maps is brought into shape by reshape",
        why="The shape is right, but reshape leaves the numbers where they were, one filter after "
        "the other. Moving an axis takes np.moveaxis, or np.stack(..., axis=-1).",
        question="What should stand right after y[0, 0, 0, 0] in memory: the next place, or the "
        "next filter?",
        after=lambda y, x, kernels: np.moveaxis(y, -1, 0).reshape(y.shape),
        also=(
            lambda x, kernels: np.moveaxis((y := slide_filters(x, kernels)), -1, 1).reshape(
                y.shape
            ),
        ),
    ),
    filters.added_up(lambda x, kernels: slide_filters(x, kernels).sum(-1, keepdims=True)),
    filters.first_only(after=lambda y, x, kernels: y[..., :1]),
    filters.first_for_all(after=lambda y, x, kernels: np.repeat(y[..., :1], y.shape[-1], axis=-1)),
    filters.last_for_all(after=lambda y, x, kernels: np.repeat(y[..., -1:], y.shape[-1], axis=-1)),
    filters.backward(after=lambda y, x, kernels: y[..., ::-1]),
    Mistake(
        "side_by_side",
        "the maps are laid side by side, not stacked",
        why="np.concatenate makes one wide map. The filters need an axis of their own.",
        question="How many axes has the result?",
        after=lambda y, x, kernels: np.concatenate(np.moveaxis(y, -1, 0), axis=-1),
        also=tuple(map(side_by_side, (0, 1, 2))),
    ),
)

CONV_FILTERS = Exercise(
    id="conv_filters",
    lab="02",
    points=2,
    seconds=8.0,  # JAX compiles for every new shape
    call="conv_filters(images, kernels)",
    shape="(batch, N - A + 1, M - B + 1, filters)",
    oracle=cross_correlate,
    model=slide_filters,
    examples=(
        Case((np.array([3, 1, 4, 1]).reshape(1, 1, 4, 1), kernel_of(1, 0, -1, 2)), "two filters"),
    ),
    draw=draw,
    hints=(
        "You can do it with one filter. Which part of kernels is filter 0?",
        "kernels[..., f] is filter f, of shape (A, B, C). Call conv_channels for each of them: "
        "what you get are maps, to be stacked. Along which axis?",
        "np.stack([conv_channels(images, kernels[..., f]) for f in range(F)], axis=-1), with F the "
        "last size of kernels.shape.",
    ),
    mistakes=(*FILTERS, *CHANNELS, *PLACES, *AXES, *NUMBERS),
)
