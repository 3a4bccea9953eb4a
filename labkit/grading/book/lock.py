"""A lock on the folder that a grading run writes to: one run at a time."""

import contextlib
import sqlite3
from pathlib import Path

__all__ = ["Busy", "lock"]


class Busy(RuntimeError):
    """Another process is grading into the same place."""


@contextlib.contextmanager
def lock(path):
    """Be the only one who grades into `path`'s folder; the lock ends with the process, however.

    Raises :class:`Busy`.
    """
    # SQLite's lock, and not one of our own: it is there on every system, and dies with its holder
    held = sqlite3.connect(path, isolation_level=None, timeout=0)
    try:
        try:
            held.execute("PRAGMA locking_mode = EXCLUSIVE")
            held.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            text = f"another labkit is grading into {Path(path).parent}: wait for its end"
            raise Busy(text) from None
        yield
    finally:
        held.close()
