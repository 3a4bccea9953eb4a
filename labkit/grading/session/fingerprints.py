"""What a mark depends on besides the submission, each as one hash: installation, grader, lab."""

import functools
import hashlib
import importlib.metadata
import platform
import re
from collections.abc import Mapping
from pathlib import Path

import labkit
from labkit.grading.answer_key import AnswerKey
from labkit.grading.hashes import fingerprint

__all__ = ["WITHOUT_EFFECT", "grader", "grader_of", "installation", "lab"]

#: Beginnings of the paths of modules that decide no mark: what draws, what trains, what is for
#: people. An answer may import some of them; what it computes with them is its own affair.
WITHOUT_EFFECT = (
    "__main__.py",
    "bench/",
    "cli/",
    "grading/attacks/",
    "grading/book/table.py",
    "grading/intake/archives.py",
    "grading/intake/collect.py",
    "grading/intake/lms.py",
    "grading/intake/store.py",
    "grading/release.py",
    "grading/reports/",
    "plots/",
    "predict.py",
    "widgets/",
    "workspace.py",
)
_LAB = re.compile(r"exercises/lab(\d\d)\b")
_IMPORTED_LAB = re.compile(r"labkit\.exercises(?:\.| import )lab(\d\d)\b")


@functools.cache
def installation() -> str:
    """Return the fingerprint of what answers run in: this Python and all installed packages."""
    packages = {
        f"{one.metadata['Name']}=={one.version}" for one in importlib.metadata.distributions()
    }
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return fingerprint(python, platform.machine(), sorted(packages))


@functools.cache
def grader(lab: str = "") -> str:
    """Return the fingerprint of labkit as far as it decides the marks of a lab.

    Args:
        lab: The lab's number; "" for what decides the marks of every lab.
    """
    folder = Path(labkit.__file__).parent
    sources = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.py")
    }
    return grader_of(sources, lab)


def grader_of(sources: Mapping[str, bytes], lab: str = "") -> str:
    """Return the fingerprint of labkit's modules as far as they decide the marks of a lab.

    Left out are the modules of :data:`WITHOUT_EFFECT`, and the exercises of other labs, unless this
    lab's exercises import them. Adapters and what exercises share count for every lab.

    Args:
        sources: The text of each module, by its path in the package ("checks/judge.py").
        lab: The lab's number, or "".
    """
    labs = _with_imported({lab}, sources)
    digest = hashlib.sha256(labkit.__version__.encode())
    for path in sorted(sources):
        of_lab = _LAB.match(path)
        if not path.startswith(WITHOUT_EFFECT) and (not of_lab or of_lab[1] in labs):
            digest.update(fingerprint(path, sources[path]).encode())
    return digest.hexdigest()


def _with_imported(labs, sources):
    """Return `labs` and the labs whose exercises theirs import, directly or not."""
    texts = [
        text.decode("utf-8", "replace")
        for path, text in sources.items()
        if (of_lab := _LAB.match(path)) and of_lab[1] in labs
    ]
    imported = {number for text in texts for number in _IMPORTED_LAB.findall(text)}
    return labs if imported <= labs else _with_imported(labs | imported, sources)


def lab(answer_key: AnswerKey) -> str:
    """Return the fingerprint of a lab as it ships."""
    return fingerprint(answer_key.notebook)
