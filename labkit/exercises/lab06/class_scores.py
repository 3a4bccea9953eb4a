"""class_scores(image, kernel, weights, bias): a whole network, for images of any size."""

import numpy as np

from labkit import reference
from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import kernels
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.models.convolution import slide_filters

__all__ = ["CLASS_SCORES"]


def network(image, kernel, weights, bias):
    """The oracle."""
    maps = reference.cross_correlate(np.asarray(image)[None, :, :, None], kernel[:, :, None, :])
    return np.maximum(maps, 0).mean(axis=(0, 1, 2)) @ weights + bias


def relu(values):
    return np.maximum(values, 0)


def softmax(scores):
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def class_scores(
    image,
    kernel,
    weights,
    bias,
    *,
    flip=False,
    padded=False,
    bend=relu,
    bend_pooled=lambda values: values,
    pool=lambda maps: maps.mean(axis=(0, 1)),
    with_bias=True,
):
    """class_scores with a knob for each way to get it wrong."""
    kernel = kernel[::-1, ::-1] if flip else kernel
    padding = "same" if padded else "valid"
    maps = slide_filters(image[None, ..., None], kernel[:, :, None], padding=padding)[0]
    scores = bend_pooled(pool(bend(maps))) @ weights
    return scores + bias if with_bias else scores


def of_pixels(image, kernel, weights, bias):
    """Divide the sum over each map by the number of the image's pixels."""
    total = class_scores(image, kernel, weights, 0 * bias, pool=lambda maps: maps.sum(axis=(0, 1)))
    return total / image.size + bias


def corner_only(image, kernel, weights, bias):
    """Use only a piece of fixed size, that of the smallest image of the lab."""
    return class_scores(image[:4, :4], kernel, weights, bias)


def some(rng, image, kernel, classes, values=integers):
    filters = kernel[-1]
    return (
        values(rng, *image),
        values(rng, *kernel),
        values(rng, filters, classes),
        values(rng, classes),
    )


def overflowing_softmax(*args):
    with np.errstate(over="ignore", invalid="ignore"):
        powers = np.exp(class_scores(*args))
        return powers / powers.sum()


def last_filter(image, kernel, weights, bias):
    """Keep the last filter's contribution only."""
    return class_scores(image, kernel[..., -1:], weights[-1:], bias)


def draw(rng):
    return [
        Case(some(rng, (5, 6), (2, 3, 2), 3)),
        Case(some(rng, (6, 5), (3, 2, 3), 2), "an image that is higher than wide"),
        Case(some(rng, (9, 7), (3, 2, 3), 2), "a larger image"),
        Case(some(rng, (7, 12), (2, 3, 2), 3), "a larger image"),
        Case(some(rng, (5, 5), (2, 2, 3), 3), "as many classes as filters"),
        Case(some(rng, (6, 4), (2, 2, 1), 2), "a single filter"),
        Case(some(rng, (4, 6), (1, 1, 2), 4), "a kernel of one number"),
        Case(some(rng, (3, 4), (3, 4, 2), 2), "a kernel as large as the image"),
        Case(some(rng, (6, 8), (3, 3, 4), 2, floats), "decimals"),
        Case(some(rng, (8, 6), (3, 2, 2), 3, float32), "float32"),
    ]


