"""collapse_bias(first_bias, second, second_bias): the one bias of two linear layers."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays
from labkit.exercises.inputs import float32, floats, integers
from labkit.reference import cross_correlate

__all__ = ["COLLAPSE_BIAS"]


def carried(first_bias, second, second_bias, *, taps="all", first=1, last=1):
    """collapse_bias with a knob for which taps carry the first bias on."""
    first_bias, second_bias = np.asarray(first_bias, float), np.asarray(second_bias, float)
    second = np.asarray(second, float)
    P, Q = second.shape[:2]
    weights = {
        "all": second.sum((0, 1)),
        "mean": second.mean((0, 1)),
        "first": second[0, 0],
        "last": second[-1, -1],
        "middle": second[P // 2, Q // 2],
        "rows": second[:, 0].sum(0),
        "columns": second[0].sum(0),
        "absolute": np.abs(second).sum((0, 1)),
    }[taps]
    return first * (first_bias @ weights) + last * second_bias


def oracle(first_bias, second, second_bias):
    """Apply the second layer to an image that holds the first layer's bias everywhere."""
    image = np.broadcast_to(first_bias, (1, *second.shape[:2], len(first_bias)))
    return cross_correlate(image, second, second_bias)[0, 0, 0]


def draw(rng):
    def case(P, Q, D, F, label, of=integers):
        return Case((of(rng, D), of(rng, P, Q, D, F), of(rng, F)), label)

    return [
        case(2, 3, 3, 2, "more maps than filters"),
        case(3, 2, 2, 4, "more filters than maps"),
        case(3, 3, 3, 3, "all sizes equal"),
        case(2, 2, 2, 2, "all sizes equal"),
        case(3, 4, 2, 2, "as many filters as maps"),
        case(2, 3, 1, 3, "one map"),
        case(3, 2, 3, 1, "one filter"),
        case(1, 1, 3, 2, "a kernel of one pixel"),
        case(2, 3, 2, 3, "decimals", floats),
        case(3, 2, 4, 2, "float32", float32),
        Case((floats(rng, 2), integers(rng, 2, 2, 2, 3), integers(rng, 3)), "decimals in one bias"),
        Case((integers(rng, 2), integers(rng, 2, 2, 2, 3), floats(rng, 3)), "decimals in one bias"),
    ]


COLLAPSE_BIAS = Exercise(
    id="collapse_bias",
    lab="03",
    points=2,
    call="collapse_bias(first_bias, second, second_bias)",
    shape="(F,)",
    oracle=oracle,
    model=carried,
    examples=(
        Case((np.array([10]), np.array([3, 1]).reshape(1, 2, 1, 1), np.array([-5])), "one map"),
    ),
    draw=draw,
    hints=(
        "Send an image of zeros through both layers. What comes out of the first, and what does "
        "the second make of it?",
        "After the first layer, map d is first_bias[d] everywhere. A filter of the second "
        "multiplies that by each of its weights for map d and adds it all up.",
        "second.sum(axis=(0, 1)) is (D, F). first_bias @ that matrix, plus second_bias.",
    ),
    mistakes=(
        Mistake(
            "biases_added",
            "the two biases are simply added",
            why="The first bias goes through the second layer's weights before it comes out.",
            question="What does the second layer make of an image that is 10 everywhere?",
            answer=lambda first_bias, second, second_bias: first_bias + second_bias,
        ),
        Mistake(
            "first_forgotten",
            "the first bias is forgotten",
            why="The second layer reads the first layer's bias along with everything else.",
            question="What comes out of the first layer if the image is all zeros?",
            knobs={"first": 0},
        ),
        Mistake(
            "second_forgotten",
            "the second bias is forgotten",
            why="It is added at the end, as always.",
            question="What comes out of the second layer if it reads only zeros?",
            knobs={"last": 0},
        ),
        Mistake(
            "second_subtracted",
            "the second bias is subtracted",
            why="A bias is added.",
            question="What comes out of the second layer if it reads only zeros?",
            knobs={"last": -1},
        ),
        Mistake(
            "first_tap_only",
            "only the second kernel's first tap carries the bias on",
            why="All taps read a map that holds the bias everywhere, so all their weights count.",
            question="How many times does a 1 x 2 kernel read the first bias?",
            knobs={"taps": "first"},
        ),
        Mistake(
            "last_tap_only",
            "only the second kernel's last tap carries the bias on (= instead of +=)",
            why="All taps read a map that holds the bias everywhere, and their products add up.",
            question="How many times does a 1 x 2 kernel read the first bias?",
            knobs={"taps": "last"},
        ),
        Mistake(
            "middle_tap_only",
            "only the second kernel's middle tap carries the bias on",
            why="The first bias is everywhere, not only under the middle of the kernel.",
            question="How many times does a 1 x 2 kernel read the first bias?",
            knobs={"taps": "middle"},
        ),
        Mistake(
            "first_column_of_taps",
            "only the first column of taps carries the bias on",
            why="The sum runs over the kernel's rows, but not over its columns.",
            question="Over which axes of the kernel does your sum run?",
            knobs={"taps": "rows"},
        ),
        Mistake(
            "first_row_of_taps",
            "only the first row of taps carries the bias on",
            why="The sum runs over the kernel's columns, but not over its rows.",
            question="Over which axes of the kernel does your sum run?",
            knobs={"taps": "columns"},
        ),
        Mistake(
            "taps_averaged",
            "the second kernel's taps are averaged",
            why="A filter adds up its products; it does not average.",
            question="Where in the second layer's formula is there a division?",
            knobs={"taps": "mean"},
        ),
        Mistake(
            "taps_without_sign",
            "the taps count without their sign",
            why="A negative weight carries the bias on with the opposite sign.",
            question="What does a weight of -1 make of a bias of 10?",
            knobs={"taps": "absolute"},
        ),
        Mistake(
            "channels_exchanged",
            "the second kernel's maps and filters are exchanged",
            why="second[p, q, d, f] leads from map d to filter f. With as many of both nobody "
            "notices.",
            question="Which axis of the kernel is as long as the first bias?",
            before=lambda first_bias, second, second_bias: (
                first_bias,
                np.swapaxes(second, 2, 3),
                second_bias,
            ),
        ),
        Mistake(
            "biases_exchanged",
            "the two biases are exchanged",
            why="The first layer's bias goes through the kernel, the second's does not.",
            question="Which layer's bias does the second kernel read?",
            before=lambda first_bias, second, second_bias: (second_bias, second, first_bias),
        ),
        Mistake(
            "both_carried",
            "the sum of both biases goes through the second kernel",
            why="The second bias is added after the second kernel, so it meets no weight.",
            question="Which layer's bias does the second kernel read?",
            answer=lambda first_bias, second, second_bias: (
                (first_bias + second_bias) @ second.sum((0, 1))
            ),
        ),
        arrays.integers_only(),
    ),
)
