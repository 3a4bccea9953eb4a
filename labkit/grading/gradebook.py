"""The table of grades: a row per student, a column per exercise, for spreadsheets and Moodle."""

import csv
import io

from labkit.files import write_atomically

__all__ = ["table", "write_csv"]

FIRST = ("student", "lab", "status", "total", "out of")
LAST = ("by hand", "remarks")


def write_csv(records, path):
    """Write the table of `records` to `path`, atomically.

    UTF-8 with a byte order mark, without which Excel takes "Zoë" for "ZoÃ«"; Moodle, pandas
    (``encoding="utf-8-sig"``) and LibreOffice read it as well.
    """
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(table(records))
    write_atomically(path, text.getvalue().encode("utf-8-sig"))


def table(records):
    """Rows of text: the header, then one row per record by student.

    A cell is empty, and not 0, where nothing could be graded. Points are written as short as they
    are exact to 2 decimals. "by hand" counts the points of questions that a person has to mark.
    """
    exercises = {}  # id -> None, in the lab's order: the first record that has any knows them
    for record in records:
        exercises.update(dict.fromkeys(exercise["id"] for exercise in record["exercises"]))
    rows = [[*FIRST, *exercises, *LAST]]
    for record in sorted(records, key=lambda record: record["student"]):
        earned = {exercise["id"]: exercise["earned"] for exercise in record["exercises"]}
        rows.append(
            [
                _safe(record["student"]),
                record["lab"],
                record["status"],
                _points(record["total"]),
                _points(record["out_of"]),
                *(_points(earned.get(name)) for name in exercises),
                _points(record["by_hand"]),
                _safe("; ".join(record["remarks"])),
            ]
        )
    return rows


def _points(value):
    """
    >>> _points(2.0), _points(1.3333333), _points(None)
    ('2', '1.33', '')
    """
    return "" if value is None else f"{round(value, 2):g}"


def _safe(text):
    """`text` as one line that a spreadsheet takes for text, never for a formula.

    >>> _safe('=HYPERLINK("http://evil","me")')
    '\\'=HYPERLINK("http://evil","me")'
    """
    # a folder name that is not UTF-8 on disk comes as lone surrogates: shown as \udcff
    text = text.encode("utf-8", "backslashreplace").decode()
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f"'{line}" if line.startswith(("=", "+", "-", "@")) else line
