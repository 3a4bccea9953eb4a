"""The gradebook: SQLite, each submission stored in one transaction, and the marks of persons.

Two kinds of rows are kept apart: the results of grading (tables ``submission`` and ``exercise``),
which the next run may replace, and what a person decided (table ``mark``), which no run touches. A
student is known by an id that is safe on any system; the name stands beside it as text.
"""

import contextlib
import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from labkit.grading.book.schema import MACHINE, Mark, Record, RecordError, checked_record
from labkit.grading.hashes import fingerprint, identity

__all__ = ["Gradebook", "answer_of", "marks_by_student", "open_gradebook", "work_folder"]

SCHEMA = 1  # of the tables
_TABLES = """
CREATE TABLE IF NOT EXISTS run (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS submission (
    id TEXT, lab TEXT, student TEXT NOT NULL, key TEXT NOT NULL, status TEXT NOT NULL,
    total REAL, out_of REAL, present INTEGER NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (id, lab)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS exercise (
    id TEXT, lab TEXT, exercise TEXT, points REAL NOT NULL, earned REAL, status TEXT NOT NULL,
    mistake TEXT, PRIMARY KEY (id, lab, exercise)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mark (
    id TEXT, lab TEXT, item TEXT, student TEXT NOT NULL, points REAL NOT NULL,
    comment TEXT NOT NULL, answer TEXT NOT NULL, source TEXT NOT NULL,
    PRIMARY KEY (id, lab, item)
) WITHOUT ROWID;
"""


class Gradebook:
    """The gradebook at `path`, made if there is none; a context manager that closes it.

    Raises:
        OSError: It cannot be opened or written, or is not a gradebook.
    """

    def __init__(self, path: Path):
        self.path = path
        try:
            self._db = sqlite3.connect(path, timeout=30, isolation_level=None)
            self._db.execute("PRAGMA synchronous = FULL")
            with self._transaction():
                for statement in filter(str.strip, _TABLES.split(";")):
                    self._db.execute(statement)
        except sqlite3.Error as error:
            raise OSError(f"{path} cannot be opened as a gradebook: {error}") from None
        if self.get("schema", SCHEMA) != SCHEMA:
            raise OSError(f"{path} was written by another version of labkit")
        if self.get("schema") is None:
            self.put("schema", SCHEMA)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._db.close()

    @contextlib.contextmanager
    def _transaction(self):
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except BaseException as error:
            if self._db.in_transaction:  # SQLite itself rolls back when the disk is full
                self._db.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError):
                raise OSError(f"the gradebook cannot be written: {error}") from None
            raise

    def get(self, name: str, default=None):
        """Return the value that a run has kept under `name`, or `default`."""
        row = self._db.execute("SELECT value FROM run WHERE name = ?", (name,)).fetchone()
        return default if row is None else json.loads(row[0])

    def put(self, name: str, value) -> None:
        """Keep `value` (anything that JSON can hold) under `name`; None removes it."""
        with self._transaction():
            self._db.execute("DELETE FROM run WHERE name = ?", (name,))
            if value is not None:
                self._db.execute("INSERT INTO run VALUES (?, ?)", (name, json.dumps(value)))

    def expect(self, pairs: Iterable[tuple[str, str]], labs: Iterable[str]) -> None:
        """Note which submissions of some labs are in the folder that is being graded.

        A submission that is no longer there stays in the gradebook and leaves the table.

        Args:
            pairs: (student, lab) of those that are there.
            labs: The labs that this run looked for; submissions of others stay as they are.
        """
        ids = [(identity(student), lab) for student, lab in pairs]
        with self._transaction():
            for lab in ["", *labs]:
                self._db.execute("UPDATE submission SET present = 0 WHERE lab = ?", (lab,))
            self._db.executemany("UPDATE submission SET present = 1 WHERE id = ? AND lab = ?", ids)

    def store(self, record: Record) -> None:
        """Replace what is known of a submission with `record`, in one transaction."""
        submission = identity(record["student"]), record["lab"]
        row = (
            *submission,
            _readable(record["student"]),
            record["key"],
            record["status"],
            record["total"],
            record["out_of"],
            json.dumps(record),
        )
        exercises = [
            (
                *submission,
                one["id"],
                one["points"],
                one["earned"],
                one["status"],
                one.get("mistake"),
            )
            for one in record["exercises"]
        ]
        with self._transaction():
            self._db.execute("DELETE FROM submission WHERE id = ? AND lab = ?", submission)
            self._db.execute("DELETE FROM exercise WHERE id = ? AND lab = ?", submission)
            self._db.execute("INSERT INTO submission VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?)", row)
            self._db.executemany("INSERT INTO exercise VALUES (?, ?, ?, ?, ?, ?, ?)", exercises)

    def keys(self) -> dict[tuple[str, str], str]:
        """Return ``{(student, lab): key}`` of the submissions that need not be graded again.

        A submission that failed for a reason of the machine's is not among them, nor is one whose
        record cannot be used.
        """
        stored = self._stored("1", skip=True)
        return {
            (one["student"], one["lab"]): one["key"] for one in stored if one["status"] != MACHINE
        }

    def records(self, *, skip_unusable: bool = False) -> list[Record]:
        """Return the records of all submissions that are there now, by student and lab.

        Args:
            skip_unusable: Leave out what is damaged or was written by another version of labkit.

        Raises:
            RecordError: A record cannot be used.
        """
        stored = self._stored("present = 1", skip=skip_unusable)
        return sorted(stored, key=lambda record: (record["student"], record["lab"]))

    def _stored(self, condition, skip):
        """Yield the records of the rows for which an SQL condition holds."""
        for student, lab, text in self._db.execute(
            f"SELECT student, lab, record FROM submission WHERE {condition}"
        ):
            where = f"{self.path}, the record of {student!r}, lab {lab or 'unknown'}"
            try:
                try:
                    value = json.loads(text)
                except (ValueError, RecursionError) as error:
                    value = f"not JSON: {error}"
                yield checked_record(value, where)
            except RecordError:
                if not skip:
                    raise

    def mark(
        self, record: Record, item: str, points: float, comment="", source="labkit mark"
    ) -> None:
        """Store a person's mark; it replaces an earlier one.

        Args:
            record: The submission.
            item: The id of the question or exercise.
            points: 0 to what the item is worth.
            comment: For the student.
            source: Where the mark was entered.

        Raises:
            ValueError: The record has no such item, or it is worth less than `points`.
        """
        worth = {one["id"]: one["points"] for one in record["exercises"] + record["questions"]}
        if item not in worth:
            raise ValueError(f"no {item!r} to mark: expected one of {', '.join(worth) or 'none'}")
        if not 0 <= points <= worth[item]:
            raise ValueError(f"{item}: expected 0 to {worth[item]:g} points, received {points:g}")
        row = (
            *(identity(record["student"]), record["lab"], item, _readable(record["student"])),
            *(points, comment, answer_of(record, item), source),
        )
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO mark VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def unmark(self, record: Record, item: str) -> None:
        """Remove a person's mark; the automatic points count again, if there are any."""
        which = identity(record["student"]), record["lab"], item
        with self._transaction():
            self._db.execute("DELETE FROM mark WHERE id = ? AND lab = ? AND item = ?", which)

    def marks(self) -> dict[tuple[str, str], dict[str, Mark]]:
        """Return all marks that persons gave, as ``{(student's id, lab): {item: mark}}``."""
        rows = self._db.execute("SELECT id, lab, item, points, comment, answer, source FROM mark")
        marks = {}
        for student_id, lab, item, points, comment, answer, source in rows:
            mark = Mark(points=points, comment=comment, answer=answer, source=source)
            marks.setdefault((student_id, lab), {})[item] = mark
        return marks


