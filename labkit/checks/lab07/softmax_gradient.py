"""softmax_gradient(logits, labels): where back-propagation begins."""

import numpy as np

from labkit import gradients
from labkit.checks.draw import floats, integers
from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.checks.lab07.automatic import AUTOMATIC

__all__ = ["SOFTMAX_GRADIENT"]


def stable(logits):
    return logits - logits.max(-1, keepdims=True)


def begin(
    logits,
    labels,
    *,
    shift=stable,
    axis=-1,
    log=np.log,
    loss_over=lambda batch: batch,
    gradient_over=lambda batch: batch,
    less=lambda p, one_hot: p - one_hot,
    sign=1,
):
    """softmax_gradient with a knob for each way to get it wrong."""
    logits = np.asarray(logits, float)
    batch = len(logits)
    with np.errstate(all="ignore"):
        powers = np.exp(shift(logits))
        p = powers / powers.sum(axis, keepdims=True)
        one_hot = np.eye(logits.shape[1])[labels]
        right = p[np.arange(batch), labels]
        if shift is stable and axis == -1:
            logs = shift(logits)
            rest = np.log(powers.sum(-1))
            losses = -(logs[np.arange(batch), labels] - rest) * (log(2.0) / np.log(2.0))
        else:
            losses = -log(right)
        loss = losses.sum() / loss_over(batch)
        return loss, sign * less(p, one_hot) / gradient_over(batch)


def squared(logits, labels):
    logits = np.asarray(logits, float)
    powers = np.exp(stable(logits))
    p = powers / powers.sum(-1, keepdims=True)
    error = p - np.eye(logits.shape[1])[labels]
    return (error**2).sum() / len(logits), error / len(logits)


def draw(rng):
    def case(batch, classes, values=floats, label="", scale=8):
        logits = values(rng, batch, classes) / scale
        return Case((logits, rng.integers(classes, size=batch)), label)

    big = integers(rng, 3, 4) * 100.0
    return [
        case(3, 4),
        case(5, 2, label="two classes"),
        case(1, 5, label="a single image"),
        case(4, 4, label="as many images as classes"),
        Case((big, np.argmax(big, 1)), "logits in the hundreds"),
        Case((big, np.argmin(big, 1)), "logits in the hundreds, and wrong"),
        Case((np.zeros((2, 10)), np.array([3, 7])), "all classes alike"),
        case(6, 3, lambda *args: floats(*args, dtype=np.float32), "float32"),
    ]


SOFTMAX_GRADIENT = Exercise(
    id="softmax_gradient",
    lab="07",
    points=2,
    call="softmax_gradient(logits, labels)",
    shape="(loss, dlogits), a number and the shape of logits",
    oracle=lambda logits, labels: tuple(gradients.softmax_cross_entropy(logits, labels)),
    model=begin,
    forbidden=(
        *AUTOMATIC,
        "keras.losses",
        "tensorflow.nn.softmax_cross_entropy_with_logits",
        "tensorflow.nn.sparse_softmax_cross_entropy_with_logits",
        "torch.nn",
    ),
    examples=(Case((np.array([[0.0, 0.0], [2.0, 0.0]]), np.array([1, 0]))),),
    draw=draw,
    hints=(
        "Turn the logits into probabilities first: exp, divided by the sum of its row. exp(800) is "
        "too large for a computer; what may you subtract from a row without changing the result?",
        "The loss is the mean of -log(probability of the right class). Its gradient is simpler "
        "than it looks: by how much is each probability too large?",
        "z = logits - logits.max(1, keepdims=True); p = exp(z) / exp(z).sum(1, keepdims=True); the "
        "gradient is (p - one_hot) / batch, the loss the mean of log(exp(z).sum(1)) - z[right].",
    ),
    mistakes=(
        Mistake(
            "gradient_not_averaged",
            "the gradient is not divided by the number of images",
            why="The loss is a mean over the images, so its gradient is, too.",
            question="What happens to your gradient if every image is there twice?",
            knobs={"gradient_over": lambda batch: 1},
        ),
        Mistake(
            "loss_not_averaged",
            "the loss is not divided by the number of images",
            why="A mean does not depend on how many there are.",
            question="What happens to your loss if every image is there twice?",
            knobs={"loss_over": lambda batch: 1},
        ),
        Mistake(
            "summed",
            "loss and gradient are sums over the images, not means",
            why="With a mean, the learning rate need not change with the batch.",
            question="What happens to both if every image is there twice?",
            knobs={"loss_over": lambda batch: 1, "gradient_over": lambda batch: 1},
        ),
        Mistake(
            "divided_by_everything",
            "the gradient is divided by images times classes",
            why="The mean goes over the images only.",
            question="How many numbers are in the mean of the loss?",
            answer=lambda logits, labels: (
                begin(logits, labels)[0],
                begin(logits, labels)[1] / np.shape(logits)[1],
            ),
        ),
        Mistake(
            "probabilities",
            "the gradient is the probabilities: the 1 of the right class is not subtracted",
            why="The right class should grow, so its gradient is negative.",
            question="What is the gradient when the network is sure and right?",
            knobs={"less": lambda p, one_hot: p},
        ),
        Mistake(
            "wrong_sign",
            "the gradient has the wrong sign",
            why="It is p minus one-hot: what is too probable is positive, and goes down.",
            question="Should the logit of the right class have a positive gradient?",
            knobs={"sign": -1},
        ),
        Mistake(
            "right_class_only",
            "only the right class gets a gradient",
            why="All logits are in the denominator of the softmax.",
            question="What does the loss do if the logit of a wrong class grows?",
            knobs={"less": lambda p, one_hot: (p - 1) * one_hot},
        ),
        Mistake(
            "overflow",
            "large logits overflow",
            why="exp(710) is infinite, and infinity divided by infinity is no number. Subtract the "
            "largest logit of each row first: the result is the same.",
            question="What is exp(800)?",
            knobs={"shift": lambda logits: logits},
        ),
        Mistake(
            "over_the_batch",
            "the softmax runs over the images, not over the classes",
            why="The probabilities of one image's classes add up to 1.",
            question="What do your probabilities of one image add up to?",
            knobs={"axis": 0},
        ),
        Mistake(
            "over_everything",
            "the softmax runs over everything",
            why="Each image has probabilities of its own, which add up to 1.",
            question="What do your probabilities of a single image add up to?",
            knobs={"axis": (0, 1)},
        ),
        Mistake(
            "bits",
            "the logarithm has base 2",
            why="The natural one goes with this gradient.",
            question="What is the loss of ten classes that are all alike?",
            knobs={"log": np.log2},
        ),
        Mistake(
            "squared_error",
            "the loss is the squared error of the probabilities",
            why="Cross-entropy is -log of the right class's probability; a network that is wrong "
            "and "
            "sure pays much more.",
            question="Where is the logarithm in your loss?",
            answer=squared,
        ),
        Mistake(
            "exchanged",
            "the gradient comes first",
            why="Asked for is (loss, dlogits).",
            question="What does the first of the two results hold?",
            after=lambda answer, *args: answer[::-1],
        ),
    ),
)
