"""c3_inputs(m): which maps of S2 a map of C3 reads; table I of LeCun et al. (1998)."""

import functools

import numpy as np

from labkit.checks.compare import as_numbers
from labkit.checks.exercise import EXACT, Case, Exercise, Mistake

__all__ = ["C3_INPUTS"]

# the table as it is printed: a row for each map of S2, a column for each map of C3
PRINTED = """
X . . . X X X . . X X X X . X X
X X . . . X X X . . X X X X . X
X X X . . . X X X . . X . X X X
. X X X . . X X X X . . X . X X
. . X X X . . X X X X . X X . X
. . . X X X . . X X X X . X X X
"""
TABLE = np.array([[mark == "X" for mark in line.split()] for line in PRINTED.split("\n") if line])


def connections(
    m,
    *,
    runs=(3, 4),
    last="all",
    split=(0, 1, 3, 4),
    wrap=lambda n: n % 6,
    first=0,
    order=lambda m: m,
    keep=lambda names: names,
):
    """c3_inputs by its rule, with a knob for each way to get it wrong."""
    m = order(m)
    if m < 6:
        found = [wrap(m + i) for i in range(runs[0])]
    elif m < 12:
        found = [wrap(m - 6 + i) for i in range(runs[1])]
    elif m < 15:
        found = [wrap(m - 12 + i) for i in split]
    else:
        found = range(6) if last == "all" else []
    return keep(sorted({number + first for number in found}))


def cut_off(m):
    return [n for n in connections(m, wrap=lambda n: n) if n < 6]


def centered(m):
    return connections(m, wrap=lambda n: (n - 1) % 6)


def draw(rng):
    def label(m):
        if m < 6:
            return "maps 0 to 5"
        return "maps 6 to 11" if m < 12 else "maps 12 to 15"

    return [Case((m,), label(m)) for m in rng.permutation(16).tolist()]


def in_order(answer):
    """Read the maps in any order, or as six booleans."""
    numbers = as_numbers(answer)
    if numbers is None or numbers.ndim != 1 or numbers.dtype.kind not in "biuf":
        return answer
    if numbers.dtype == bool:
        return np.flatnonzero(numbers).tolist() if numbers.shape == (6,) else answer
    return sorted(numbers.tolist())


C3_INPUTS = Exercise(
    id="c3_inputs",
    lab="09",
    points=2,
    call="c3_inputs(m)",
    shape="a list of maps of S2",
    oracle=lambda m: np.flatnonzero(TABLE[:, m]).tolist(),
    model=connections,
    read=in_order,
    tolerance=EXACT,
    forbidden=("labkit.models", "labkit.layers"),
    examples=(Case((1,)), Case((5,)), Case((15,))),
    draw=draw,
    hints=(
        "Read the table column by column. What do columns 0 to 5 have in common, and what columns "
        "6 to 11?",
        "The first six read three neighbors, the next six four; after map 5 comes map 0 again. "
        "The next three read two pairs of neighbors with a gap between them, and the last reads "
        "all.",
        "m + i for i in 0..2 up to map 5, m - 6 + i for i in 0..3 up to map 11, both modulo 6; "
        "then [0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5], and all six.",
    ),
    mistakes=(
        Mistake(
            "dense",
            "every map reads all six",
            why="That is how LeNet-5 is built today, with 2,416 parameters in C3. The table has "
            "60 connections, and 1,516 parameters.",
            question="How many X stand in column 0?",
            answer=lambda m: list(range(6)),
        ),
        Mistake(
            "from_one",
            "the maps are counted from one",
            why="The paper counts S2's maps from 0 to 5.",
            question="What is the number of the first row of the table?",
            knobs={"first": 1},
        ),
        Mistake(
            "not_around",
            "after map 5, the maps do not begin again at 0",
            why="Column 4 reads the maps 4, 5 and 0: the neighbors go around.",
            question="What does column 5 of the table read?",
            knobs={"wrap": lambda n: n},
            also=(lambda m: connections(m, wrap=lambda n: n) if m < 12 else connections(m),),
        ),
        Mistake(
            "cut_off",
            "maps beyond 5 are left out instead of going around to 0",
            why="Column 4 reads three maps as all of the first six do: 4, 5 and 0.",
            question="How many X stand in column 5?",
            answer=cut_off,
            also=(lambda m: cut_off(m) if m < 12 else connections(m),),
        ),
        Mistake(
            "three_neighbors_only",
            "columns 6 to 11 read three maps, as the first six do",
            why="From column 6 on, each reads four.",
            question="How many X stand in column 6?",
            knobs={"runs": (3, 3)},
        ),
        Mistake(
            "four_neighbors_only",
            "columns 0 to 5 read four maps, as the next six do",
            why="The first six read three.",
            question="How many X stand in column 0?",
            knobs={"runs": (4, 4)},
        ),
        Mistake(
            "centered",
            "the neighbors are taken on both sides of the map",
            why="Column m begins at map m (or m - 6) and goes on from there.",
            question="Which is the first X of column 2, from the top?",
            answer=centered,
            also=(
                lambda m: centered(m) if m < 6 else connections(m),
                lambda m: centered(m) if m < 12 else connections(m),
            ),
        ),
        Mistake(
            "no_gap",
            "columns 12 to 14 read four neighbors without a gap",
            why="They read two pairs, with a gap between them.",
            question="Is there an X in row 2 of column 12?",
            knobs={"split": (0, 1, 2, 3)},
        ),
        Mistake(
            "wide_gap",
            "columns 12 to 14 read their maps with wrong gaps",
            why="The pairs stand opposite each other: 0, 1 and 3, 4.",
            question="Which rows have an X in column 12?",
            knobs={"split": (0, 2, 3, 5)},
            also=tuple(
                functools.partial(connections, split=split)
                for split in ((0, 1, 2, 4), (0, 2, 3, 4), (0, 2, 4), (0, 1, 4, 5))
            ),
        ),
        Mistake(
            "last_missing",
            "the last map reads nothing",
            why="Column 15 has an X in every row.",
            question="How many X stand in column 15?",
            knobs={"last": "none"},
        ),
        Mistake(
            "columns_reversed",
            "the columns are read from right to left",
            why="Map m of C3 is column m, counted from the left.",
            question="How many X stand in column 0?",
            knobs={"order": lambda m: 15 - m},
        ),
        Mistake(
            "the_others",
            "those maps are listed that are not connected",
            why="An X means connected.",
            question="What does an X mean?",
            knobs={"keep": lambda found: [n for n in range(6) if n not in found]},
        ),
        Mistake(
            "how_many",
            "their number is returned, not the maps themselves",
            why="Asked for are the numbers of the maps.",
            question="Which maps does map 0 of C3 read?",
            knobs={"keep": len},
        ),
    ),
)