def work_folder(grades: Path) -> Path:
    """Return the folder that holds the records and the gradebook of the table `grades`."""
    return Path(f"{grades}.records")


def open_gradebook(grades: Path) -> Gradebook:
    """Open the gradebook of the table `grades`.

    Raises:
        FileNotFoundError: Nothing was graded there.
        OSError: It cannot be opened, or is not a gradebook.
    """
    path = work_folder(grades) / "gradebook.db"
    if not path.is_file():
        raise FileNotFoundError(
            f"no gradebook {path}: expected the table that 'labkit grade … --out {grades}' writes"
        )
    return Gradebook(path)


def marks_by_student(
    gradebook: Gradebook, records: Iterable[Record]
) -> dict[tuple[str, str], dict[str, float]]:
    """Return the points that persons gave as ``{(student, lab): {item: points}}``."""
    marks = gradebook.marks()
    by_student = {}
    for record in records:
        of_submission = marks.get((identity(record["student"]), record["lab"]), {})
        points = {item: mark["points"] for item, mark in of_submission.items()}
        by_student[record["student"], record["lab"]] = points
    return by_student


def answer_of(record: Record, item: str) -> str:
    """Return the start of the hash of a submission's answer to a question or exercise."""
    texts = {one["id"]: one["source"] for one in record["exercises"]}
    texts |= {one["id"]: one["text"] for one in record["questions"]}
    return fingerprint(texts.get(item))[:16]


def _readable(name):
    return name.encode("utf-8", "backslashreplace").decode()