CLASS_SCORES = Exercise(
    id="class_scores",
    lab="06",
    points=3,
    call="class_scores(image, kernel, weights, bias)",
    shape="(classes,)",
    oracle=network,
    model=class_scores,
    examples=(
        Case(
            (
                np.array([[1, 2, 0], [0, 1, 3]]),
                np.array([[[1, -1]]]),
                np.array([[1, 0, 6], [0, 1, 6]]),
                np.array([1, 0, -5]),
            )
        ),
    ),
    draw=draw,
    forbidden=(),  # how the convolution is computed is not the point here
    hints=(
        "Four steps, of which you have written three before: convolve with each filter, bend with "
        "ReLU, pool globally, multiply by the weights. Which of them know the image's size?",
        "Filter f is kernel[:, :, f]. Its map is as large as it happens to be; after ReLU, the "
        "mean over all of its places is one number. Collect one for each filter.",
        "pooled[f] = np.maximum(conv2d(image, kernel[:, :, f]), 0).mean(), and the answer is "
        "pooled @ weights + bias.",
    ),
    mistakes=(
        Mistake(
            "no_relu",
            "ReLU is missing",
            why="Convolution, average and weights are all matrices, and without ReLU between them "
            "the network is one (lab 03).",
            question="Where do negative values of a feature map go?",
            knobs={"bend": lambda maps: maps},
        ),
        Mistake(
            "relu_after_pooling",
            "ReLU comes after pooling instead of before it",
            why="Averaging first lets the negative places cancel the positive ones.",
            question="Of -4 and 4, what is the mean of the ReLUs, and the ReLU of the mean?",
            knobs={"bend": lambda maps: maps, "bend_pooled": relu},
        ),
        Mistake(
            "relu_on_scores",
            "ReLU is applied to the scores, too",
            why="Scores may be negative: a class that does not fit should get one.",
            question="After which step does ReLU stand?",
            after=lambda scores, *args: relu(scores),
        ),
        Mistake(
            "absolute_value",
            "the absolute value is taken instead of ReLU",
            why="ReLU sets negative values to 0. It does not turn them around.",
            question="What is ReLU(-4)?",
            knobs={"bend": np.abs},
        ),
        Mistake(
            "global_max",
            "the maps are pooled by their maximum",
            why="Global max pooling works for any size, too, but global *average* pooling was "
            "asked for.",
            question="What is the average of 0, 0 and 9?",
            knobs={"pool": lambda maps: maps.max(axis=(0, 1))},
        ),
        Mistake(
            "summed",
            "the maps are summed, not averaged",
            why="A larger image then has larger sums, and the weights, learned at one size, are "
            "wrong at every other.",
            question="What happens to your scores if the image is tiled twice?",
            knobs={"pool": lambda maps: maps.sum(axis=(0, 1))},
        ),
        Mistake(
            "divided_by_pixels",
            "the sum over the map is divided by the number of the image's pixels",
            why="The map is smaller than the image: N - A + 1 by M - B + 1.",
            question="How many places has the map of a 3 x 3 kernel on a 5 x 5 image?",
            answer=of_pixels,
        ),
        Mistake(
            "first_place",
            "only the map's first place is used",
            why="map[0, 0] sees the top left corner of the image, and nothing else counts.",
            question="Which pixels change your scores?",
            knobs={"pool": lambda maps: maps[0, 0]},
        ),
        Mistake(
            "corner_only",
            "only the top left corner of the image is used",
            why="The image is cut to a fixed size. The point of a global pooling is that nothing "
            "has to be cut.",
            question="Which pixels of a large image change your scores?",
            answer=corner_only,
        ),
        Mistake(
            "rows_only",
            "only the first column of each map is averaged",
            why="The mean runs down one column of the map instead of over all of its places.",
            question="Over how many places of a 3 x 4 map does your mean run?",
            knobs={"pool": lambda maps: maps[:, 0].mean(axis=0)},
        ),
        Mistake(
            "filters_averaged",
            "the average is taken over the filters, too",
            why="All filters then give the same number, and the weights cannot tell them apart.",
            question="How many numbers come out of pooling with 2 filters?",
            knobs={"pool": lambda maps: np.full(maps.shape[2], maps.mean())},
        ),
        Mistake(
            "first_filter",
            "only the first filter is used",
            why="Its map is pooled, and takes the place of every other.",
            question="How many feature maps does the convolution give?",
            knobs={"pool": lambda maps: np.full(maps.shape[2], maps[..., 0].mean())},
        ),
        Mistake(
            "last_filter",
            "only the last filter is left",
            why="In a loop over the filters each one overwrites the one before.",
            question="What should happen to what the filters before have put into the scores?",
            answer=last_filter,
        ),
        Mistake(
            "bias_for_each_filter",
            "the bias is added once for each filter",
            why="It stands outside of the sum over the filters.",
            question="What are the scores of an image that is all 0?",
            after=lambda scores, image, kernel, weights, bias: (
                scores + (kernel.shape[2] - 1) * bias
            ),
        ),
        Mistake(
            "no_bias",
            "the bias is missing",
            why="Each class has a number that is added to its score.",
            question="What are the scores of an image that is all 0?",
            knobs={"with_bias": False},
        ),
        kernels.turned(id="kernel_turned", knobs={"flip": True}),
        Mistake(
            "padded_same",
            "the image is padded, so that the maps are as large as it is",
            why="Places where the kernel hangs over the edge join the average (padding='same').",
            question="How large is the map of a 3 x 3 kernel on a 5 x 5 image?",
            knobs={"padded": True},
        ),
        Mistake(
            "weights_transposed",
            "the weights' filters and classes are exchanged",
            why="weights[f, c] is what filter f says about class c. With as many filters as "
            "classes nobody notices.",
            question="Which axis of weights has the length of pooled?",
            before=lambda image, kernel, weights, bias: (image, kernel, weights.T, bias),
        ),
        Mistake(
            "softmax",
            "the scores are turned into probabilities",
            why="Softmax is one step more than was asked for.",
            question="Do your scores add up to 1?",
            after=lambda scores, *args: softmax(scores),
            also=(overflowing_softmax,),
        ),
        Mistake(
            "best_class",
            "the best class is returned, not the scores",
            why="argmax says which score is largest. Asked for are all of them.",
            question="How many numbers should come out for 3 classes?",
            after=lambda scores, *args: np.argmax(scores),
        ),
    ),
)
