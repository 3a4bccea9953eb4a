"""weighted_sum(values, weights): an answer that is one number."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import sums
from labkit.exercises.inputs import float32, floats, integers
from labkit.reference import cross_correlate_plain

__all__ = ["WEIGHTED_SUM"]


def weighted_sum(values, weights, *, backward=False, taps=slice(None), power=1, reduce=np.sum):
    """weighted_sum with a knob for each way to get it wrong."""
    weights = weights[::-1] if backward else weights
    products = np.asarray(values, float) * np.asarray(weights, float)
    return reduce(products[taps] ** power)


def draw(rng):
    return [
        Case((abs(integers(rng, 3)), -abs(integers(rng, 3))), "negative weights"),
        Case((integers(rng, 4), integers(rng, 4)), "four values"),
        Case((integers(rng, 7), integers(rng, 7)), "seven values"),
        Case((integers(rng, 2), integers(rng, 2)), "two values"),
        Case((integers(rng, 1), integers(rng, 1)), "a single value"),
        Case((floats(rng, 5), floats(rng, 5)), "decimals"),
        Case((integers(rng, 3), floats(rng, 3)), "integers in the values, decimals in the weights"),
        Case((floats(rng, 6), integers(rng, 6)), "decimals in the values, integers in the weights"),
        Case((float32(rng, 4), float32(rng, 4)), "float32"),
    ]


WEIGHTED_SUM = Exercise(
    id="weighted_sum",
    lab="00",
    points=1,
    call="weighted_sum(values, weights)",
    shape="()",
    oracle=lambda values, weights: cross_correlate_plain(values, weights)[0],
    model=weighted_sum,
    examples=(Case((np.array([3, 1, 4]), np.array([1, 0, -2]))),),
    draw=draw,
    hints=(
        "Write 3, 1, 4 on paper and under them 1, 0, -2. What do you do with each pair?",
        "Multiply each pair; that gives as many products as there are values. What is left to do?",
        "sum(values * weights): with arrays, * multiplies pair by pair.",
    ),
    mistakes=(
        Mistake(
            "not_summed",
            "the products are not added up",
            why="values * weights is an array with a product for each pair. One number was asked "
            "for.",
            question="How many numbers should come out?",
            answer=lambda values, weights: values * weights,
        ),
        Mistake(
            "no_weights",
            "the values are added without their weights",
            why="Each value counts once, whatever its weight says.",
            question="What should come out if all weights are 0?",
            answer=lambda values, weights: np.sum(values),
        ),
        Mistake(
            "weights_only",
            "the weights are added, and the values not used",
            why="The answer is the same for all values.",
            question="What should come out if all values are 0?",
            answer=lambda values, weights: np.sum(weights),
        ),
        Mistake(
            "added_pairs",
            "each value is added to its weight, not multiplied by it",
            why="+ stands where * belongs.",
            question="What is 3 times 1, and what is 3 plus 1?",
            answer=lambda values, weights: np.sum(values) + np.sum(weights),
        ),
        Mistake(
            "product_of_sums",
            "both are added up first, and then multiplied",
            why="The first value then meets all the weights, not only its own.",
            question="Is 3·1 + 4·2 the same as (3 + 4)·(1 + 2)?",
            answer=lambda values, weights: np.sum(values) * np.sum(weights),
        ),
        sums.averaged(
            why="np.mean divides by how many there are. Nobody asked for that.",
            knobs={"reduce": np.mean},
        ),
        Mistake(
            "divided_by_weights",
            "the sum is divided by the sum of the weights",
            why="That is a weighted *average*. Here it is the sum; a kernel's weights may well add "
            "up to 0.",
            question="What happens to a division if the weights are 1 and -1?",
            after=lambda total, values, weights: (
                total / np.sum(weights) if np.sum(weights) else np.inf
            ),
        ),
        Mistake(
            "backward",
            "the weights are read backward",
            why="The last weight meets the first value. Lab 01 tells you when that is wanted.",
            question="Which weight belongs to the first value?",
            knobs={"backward": True},
        ),
        Mistake(
            "skips_first",
            "the first pair is left out",
            why="In Python the first number is number 0, and range(1, …) leaves it out.",
            question="What is the first value of range(1, 3)?",
            knobs={"taps": slice(1, None)},
        ),
        Mistake(
            "skips_last",
            "the last pair is left out",
            why="range(n - 1) ends at n - 2.",
            question="What is the last value of range(3)?",
            knobs={"taps": slice(None, -1)},
        ),
        sums.last_product(knobs={"taps": slice(-1, None)}),
        Mistake(
            "first_product",
            "only the first product is returned",
            why="The return stands inside the loop, so the function ends after the first turn.",
            question="How far is your return indented?",
            knobs={"taps": slice(1)},
        ),
        Mistake(
            "three_pairs",
            "exactly three pairs are added",
            why="It is right for the example, which has 3 numbers, and for no other size.",
            question="Where in your code does a 3 or a 2 stand, and where does it come from?",
            knobs={"taps": slice(3)},
        ),
        Mistake(
            "multiplied_up",
            "the products are multiplied, not added up",
            why="A product of all products is 0 as soon as one of them is.",
            question="Is it + or · that stands between the products?",
            knobs={"reduce": np.prod},
        ),
        Mistake(
            "without_sign",
            "the sign of the result is lost",
            why="abs(…) makes every sum positive. Weighted sums may well be negative.",
            question="What is 1 times -2?",
            after=lambda total, values, weights: abs(total),
        ),
        Mistake(
            "squared",
            "the products are squared before they are added",
            why="That would be a length, not a weighted sum.",
            question="Where in the formula is there a square?",
            knobs={"power": 2},
        ),
        Mistake(
            "integers_only",
            "the sum is cut to an integer",
            why="int(…) throws the decimals away, and so does an array of integers.",
            question="What is int(2.75)?",
            after=lambda total, values, weights: int(total),
            also=(
                lambda values, weights: sum((values * weights).astype(int)),
                lambda values, weights: values.astype(int) @ weights.astype(int),
                lambda values, weights: np.round(values @ weights),
            ),
        ),
    ),
)
