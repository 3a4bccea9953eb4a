"""The table of grades, for spreadsheets and Moodle: a row per student and lab."""

import csv
import io

from labkit.files import write_atomically

__all__ = ["one_line", "points", "table", "totals", "write_csv"]

FIRST = ("student", "lab", "status", "total", "out of")
LAST = ("by hand", "grade", "remarks")


def write_csv(records, path, marks=()):
    """Write the table of `records` and `marks` to `path`, atomically.

    UTF-8 with a byte order mark, without which Excel takes "Zoë" for "ZoÃ«"; Moodle, pandas
    (``encoding="utf-8-sig"``) and LibreOffice read it as well.
    """
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(table(records, marks))
    write_atomically(path, text.getvalue().encode("utf-8-sig"))


def table(records, marks=()):
    """Rows of text: the header, then one row per record by student and lab.

    `marks` is ``{(student, lab): {exercise or question: points given by a person}}``. A person's
    mark stands in the place of the automatic one, wherever there is one. A cell is empty, and not
    0, where nothing could be graded. Points are written as short as they are exact to 2 decimals.
    "by hand" are the points of answered questions that nobody has marked yet, "grade" is the total
    and what questions have earned so far.
    """
    marks = dict(marks)
    exercises, questions = {}, {}  # id -> None, in the labs' order
    for record in sorted(records, key=lambda record: record["lab"]):
        exercises.update(dict.fromkeys(one["id"] for one in record["exercises"]))
        questions.update(dict.fromkeys(one["id"] for one in record["questions"]))
    for given in marks.values():
        questions.update(dict.fromkeys(name for name in given if name not in exercises))
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


def totals(record, marks):
    """What a record and a person's `marks` ({id: points}) come to.

    A dict: "earned" ({id: points or None}), "total" of the exercises (None: not known), "by_hand"
    (points still to be marked), "grade" (total and questions).
    """
    earned = {one["id"]: one["earned"] for one in record["exercises"]}
    exercises = list(earned)
    earned |= marks
    known = record["total"] is not None and None not in [earned[name] for name in exercises]
    # a person's marks count where the machine could give none
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


def points(value):
    """
    >>> points(2.0), points(1.3333333), points(None)
    ('2', '1.33', '')
    """
    return "" if value is None else f"{round(value, 2):g}"


def one_line(text):
    """`text` as one line that a spreadsheet takes for text, never for a formula.

    >>> one_line('=HYPERLINK("http://evil","me")')
    '\\'=HYPERLINK("http://evil","me")'
    """
    # a folder name that is not UTF-8 on disk comes as lone surrogates: shown as \udcff
    text = text.encode("utf-8", "backslashreplace").decode()
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f"'{line}" if line.startswith(("=", "+", "-", "@")) else line
