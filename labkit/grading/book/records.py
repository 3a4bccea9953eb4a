"""One durable record per submission: JSON, written whole or not at all.

A record's name says whose it is and, by a hash, what was graded by what: the submission, the lab,
the environment, the grader, the seed. A run that was cut off has lost none of what it had finished,
and a mark can be traced to what was seen.
"""

import json
from pathlib import Path

from labkit.files import write_atomically
from labkit.grading.hashes import identity

__all__ = [
    "file_name",
    "find_record",
    "read_record",
    "sweep",
    "write_record",
]


def write_record(path, record):
    """Write `record` (a JSON-able dict) atomically, in a form that people can read and diff."""
    text = json.dumps(record, indent=1, ensure_ascii=True, allow_nan=False)
    write_atomically(path, text.encode("ascii") + b"\n")


def read_record(path):
    """The record at `path`."""
    return json.loads(Path(path).read_bytes())


def file_name(student, lab, key):
    """The name of a record's file.

    >>> file_name("Zoë O'Neil", "01", "6f3a" * 16)
    'Zo_O_Neil-ada2c1c3.01.6f3a6f3a6f3a6f3a.json'
    """
    return f"{identity(student)}.{lab or 'none'}.{key[:16]}.json"


def find_record(folder, student, lab, key):
    """The record of that key in `folder`, or None; one that cannot be read is none."""
    try:
        record = read_record(Path(folder, file_name(student, lab, key)))
        return record if record["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def sweep(folder):
    """Remove what a writer that was killed has left in `folder`."""
    for path in Path(folder).glob(".*.part"):
        path.unlink(missing_ok=True)
