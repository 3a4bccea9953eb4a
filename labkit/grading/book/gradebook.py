"""The gradebook: SQLite, every submission in one transaction, and marks that a person gave.

Two kinds of rows never meet: what a run of the grader found (``submission``, ``exercise``), which
the next run may replace, and what a person decided (``mark``), which no run touches. A student is
known by an id that is safe in any system; the name stands beside it as text.
"""

import contextlib
import json
import sqlite3
from pathlib import Path

from labkit.grading.hashes import fingerprint, identity

__all__ = ["Gradebook", "answer_of", "marks_by_student", "open_gradebook", "work_folder"]

SCHEMA = 1
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

    Raises OSError when it cannot be opened or written, or is no gradebook.
    """

    def __init__(self, path):
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

    def get(self, name, default=None):
        """What a run left under `name`."""
        row = self._db.execute("SELECT value FROM run WHERE name = ?", (name,)).fetchone()
        return default if row is None else json.loads(row[0])

    def put(self, name, value):
        """Keep `value` (JSON-able; None: forget it) under `name`."""
        with self._transaction():
            self._db.execute("DELETE FROM run WHERE name = ?", (name,))
            if value is not None:
                self._db.execute("INSERT INTO run VALUES (?, ?)", (name, json.dumps(value)))

    def expect(self, pairs, labs):
        """Of `labs`, only the submissions in `pairs` ((student, lab)) were handed in now.

        What is no longer there stays in the gradebook and leaves the table.
        """
        ids = [(identity(student), lab) for student, lab in pairs]
        with self._transaction():
            for lab in ["", *labs]:
                self._db.execute("UPDATE submission SET present = 0 WHERE lab = ?", (lab,))
            self._db.executemany("UPDATE submission SET present = 1 WHERE id = ? AND lab = ?", ids)

    def store(self, record):
        """Put a record in the place of what was known of this submission: one transaction."""
        who = identity(record["student"]), record["lab"]
        with self._transaction():
            self._db.execute("DELETE FROM submission WHERE id = ? AND lab = ?", who)
            self._db.execute("DELETE FROM exercise WHERE id = ? AND lab = ?", who)
            self._db.execute(
                "INSERT INTO submission VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?)",
                (
                    *who,
                    _readable(record["student"]),
                    record["key"],
                    record["status"],
                    record["total"],
                    record["out_of"],
                    json.dumps(record),
                ),
            )
            self._db.executemany(
                "INSERT INTO exercise VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        *who,
                        one["id"],
                        one["points"],
                        one["earned"],
                        one["status"],
                        one.get("mistake"),
                    )
                    for one in record["exercises"]
                ],
            )

    def keys(self):
        """``{(student, lab): key}`` of what is stored as graded, or as refused for good."""
        rows = self._db.execute("SELECT record FROM submission WHERE status != 'machine error'")
        stored = (json.loads(row[0]) for row in rows)
        return {(one["student"], one["lab"]): one["key"] for one in stored}

    def records(self):
        """The records of all submissions that are there now, by student and lab."""
        rows = self._db.execute("SELECT record FROM submission WHERE present = 1")
        found = [json.loads(row[0]) for row in rows]
        return sorted(found, key=lambda record: (record["student"], record["lab"]))

    def mark(self, record, item, points, comment="", source="labkit mark"):
        """A person's mark on a question or exercise of a record; replaces an earlier one.

        Raises ValueError: no such item in the record, or not 0 to its points.
        """
        worth = {one["id"]: one["points"] for one in record["exercises"] + record["questions"]}
        if item not in worth:
            raise ValueError(f"no {item!r} to mark: expected one of {', '.join(worth) or 'none'}")
        if not 0 <= points <= worth[item]:
            raise ValueError(f"{item}: expected 0 to {worth[item]:g} points, received {points:g}")
        who = identity(record["student"]), record["lab"], item
        row = _readable(record["student"]), points, comment, answer_of(record, item), source
        with self._transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO mark VALUES (?, ?, ?, ?, ?, ?, ?, ?)", who + row
            )

    def unmark(self, record, item):
        """Take a person's mark away; the automatic one counts again, if there is one."""
        who = identity(record["student"]), record["lab"], item
        with self._transaction():
            self._db.execute("DELETE FROM mark WHERE id = ? AND lab = ? AND item = ?", who)

    def marks(self):
        """``{(id, lab): {item: {"points", "comment", "answer", "source"}}}``, all that was given.

        "answer" is the fingerprint of the answer that was marked.
        """
        rows = self._db.execute("SELECT id, lab, item, points, comment, answer, source FROM mark")
        found = {}
        for student_id, lab, item, *rest in rows:
            mark = dict(zip(("points", "comment", "answer", "source"), rest, strict=True))
            found.setdefault((student_id, lab), {})[item] = mark
        return found


def work_folder(out):
    """Where records and gradebook of the table `out` lie."""
    return Path(f"{out}.records")


def open_gradebook(grades):
    """The gradebook beside the table `grades`.

    Raises FileNotFoundError: nothing was graded there.
    """
    path = work_folder(grades) / "gradebook.db"
    if not path.is_file():
        raise FileNotFoundError(
            f"no gradebook {path}: expected the table that 'labkit grade … --out {grades}' writes"
        )
    return Gradebook(path)


def marks_by_student(gradebook, made):
    """``{(student, lab): {item: points}}``, as the table wants it."""
    marks = gradebook.marks()
    return {
        (record["student"], record["lab"]): {
            item: mark["points"]
            for item, mark in marks.get((identity(record["student"]), record["lab"]), {}).items()
        }
        for record in made
    }


def answer_of(record, item):
    """The fingerprint of the answer to a question or exercise in a record."""
    texts = {one["id"]: one["source"] for one in record["exercises"]}
    texts |= {one["id"]: one["text"] for one in record["questions"]}
    return fingerprint(texts.get(item))[:16]


def _readable(name):
    return name.encode("utf-8", "backslashreplace").decode()
