"""The table of grades, for spreadsheets and Moodle: one row for each student and lab."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypedDict

from labkit.files import write_atomically
from labkit.grading.book.schema import Record

__all__ = ["Totals", "one_line", "points", "table", "totals", "write_csv"]

FIRST = ("student", "lab", "status", "total", "out of")
LAST = ("by hand", "grade", "remarks")

#: {(student, lab): {exercise or question: points that a person gave}}
Marks = Mapping[tuple[str, str], Mapping[str, float]]


class Totals(TypedDict):
    """What a submission comes to, a person's marks included."""

    earned: dict[str, float | None]  #: exercise or marked question -> points; None: not known
    total: float | None  #: points of all exercises; None: not known
    by_hand: float | None  #: points of the answered questions that nobody has marked yet
    grade: float | None  #: the total and what questions have earned so far


def write_csv(records: Iterable[Record], path: Path, marks: Marks | None = None) -> None:
    """Write the table of `records` and `marks` to `path`, atomically.

    The file is UTF-8 with a byte order mark, without which Excel takes "Zoë" for "ZoÃ«"; Moodle,
    pandas (``encoding="utf-8-sig"``) and LibreOffice read it as well.
    """
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(table(records, marks))
    write_atomically(path, text.getvalue().encode("utf-8-sig"))


def table(records: Iterable[Record], marks: Marks | None = None) -> list[list[str]]:
    """Return the table as rows of text: the header, then one row per record by student and lab.

    A person's mark takes the place of the automatic points, wherever there is one. A cell is empty,
    not 0, where nothing could be graded. Points are rounded to 2 decimals and written without
    trailing zeros. "by hand" holds the points of answered questions that nobody has marked yet;
    "grade" is the total and what questions have earned so far.

    Args:
        records: The class.
        marks: What persons gave, see :data:`Marks`.
    """
    records = list(records)
    marks = marks or {}
    exercises, questions = {}, {}  # id -> None, in the labs' order
    for record in sorted(records, key=lambda record: record["lab"]):
        exercises.update(dict.fromkeys(one["id"] for one in record["exercises"]))
        questions.update(dict.fromkeys(one["id"] for one in record["questions"]))
    for marked in marks.values():
        questions.update(dict.fromkeys(name for name in marked if name not in exercises))
    rows = [[*FIRST, *exercises, *questions, *LAST]]
    for record in sorted(records, key=lambda record: (record["student"], record["lab"])):
        sums = totals(record, marks.get((record["student"], record["lab"]), {}))
        rows.append(
            [
                one_line(record["student"]),
                record["lab"],
                record["status"],
                points(sums["total"]),
                points(record["out_of"]),
                *(points(sums["earned"].get(name)) for name in [*exercises, *questions]),
                points(sums["by_hand"]),
                points(sums["grade"]),
                one_line("; ".join(record["remarks"])),
            ]
        )
    return rows


def totals(record: Record, marks: Mapping[str, float]) -> Totals:
    """Add up a record and the marks that a person gave for it.

    Args:
        record: The submission.
        marks: Exercise or question -> points.
    """
    earned = {one["id"]: one["earned"] for one in record["exercises"]}
    exercises = list(earned)
    earned |= marks
    known = record["total"] is not None and None not in [earned[name] for name in exercises]
    # A person's marks count where the machine could not give any.
    known = known or (bool(exercises) and set(exercises) <= set(marks))
    total = round(sum(earned[name] for name in exercises), 2) if known else None
    waiting = [
        one["points"]
        for one in record["questions"]
        if one["id"] not in marks and one["text"] is not None
    ]
    by_hand = None if record["by_hand"] is None else sum(waiting)
    questions = sum(value for name, value in marks.items() if name not in exercises)
    grade = None if total is None else round(total + questions, 2)
    return {"earned": earned, "total": total, "by_hand": by_hand, "grade": grade}


def points(value: float | None) -> str:
    """Write points with at most 2 decimals; "" if they are not known.

    >>> points(2.0), points(1.3333333), points(None)
    ('2', '1.33', '')
    """
    return "" if value is None else f"{round(value, 2):g}"


def one_line(text: str) -> str:
    """Return `text` as one line that a spreadsheet takes for text, never for a formula.

    >>> one_line('=HYPERLINK("http://evil","me")')
    '\\'=HYPERLINK("http://evil","me")'
    """
    # A folder's name that is not UTF-8 on disk comes as lone surrogates; they show as \udcff.
    text = text.encode("utf-8", "backslashreplace").decode()
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f"'{line}" if line.startswith(("=", "+", "-", "@")) else line
