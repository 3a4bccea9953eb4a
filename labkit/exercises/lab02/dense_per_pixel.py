"""dense_per_pixel(images, weights): a 1x1 convolution is a dense layer at every pixel."""

import dataclasses

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.checks.forbidden import BUILTINS
from labkit.exercises.families import arrays, channels, filters, places
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.lab02.conv_filters import FILTERS
from labkit.exercises.lab02.sliding import CHANNELS, NUMBERS
from labkit.reference import cross_correlate

__all__ = ["DENSE_PER_PIXEL"]


def per_pixel(images, weights, *, across=lambda products: products.sum(-2)):
    """dense_per_pixel with a knob for what is done with the products (..., channels, filters)."""
    return across(np.asarray(images, float)[..., None] * np.asarray(weights, float))


def weights_reshaped(images, weights):
    return images, np.reshape(weights, np.shape(weights)[::-1]).T


def channels_first(images, weights):
    """Reshape each image to (channels, pixels)."""
    batch, *spatial, channels = np.shape(images)
    planes = np.reshape(images, (batch, channels, *spatial))
    return np.moveaxis(planes, 1, -1), weights


def all_at_once(images, weights):
    """Reshape the whole batch to (channels, all pixels)."""
    columns = np.reshape(images, (np.shape(images)[-1], -1))
    return columns.T.reshape(np.shape(images)), weights


def as_in_convolutions(name, knobs=None):
    """Return a mistake of conv_filters that is made here as well; `also` is code for kernels."""
    same = next(one for one in (*CHANNELS, *FILTERS, *NUMBERS) if one.id == name)
    if name == "three_channels":
        cut = {"before": lambda images, weights: (images[..., :3], weights[:3])}
        return dataclasses.replace(same, **cut, also=(three_exactly,))
    return dataclasses.replace(same, knobs=knobs or {}, also=())


def three_exactly(images, weights):
    if len(weights) < 3:
        raise IndexError("index 2 is out of bounds")
    return per_pixel(images[..., :3], weights[:3])


def draw(rng):
    return [
        Case((integers(rng, 1, 3, 4, 3), integers(rng, 3, 2)), "one image"),
        Case((integers(rng, 2, 3, 2, 3), integers(rng, 3, 4)), "several images"),
        Case((integers(rng, 3, 2, 4, 2), integers(rng, 2, 3)), "several images"),
        Case((integers(rng, 2, 3, 4, 3), integers(rng, 3, 3)), "as many filters as channels"),
        Case((integers(rng, 2, 2, 3, 2), integers(rng, 2, 2)), "as many filters as channels"),
        Case((integers(rng, 2, 3, 3, 4), integers(rng, 4, 3)), "square images"),
        Case((integers(rng, 3, 3, 3, 3), integers(rng, 3, 3)), "all sizes equal"),
        Case((integers(rng, 2, 3, 4, 1), integers(rng, 1, 3)), "one channel"),
        Case((integers(rng, 2, 3, 2, 3), integers(rng, 3, 1)), "one filter"),
        Case((integers(rng, 2, 1, 1, 3), integers(rng, 3, 2)), "one pixel"),
        Case((floats(rng, 2, 3, 4, 2), floats(rng, 2, 3)), "decimals"),
        Case(
            (integers(rng, 2, 2, 3, 2), floats(rng, 2, 3)), "integers in x, decimals in the weights"
        ),
        Case(
            (floats(rng, 2, 2, 3, 2), integers(rng, 2, 3)), "decimals in x, integers in the weights"
        ),
        Case(
            (float32(rng, 2, 3, 2, 4), float32(rng, 4, 2)),
            "float32",
        ),
    ]


