"""conv_layer(images, kernels, bias, name): convolution, bias, non-linearity, in this order."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.checks.forbidden import BUILTINS
from labkit.exercises.families import biases
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.lab03.nonlinearity import NAMES, value, values
from labkit.exercises.models.convolution import slide_filters
from labkit.reference import cross_correlate

__all__ = ["CONV_LAYER"]


def layer(
    images,
    kernels,
    bias,
    name,
    *,
    order="after",
    times=None,
    spread=lambda bias: bias,
    function=lambda name, z: values(name, z),
):
    """conv_layer with a knob for what comes before what."""
    count = times(*np.shape(kernels)) if times else 1
    bias = count * spread(np.asarray(bias, float))
    y = slide_filters(images, kernels)
    if order == "bias after the non-linearity":
        return function(name, y) + bias
    if order == "non-linearity of the bias":
        return y + function(name, bias)
    return function(name, y + bias)


def each_product(images, kernels, bias, name):
    """Apply the non-linearity to every product, and then sum."""
    images, kernels = np.asarray(images, float), np.asarray(kernels, float)
    windows = np.lib.stride_tricks.sliding_window_view(images, kernels.shape[:2], axis=(1, 2))
    products = np.einsum("bnmkij,ijkf->bnmijkf", windows, kernels)
    return values(name, products).sum((3, 4, 5)) + bias


def input_first(images, kernels, bias, name):
    """Apply the non-linearity to the input, not to the output."""
    return slide_filters(values(name, images), kernels) + bias


def each_channel(images, kernels, bias, name):
    """Apply the non-linearity to every channel's own map, and then sum them."""
    parts = [
        layer(images[..., [k]], kernels[:, :, [k]], 0 * bias, name) for k in range(kernels.shape[2])
    ]
    return sum(parts) + bias


def biased_in_each_channel(images, kernels, bias, name):
    return sum(
        layer(images[..., [k]], kernels[:, :, [k]], bias, name) for k in range(kernels.shape[2])
    )


def draw(rng):
    def case(batch, image, kernel, name, label, of=floats):
        x, w = of(rng, batch, *image), of(rng, *kernel)
        # small enough that a sigmoid still tells numbers apart
        small = max(np.abs(slide_filters(x, w)).max() / 4, 1)
        return Case((x / 2, w * 2 / small, of(rng, kernel[-1]) / 4, name), label)

    shapes = [
        (1, (4, 5, 2), (2, 3, 2, 3)),
        (2, (4, 4, 2), (2, 2, 2, 3)),
        (3, (3, 4, 2), (2, 2, 2, 2)),
    ]
    return [
        *[case(*shape, name, name) for name in NAMES for shape in shapes],
        case(2, (3, 4, 1), (2, 2, 1, 1), "relu", "one filter"),
        Case(
            (integers(rng, 2, 3, 4, 2), integers(rng, 2, 2, 2, 3), integers(rng, 3), "relu"),
            "integers",
        ),
        case(
            2,
            (4, 3, 2),
            (3, 2, 2, 2),
            "tanh",
            "float32",
            float32,
        ),
    ]


CONV_LAYER = Exercise(
    id="conv_layer",
    lab="03",
    points=2,
    call="conv_layer(images, kernels, bias, name)",
    shape="(batch, N - A + 1, M - B + 1, F)",
    oracle=lambda images, kernels, bias, name: value(name, cross_correlate(images, kernels, bias)),
    model=layer,
    forbidden=(*BUILTINS, "keras.activations", "keras.ops", "tensorflow.nn", "jax.nn"),
    examples=(
        Case(
            (
                np.array([3, 1, 4, 1]).reshape(1, 1, 4, 1),
                np.array([1, -1]).reshape(1, 2, 1, 1),
                np.array([-2]),
                "relu",
            )
        ),
    ),
    draw=draw,
    hints=(
        "Three steps, and you have written all of them. In which order does a layer take them?",
        "First the sum of products, then the bias, and the non-linearity last, once for each "
        "output.",
        "nonlinearity(name, conv_bias(images, kernels, bias)).",
    ),
    mistakes=(
        Mistake(
            "bias_after",
            "the bias is added after the non-linearity",
            why="A bias moves the threshold, so it has to be there before the threshold is "
            "applied. Behind a ReLU, it would only shift the zeros.",
            question="With a ReLU, can an output of your layer be negative?",
            knobs={"order": "bias after the non-linearity"},
        ),
        Mistake(
            "nonlinearity_of_bias",
            "the non-linearity is applied to the bias alone",
            why="f(bias) was added to the convolution. It is the sum of both that goes through f.",
            question="With a ReLU, can an output of your layer be negative?",
            knobs={"order": "non-linearity of the bias"},
        ),
        Mistake(
            "each_product",
            "every product goes through the non-linearity by itself",
            why="A neuron adds up first and decides then. The sum of f is not f of the sum.",
            question="How often is f computed for one output?",
            answer=each_product,
        ),
        Mistake(
            "each_channel",
            "every channel's map goes through the non-linearity by itself",
            why="The channels are summed before f, not after.",
            question="How often is f computed for one output?",
            answer=each_channel,
            also=(biased_in_each_channel,),
        ),
        Mistake(
            "input_first",
            "the non-linearity is applied to the input, not to the output",
            why="The next layer would do it, but this one's output still comes without.",
            question="With a ReLU, can an output of your layer be negative?",
            answer=input_first,
        ),
        Mistake(
            "no_nonlinearity",
            "there is no non-linearity",
            why="The result is the convolution with its bias, and nothing more.",
            question="With a ReLU, can an output of your layer be negative?",
            knobs={"function": lambda name, z: z},
        ),
        Mistake(
            "twice",
            "the non-linearity is applied twice",
            why="Of a ReLU nobody would notice, of a sigmoid everybody does.",
            question="Which of your functions already applies it?",
            knobs={"function": lambda name, z: values(name, values(name, z))},
        ),
        Mistake(
            "always_relu",
            "it is always a ReLU",
            why="The name is not passed on.",
            question="Where in your code does the name decide something?",
            knobs={"function": lambda name, z: np.maximum(z, 0)},
        ),
        Mistake(
            "always_sigmoid",
            "it is always a sigmoid",
            why="The name is not passed on: all outputs lie between 0 and 1.",
            question="Where in your code does the name decide something?",
            knobs={"function": lambda name, z: value("sigmoid", z)},
        ),
        biases.not_used(
            id="no_bias",
            why="Only the convolution goes through the non-linearity.",
            knobs={"spread": lambda bias: 0 * bias},
        ),
        biases.subtracted(id="bias_subtracted", knobs={"spread": lambda bias: -bias}),
        Mistake(
            "bias_twice",
            "the bias is added twice",
            why="One of your functions adds it already.",
            question="Which of your functions already adds it?",
            knobs={"spread": lambda bias: 2 * bias},
        ),
        biases.first_for_all(knobs={"spread": lambda bias: bias[0]}),
        biases.added_for_every_product(knobs={"times": lambda A, B, C, F: A * B * C}),
        biases.spread_over_columns(knobs={"spread": lambda bias: bias[:, None]}),
        biases.spread_over_rows(knobs={"spread": lambda bias: bias[:, None, None]}),
    ),
)
