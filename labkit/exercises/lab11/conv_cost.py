"""conv_cost: what a convolutional layer stores and computes, with groups."""

import math

from labkit.checks.exercise import EXACT, Case, Exercise, Mistake
from labkit.exercises.families import answers, kernels, padding, places
from labkit.geometry import output_size

__all__ = ["CONV_COST"]


def cost(
    height,
    width,
    channels,
    filters,
    kernel,
    stride,
    padding,
    groups,
    *,
    round=math.floor,
    padded=2,
    moved=True,
    more=1,
    early=0,
    taps=lambda kernel: kernel * kernel,
    read=lambda channels, groups: channels // groups,
    biases=lambda filters, groups: filters,
    places="outputs",
    each=lambda weights, filters: weights,
):
    """conv_cost with a knob for each way to get it wrong."""

    def places_along(size):
        steps = (size + padded * padding - kernel + early) / (stride if moved else 1)
        return round(steps) + more

    weights = taps(kernel) * read(channels, groups) * filters
    count = {
        "outputs": lambda: places_along(height) * places_along(width),
        "inputs": lambda: height * width,
        "square": lambda: places_along(height) ** 2,
        "one": lambda: 1,
    }[places]()
    return weights + biases(filters, groups), count * each(weights, filters)


def oracle(height, width, channels, filters, kernel, stride, padding, groups):
    """Count filter by filter, each with the channels of its group."""
    weights = sum(kernel * kernel * (channels // groups) for _ in range(filters))
    pads = ((padding, padding),)
    rows, columns = (
        output_size(size, kernel, strides=stride, padding=pads) for size in (height, width)
    )
    return weights + filters, weights * rows * columns


def draw(rng):
    a, b, c = (int(number) for number in rng.integers([3, 5, 20], [5, 8, 30]))
    return [
        Case((c, c + 7, 3, 4 * a, 5, 2, 1, 1)),
        Case((c + 6, c, 2 * b, 6 * a, 3, 1, 1, 2), "two groups"),
        Case((c, c + 3, 3 * a, 3 * b, 3, 2, 0, 3), "three groups, no padding"),
        Case((c + 1, c + 8, 4, 8, 1, 1, 0, 1), "a 1 x 1 kernel"),
        Case((c, c + 5, 8, 8 * a, 4, 3, 2, 8), "a group for every channel"),
        # the last steps do not fit: a quarter of one is left, and three quarters
        Case((4 * a + 6, 4 * b + 8, 3, 2 * a, 5, 4, 0, 1), "strides that do not fit"),
        Case((227, 227, 3, 96, 11, 4, 0, 1), "AlexNet's first layer"),
        Case((27, 27, 96, 256, 5, 1, 2, 2), "AlexNet's second layer"),
    ]


CONV_COST = Exercise(
    id="conv_cost",
    lab="11",
    points=2,
    call="conv_cost(height, width, channels, filters, kernel, stride, padding, groups)",
    shape="(parameters, multiply_adds)",
    oracle=oracle,
    model=cost,
    tolerance=EXACT,
    forbidden=("labkit.geometry", "labkit.layers", "labkit.matrix", "keras"),
    examples=(Case((6, 8, 4, 2, 3, 1, 0, 2)),),
    draw=draw,
    hints=(
        "With two groups, a filter reads only half of the channels. How many weights has one "
        "filter, and how many biases?",
        "Parameters are weights and one bias for each filter. Every weight is used once at every "
        "place of the output: (size + 2 * padding - kernel) // stride + 1 along each side.",
        "weights = kernel * kernel * channels // groups * filters; the parameters are weights + "
        "filters, the multiply-adds weights * rows * columns.",
    ),
    mistakes=(
        Mistake(
            "groups_ignored",
            "every filter is taken to read all channels",
            why="With g groups, a filter reads channels / g of them. AlexNet's two groups halve "
            "its second layer.",
            question="How many channels does one filter read?",
            knobs={"read": lambda channels, groups: channels},
        ),
        Mistake(
            "groups_twice",
            "the groups divide the filters as well",
            why="All filters are still there; only what each of them reads is less.",
            question="How many filters are there in all groups together?",
            knobs={"read": lambda channels, groups: channels / groups / groups},
        ),
        Mistake(
            "groups_in_the_parameters_only",
            "the groups are left out of the multiply-adds",
            why="A filter that reads fewer channels has less to multiply.",
            question="How many products stand in one output?",
            answer=lambda *sizes: (cost(*sizes)[0], cost(*sizes[:-1], 1)[1]),
        ),
        Mistake(
            "one_group",
            "only one of the groups is counted",
            why="All groups together make the layer.",
            question="How many filters are there in all groups together?",
            answer=lambda height, width, channels, filters, *rest: cost(
                height, width, channels, filters // rest[-1], *rest
            ),
        ),
        Mistake(
            "groups_multiplied",
            "the groups make the layer larger",
            why="Groups cut connections: they make it smaller.",
            question="How many channels does one filter read?",
            knobs={"read": lambda channels, groups: channels * groups},
        ),
        Mistake(
            "no_bias",
            "the biases are left out of the parameters",
            why="Every filter has one.",
            question="How many biases does the layer have?",
            knobs={"biases": lambda filters, groups: 0},
        ),
        Mistake(
            "one_bias",
            "one bias is counted for the whole layer",
            why="Every filter has one of its own.",
            question="How many biases does the layer have?",
            knobs={"biases": lambda filters, groups: 1},
        ),
        Mistake(
            "biases_divided",
            "the biases are divided by the groups",
            why="Every filter has one, whatever its group.",
            question="How many biases does the layer have?",
            knobs={"biases": lambda filters, groups: filters // groups},
        ),
        Mistake(
            "bias_per_group",
            "the biases are counted once for every group",
            why="A filter belongs to one group, and has one bias.",
            question="In how many groups is one filter?",
            knobs={"biases": lambda filters, groups: filters * groups},
        ),
        Mistake(
            "channels_left_out",
            "a filter is taken to read one channel",
            why="A kernel of 3 x 3 has nine weights for each of the channels that it reads.",
            question="How many weights does a 3 x 3 filter have on a color image?",
            knobs={"read": lambda channels, groups: 1},
        ),
        kernels.one_side_only(knobs={"taps": lambda kernel: kernel}),
        Mistake(
            "ceil",
            "the number of places is rounded up",
            why="A kernel that would hang over the padded edge does not count: floor, not ceil.",
            question="Does the last kernel still lie whole in the padded image?",
            knobs={"round": math.ceil},
        ),
        Mistake(
            "rounded",
            "the number of places is rounded to the nearest whole number",
            why="A kernel that would hang over the padded edge does not count: floor, not round.",
            question="Does the last kernel still lie whole in the padded image?",
            knobs={"round": round},
        ),
        Mistake(
            "not_rounded",
            "the number of places is not rounded",
            why="There is no half place: / gives fractions where // gives whole numbers.",
            question="How many places are there along 6 pixels, with kernel 3 and stride 2?",
            knobs={"round": float},
        ),
        Mistake(
            "added_first",
            "the 1 is added before dividing by the stride",
            why="The first place counts by itself; the others are steps of a stride each.",
            question="How many places are there along 6 pixels, with kernel 3 and stride 2?",
            knobs={"early": 1, "more": 0},
        ),
        padding.counted_once(why="Zeros stand before and after: 2 * padding.", knobs={"padded": 1}),
        padding.left_out(knobs={"padded": 0}),
        places.stride_left_out(knobs={"moved": False}),
        places.plus_one_missing(knobs={"more": 0}),
        Mistake(
            "per_input",
            "the multiply-adds are counted per pixel of the input",
            why="Work is done once for each output.",
            question="Does a larger stride save work?",
            knobs={"places": "inputs"},
        ),
        places.square_output(
            lambda height, width, *rest: (
                cost(height, width, *rest)[0],
                cost(width, width, *rest)[1],
            ),
            knobs={"places": "square"},
        ),
        Mistake(
            "once",
            "the multiply-adds are not multiplied by the number of places",
            why="Every weight is used again at every place of the output.",
            question="How often is one weight used?",
            knobs={"places": "one"},
        ),
        Mistake(
            "biases_multiplied",
            "the biases are counted among the multiply-adds",
            why="A bias is added, and multiplied by nothing.",
            question="How many products stand in one output?",
            knobs={"each": lambda weights, filters: weights + filters},
        ),
        Mistake(
            "twice",
            "multiplications and additions are counted separately",
            why="A multiply-add is one of each, and counts once.",
            question="How many multiply-adds is 2 * 3 + 4 * 5?",
            knobs={"each": lambda weights, filters: 2 * weights},
        ),
        answers.results_exchanged(),
    ),
)
