"""clear_effects(effects): which bars of an ablation plot mean something."""

import numpy as np

from labkit.checks.exercise import EXACT, Case, Exercise, Mistake

__all__ = ["CLEAR_EFFECTS"]


def clear(
    effects,
    *,
    test=lambda mean, error: abs(mean) > 2 * error,
    key=lambda mean, error: -mean,
    take=lambda names: names,
):
    """clear_effects with a knob for each way to get it wrong."""
    found = [name for name, (mean, error) in effects.items() if test(mean, error)]
    return take(sorted(found, key=lambda name: key(*effects[name])))


def by_selection(effects):
    """Take the largest of those that are left until none is: the oracle."""
    left = {n: float(m) for n, (m, e) in effects.items() if m > 2 * e or m < -2 * e}
    names = []
    while left:
        names.append(max(left, key=left.get))
        del left[names[-1]]
    return names


INGREDIENTS = (
    "ReLU",
    "dropout",
    "batch norm",
    "Glorot",
    "momentum",
    "more data",
    "distortions",
    "a pyramid",
)
ORDERS = (
    lambda mean, error: -mean,
    lambda mean, error: mean,
    lambda mean, error: -abs(mean),
    lambda mean, error: abs(mean),
    lambda mean, error: -mean / error,
    lambda mean, error: error,
    lambda mean, error: 0,
)


def draw_effects(rng):
    def case(kinds, label=""):
        """`kinds`: how many standard errors each effect is away from 0. No two effects are equal.

        Where there are enough of them, other orders are other lists.
        """
        while True:
            names = rng.permutation(INGREDIENTS)[: len(kinds)].tolist()
            errors = rng.permutation(np.arange(1, len(kinds) + 1)) / 4
            effects = {
                name: (float(kind * error), float(error))
                for name, kind, error in zip(names, rng.permutation(kinds), errors, strict=True)
            }
            orders = [clear(effects, key=key) for key in ORDERS]
            orders += [sorted(orders[0]), sorted(orders[0], reverse=True)]
            different = len(set(map(tuple, orders))) == len(orders)
            if len({abs(mean) for mean, _ in effects.values()}) == len(kinds) and (
                different or len(orders[0]) < 4
            ):
                return Case((effects,), label)

    mixed = case([-5.25, -2.5, -1.5, 0.75, 1.75, 3.125, 5.25, 9.5])
    small = float(rng.integers(1, 4)) / 4
    return [
        mixed,
        case([1.25, -1.75, 0.25], "nothing is clear"),
        case([2.25, 4.5, 7.75], "everything is clear, and helps"),
        case([-2.25, -4.5, -7.75], "everything is clear, and harms"),
        Case(
            ({"Glorot": (small, small / 8), "ReLU": (12 * small, 9 * small)},),
            "a small effect that is clear, and a large one that is not",
        ),
        # two standard errors are not more than two, and 1.97 are not two
        Case(({"Glorot": (2.0, 1.0), "ReLU": (3.5, 1.0), "dropout": (-1.97, 1.0)},)),
        Case(({"dropout": (6.5, 3.0), "ReLU": (-1.5, 0.5)},), "one that helps, one that harms"),
    ]


CLEAR_EFFECTS = Exercise(
    id="clear_effects",
    lab="10",
    points=2,
    call="clear_effects(effects)",
    shape="a list of names",
    oracle=by_selection,
    model=clear,
    tolerance=EXACT,
    forbidden=(),
    read=lambda names: list(names) if isinstance(names, tuple) else names,
    examples=(Case(({"dropout": (1.0, 0.25), "ReLU": (5.0, 0.5), "momentum": (0.5, 0.5)},)),),
    draw=draw_effects,
    hints=(
        "An effect is clear when it is more than two standard errors away from zero. Is an effect "
        "of -3 with an error of 1 clear?",
        "Keep the names of the clear ones, on both sides of zero, and sort them by their effect, "
        "the most helpful first.",
        "[name for name, (mean, error) in effects.items() if abs(mean) > 2 * error], sorted by "
        "mean, reverse=True.",
    ),
    mistakes=(
        Mistake(
            "harm_left_out",
            "ingredients that harm are left out",
            why="An effect of -3 with an error of 1 is as clear as one of 3: do not use it.",
            question="Is an effect of -3 with an error of 1 clear?",
            knobs={"test": lambda mean, error: mean > 2 * error},
        ),
        Mistake(
            "one_error",
            "one standard error is taken to be enough",
            why="Pure chance goes beyond one standard error about once in three times.",
            question="How often is chance alone beyond one standard error?",
            knobs={"test": lambda mean, error: abs(mean) > error},
        ),
        Mistake(
            "two_are_enough",
            "exactly two standard errors are taken to be enough",
            why="Clear is what is *more* than two standard errors away.",
            question="Is 2 more than 2?",
            knobs={"test": lambda mean, error: abs(mean) >= 2 * error},
        ),
        Mistake(
            "almost_two",
            "1.96 standard errors are taken to be enough",
            why="That is right for many seeds, and common. Here it is two.",
            question="Which number stands in the exercise?",
            knobs={"test": lambda mean, error: abs(mean) > 1.96 * error},
        ),
        Mistake(
            "three_errors",
            "three standard errors are asked for",
            why="Here, two have to do.",
            question="Is an effect of 5 with an error of 2 clear?",
            knobs={"test": lambda mean, error: abs(mean) > 3 * error},
        ),
        Mistake(
            "half_an_error",
            "half a standard error is taken to be enough: the 2 is on the wrong side",
            why="The effect has to be larger than twice its error.",
            question="Is an effect of 1 with an error of 1 clear?",
            knobs={"test": lambda mean, error: 2 * abs(mean) > error},
        ),
        Mistake(
            "error_ignored",
            "all ingredients are listed, whatever their errors",
            why="An effect smaller than its error may be luck.",
            question="Where does your code look at the error?",
            knobs={"test": lambda mean, error: True},
        ),
        Mistake(
            "the_unclear_ones",
            "the ingredients that are not clear are listed",
            why="The condition is the wrong way round.",
            question="Is an effect of 5 with an error of 0.5 clear?",
            knobs={"test": lambda mean, error: abs(mean) <= 2 * error},
        ),
        Mistake(
            "smallest_first",
            "the most harmful comes first",
            why="The order is the wrong way round.",
            question="Which ingredient would you add first?",
            knobs={"key": lambda mean, error: mean},
        ),
        Mistake(
            "by_size",
            "the order is by the size of the effect, whatever its sign",
            why="So something that harms much comes before something that helps a little.",
            question="Which ingredient would you add first?",
            knobs={"key": lambda mean, error: -abs(mean)},
        ),
        Mistake(
            "by_clearness",
            "the order is by effect divided by error",
            why="That says how sure we are, not how much it helps.",
            question="What do you sort by?",
            knobs={"key": lambda mean, error: -mean / error},
        ),
        Mistake(
            "not_sorted",
            "the names are in the order in which they came",
            why="Asked for is the most helpful first.",
            question="Which ingredient would you add first?",
            knobs={"key": lambda mean, error: 0},
        ),
        Mistake(
            "alphabetical",
            "the names are in alphabetical order",
            why="sorted(names) alone sorts by the letters.",
            question="What do you sort by?",
            knobs={"take": sorted},
        ),
        Mistake(
            "best_only",
            "only the most helpful is listed",
            why="Asked for are all that are clear.",
            question="How many effects in the example are clear?",
            knobs={"take": lambda names: names[:1]},
        ),
    ),
)
