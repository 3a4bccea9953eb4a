"""batch_norm: normalization of feature maps, after Ioffe and Szegedy (2015), algorithm 1."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.inputs import float32, floats, integers

__all__ = ["BATCH_NORM"]


def normalize(
    x,
    gamma,
    beta,
    moving_mean,
    moving_variance,
    training,
    epsilon,
    *,
    axes=(0, 1, 2),
    ddof=0,
    divisor=lambda variance, epsilon: np.sqrt(variance + epsilon),
    centered=True,
    batch=lambda training: training,
    end=lambda normal, gamma, beta: gamma * normal + beta,
):
    """batch_norm with a knob for each way to get it wrong."""
    x = np.asarray(x, float)
    mean, variance = moving_mean, moving_variance
    if batch(training):
        mean = x.mean(axes, keepdims=True)
        variance = x.var(axes, keepdims=True, ddof=ddof)
    return end((x - mean * centered) / divisor(variance, epsilon), gamma, beta)


def oracle(x, gamma, beta, moving_mean, moving_variance, training, epsilon):
    """Normalize channel by channel."""
    y = np.zeros(x.shape)
    for channel in range(x.shape[-1]):
        values = x[..., channel].astype(float)
        mean, variance = moving_mean[channel], moving_variance[channel]
        if training:
            mean = values.sum() / values.size
            variance = ((values - mean) ** 2).sum() / values.size
        scale = gamma[channel] / (variance + epsilon) ** 0.5
        y[..., channel] = (values - mean) * scale + beta[channel]
    return y


def draw(rng):
    def case(shape, training, epsilon, values=floats, label=""):
        channels = shape[-1]
        given = [values(rng, *shape), *(floats(rng, channels) for _ in range(3))]
        return Case((*given, np.abs(floats(rng, channels)), training, epsilon), label)

    return [
        case((3, 2, 4, 2), True, 0.25),
        case((2, 3, 2, 3), True, 8.0, integers, "a large epsilon"),
        case((4, 1, 1, 3), True, 0.5, floats, "maps of one pixel"),
        case((1, 3, 4, 2), True, 0.5, floats, "a batch of one"),
        case((2, 2, 3, 1), True, 0.25, floats, "one channel"),
        case((2, 3, 2, 2), False, 0.25, floats, "not in training"),
        case((3, 2, 2, 4), False, 2.0, integers, "not in training"),
        case((2, 4, 3, 2), True, 0.125, float32, "float32"),
    ]


BATCH_NORM = Exercise(
    id="batch_norm",
    lab="10",
    points=3,
    call="batch_norm(x, gamma, beta, moving_mean, moving_variance, training, epsilon)",
    shape="the shape of x",
    oracle=oracle,
    model=normalize,
    forbidden=(
        "keras",
        "tensorflow.nn.batch_normalization",
        "tensorflow.nn.moments",
        "tensorflow.raw_ops",
        "jax.nn.standardize",
        "torch.nn",
        "torch.batch_norm",
    ),
    examples=(
        Case(
            (
                np.array([1.0, 3.0, 5.0, 7.0]).reshape(2, 1, 2, 1),
                np.array([2.0]),
                np.array([10.0]),
                np.array([0.0]),
                np.array([1.0]),
                True,
                4.0,
            )
        ),
    ),
    draw=draw,
    hints=(
        "A channel's map is computed with one kernel at all places of all images. So how many mean "
        "values are there: one for each pixel, each image, or each channel?",
        "In training, mean and variance are taken over the images and both sides of the map, axes "
        "0, 1 and 2. Outside of training, the moving ones take their place.",
        "gamma * (x - mean) / np.sqrt(variance + epsilon) + beta, with x.mean((0, 1, 2)) and "
        "x.var((0, 1, 2)) in training.",
    ),
    mistakes=(
        Mistake(
            "each_pixel",
            "every pixel has its own mean and variance, taken over the images only",
            why="That is right for a dense layer. In a map, all places share the kernel, so they "
            "share the statistics as well.",
            question="How many mean values are there for 6 channels?",
            knobs={"axes": (0,)},
        ),
        Mistake(
            "all_channels",
            "one mean and variance is taken over everything",
            why="Channels measure different things, so each is normalized by itself.",
            question="How many mean values are there for 6 channels?",
            knobs={"axes": (0, 1, 2, 3)},
        ),
        Mistake(
            "each_image",
            "every image is normalized by itself (instance normalization)",
            why="Batch normalization takes the mean over the whole batch.",
            question="Does the result for one image depend on the other images?",
            knobs={"axes": (1, 2)},
        ),
        Mistake(
            "each_image_all_channels",
            "every image is normalized by itself, over all of its channels (layer normalization)",
            why="Batch normalization goes over the images and the places, channel by channel.",
            question="Does the result for one image depend on the other images?",
            knobs={"axes": (1, 2, 3)},
        ),
        Mistake(
            "over_the_channels",
            "mean and variance are taken over the channels, at each pixel",
            why="The last axis is the one to keep.",
            question="How many mean values are there for 6 channels?",
            knobs={"axes": (3,)},
        ),
        Mistake(
            "divided_by_n_minus_1",
            "the variance is divided by n - 1",
            why="Algorithm 1 divides by n. (n - 1 is for guessing the variance of a population.)",
            question="By what do you divide the sum of the squares?",
            knobs={"ddof": 1},
        ),
        Mistake(
            "epsilon_outside",
            "epsilon is added to the root instead of the variance",
            why="In the paper, and in Keras, it stands under the root.",
            question="Is epsilon added to a variance or to a standard deviation?",
            knobs={"divisor": lambda variance, epsilon: np.sqrt(variance) + epsilon},
        ),
        Mistake(
            "no_epsilon",
            "epsilon is left out",
            why="A map that is constant would be divided by 0.",
            question="What if all values of a channel are equal?",
            knobs={"divisor": lambda variance, epsilon: np.sqrt(variance)},
        ),
        Mistake(
            "no_root",
            "the values are divided by the variance, not by its root",
            why="Only the standard deviation has the unit of x, and makes the spread 1.",
            question="What is the spread of your values when gamma is 1?",
            knobs={"divisor": lambda variance, epsilon: variance + epsilon},
        ),
        Mistake(
            "not_centered",
            "the mean is not subtracted",
            why="The values are scaled, but not moved to 0.",
            question="What is the mean of your values when beta is 0?",
            knobs={"centered": False},
        ),
        Mistake(
            "exchanged",
            "gamma and beta are exchanged",
            why="gamma scales, beta shifts.",
            question="What should come out if gamma is 0?",
            knobs={"end": lambda normal, gamma, beta: beta * normal + gamma},
        ),
        Mistake(
            "shifted_first",
            "beta is added before gamma scales",
            why="y = gamma * normal + beta: the shift is not scaled.",
            question="What should come out if gamma is 0?",
            knobs={"end": lambda normal, gamma, beta: gamma * (normal + beta)},
        ),
        Mistake(
            "no_beta",
            "beta is left out",
            why="beta lets the network move the values to where they serve it best.",
            question="What should come out if gamma is 0?",
            knobs={"end": lambda normal, gamma, beta: gamma * normal},
        ),
        Mistake(
            "no_gamma",
            "gamma is left out",
            why="gamma lets the network give each channel the spread that serves it best.",
            question="What should come out if gamma is 0?",
            knobs={"end": lambda normal, gamma, beta: normal + beta},
        ),
        Mistake(
            "batch_at_test",
            "the batch's own statistics are used outside of training",
            why="One image's result would depend on which others it is tested with.",
            question="What if you test a single image of one pixel?",
            knobs={"batch": lambda training: True},
        ),
        Mistake(
            "moving_in_training",
            "the moving statistics are used in training",
            why="They are for later; in training, the batch's own are used.",
            question="Where does your code look at `training`?",
            knobs={"batch": lambda training: False},
        ),
        Mistake(
            "flag_inverted",
            "`training` is read the wrong way round",
            why="The batch's statistics belong to training, the moving ones to everything else.",
            question="When are the moving statistics used?",
            knobs={"batch": lambda training: not training},
        ),
    ),
)
