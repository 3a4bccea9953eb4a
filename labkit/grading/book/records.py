"""One durable record per submission: a JSON file, written whole or not at all.

The name of a record's file says whose it is and, by a hash, what was graded by what: the
submission, the lab, the installation, the grader, the seed. A run that was cut off has therefore
lost nothing of what it had finished, and a mark can be traced to what was graded.
"""

import json
from pathlib import Path

from labkit.files import write_atomically
from labkit.grading.book.schema import Record, RecordError, checked_record
from labkit.grading.hashes import identity

__all__ = ["RecordError", "file_name", "find_record", "read_record", "sweep", "write_record"]


def write_record(path: Path, record: Record) -> None:
    """Write a record atomically, in a form that people can read and compare."""
    text = json.dumps(record, indent=1, ensure_ascii=True, allow_nan=False)
    write_atomically(path, text.encode("ascii") + b"\n")


def read_record(path: Path) -> Record:
    """Read the record at `path`.

    Raises:
        RecordError: It is damaged, or not a record of this version of labkit.
        OSError: It cannot be read.
    """
    try:
        value = json.loads(Path(path).read_bytes())
    except (ValueError, RecursionError) as error:
        text = f"{path}: expected a record as JSON, received something else ({error})"
        raise RecordError(f"{text}. Grade the submission again with 'labkit grade'") from None
    return checked_record(value, str(path))


def file_name(student: str, lab: str, key: str) -> str:
    """Return the name of a record's file.

    >>> file_name("Zoë O'Neil", "01", "6f3a" * 16)
    'Zo_O_Neil-ada2c1c3.01.6f3a6f3a6f3a6f3a.json'
    """
    return f"{identity(student)}.{lab or 'none'}.{key[:16]}.json"


def find_record(folder: Path, student: str, lab: str, key: str) -> Record | None:
    """Return the record with that key in `folder`; None if there is none that can be used."""
    try:
        record = read_record(Path(folder, file_name(student, lab, key)))
    except OSError:
        return None
    return record if record["key"] == key else None


def sweep(folder: Path) -> None:
    """Remove the partial files that a killed writer has left in `folder`."""
    for path in Path(folder).glob(".*.part"):
        path.unlink(missing_ok=True)
