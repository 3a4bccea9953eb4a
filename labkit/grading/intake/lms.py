"""Tell whose a file is from the names that Moodle and Canvas give to a bulk download.

Moodle's "Download all submissions" puts ``Ada Lovelace_12345_assignsubmission_file_`` before every
file, or names the student's folder so. Canvas names ``lovelaceada_LATE_12345_678_lab-1.ipynb``:
12345 is the student, 678 the upload, and -1 means that the file was handed in again.
"""

import re
from dataclasses import dataclass

__all__ = ["Upload", "whose"]

_MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?"
)
_CANVAS = re.compile(r"(?P<name>.+?)(?P<late>_LATE)?_(?P<id>\d+)_(?P<upload>\d+)_(?P<file>.+)")
_AGAIN = re.compile(r"(?P<stem>.+?)-(?P<number>\d{1,3})(?P<suffix>\.[^.]+)")


@dataclass(frozen=True)
class Upload:
    """A file in a download, and whose it is."""

    student: str  #: the name that the student's folder gets
    path: str  #: the file's path in it, without what Moodle or Canvas added
    late: bool = False  #: whether Canvas marks it as late
    order: tuple[int, int] = (0, 0)  #: grows from one version of a file to the next


def whose(parts: tuple[str, ...]) -> Upload | None:
    """Tell whose a file is from the parts of its path; None if the path does not say it.

    >>> whose(("Zoë O'Neil_123_assignsubmission_file_", "lab.ipynb"))
    Upload(student="Zoë O'Neil_123", path='lab.ipynb', late=False, order=(0, 0))
    >>> whose(("oneilzo_LATE_123_4567_lab-2.ipynb",))
    Upload(student='oneilzo_123', path='lab.ipynb', late=True, order=(2, 4567))
    >>> whose(("ada", "homework", "lab.ipynb"))
    Upload(student='ada', path='homework/lab.ipynb', late=False, order=(0, 0))
    >>> whose(("lab.ipynb",))
    """
    first, rest = parts[0], list(parts[1:])
    moodle = _MOODLE.fullmatch(first)
    if moodle:
        inside = [moodle["file"], *rest] if moodle["file"] else rest
        return Upload(f"{moodle['name']}_{moodle['id']}", "/".join(inside)) if inside else None
    if rest:
        return Upload(first, "/".join(rest))
    canvas = _CANVAS.fullmatch(first)
    if canvas is None:
        return None
    again = _AGAIN.fullmatch(canvas["file"])
    name = again["stem"] + again["suffix"] if again else canvas["file"]
    order = int(again["number"]) if again else 0, int(canvas["upload"])
    return Upload(f"{canvas['name']}_{canvas['id']}", name, bool(canvas["late"]), order)
