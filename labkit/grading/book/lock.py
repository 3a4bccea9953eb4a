"""A lock on the folder that a grading run writes to: one run at a time."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

__all__ = ["Busy", "lock"]


class Busy(RuntimeError):
    """Another process is grading into the same folder."""


@contextlib.contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold the lock file `path`. The lock ends with the process, however the process ends.

    Raises:
        Busy: Another process holds the lock.
    """
    # SQLite's lock is used because it works on every system and dies with its holder.
    connection = sqlite3.connect(path, isolation_level=None, timeout=0)
    try:
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            raise Busy(
                f"another labkit is grading into {Path(path).parent}: wait until it has ended"
            ) from None
        yield
    finally:
        connection.close()
