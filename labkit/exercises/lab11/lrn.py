"""lrn: local response normalization, Krizhevsky, Sutskever and Hinton (2012), section 3.3."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.inputs import float32, floats, integers

__all__ = ["LRN"]


def neighbors(channel, channels, n):
    """Return the channels within n // 2 of `channel`, cut at both ends."""
    return range(max(0, channel - n // 2), min(channels, channel + n // 2 + 1))


WINDOWS = {
    "paper": neighbors,
    "n to each side": lambda i, N, n: neighbors(i, N, 2 * n + 1),
    "around the ends": lambda i, N, n: [j % N for j in range(i - n // 2, i + n // 2 + 1)],
    "not itself": lambda i, N, n: [j for j in neighbors(i, N, n) if j != i],
    "all": lambda i, N, n: range(N),
    "only before": lambda i, N, n: range(max(0, i - n // 2), i + 1),
    "only after": lambda i, N, n: range(i, min(N, i + n // 2 + 1)),
    "last one missing": lambda i, N, n: range(max(0, i - n // 2), min(N, i + n // 2)),
    "last one missing, at the end too": lambda i, N, n: range(
        max(0, i - n // 2), min(N - 1, i + n // 2)
    ),
    "without the last channel": lambda i, N, n: range(
        max(0, i - n // 2), min(N - 1, i + n // 2 + 1)
    ),
    "around the ends, each once": lambda i, N, n: {
        j % N for j in range(i - n // 2, i + n // 2 + 1)
    },
    "n before": lambda i, N, n: range(max(0, i - n + 1), i + 1),
    "n after": lambda i, N, n: range(i, min(N, i + n)),
    "slice": lambda i, N, n: range(N)[i - n // 2 : i + n // 2 + 1],
    "itself": lambda i, N, n: [i],
}


def respond(
    a,
    n,
    k,
    alpha,
    beta,
    *,
    window="paper",
    square=np.square,
    share=lambda n, count: 1,
    base=lambda k, sum: k + sum,
    power=lambda beta: beta,
    end=np.divide,
    axis=-1,
):
    """lrn with a knob for each way to get it wrong."""
    a = np.moveaxis(np.asarray(a, float), axis, -1)
    channels = a.shape[-1]
    y = np.zeros(a.shape)
    for i in range(channels):
        near = list(WINDOWS[window](i, channels, n))
        squares = square(a[..., near]).sum(-1)
        divisor = base(k, alpha * share(n, len(near)) * squares)
        with np.errstate(invalid="ignore", divide="ignore"):  # what is not squared may be -k
            y[..., i] = end(a[..., i], divisor ** power(beta))
    return np.moveaxis(y, -1, axis)


def oracle(a, n, k, alpha, beta):
    """Compute with a band matrix over the channels."""
    index = np.arange(a.shape[-1])
    band = np.abs(index[:, None] - index) <= (n - 1) / 2
    return a / (k + alpha * (np.asarray(a, float) ** 2 @ band)) ** beta


def flat(a, n, k, alpha, beta):
    """Run the window over the numbers as they lie in memory, from pixel to pixel as well."""
    return respond(np.ravel(a)[None], n, k, alpha, beta).reshape(np.shape(a))


def power_of_the_sum(a, n, k, alpha, beta, alpha_too=True):
    sums = respond(a, n, 0, 1, 1, end=lambda a, divisor: divisor)
    return a / (k + ((alpha * sums) ** beta if alpha_too else alpha * sums**beta))


def one_after_the_other(a, n, k, alpha, beta):
    y = np.array(a, float)
    for i in range(y.shape[-1]):
        near = y[..., list(neighbors(i, y.shape[-1], n))]
        y[..., i] /= (k + alpha * (near**2).sum(-1)) ** beta
    return y


def draw(rng):
    def case(shape, settings, values=floats, label=""):
        return Case((values(rng, *shape), *settings), label)

    return [
        case((2, 3, 7), (5, 2.0, 0.25, 0.75)),
        case((3, 2, 6), (3, 1.5, 0.125, 0.5), label="a window of 3"),
        case((2, 2, 9), (7, 4.0, 0.0625, 0.75), integers, "a window of 7"),
        case((1, 4, 3), (5, 2.0, 0.5, 0.25), label="fewer channels than the window"),
        case((4, 4, 5), (3, 3.0, 0.25, 1.0), label="a square map, beta = 1"),
        case((2, 1, 6), (5, 2.0, 0.25, 0.75), float32, "float32"),
    ]


LRN = Exercise(
    id="lrn",
    lab="11",
    points=3,
    call="lrn(a, n, k, alpha, beta)",
    shape="(height, width, channels)",
    oracle=oracle,
    model=respond,
    forbidden=(
        "labkit.layers",
        "tensorflow.nn.local_response_normalization",
        "tensorflow.raw_ops",
        "torch.nn",
        "keras.layers",
    ),
    examples=(Case((np.array([[[1.0, 2.0, 3.0, 4.0]]]), 3, 2.0, 0.5, 1.0)),),
    draw=draw,
    hints=(
        "Take one pixel. Which channels stand in the sum for channel 0, if n is 5? And for "
        "channel 3?",
        "The window is cut at the first and at the last channel. Sum the squares in it, times "
        "alpha, plus k, to the power of beta: by that you divide.",
        "For channel i: near = a[..., max(0, i - n // 2) : i + n // 2 + 1], then "
        "a[..., i] / (k + alpha * (near**2).sum(-1)) ** beta.",
    ),
    mistakes=(
        Mistake(
            "alpha_over_n",
            "alpha is divided by n",
            why="PyTorch and Caffe do so, and write AlexNet's alpha five times as large. In the "
            "paper, and here, alpha multiplies the sum as it is.",
            question="What multiplies the sum of the squares in the formula?",
            knobs={"share": lambda n, count: 1 / n},
        ),
        Mistake(
            "mean",
            "the squares are averaged, not added",
            why="The formula has a sum. At the ends, where the window is cut, it is smaller.",
            question="Is there a division by the number of channels in the formula?",
            knobs={"share": lambda n, count: 1 / max(count, 1)},
        ),
        Mistake(
            "n_to_each_side",
            "the window reaches n channels to each side",
            why="n is the width of the whole window: n // 2 to each side. (TensorFlow asks for the "
            "radius, so AlexNet's n of 5 is its 2.)",
            question="How many channels are in the sum if n is 5?",
            knobs={"window": "n to each side"},
        ),
        Mistake(
            "around_the_ends",
            "the window goes around: after the last channel comes the first",
            why="At the ends, the window is cut.",
            question="Is channel 0 a neighbor of the last channel?",
            knobs={"window": "around the ends"},
            also=(lambda *args: respond(*args, window="around the ends, each once"),),
        ),
        Mistake(
            "negative_start",
            "windows that begin before channel 0 are empty",
            why="A slice from -2 to 3 begins at the second channel *from the end*. The start has "
            "to be cut at 0.",
            question="What is [1, 2, 3, 4, 5][-2:3]?",
            knobs={"window": "slice"},
        ),
        Mistake(
            "not_itself",
            "a channel is left out of its own sum",
            why="The sum goes over all j from i - n // 2 to i + n // 2, and i is one of them.",
            question="Which channels are in the sum if n is 1?",
            knobs={"window": "not itself"},
        ),
        Mistake(
            "all_channels",
            "the sum goes over all channels",
            why="Only the n // 2 neighbors on each side count: that is the local in the name.",
            question="Which channels are in the sum for channel 0?",
            knobs={"window": "all"},
        ),
        Mistake(
            "only_before",
            "only channels before are in the sum",
            why="The window reaches to both sides.",
            question="Which channels are in the sum for channel 0?",
            knobs={"window": "only before"},
            also=(lambda *args: respond(*args, window="n before"),),
        ),
        Mistake(
            "only_after",
            "only channels after are in the sum",
            why="There are neighbors with smaller numbers, too.",
            question="Which channels are in the sum for the last channel?",
            knobs={"window": "only after"},
            also=(lambda *args: respond(*args, window="n after"),),
        ),
        Mistake(
            "last_one_missing",
            "the window ends one channel too early",
            why="range and slices leave out their end: it has to be i + n // 2 + 1.",
            question="How many channels are in the sum if n is 5?",
            knobs={"window": "last one missing"},
            also=(lambda *args: respond(*args, window="last one missing, at the end too"),),
        ),
        Mistake(
            "last_channel_left_out",
            "the last channel is in no window",
            why="N - 1 is its number, and where a slice has to end is one more: N.",
            question="What does range(0, N - 1) leave out?",
            knobs={"window": "without the last channel"},
        ),
        Mistake(
            "itself_only",
            "every channel is divided by its own size only",
            why="The point is that strong neighbors make a channel weaker.",
            question="Does channel 1 of your result depend on channel 0?",
            knobs={"window": "itself"},
        ),
        Mistake(
            "not_squared",
            "the values are not squared",
            why="Positive and negative responses would cancel in the sum.",
            question="What does a response of -3 add to the sum?",
            knobs={"square": np.abs},
            also=(lambda *args: respond(*args, square=np.asarray),),
        ),
        Mistake(
            "beta_left_out",
            "the divisor is not raised to the power of beta",
            why="beta = 0.75 makes the normalization milder.",
            question="Where is beta in your code?",
            knobs={"power": lambda beta: 1},
        ),
        Mistake(
            "beta_on_the_sum",
            "only the sum is raised to the power of beta, without k",
            why="The power belongs to the whole of k + alpha * sum.",
            question="What is the divisor of a map of zeros?",
            answer=power_of_the_sum,
            also=(lambda *args: power_of_the_sum(*args, alpha_too=False),),
        ),
        Mistake(
            "papers_numbers",
            "the paper's numbers are used, whatever the arguments",
            why="n, k, alpha and beta are given.",
            question="Where does your code use n, k, alpha and beta?",
            answer=lambda a, n, k, alpha, beta: respond(a, 5, 2, 1e-4, 0.75),
        ),
        Mistake(
            "in_place",
            "channels are normalized one after the other, by what is normalized already",
            why="The result is written into the array that is still read. Write it into another "
            "one.",
            question="Which numbers are in the sum for channel 1 when channel 0 is done?",
            answer=one_after_the_other,
        ),
        Mistake(
            "root",
            "the square root is taken, whatever beta is",
            why="With beta = 0.5 that would be right.",
            question="Where is beta in your code?",
            knobs={"power": lambda beta: 0.5},
        ),
        Mistake(
            "k_left_out",
            "k is left out",
            why="k keeps small responses small: without it, they are blown up.",
            question="What does lrn do to a map of tiny numbers?",
            knobs={"base": lambda k, sum: sum},
        ),
        Mistake(
            "k_multiplied",
            "alpha multiplies k as well as the sum",
            why="It is k + alpha * sum, not alpha * (k + sum).",
            question="What is the divisor of a map of zeros?",
            answer=lambda a, n, k, alpha, beta: respond(a, n, alpha * k, alpha, beta),
        ),
        Mistake(
            "multiplied",
            "the responses are multiplied by the divisor",
            why="Strong neighbors should make a channel weaker, not stronger.",
            question="Should a channel grow when its neighbors do?",
            knobs={"end": np.multiply},
        ),
        Mistake(
            "divisor_only",
            "the divisor itself is returned",
            why="The responses still have to be divided by it.",
            question="What is lrn of a map of zeros?",
            knobs={"end": lambda a, divisor: divisor},
        ),
        Mistake(
            "along_the_rows",
            "the window runs along a row of the image, not over the channels",
            why="The neighbors are other channels at the same pixel.",
            question="Does your result at one pixel depend on the pixel beside it?",
            knobs={"axis": 1},
        ),
        Mistake(
            "along_the_columns",
            "the window runs down a column of the image, not over the channels",
            why="In (height, width, channels), the channels are the last axis.",
            question="Does your result at one pixel depend on the pixel below it?",
            knobs={"axis": 0},
        ),
        Mistake(
            "flattened",
            "the window runs on from the last channel of a pixel to the first of the next",
            why="Flattening the array makes neighbors of channels of different pixels.",
            question="Does your result at one pixel depend on the pixel beside it?",
            answer=flat,
        ),
    ),
)
