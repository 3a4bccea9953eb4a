"""What students handed in: folders, notebooks, and which of them to grade.

Everything here is read as if an enemy had written it: nothing is followed, executed or trusted,
sizes are bounded, and whatever is wrong with one folder becomes a sentence in that student's row.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from labkit.grading.intake.reading import MAX_BYTES, SubmissionError, read_notebook

__all__ = [
    "Folder",
    "Submission",
    "SubmissionError",
    "choose_notebook",
    "find_submissions",
    "read_folder",
]

MAX_FOLDER = 100 * 2**20  # bytes of all notebooks in one student's folder
MAX_NOTEBOOKS = 50  # of one student that are read
MAX_FILES = 2_000  # looked at in one student's folder
MAX_DEPTH = 6
IGNORED = {"__MACOSX", "__pycache__", "lost+found"}


@dataclass(frozen=True)
class Submission:
    """One student's folder. `student` is its name, exactly as it is on disk."""

    student: str
    folder: Path


def find_submissions(folder):
    """The students' folders in `folder`, by name, and the names of what else lies there.

    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp())
    >>> (root / "ada").mkdir(); _ = (root / "notes.txt").write_text("")
    >>> submissions, others = find_submissions(root)
    >>> [submission.student for submission in submissions], others
    (['ada'], ['notes.txt'])
    """
    submissions, others = [], []
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        hidden = entry.name.startswith(".") or entry.name in IGNORED
        hidden |= entry.name.endswith(".records")  # of an earlier run with its table in here
        if hidden or not (entry.is_dir() or entry.is_symlink()):
            others.append(entry.name)
        else:
            submissions.append(Submission(entry.name, Path(entry.path)))
    return submissions, others


@dataclass(frozen=True)
class Folder:
    """A student's folder, looked through."""

    notebooks: tuple  #: (path relative to the folder, notebook or None, why it cannot be read)
    remarks: tuple  #: what was not looked at

    def labs(self, names, holds):
        """Which labs lie here: `names` is {"01": file name without suffix} of those that count.

        A notebook's metadata tell, or its name; where neither does, ``holds(lab, notebook)`` says
        whether a lab's exercises are in it.
        """
        found = set()
        for relative, notebook, _ in self.notebooks:
            says = _lab_of(notebook or {})
            stem = Path(relative).stem
            of_this = {says} & set(names)
            of_this = of_this or {lab for lab, name in names.items() if _same_name(stem, name)}
            if not of_this and notebook is not None:
                of_this = {lab for lab in names if holds(lab, notebook)}
            found |= of_this
        return sorted(found)


def read_folder(submission):
    """Read every notebook in a student's folder into a :class:`Folder`.

    Raises :class:`SubmissionError`: the folder itself is not to be read.
    """
    if submission.folder.is_symlink():
        raise SubmissionError("the folder is a symbolic link, which is not followed")
    paths, remarks = _notebooks_in(submission.folder)
    if len(paths) > MAX_NOTEBOOKS:
        remarks.append(f"{len(paths)} notebooks: only the first {MAX_NOTEBOOKS} were read")
    notebooks, room = [], MAX_FOLDER
    for path in sorted(paths, key=lambda path: len(path.parts))[:MAX_NOTEBOOKS]:
        relative = path.relative_to(submission.folder).as_posix()
        try:
            size = path.lstat().st_size
            room -= size if size <= MAX_BYTES else 0  # larger ones are not read at all
            if room < 0:
                raise SubmissionError(f"more than {MAX_FOLDER // 2**20} MB of notebooks")
            notebooks.append((relative, read_notebook(path), ""))
        except SubmissionError as problem:
            notebooks.append((relative, None, str(problem)))
    return Folder(tuple(notebooks), tuple(remarks))


def choose_notebook(
    folder, lab, name, holds=lambda lab, notebook: False, answered=lambda notebook: 0
):
    """The notebook of a lab in a :class:`Folder`: (path relative to it, notebook, remarks).

    `lab` is the lab's number as its metadata has it ("01"), `name` the file's name without suffix.
    Among several, the one with the most answers is taken, as ``answered(notebook)`` counts them:
    students hand in the empty one, too. Among those, one that says in its metadata that it is this
    lab comes before one that is only called like it, then the exact name, the shortest path, the
    alphabet. A notebook with neither is taken when it is the only one, or when
    ``holds(lab, notebook)`` says that the lab's exercises are in it.
    Raises :class:`SubmissionError`.
    """
    remarks, ranked, problems = list(folder.remarks), [], []
    for relative, notebook, problem in folder.notebooks:
        stem = Path(relative).stem
        if notebook is None:
            problems.append(f"{relative}: {problem}")
            continue
        says, called = _lab_of(notebook), _same_name(stem, name)
        lone = says is None and len(folder.notebooks) == 1
        if says == lab or called or lone or holds(lab, notebook):
            order = (
                -answered(notebook),
                says != lab,
                stem != name,
                relative.count("/"),
                relative,
            )
            ranked.append((order, relative, notebook))
            if says != lab:
                problems.append(f"{relative}: its metadata names {_named(says)}")
        else:
            problems.append(f"{relative}: a notebook that names {_named(says)}")
    ranked.sort(key=lambda candidate: candidate[0])
    if not ranked:
        reason = "; ".join(remarks + problems) or "there is no .ipynb file in the folder"
        raise SubmissionError(f"no notebook of lab {lab}: {reason}")
    _, chosen, notebook = ranked[0]
    remarks += notebook["remarks"]
    if len(ranked) > 1:
        rest = ", ".join(relative for _, relative, _ in ranked[1:])
        remarks.append(f"{len(ranked)} notebooks of this lab: graded {chosen}, not {rest}")
    return chosen, notebook, remarks + problems


def _notebooks_in(folder):
    """Every *.ipynb below `folder`, never through a link, and remarks on what was not looked at."""
    found, remarks, seen = [], [], 0
    for root, folders, files in os.walk(folder, followlinks=False):
        depth = len(Path(root).relative_to(folder).parts)
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in IGNORED)
        if depth >= MAX_DEPTH:
            folders.clear()
        seen += len(files)
        remarks += [
            f"{file}: not looked into; labkit collect unpacks it"
            for file in sorted(files)
            if file.lower().endswith(".zip")
        ]
        found += [
            Path(root, file)
            for file in sorted(files)
            if file.lower().endswith(".ipynb") and not file.startswith(".")
        ]
        if seen > MAX_FILES:
            remarks.append(f"more than {MAX_FILES} files: the rest was not looked at")
            break
    return found, remarks


def _same_name(stem, name):
    """Is `stem` `name`, or what a browser or JupyterLab makes of it: "name (1)", "name-Copy2"?"""
    return re.sub(r"(\s*\(\d+\)|-Copy\d+)+$", "", stem).casefold() == name.casefold()


def _named(lab):
    return f"lab {lab}" if lab else "no lab"


def _lab_of(notebook):
    """The lab that the notebook's metadata names, or None."""
    metadata = notebook.get("metadata")
    ours = metadata.get("labkit") if isinstance(metadata, dict) else None
    lab = ours.get("lab") if isinstance(ours, dict) else None
    return lab if isinstance(lab, str) and len(lab) < 20 else None
