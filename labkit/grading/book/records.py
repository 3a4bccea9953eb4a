"""One durable record per submission: JSON, written whole or not at all.

A record's name says whose it is and, by a hash, what was graded by what: the submission, the lab,
the environment, the grader, the seed. A run that was cut off has lost none of what it had finished,
and a mark can be traced to what was seen.
"""

import hashlib
import hmac
import json
import re
from pathlib import Path

from labkit.files import write_atomically

__all__ = [
    "file_name",
    "find_record",
    "fingerprint",
    "identity",
    "read_record",
    "seal",
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


def identity(student):
    """A name for a student's files: readable, portable, and never the same for two students.

    >>> identity("Zoë O'Neil")
    'Zo_O_Neil-ada2c1c3'
    >>> identity("../../etc/passwd")
    'etc_passwd-afc2e947'
    """
    readable = re.sub(r"[^A-Za-z0-9]+", "_", student).strip("_")[:60]
    return f"{readable or 'student'}-{fingerprint(student)[:8]}"


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


def fingerprint(*parts):
    """SHA-256 over `parts` (str, bytes or JSON-able values) as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for part in parts:
        if not isinstance(part, bytes):
            part = json.dumps(part, sort_keys=True, ensure_ascii=True).encode("ascii")
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def seal(key, value):
    """What only a holder of `key` (str) can put under `value` (JSON-able)."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True)
    return hmac.new(key.encode(), text.encode("ascii"), "sha256").hexdigest()
