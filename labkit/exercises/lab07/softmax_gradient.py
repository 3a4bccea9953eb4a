"""softmax_gradient(logits, labels): where back-propagation begins."""

import functools

import numpy as np

from labkit import gradients
from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import answers
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.lab07.automatic import AUTOMATIC

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


def plainly(logits, labels, *, axis=-1, loss="picked", shift=True, least=0.0):
    """Compute loss and gradient by their definitions, without care for overflow or log(0)."""
    logits = np.asarray(logits, float)
    with np.errstate(all="ignore"):
        powers = np.exp(logits - logits.max(axis, keepdims=True) if shift else logits)
        total = powers.sum(axis, keepdims=True)
        p, one_hot = powers / total, np.eye(logits.shape[1])[labels]
        picked = p[np.arange(len(p)), labels]
        losses = {
            "picked": lambda: -np.log(picked + least),
            "one-hot": lambda: -(one_hot * np.log(p + least)).sum(-1),
            "sum": lambda: np.log(total[:, 0]) - logits[np.arange(len(p)), labels],
        }[loss]()
        return losses.mean(), (p - one_hot) / len(p)


def all_labels(logits, labels):
    loss, gradient = begin(logits, labels)
    p = gradient * len(labels) + np.eye(np.shape(logits)[1])[labels]
    p[:, labels] -= 1
    return loss, p / len(p)


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
        case(6, 3, float32, "float32"),
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
            "loss_negative",
            "the loss has the wrong sign",
            why="The logarithm of a probability is negative, and the loss is minus that.",
            question="Is your loss smaller for a better network?",
            after=lambda answer, *args: (-answer[0], answer[1]),
        ),
        Mistake(
            "losses",
            "a loss for each image is returned, not their mean",
            why="One number is asked for.",
            question="How many numbers is the loss?",
            answer=lambda logits, labels: (
                np.array(
                    [begin(logits[i : i + 1], labels[i : i + 1])[0] for i in range(len(labels))]
                ),
                begin(logits, labels)[1],
            ),
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
            also=(
                lambda *args: plainly(*args, loss="one-hot", shift=False),
                lambda *args: plainly(*args, loss="sum", shift=False),
            ),
        ),
        Mistake(
            "over_the_batch",
            "the softmax runs over the images, not over the classes",
            why="The probabilities of one image's classes add up to 1.",
            question="What do your probabilities of one image add up to?",
            knobs={"axis": 0},
            also=(
                lambda *args: plainly(*args, axis=0),
                lambda *args: plainly(*args, axis=0, loss="one-hot"),
                lambda *args: plainly(*args, axis=0, shift=False),
            ),
        ),
        Mistake(
            "over_everything",
            "the softmax runs over everything",
            why="Each image has probabilities of its own, which add up to 1.",
            question="What do your probabilities of a single image add up to?",
            knobs={"axis": (0, 1)},
            also=(
                lambda *args: plainly(*args, axis=(0, 1)),
                lambda *args: plainly(*args, axis=(0, 1), shift=False),
            ),
        ),
        Mistake(
            "log_of_zero",
            "the logarithm is taken of probabilities that have become 0",
            why="exp(-900) is 0 in a computer, and its logarithm infinite. Taken before, it is "
            "simply -900: log p is z minus the logarithm of the sum.",
            question="What is the loss of logits (800, 0) if the second class is right?",
            answer=plainly,
            also=(lambda *args: plainly(*args, loss="one-hot"),),
        ),
        Mistake(
            "loss_cut_off",
            "a small number keeps the logarithm finite, so large losses are cut off",
            why="log(p + 1e-12) cannot be less than -27.6. log p is z minus the logarithm of the "
            "sum, which needs no help.",
            question="What is the loss of logits (800, 0) if the second class is right?",
            answer=lambda *args: plainly(*args, least=1e-12),
            also=tuple(
                functools.partial(plainly, least=least)
                for least in (1e-7, 1e-8, 1e-9, 1e-10, 1e-15)
            ),
        ),
        Mistake(
            "all_labels_in_all_rows",
            "the 1 is subtracted in the columns of all labels, in every row",
            why="p[:, labels] means all rows. Each row has its own label: "
            "p[np.arange(batch), labels].",
            question="How many entries of row 0 should become smaller by 1?",
            answer=all_labels,
        ),
        Mistake(
            "loss_over_everything",
            "the loss is divided by images times classes",
            why="Each image has one loss, so the mean goes over the images.",
            question="How many losses are in the mean?",
            answer=lambda logits, labels: (
                begin(logits, labels)[0] / np.shape(logits)[1],
                begin(logits, labels)[1],
            ),
            also=(
                lambda logits, labels: tuple(
                    part / np.shape(logits)[1] for part in begin(logits, labels)
                ),
            ),
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
        answers.results_exchanged(),
    ),
)
