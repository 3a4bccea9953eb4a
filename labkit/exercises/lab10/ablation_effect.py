"""ablation_effect(with_it, without): what an ingredient does, and how sure that is."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import answers

__all__ = ["ABLATION_EFFECT"]


def effect(
    with_it,
    without,
    *,
    sign=1,
    ddof=1,
    of="differences",
    over=np.sqrt,
    center=np.mean,
    count=lambda n: n,
):
    """ablation_effect with a knob for each way to get it wrong."""
    with_it, without = np.asarray(with_it, float), np.asarray(without, float)
    differences = with_it - without
    n = len(differences)
    spread = {
        "differences": lambda: differences.std(ddof=ddof),
        "unpaired": lambda: np.sqrt(with_it.var(ddof=ddof) + without.var(ddof=ddof)),
        "with": lambda: with_it.std(ddof=ddof),
        "without": lambda: without.std(ddof=ddof),
        "range": lambda: np.ptp(differences),
        "variance": lambda: differences.var(ddof=ddof),
    }[of]()
    return sign * center(differences), spread / over(count(n))


def by_the_sums(with_it, without):
    """Compute with sums over the pairs, as on paper: the oracle."""
    pairs = [float(a) - float(b) for a, b in zip(with_it, without, strict=True)]
    n = len(pairs)
    mean = sum(pairs) / n
    variance = sum((pair - mean) ** 2 for pair in pairs) / (n - 1)
    return mean, (variance / n) ** 0.5


def two_errors(with_it, without, *, ddof):
    errors = (values.std(ddof=ddof) / np.sqrt(len(values)) for values in (with_it, without))
    return (with_it - without).mean(), sum(errors)


def percents(rng, n, *, level, spread):
    """Draw different percentages around `level`, in quarters."""
    steps = rng.choice(np.arange(-4 * spread, 4 * spread), n, replace=False)
    return level + steps / 4


def draw_pairs(rng):
    def case(n, label="", dtype=float):
        return Case(
            (
                percents(rng, n, level=92, spread=6).astype(dtype),
                percents(rng, n, level=90, spread=6).astype(dtype),
            ),
            label,
        )

    hard = percents(rng, 6, level=80, spread=15)
    moved = hard + rng.permutation([0.5, 0.75, 1, 1.25, 1.5, 2])
    return [
        case(5),
        case(2, "two seeds"),
        case(3, "three seeds"),
        case(8),
        Case((moved, hard), "seeds that differ much, by which the ingredient differs little"),
        Case((hard, moved), "an ingredient that harms"),
        case(5, "float32", np.float32),
    ]


ABLATION_EFFECT = Exercise(
    id="ablation_effect",
    lab="10",
    points=2,
    call="ablation_effect(with_it, without)",
    shape="(effect, standard_error)",
    oracle=by_the_sums,
    model=effect,
    forbidden=("scipy.stats",),
    examples=(Case((np.array([93.0, 95.0, 97.0]), np.array([90.0, 94.0, 95.0]))),),
    draw=draw_pairs,
    hints=(
        "Entry s of both lists comes from the same seed. So what did the ingredient change for "
        "each seed?",
        "The effect is the mean of these differences. Its standard error is their standard "
        "deviation (with n - 1), divided by the root of how many there are.",
        "d = with_it - without; the effect is d.mean(), its standard error "
        "d.std(ddof=1) / np.sqrt(len(d)).",
    ),
    mistakes=(
        Mistake(
            "sign",
            "the effect has the wrong sign",
            why="An ingredient that helps has a positive effect: with it minus without it.",
            question="Is the accuracy higher with the ingredient or without it?",
            knobs={"sign": -1},
        ),
        Mistake(
            "size_only",
            "the effect is always positive",
            why="Some ingredients harm, and their effect is negative.",
            question="What is the effect of an ingredient that harms?",
            after=lambda answer, *args: (abs(answer[0]), answer[1]),
        ),
        Mistake(
            "not_paired",
            "the two lists are treated as if they had nothing to do with each other",
            why="Each seed was run with the ingredient and without it. What a lucky start adds to "
            "both cancels in the difference; you left it in the error.",
            question="What does the same seed do to both runs?",
            knobs={"of": "unpaired"},
            also=(
                # the two errors added, with and without the n - 1
                lambda *args: two_errors(*args, ddof=1),
                lambda *args: two_errors(*args, ddof=0),
            ),
        ),
        Mistake(
            "spread_of_the_seeds",
            "the standard deviation is not divided by the root of the number of seeds",
            why="That is how much one seed differs from the next. The mean of several is known "
            "better than one of them.",
            question="Should more seeds make the error smaller?",
            knobs={"over": lambda n: 1},
        ),
        Mistake(
            "divided_by_n",
            "the standard deviation is divided by the number of seeds, not by its root",
            why="The error of a mean shrinks with the root: four times the seeds, half the error.",
            question="By how much do four times as many seeds shrink the error?",
            knobs={"over": float},
        ),
        Mistake(
            "ddof_0",
            "the squares are divided by n, not by n - 1",
            why="The mean was taken from the same few numbers, which makes them look closer to it "
            "than they are. (NumPy needs ddof=1.)",
            question="What does NumPy's std divide by?",
            knobs={"ddof": 0},
        ),
        Mistake(
            "root_of_n_minus_1",
            "the standard deviation is divided by the root of n - 1",
            why="n - 1 belongs into the standard deviation; the root is that of n.",
            question="How many seeds are there?",
            knobs={"count": lambda n: n - 1},
        ),
        Mistake(
            "variance",
            "the variance is used, not the standard deviation",
            why="The standard error has the unit of the accuracies; a variance has its square.",
            question="In which unit is your error?",
            knobs={"of": "variance"},
        ),
        Mistake(
            "median",
            "the median is taken, not the mean",
            why="The standard error belongs to the mean.",
            question="How does one outlier change your effect?",
            knobs={"center": np.median},
        ),
        Mistake(
            "sum",
            "the differences are added up, not averaged",
            why="The effect should not grow with the number of seeds.",
            question="What happens to your effect with twice as many seeds?",
            knobs={"center": np.sum},
        ),
        Mistake(
            "best_seeds",
            "the best runs are compared",
            why="The best of several is luck, and more runs make it better by themselves.",
            question="What would the best of a hundred runs show?",
            after=lambda answer, with_it, without: (
                float(np.max(with_it) - np.max(without)),
                answer[1],
            ),
        ),
        Mistake(
            "error_of_one_list",
            "the error is that of the runs with the ingredient",
            why="It is the difference whose error you want.",
            question="Which numbers did you average?",
            knobs={"of": "with"},
        ),
        Mistake(
            "error_of_the_other_list",
            "the error is that of the runs without the ingredient",
            why="Its spread says nothing of the difference, whose error you want.",
            question="Which numbers did you average?",
            knobs={"of": "without"},
        ),
        answers.results_exchanged(),
    ),
)
