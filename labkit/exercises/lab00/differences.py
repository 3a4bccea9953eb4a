"""differences(row): a function with a loop; its answer is a list of numbers."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays
from labkit.exercises.inputs import float32, floats, integers
from labkit.reference import cross_correlate_plain

__all__ = ["DIFFERENCES"]


def differences(
    row,
    *,
    combine="after - before",
    apart=1,
    step=1,
    places="N - 1",
    dtype=float,
    change=lambda d: d,
):
    """differences with a knob for each way to get it wrong."""
    row = np.asarray(row, dtype)  # None: as it came, in bytes, perhaps
    row = np.append(row, row[:apart]) if places == "around" else row
    before, after = row[:-apart], row[apart:]
    result = {
        "after - before": lambda: after - before,
        "before - after": lambda: before - after,
        "after + before": lambda: after + before,
        "after - first": lambda: after - row[0],
    }[combine]()
    return change(result)[::step]


def draw(rng):
    return [
        Case((integers(rng, 5),), "five pixels"),
        Case((integers(rng, 8),), "eight pixels"),
        Case((integers(rng, 2),), "two pixels"),
        Case((integers(rng, 3),), "three pixels"),
        Case((floats(rng, 6),), "decimals"),
        Case((float32(rng, 7),), "float32"),
        Case((rng.permutation([3, 250, 17, 120, 201, 66]).astype(np.uint8),), "bytes (uint8)"),
        Case(
            (np.array([200, 90, 30, 10], np.uint8) - rng.integers(0, 9, dtype=np.uint8),),
            "bytes (uint8)",
        ),
    ]


DIFFERENCES = Exercise(
    id="differences",
    lab="00",
    points=2,
    call="differences(row)",
    shape="(N - 1,)",
    oracle=lambda row: cross_correlate_plain(row.astype(float), np.array([-1.0, 1.0])),
    model=differences,
    examples=(Case((np.array([5, 9, 7, 7]),)),),
    draw=draw,
    hints=(
        "How many steps are there between 4 posts in a row?",
        "A loop over n, and in it row[n + 1] - row[n]. What is the last n for which row[n + 1] "
        "exists? And which numbers can a byte hold?",
        "row = np.asarray(row, float), and then row[1:] - row[:-1]: all but the first, minus all "
        "but the last.",
    ),
    mistakes=(
        Mistake(
            "bytes_overflow",
            "bytes overflow: negative differences come out large and positive",
            why="Photographs come as uint8, whole numbers from 0 to 255. There 7 - 9 is not -2 but "
            "254: below 0 the counter starts again at 255, and NumPy does not say a word.",
            question="What is np.uint8(7) - np.uint8(9)?",
            knobs={"dtype": None},
        ),
        Mistake(
            "other_way_round",
            "each pixel is subtracted from the one before it",
            why="row[n] - row[n + 1] is the negative of what was asked for.",
            question="If the row grows brighter, should the difference be positive?",
            knobs={"combine": "before - after"},
        ),
        Mistake(
            "absolute",
            "the signs are lost",
            why="From dark to bright and from bright to dark become the same.",
            question="What is 7 - 9?",
            knobs={"change": np.abs},
        ),
        Mistake(
            "around_the_corner",
            "the last pixel is compared with the first",
            why="There is one number too many: np.roll, and row[n - 1] at n = 0, treat the row as "
            "a ring.",
            question="How many neighbors are there in a row of 2 pixels?",
            knobs={"places": "around"},
            also=(lambda row: np.asarray(row, float) - np.roll(np.asarray(row, float), 1),),
        ),
        Mistake(
            "one_short",
            "the last difference is missing",
            why="range(len(row) - 2) ends one too early: N pixels have N - 1 differences.",
            question="How many differences does a row of 2 pixels have?",
            after=lambda y, row: y[:-1],
        ),
        Mistake(
            "starts_at_one",
            "the first difference is missing",
            why="In Python the first pixel is number 0, and range(1, …) leaves it out.",
            question="Which pixels make the first difference?",
            after=lambda y, row: y[1:],
        ),
        Mistake(
            "zero_at_start",
            "a 0 is put before the differences",
            why="The result is as long as the row. Nothing was asked for in front of the first "
            "pixel.",
            question="How many numbers should come out for 4 pixels?",
            after=lambda y, row: np.append(0, y),
        ),
        Mistake(
            "zero_at_end",
            "a 0 is left at the end",
            why="The array that you fill is as long as the row, and its last place stays 0.",
            question="How many numbers should come out for 4 pixels?",
            after=lambda y, row: np.append(y, 0),
        ),
        Mistake(
            "first_value_kept",
            "the first pixel itself stands before the differences",
            why="As if there were a 0 in front of the row.",
            question="How many numbers should come out for 4 pixels?",
            after=lambda y, row: np.append(float(row[0]), y),
        ),
        Mistake(
            "two_apart",
            "pixels two places apart are compared",
            why="row[n + 2] - row[n] leaves one pixel out in between.",
            question="Which pixel is the neighbor of pixel 0?",
            knobs={"apart": 2},
        ),
        Mistake(
            "pairs",
            "the pixels are taken in pairs that do not overlap",
            why="After the first two pixels come the second and the third, not the third and the "
            "fourth.",
            question="How many differences do 4 pixels have?",
            knobs={"step": 2},
        ),
        Mistake(
            "sums",
            "neighbors are added, not subtracted",
            why="+ stands where - belongs.",
            question="What should come out where all pixels are equal?",
            knobs={"combine": "after + before"},
        ),
        Mistake(
            "from_the_first",
            "every pixel is compared with the first",
            why="row[n + 1] - row[0] tells how far you are from the start, not how large the step "
            "was.",
            question="What are the two pixels of the second difference?",
            knobs={"combine": "after - first"},
        ),
        arrays.integers_only(lambda row: np.diff(row.astype(int))),
        Mistake(
            "last_only",
            "only the last difference is left",
            why="Each difference replaces the one before it: the list is made anew in every turn.",
            question="Does your line add to the list, or make a new one?",
            after=lambda y, row: y[-1:],
            also=(lambda row: differences(row)[-1],),
        ),
        Mistake(
            "summed",
            "the differences are added up",
            why="A number for each pair of neighbors was asked for. Their sum is just the last "
            "pixel minus the first.",
            question="How many numbers should come out for 4 pixels?",
            after=lambda y, row: np.sum(y),
        ),
        Mistake(
            "twice",
            "differences are taken of the differences",
            why="The second argument of np.diff says how often, not how far.",
            question="How many numbers should come out for 4 pixels?",
            after=lambda y, row: np.diff(y),
        ),
        Mistake(
            "scaled_to_1",
            "the differences are divided by 255",
            why="That is a good habit before learning. Here the differences themselves were asked "
            "for.",
            question="What is 9 - 5?",
            after=lambda y, row: y / 255,
        ),
        Mistake(
            "negatives_cut",
            "negative differences become 0",
            why="From bright to dark is a step, too.",
            question="What is 7 - 9?",
            knobs={"change": lambda d: np.maximum(d, 0)},
        ),
        arrays.first_result_only(lambda row: differences(row)[:1], after=lambda y, row: y[0]),
    ),
)
