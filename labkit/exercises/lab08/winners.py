"""winners(times): who is the quickest at each size of a time-against-size plot."""

import math

from labkit.checks.exercise import EXACT, Case, Exercise, Mistake

__all__ = ["WINNERS"]


def read_off(
    times,
    *,
    best=min,
    missing=math.inf,
    take=lambda names: names,
    what=lambda name, times: name,
):
    """winners with a knob for each way to get it wrong."""
    count = len(next(iter(times.values())))
    found = []
    for size in range(count):
        column = {
            name: missing if line[size] is None else line[size] for name, line in times.items()
        }
        name = best(column, key=column.get)
        found.append(what(name, column))
    return take(found)


def by_sorting(times):
    """Sort each column, without the ways that did not run: the oracle."""
    names = list(times)
    columns = zip(*times.values(), strict=True)
    return [
        sorted((t, name) for t, name in zip(column, names, strict=True) if t is not None)[0][1]
        for column in columns
    ]


def overall(times):
    """Return the way with the smallest sum, for all sizes."""
    totals = {name: sum(t or 0 for t in line) for name, line in times.items()}
    return [min(totals, key=totals.get)] * len(next(iter(times.values())))


def by_record(times):
    """Return the way with the shortest time of all, for all sizes."""
    records = {name: min(t for t in line if t is not None) for name, line in times.items()}
    return [min(records, key=records.get)] * len(next(iter(times.values())))


def last_column(times):
    line = {name: values[-1] for name, values in times.items() if values[-1] is not None}
    return [min(line, key=line.get)] * len(next(iter(times.values())))


WAYS = ("matrix", "im2col", "shift", "FFT", "Keras")


def draw(rng):
    def case(ways, sizes, label="", gaps=()):
        while True:  # several winners, none of them the first or last name throughout
            values = rng.permutation(len(ways) * sizes) + 1
            lines = {
                name: [float(v) / 4 for v in row]
                for name, row in zip(ways, values.reshape(len(ways), sizes), strict=True)
            }
            for name, size in gaps:
                lines[name][size] = None
            truth = by_sorting(lines)
            others = (overall, by_record, last_column, lambda t: by_sorting(t)[::-1])
            firsts = {other(lines)[0] for other in others[:3]}  # told apart where there are enough
            told = len(firsts) == 3 or len(ways) < 4
            if told and len(set(truth)) > 1 and all(truth != other(lines) for other in others):
                return Case((lines,), label)

    names = rng.permutation(WAYS).tolist()
    return [
        case(names[:3], 5),
        case(names, 6, "five ways"),
        case(names[:4], 4, "a way that ran out of memory", gaps=((names[1], 3), (names[1], 2))),
        case(names[1:4], 5, "a way that ran out of memory", gaps=((names[2], 4),)),
        case(names[:2], 4, "two ways"),
    ]


WINNERS = Exercise(
    id="winners",
    lab="08",
    points=1,
    call="winners(times)",
    shape="a list of names, one for each size",
    oracle=by_sorting,
    model=read_off,
    tolerance=EXACT,
    forbidden=(),
    read=lambda names: list(names) if isinstance(names, tuple) else names,
    examples=(Case(({"matrix": [1.0, 9.0, None], "FFT": [5.0, 6.0, 7.0]},)),),
    draw=draw,
    hints=(
        "Look at one size. Which way has the lowest point there?",
        "A way without a time (None) could not run at that size: it cannot win. Leave it out "
        "before "
        "you compare.",
        "For each size: {name: line[size] for name, line in times.items() if line[size] is not "
        "None}, and then min(..., key=....get).",
    ),
    mistakes=(
        Mistake(
            "slowest",
            "the slowest is named",
            why="On a plot of times, the lowest line wins.",
            question="Is a long time good or bad?",
            # what did not run must not be the slowest, either
            knobs={"best": max, "missing": -math.inf},
        ),
        Mistake(
            "missing_wins",
            "a way that could not run wins",
            why="None means that it ran out of memory, or would have taken too long. As a 0 it "
            "looks "
            "very quick.",
            question="What does None stand for?",
            knobs={"missing": 0.0},
        ),
        Mistake(
            "overall",
            "one winner is named for all sizes: the one with the smallest sum",
            why="Who wins depends on the size; that is what the plot is for.",
            question="Who is the quickest at the first size?",
            answer=overall,
        ),
        Mistake(
            "record",
            "one winner is named for all sizes: the one with the shortest time of all",
            why="Who wins at one size need not win at the others.",
            question="Who is the quickest at the last size?",
            answer=by_record,
        ),
        Mistake(
            "last_size",
            "the winner at the largest size is named for all of them",
            why="At small sizes somebody else may be quicker.",
            question="Who wins at the smallest size?",
            answer=last_column,
        ),
        Mistake(
            "times",
            "the shortest times are returned, not the names",
            why="Asked for is who, not how long.",
            question="What does an entry of your list say?",
            knobs={"what": lambda name, column: column[name]},
        ),
        Mistake(
            "numbers",
            "the ways' numbers are returned, not their names",
            why="A number says nothing to somebody who reads the list.",
            question="Which name belongs to number 0?",
            knobs={"what": lambda name, column: list(column).index(name)},
        ),
        Mistake(
            "reversed",
            "the list begins with the largest size",
            why="Its order should be that of the times.",
            question="Which size does your first entry belong to?",
            knobs={"take": lambda names: names[::-1]},
        ),
        Mistake(
            "changes_only",
            "a name is listed only where the winner changes",
            why="There should be an entry for each size.",
            question="How many sizes are there?",
            knobs={
                "take": lambda names: [
                    name for i, name in enumerate(names) if not i or name != names[i - 1]
                ]
            },
        ),
        Mistake(
            "each_once",
            "every winner is listed once, in alphabetical order",
            why="The list should say who wins where.",
            question="Who wins at the second size?",
            knobs={"take": lambda names: sorted(set(names))},
        ),
        Mistake(
            "last_missing",
            "the last size is left out",
            why="A range that ends too early leaves it out.",
            question="How many entries should the list have?",
            knobs={"take": lambda names: names[:-1]},
        ),
    ),
)
