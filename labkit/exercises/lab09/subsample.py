"""subsample: LeNet-5's trainable pooling, layers S2 and S4 of LeCun et al. (1998)."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.inputs import floats, integers

__all__ = ["SUBSAMPLE"]

SUMS = {
    "sum": lambda window: window.sum((-2, -1)),
    "mean": lambda window: window.mean((-2, -1)),
    "max": lambda window: window.max((-2, -1)),
    "first": lambda window: window[..., 0, 0],
    "rows": lambda window: window[..., :, 0].sum(-1),
    "columns": lambda window: window[..., 0, :].sum(-1),
    "diagonal": lambda window: window[..., 0, 0] + window[..., 1, 1],
}


def squash(a):
    return 1.7159 * np.tanh(2 / 3 * a)


def shrink(
    x,
    weight,
    bias,
    *,
    pool="sum",
    stride=2,
    inner=lambda pooled, weight, bias: pooled * weight + bias,
    end=squash,
    one=False,
):
    """subsample with a knob for each way to get it wrong."""
    x, weight, bias = (np.asarray(array, float) for array in (x, weight, bias))
    if one:
        weight, bias = weight[0], bias[0]
    windows = np.lib.stride_tricks.sliding_window_view(x, (2, 2), axis=(0, 1))
    return end(inner(SUMS[pool](windows[::stride, ::stride]), weight, bias))


def oracle(x, weight, bias):
    """Add the four numbers of each field, taken by their positions."""
    x = x.astype(float)
    four = x[0::2, 0::2] + x[0::2, 1::2] + x[1::2, 0::2] + x[1::2, 1::2]
    return 1.7159 * np.tanh((four * weight + bias) * 2 / 3)


def draw(rng):
    def small(rng, *shape):
        """Draw numbers small enough for the squashing function to have a slope."""
        return floats(rng, *shape) / (8 * np.prod(shape))

    def case(height, width, channels, values=small, label="", dtype=float):
        x = values(rng, height, width, channels).astype(dtype)
        weight = (floats(rng, channels) / 8).astype(dtype)
        return Case((x, weight, (floats(rng, channels) / 16).astype(dtype)), label)

    return [
        case(4, 6, 3),
        case(6, 4, 2, label="higher than wide"),
        case(4, 4, 4, label="as many channels as rows"),
        case(2, 2, 5, label="one field"),
        case(8, 2, 1, label="one channel"),
        case(4, 6, 2, lambda *shape: integers(*shape) / 16, "larger values"),
        case(4, 8, 3, dtype=np.float32, label="float32"),
    ]


SUBSAMPLE = Exercise(
    id="subsample",
    lab="09",
    points=2,
    call="subsample(x, weight, bias)",
    shape="(height / 2, width / 2, channels)",
    oracle=oracle,
    model=shrink,
    forbidden=(
        "labkit.layers",
        "labkit.reference",
        "keras.layers",
        "tensorflow.nn.avg_pool",
        "tensorflow.nn.avg_pool2d",
        "tensorflow.nn.pool",
        "torch.nn",
    ),
    examples=(
        Case(
            (
                np.array([[1.0, 2.0], [0.5, -1.0]]).reshape(2, 2, 1),
                np.array([0.5]),
                np.array([0.25]),
            )
        ),
    ),
    draw=draw,
    hints=(
        "Fields of 2 x 2 that do not overlap. What does the layer do with the four numbers, and "
        "what does it learn?",
        "Add the four, multiply by the channel's weight, add the channel's bias, and squash: "
        "1.7159 * tanh(2/3 * a).",
        "four = x[0::2, 0::2] + x[0::2, 1::2] + x[1::2, 0::2] + x[1::2, 1::2], and then "
        "1.7159 * np.tanh(2 / 3 * (weight * four + bias)).",
    ),
    mistakes=(
        Mistake(
            "mean",
            "the four numbers are averaged, not added",
            why="In the paper they are added; a trained weight could make up for the 1/4, but "
            "this weight is given.",
            question="What does the paper do with the four inputs?",
            knobs={"pool": "mean"},
        ),
        Mistake(
            "max",
            "the largest of the four is taken",
            why="Max pooling came later. LeNet-5 adds all four.",
            question="What does the paper do with the four inputs?",
            knobs={"pool": "max"},
        ),
        Mistake(
            "first_only",
            "only the first of the four numbers is used",
            why="x[::2, ::2] keeps a quarter of the image, and drops the rest.",
            question="How many inputs does one output read?",
            knobs={"pool": "first"},
        ),
        Mistake(
            "overlapping",
            "the fields overlap: they move by one pixel",
            why="In LeNet-5 the fields lie side by side, so that the map becomes half as large.",
            question="How large is the result of a 4 x 6 map?",
            knobs={"stride": 1},
        ),
        Mistake(
            "bias_left_out",
            "the bias is left out",
            why="Each channel has a weight and a bias, both trained.",
            question="Where is `bias` in your code?",
            knobs={"inner": lambda pooled, weight, bias: pooled * weight},
        ),
        Mistake(
            "weight_left_out",
            "the weight is left out",
            why="The sum is multiplied by the channel's weight, which is trained as the bias is.",
            question="Where is `weight` in your code?",
            knobs={"inner": lambda pooled, weight, bias: pooled + bias},
        ),
        Mistake(
            "bias_four_times",
            "the bias is added to each of the four numbers",
            why="It is added once, to the weighted sum.",
            question="How often does the bias count in your sum?",
            knobs={"inner": lambda pooled, weight, bias: pooled * weight + 4 * bias},
        ),
        Mistake(
            "bias_weighted",
            "the bias is multiplied by the weight",
            why="First the weight, then the bias.",
            question="What comes out if the weight is 0?",
            knobs={"inner": lambda pooled, weight, bias: (pooled + bias) * weight},
        ),
        Mistake(
            "exchanged",
            "weight and bias are exchanged",
            why="The weight multiplies, the bias is added.",
            question="What comes out if the weight is 0?",
            knobs={"inner": lambda pooled, weight, bias: pooled * bias + weight},
        ),
        Mistake(
            "first_channels",
            "all channels use the weight and the bias of the first",
            why="Each channel has its own: 2 * 6 = 12 parameters in S2.",
            question="How many parameters does S2 have?",
            knobs={"one": True},
        ),
        Mistake(
            "squashed_before_the_bias",
            "the bias is added after squashing",
            why="The bias moves the place where the function bends, so it comes first.",
            question="How large can an output become?",
            answer=lambda x, weight, bias: (
                shrink(x, weight, 0 * np.asarray(bias, float)) + np.asarray(bias, float)
            ),
        ),
        Mistake(
            "two_of_four",
            "only two of the four numbers of a field are added",
            why="A field has two rows and two columns.",
            question="How many inputs does one output read?",
            knobs={"pool": "rows"},
            also=(
                lambda *args: shrink(*args, pool="columns"),
                lambda *args: shrink(*args, pool="diagonal"),
            ),
        ),
        Mistake(
            "not_squashed",
            "the result is not squashed",
            why="S2 ends with the same function as every other layer of LeNet-5.",
            question="How large can an output become?",
            knobs={"end": lambda a: a},
        ),
        Mistake(
            "plain_tanh",
            "a plain tanh is used",
            why="LeNet-5's is 1.7159 * tanh(2/3 * a), so that f(1) = 1 and f(-1) = -1.",
            question="What is your function at 1?",
            knobs={"end": np.tanh},
        ),
        Mistake(
            "not_stretched",
            "the factor 1.7159 is missing",
            why="Without it, f(1) is about 0.58, not 1.",
            question="What is your function at 1?",
            knobs={"end": lambda a: np.tanh(2 / 3 * a)},
        ),
        Mistake(
            "slope_left_out",
            "the factor 2/3 is missing",
            why="Without it, f(1) is about 1.31, not 1.",
            question="What is your function at 1?",
            knobs={"end": lambda a: 1.7159 * np.tanh(a)},
        ),
        Mistake(
            "constants_exchanged",
            "the two constants are exchanged",
            why="1.7159 stretches the result; 2/3 slows the input.",
            question="How large can an output become?",
            knobs={"end": lambda a: 2 / 3 * np.tanh(1.7159 * a)},
        ),
        Mistake(
            "sigmoid",
            "a sigmoid is used",
            why="Its results are never negative; LeNet-5's function is odd.",
            question="What is your function at 0?",
            knobs={"end": lambda a: 1 / (1 + np.exp(-a))},
        ),
        Mistake(
            "relu",
            "a ReLU is used",
            why="ReLU came much later.",
            question="What does your function make of negative sums?",
            knobs={"end": lambda a: np.maximum(a, 0)},
        ),
    ),
)
