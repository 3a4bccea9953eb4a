"""The page for the instructor: how the class did, its most frequent mistakes, and its times."""

from collections import Counter
from statistics import median

from labkit.grading.book.schema import GRADED, Record
from labkit.grading.book.table import points, totals
from labkit.grading.reports.feedback import NO_SANDBOX, lab_title, mistakes_in
from labkit.grading.reports.page import render

__all__ = ["class_page"]

_MOST_MISTAKES = 20  # rows of the table of mistakes
_FAILURES = (
    "timeout",
    "died",
    "error",
    "no answer",
    "undefined",
    "shortcut",
    "not judged",
    "unanswered",
    "missing",
)


def class_page(
    records: list[Record], marks: dict[tuple[str, str], dict[str, float]], titles: dict[str, str]
) -> bytes:
    """Return the page of a class.

    Args:
        records: The records of all students and labs.
        marks: The points that persons gave, as ``{(student, lab): {item: points}}``.
        titles: The title of each lab.
    """
    labs = []
    for lab in sorted({record["lab"] for record in records}):
        of_lab = [record for record in records if record["lab"] == lab]
        labs.append({"title": lab_title(lab, titles), **_lab(of_lab, marks)})
    no_sandbox = "" if all(record["sandbox"] for record in records) else NO_SANDBOX
    return render("class.html", "The class", labs=labs, no_sandbox=no_sandbox)


def _lab(records, marks):
    """What the template shows of one lab."""
    return {
        **_sums(records, marks),
        "exercises": [
            _exercise(exercise, entries, marks)
            for exercise, entries in _entries_by_exercise(records).items()
        ],
        "mistakes": _mistakes(records),
        **_seconds(records),
        "ungraded": [record for record in records if record["status"] != GRADED],
        "remarked": [one for one in records if one["status"] == GRADED and one["remarks"]],
    }


def _sums(records, marks):
    """How many submissions there are, what waits for a person, and the grades."""
    sums = [totals(one, marks.get((one["student"], one["lab"]), {})) for one in records]
    statuses = Counter(record["status"] for record in records)
    counts = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    waiting = [one["by_hand"] or 0 for one in sums]
    submissions = (
        f"{len(records)} submissions: {counts}. {points(sum(waiting))} points wait "
        f"for a person, of {sum(map(bool, waiting))} students."
    )
    grades = sorted(one["grade"] for one in sums if one["grade"] is not None)
    if not grades:
        return {"submissions": submissions, "grades": ""}
    grades = (
        f"Grades: lowest {points(grades[0])}, median {points(median(grades))}, "
        f"highest {points(grades[-1])}."
    )
    return {"submissions": submissions, "grades": grades}


def _entries_by_exercise(records):
    """Return ``{exercise: [(record, its entry)]}``, in the lab's order."""
    entries = {}
    for record in records:
        for entry in record["exercises"]:
            entries.setdefault(entry["id"], []).append((record, entry))
    return entries


def _exercise(exercise, entries, marks):
    """How the class did in one exercise; the widths are those of the parts of its bar."""
    counts = Counter(entry["status"] for _, entry in entries)
    earned = []
    for record, entry in entries:
        by_hand = marks.get((record["student"], record["lab"]), {}).get(exercise)
        earned.append(entry["earned"] if by_hand is None else by_hand)
    earned = [value for value in earned if value is not None]
    worth = entries[0][1]["points"]
    average = sum(earned) / (worth * len(earned)) if earned and worth else 0
    return {
        "id": exercise,
        "right": counts["right"],
        "partly": counts["partly"],
        "right_width": f"{counts['right'] / len(entries):.0%}",
        "partly_width": f"{counts['partly'] / len(entries):.0%}",
        "average": f"{average:.0%}",
        "failures": ", ".join(f"{counts[kind]} {kind}" for kind in _FAILURES if counts[kind]),
    }


def _mistakes(records):
    """The known mistakes that the class made, the most frequent first."""
    counts = Counter(
        (exercise, entry["mistake"])
        for exercise, entries in _entries_by_exercise(records).items()
        for _, entry in entries
        if entry.get("mistake")
    )
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_MOST_MISTAKES]
    rows = []
    for (exercise, ids), count in most:
        alternatives = mistakes_in(exercise, ids)
        name = " / ".join(" and ".join(one.name for one in each) for each in alternatives)
        rows.append({"count": count, "exercise": exercise, "name": name or ids})
    return rows


def _seconds(records):
    """How long students' code ran, in all and by exercise."""
    by_exercise = {}
    for record in records:
        for exercise, measured in record.get("measured", {}).items():
            by_exercise.setdefault(exercise, []).append(sum(measured.values()))
    rows = [
        {
            "exercise": exercise,
            "median": f"{median(seconds):.2f}",
            "longest": f"{max(seconds):.2f}",
        }
        for exercise, seconds in by_exercise.items()
    ]
    return {"seconds": rows, "seconds_in_all": f"{sum(map(sum, by_exercise.values())):.0f}"}
