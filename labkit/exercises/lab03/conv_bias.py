"""conv_bias(images, kernels, bias): one bias for each filter, shared by all places."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, biases
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.models.convolution import slide_filters
from labkit.reference import cross_correlate

__all__ = ["CONV_BIAS", "draw"]


def biased(images, kernels, bias, *, spread=lambda bias, y, kernels: bias, times=None, sign=1):
    """conv_bias with a knob for what is added where."""
    y = slide_filters(images, kernels)
    count = times(*np.shape(kernels)) if times else 1
    return y + sign * count * spread(np.asarray(bias, float), y, kernels)


def per_place(bias, y, kernels):
    """Repeat the biases until there are as many as places."""
    return np.resize(bias, y.shape[1:3])[..., None]


def only_at(*index):
    def spread(bias, y, kernels):
        where = np.zeros(y.shape)
        where[index] = 1
        return where * bias

    return spread


def added_to_the_input(images, kernels, bias):
    return images + bias, kernels, np.zeros_like(bias)


def draw(rng):
    return [
        Case((integers(rng, 1, 4, 5, 2), integers(rng, 2, 3, 2, 4), integers(rng, 4)), "one image"),
        Case(
            (integers(rng, 2, 5, 4, 3), integers(rng, 3, 2, 3, 2), integers(rng, 2)), "two images"
        ),
        Case(
            (integers(rng, 2, 4, 4, 2), integers(rng, 2, 2, 2, 3), integers(rng, 3)),
            "as many filters as rows and columns of the result",
        ),
        Case(
            (integers(rng, 3, 4, 4, 3), integers(rng, 2, 2, 3, 3), integers(rng, 3)),
            "as many filters as channels, as images, as rows and columns of the result",
        ),
        Case(
            (integers(rng, 2, 3, 5, 2), integers(rng, 2, 2, 2, 2), integers(rng, 2)),
            "as many filters as channels",
        ),
        Case(
            (integers(rng, 2, 3, 4, 2), integers(rng, 2, 2, 2, 1), integers(rng, 1)), "one filter"
        ),
        Case(
            (integers(rng, 2, 4, 3, 1), integers(rng, 2, 2, 1, 2), integers(rng, 2)), "one channel"
        ),
        Case(
            (integers(rng, 2, 3, 2, 2), integers(rng, 3, 2, 2, 3), integers(rng, 3)),
            "a kernel as large as the image",
        ),
        Case(
            (integers(rng, 2, 3, 2, 3), integers(rng, 1, 1, 3, 2), integers(rng, 2)),
            "a kernel of one pixel",
        ),
        Case(
            (integers(rng, 2, 4, 4, 2), integers(rng, 2, 3, 2, 3), floats(rng, 3)),
            "decimals in the bias alone",
        ),
        Case((floats(rng, 2, 4, 4, 2), floats(rng, 3, 2, 2, 3), floats(rng, 3)), "decimals"),
        Case(
            (
                float32(rng, 2, 4, 5, 2),
                float32(rng, 2, 3, 2, 3),
                float32(rng, 3),
            ),
            "float32",
        ),
    ]


CONV_BIAS = Exercise(
    id="conv_bias",
    lab="03",
    points=2,
    call="conv_bias(images, kernels, bias)",
    shape="(batch, N - A + 1, M - B + 1, F)",
    oracle=cross_correlate,
    model=biased,
    examples=(
        Case(
            (
                np.array([3, 1, 4, 1]).reshape(1, 1, 4, 1),
                np.array([1, 0, -1, 2]).reshape(1, 2, 1, 2),
                np.array([10, -5]),
            )
        ),
    ),
    draw=draw,
    hints=(
        "The convolution itself is done: conv_filters(images, kernels). How many biases are there, "
        "and which axis of the result is as long?",
        "Every number of map f gets the same bias[f] added, once, after all the products.",
        "NumPy broadcasts from the last axis: (batch, rows, columns, F) + (F,) adds bias[f] to "
        "every place of map f.",
    ),
    mistakes=(
        biases.added_for_every_product(knobs={"times": lambda A, B, C, F: A * B * C}),
        Mistake(
            "added_for_every_tap",
            "the bias is added inside the sum, once for each tap",
            why="It stands inside the loops over the kernel's rows and columns, so one output gets "
            "it A * B times.",
            question="How often should one output receive its bias?",
            knobs={"times": lambda A, B, C, F: A * B},
        ),
        Mistake(
            "added_for_every_channel",
            "the bias is added inside the sum, once for each channel",
            why="Each channel's own convolution came with the bias, and then they were added up: "
            "one output gets it C times.",
            question="How often should one output receive its bias?",
            knobs={"times": lambda A, B, C, F: C},
        ),
        biases.first_for_all(knobs={"spread": lambda bias, y, kernels: bias[0]}),
        biases.last_for_all(knobs={"spread": lambda bias, y, kernels: bias[-1]}),
        biases.all_added(knobs={"spread": lambda bias, y, kernels: bias.sum()}),
        Mistake(
            "mean_of_biases",
            "every output gets the mean of all biases",
            why="The biases were averaged. Filter f gets bias[f] alone.",
            question="How many biases does one output receive?",
            knobs={"spread": lambda bias, y, kernels: bias.mean()},
        ),
        Mistake(
            "one_for_each_place",
            "the bias changes from place to place",
            why="The numbers were dealt out to the places, row by row. A bias belongs to a filter, "
            "and all its places share it.",
            question="What is the same at all places of one map?",
            knobs={"spread": per_place},
        ),
        biases.spread_over_columns(knobs={"spread": lambda bias, y, kernels: bias[:, None]}),
        biases.spread_over_rows(knobs={"spread": lambda bias, y, kernels: bias[:, None, None]}),
        Mistake(
            "one_for_each_image",
            "the bias is spread over the images of the batch",
            why="bias[:, None, None, None] lines it up with the batch.",
            question="Which axis of the result counts the filters?",
            knobs={"spread": lambda bias, y, kernels: bias[:, None, None, None]},
        ),
        Mistake(
            "first_place_only",
            "only the first place of each map gets its bias",
            why="The bias is shared by all places.",
            question="What is the same at all places of one map?",
            knobs={"spread": only_at(slice(None), 0, 0)},
        ),
        Mistake(
            "first_image_only",
            "only the first image gets the bias",
            why="Every image of the batch goes through the same layer.",
            question="Does the layer know which image of the batch it looks at?",
            knobs={"spread": only_at(0)},
        ),
        biases.not_used(knobs={"sign": 0}),
        biases.subtracted(knobs={"sign": -1}),
        Mistake(
            "multiplied",
            "the maps are multiplied by the bias",
            why="A bias shifts a map; it does not scale it.",
            question="What should the result be if the image is all zeros?",
            answer=lambda images, kernels, bias: slide_filters(images, kernels) * bias,
        ),
        biases.backward(knobs={"spread": lambda bias, y, kernels: bias[::-1]}),
        Mistake(
            "added_to_the_input",
            "the bias is added to the image, before the convolution",
            why="There it goes through the kernel and comes out multiplied by its weights. With as "
            "many filters as channels nobody notices.",
            question="Is there one bias for each channel of the input, or of the output?",
            before=added_to_the_input,
        ),
        arrays.integers_only(),
        Mistake(
            "bias_cut",
            "the bias is cut to integers",
            why="The maps hold integers, and so does whatever is added to them in place (+=).",
            question="Which dtype can hold 3 + 0.25?",
            before=lambda images, kernels, bias: (images, kernels, np.trunc(bias)),
        ),
    ),
)
