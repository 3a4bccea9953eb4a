"""glorot(noise): the first weights of a layer, by Glorot and Bengio (2010), equation 16."""

import math

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import answers

__all__ = ["GLOROT"]

FANS = {
    "both": lambda fan_in, fan_out: 6 / (fan_in + fan_out),
    "in": lambda fan_in, fan_out: 6 / fan_in,
    "out": lambda fan_in, fan_out: 6 / fan_out,
    "LeCun": lambda fan_in, fan_out: 3 / fan_in,
    "normal": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "mean": lambda fan_in, fan_out: 12 / (fan_in + fan_out),
    "product": lambda fan_in, fan_out: 6 / (fan_in * fan_out),
}


def initial(noise, *, fans="both", field="product", root=math.sqrt, spread=lambda u: 2 * u - 1):
    """glorot with a knob for each way to get it wrong."""
    noise = np.asarray(noise)
    *kernel_size, in_channels, filters = noise.shape
    taps = {"product": math.prod, "none": lambda size: 1, "sum": lambda size: sum(size) or 1}
    in_taps = taps.get(field, math.prod)(kernel_size)
    out_taps = 1 if field == "in only" else in_taps
    limit = root(FANS[fans](in_taps * in_channels, out_taps * filters))
    return spread(noise) * limit


def oracle(noise):
    """Count the inputs that an output reads and the outputs that an input feeds, by definition."""
    reads = np.ones_like(noise)[..., 0].sum()
    feeds = np.ones_like(noise)[..., 0, :].sum()
    limit = np.sqrt(6.0 / (reads + feeds))
    return -limit + noise * 2 * limit


def first_axes(noise):
    fan_in, fan_out = noise.shape[:2]
    return (2 * noise - 1) * math.sqrt(6 / (fan_in + fan_out))


def noise(rng, *shape):
    """Draw different numbers in [0, 1), exact in float32: 0, and others above 1/1024."""
    size = math.prod(shape)
    numbers = np.append(0, rng.permutation(np.arange(1, 1024))[: size - 1])
    return rng.permutation(numbers).reshape(shape) / 1024


def draw(rng):
    return [
        Case((noise(rng, 3, 2, 4, 5),)),
        Case((noise(rng, 5, 5, 1, 6),), "one input channel"),
        Case((noise(rng, 1, 1, 3, 7),), "a 1 x 1 kernel"),
        Case((noise(rng, 4, 3, 2),), "one dimension"),
        Case((noise(rng, 2, 3, 2, 3, 4),), "three dimensions"),
        Case((noise(rng, 7, 3),), "a dense layer"),
        Case((noise(rng, 2, 5, 6, 3).astype("float32"),), "float32"),
    ]


GLOROT = Exercise(
    id="glorot",
    lab="10",
    points=2,
    call="glorot(noise)",
    shape="(*kernel_size, in_channels, filters)",
    oracle=oracle,
    model=initial,
    examples=(Case((np.array([[0.0, 0.5], [0.25, 0.75]]),)),),
    draw=draw,
    forbidden=(
        "keras",
        "tensorflow.keras",
        "jax.nn.initializers",
        "torch.nn.init",
        "labkit.layers",
    ),
    hints=(
        "How many numbers does one output read? That is the fan-in. How many outputs does one "
        "input feed? That is the fan-out. A kernel of 3 x 3 counts nine times.",
        "The limit is the square root of 6 / (fan_in + fan_out). The weights are spread evenly "
        "between minus the limit and the limit.",
        "Noise 0 becomes -limit and noise 1 would become limit: (2 * noise - 1) * limit. The fans "
        "are the product of the kernel's sizes times in_channels, or times filters.",
    ),
    mistakes=(
        Mistake(
            "field_ignored",
            "the kernel's size is left out of the fans",
            why="An output of a 3 x 3 kernel reads nine numbers of every input channel, not one.",
            question="How many numbers does one output read?",
            knobs={"field": "none"},
        ),
        Mistake(
            "field_in_fan_in_only",
            "the kernel's size is in the fan-in, but not in the fan-out",
            why="An input, too, is read at every place of the kernel, so it feeds as many outputs.",
            question="How many outputs does one input feed?",
            knobs={"field": "in only"},
        ),
        answers.numbers_of_a_kernel_added(id="field_summed", knobs={"field": "sum"}),
        Mistake(
            "first_axes",
            "the first two axes are taken for the fans",
            why="That is right for a dense layer. In a convolution's kernel the channels come "
            "last: (*kernel_size, in_channels, filters).",
            question="What do the first two axes of a kernel stand for?",
            answer=first_axes,
        ),
        Mistake(
            "he",
            "only the fan-in counts, with 6 (He's initialization)",
            why="He et al. (2015) scale by the fan-in alone, for ReLU. Glorot's compromise between "
            "forward and backward pass takes both.",
            question="Whose variance does the fan-out keep steady, the signals' or the gradients'?",
            knobs={"fans": "in"},
        ),
        Mistake(
            "lecun",
            "only the fan-in counts, with 3 (LeCun's initialization)",
            why="LeCun's keeps the variance of the forward pass only.",
            question="Where is the fan-out in your limit?",
            knobs={"fans": "LeCun"},
        ),
        Mistake(
            "fan_out_only",
            "only the fan-out counts",
            why="That keeps the variance of the gradients, and not that of the signals.",
            question="Where is the fan-in in your limit?",
            knobs={"fans": "out"},
        ),
        Mistake(
            "fans_multiplied",
            "the fans are multiplied, not added",
            why="The limit is the root of 6 / (fan_in + fan_out).",
            question="What happens to the limit if both fans double?",
            knobs={"fans": "product"},
        ),
        Mistake(
            "fans_averaged",
            "6 is divided by the mean of the fans",
            why="6 belongs to their sum; with the mean, it would be 3.",
            question="Which number stands above the sum of the fans?",
            knobs={"fans": "mean"},
        ),
        Mistake(
            "deviation_as_limit",
            "the standard deviation (2 / (fan_in + fan_out)) is taken for the limit",
            why="Numbers spread evenly up to a limit have a standard deviation of limit / √3: "
            "that is where the 6 comes from.",
            question="What is the variance of numbers spread evenly between -1 and 1?",
            knobs={"fans": "normal"},
        ),
        Mistake(
            "no_root",
            "the square root is missing",
            why="6 / (fan_in + fan_out) belongs to the variance; a limit is of the weights' own "
            "size.",
            question="Of what is the limit the square root?",
            knobs={"root": float},
        ),
        Mistake(
            "never_negative",
            "all weights are positive, from 0 to the limit",
            why="The weights should have mean 0, so that positive and negative inputs are treated "
            "alike.",
            question="What should noise 0 become?",
            knobs={"spread": lambda u: u},
        ),
        Mistake(
            "half_as_wide",
            "the weights reach only half as far",
            why="noise - 0.5 runs from -1/2 to 1/2.",
            question="What should noise 0 become?",
            knobs={"spread": lambda u: u - 0.5},
        ),
        Mistake(
            "upside_down",
            "the weights run from the limit down to minus the limit",
            why="It is the same distribution, but noise 0 should become -limit.",
            question="What should noise 0 become?",
            knobs={"spread": lambda u: 1 - 2 * u},
        ),
    ),
)
