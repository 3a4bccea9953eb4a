"""What a mark depends on besides the submission, each as one hash: environment, grader, lab."""

import functools
import hashlib
import importlib.metadata
import platform
import re
from pathlib import Path

import labkit
from labkit.grading.hashes import fingerprint

__all__ = ["environment", "grader", "lab_key"]


@functools.cache
def environment():
    """The fingerprint of what answers run in: this Python and all that is installed."""
    installed = {
        f"{one.metadata['Name']}=={one.version}" for one in importlib.metadata.distributions()
    }
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return fingerprint(python, platform.machine(), sorted(installed))


# where no mark is decided
_NO_SAY = ("bench/", "cli/", "grading/attacks/", "plots/", "widgets/", "workspace.py")
_LAB = re.compile(r"labkit\.exercises\.lab(\d\d)")


@functools.cache
def grader(lab=""):
    """The fingerprint of labkit, as far as it decides the marks of a lab: its version and code.

    What only draws, and the checks of other labs, are left out: changing them changes no mark.
    """
    folder, digest = Path(labkit.__file__).parent, hashlib.sha256(labkit.__version__.encode())
    sources = {}
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        if not name.startswith(_NO_SAY):
            sources[name] = path.read_bytes()
    labs = _with_borrowed({lab}, sources)
    for name, source in sources.items():
        of_lab = re.match(r"exercises/lab(\d\d)", name)
        if not of_lab or of_lab[1] in labs:
            digest.update(fingerprint(name, source).encode())
    return digest.hexdigest()


def _with_borrowed(labs, sources):
    """`labs`, and those whose checks theirs import."""
    texts = (
        source.decode("utf-8", "replace")
        for name, source in sources.items()
        if any(name.startswith(f"exercises/lab{lab}") for lab in labs)
    )
    more = {lab for text in texts for lab in _LAB.findall(text)}
    return labs if more <= labs else _with_borrowed(labs | more, sources)


def lab_key(key):
    """The fingerprint of a lab as it ships, from the notebook of its answer key."""
    return fingerprint(key.notebook)