DENSE_PER_PIXEL = Exercise(
    id="dense_per_pixel",
    lab="02",
    points=2,
    call="dense_per_pixel(images, weights)",
    shape="(batch, rows, columns, filters)",
    oracle=lambda images, weights: cross_correlate(images, weights[None, None]),
    model=per_pixel,
    forbidden=(*BUILTINS, "keras.layers.Dense", "keras.layers.EinsumDense"),
    examples=(
        Case(
            (
                np.array([[[[1, 2], [0, 1], [3, 0]]]]),
                np.array([[2, 0, 1], [-1, 1, 0]]),
            )
        ),
    ),
    draw=draw,
    hints=(
        "Take a single pixel: C numbers in, F numbers out. Which operation of linear algebra is "
        "that, with weights of shape (C, F)?",
        "pixel @ weights. Nothing slides and nothing is shared but the weights themselves: every "
        "pixel goes through the same matrix. Does @ also work on many pixels at once?",
        "@ takes the last axis of the left side and leaves all others alone: images @ weights.",
    ),
    mistakes=(
        Mistake(
            "weights_transposed",
            "the weights are transposed: filters are taken for channels",
            why="weights[k, f] leads from channel k to filter f. With as many filters as channels "
            "nobody notices.",
            question="Which axis of the weights has as many numbers as a pixel?",
            before=lambda images, weights: (images, np.transpose(weights)),
        ),
        Mistake(
            "weights_reshaped",
            "the weights are transposed by reshape",
            why="reshape keeps the numbers in their order and breaks them off elsewhere; .T "
            "exchanges the axes.",
            question="Which number follows weights[0, 0] in memory?",
            before=weights_reshaped,
        ),
        Mistake(
            "channels_first",
            "each image is laid out as (channels, pixels) by reshape",
            why="In memory, the channels of one pixel stand next to each other. reshape(C, -1) "
            "mixes pixels and channels.",
            question="Which number follows images[0, 0, 0, 0] in memory?",
            before=channels_first,
        ),
        Mistake(
            "batch_channels_first",
            "the whole batch is laid out as (channels, pixels) by reshape",
            why="In memory, the channels of one pixel stand next to each other. reshape(C, -1) "
            "mixes pixels, channels and images.",
            question="Which number follows images[0, 0, 0, 0] in memory?",
            before=all_at_once,
        ),
        filters.in_front(),
        filters.second(
            why="All values are right, but the result is (batch, filters, ...). Here channels come "
            "last."
        ),
        Mistake(
            "result_reshaped",
            "the result is brought into shape by reshape",
            why="weights.T @ pixels gives (filters, pixels). reshape does not exchange axes.",
            question="What should stand right after y[0, 0, 0, 0] in memory: the next pixel, or "
            "the next filter?",
            after=lambda y, images, weights: np.moveaxis(y, -1, 0).reshape(y.shape),
            also=(
                lambda images, weights: np.moveaxis(
                    (y := per_pixel(images, weights)), -1, 1
                ).reshape(y.shape),
            ),
        ),
        places.result_transposed(
            id="image_transposed", after=lambda y, images, weights: np.swapaxes(y, 1, 2)
        ),
        Mistake(
            "averaged_over_pixels",
            "the result is averaged over the image",
            why="That is global pooling and then a dense layer (lab 06). Here every pixel has a "
            "result of its own.",
            question="How many numbers does one filter give for an image of 3 x 4 pixels?",
            after=lambda y, images, weights: y.mean((1, 2)),
        ),
        Mistake(
            "summed_over_pixels",
            "the result is summed over the image",
            why="The sum runs over the channels of one pixel, not over pixels.",
            question="How many numbers does one filter give for an image of 3 x 4 pixels?",
            after=lambda y, images, weights: y.sum((1, 2)),
        ),
        arrays.one_long_row(
            lambda images, weights: (y := per_pixel(images, weights)).reshape(
                len(y), -1, y.shape[-1]
            ),
            lambda images, weights: (y := per_pixel(images, weights)).reshape(-1, y.shape[-1]).T,
            after=lambda y, images, weights: y.reshape(-1, y.shape[-1]),
        ),
        channels.not_added_up(knobs={"across": lambda products: products}),
        channels.last_only(knobs={"across": lambda products: products[..., -1, :]}),
        channels.first_only(knobs={"across": lambda products: products[..., 0, :]}),
        channels.averaged(knobs={"across": lambda products: products.mean(-2)}),
        as_in_convolutions(
            "all_but_last_channel", {"across": lambda products: products[..., :-1, :].sum(-2)}
        ),
        as_in_convolutions(
            "all_but_first_channel", {"across": lambda products: products[..., 1:, :].sum(-2)}
        ),
        as_in_convolutions("largest_channel", {"across": lambda products: products.max(-2)}),
        as_in_convolutions("three_channels"),
        as_in_convolutions("first_filter_only"),
        as_in_convolutions("filters_backward"),
        as_in_convolutions("batch_summed"),
        as_in_convolutions("same_image_again"),
        as_in_convolutions("last_image_for_all"),
        as_in_convolutions("batch_of_one"),
        as_in_convolutions("dtype_of_input"),
        filters.added_up(),
        channels.summed_before_multiplying(
            before=lambda images, weights: (
                np.sum(images, -1, keepdims=True),
                np.sum(weights, 0, keepdims=True),
            )
        ),
        Mistake(
            "channels_reversed",
            "the channels are read backward",
            why="The last row of the weights meets the first channel: rgb meets bgr.",
            question="Which channel does weights[0] belong to?",
            before=lambda images, weights: (images, weights[::-1]),
        ),
        arrays.first_image_only(lambda images, weights: per_pixel(images, weights)[0]),
        arrays.negatives_cut(),
        arrays.integers_only(),
    ),
)
