"""Find the students' folders, read the notebooks in them, and choose which of them to grade.

All of it is untrusted: nothing is followed or executed, sizes are bounded, and whatever is wrong
with one folder becomes a sentence in that student's row.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from labkit.grading.intake.reading import MAX_BYTES, SubmissionError, read_notebook

__all__ = [
    "FolderContents",
    "StudentFolder",
    "SubmissionError",
    "choose_notebook",
    "find_student_folders",
    "read_folder",
]

MAX_FOLDER = 100 * 2**20  # bytes of all notebooks in one student's folder
MAX_NOTEBOOKS = 50  # that are read in one student's folder
MAX_FILES = 2_000  # that are looked at in one student's folder
MAX_DEPTH = 6  # of folders in a student's folder
IGNORED = {"__MACOSX", "__pycache__", "lost+found"}


@dataclass(frozen=True)
class StudentFolder:
    """Where all that one student handed in lies."""

    student: str  #: the folder's name, exactly as it is on disk
    path: Path


def find_student_folders(folder: Path) -> tuple[list[StudentFolder], list[str]]:
    """Return the students' folders in `folder`, by name, and the names of what else lies there.

    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp())
    >>> (root / "ada").mkdir(); _ = (root / "notes.txt").write_text("")
    >>> students, others = find_student_folders(root)
    >>> [one.student for one in students], others
    (['ada'], ['notes.txt'])
    """
    students, others = [], []
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        ignored = entry.name.startswith(".") or entry.name in IGNORED
        ignored |= entry.name.endswith(".records")  # an earlier run wrote its table here
        if ignored or not (entry.is_dir() or entry.is_symlink()):
            others.append(entry.name)
        else:
            students.append(StudentFolder(entry.name, Path(entry.path)))
    return students, others


@dataclass(frozen=True)
class FolderContents:
    """The notebooks in a student's folder, read."""

    notebooks: tuple  #: (path in the folder, notebook or None, why it cannot be read)
    remarks: tuple[str, ...]  #: what was not looked at

    def labs(self, names: Mapping[str, str], holds: Callable[[str, dict], bool]) -> list[str]:
        """Return the labs that lie in the folder.

        A notebook's metadata decide, or else its file name, or else what is in it.

        Args:
            names: Lab number -> full name, of the labs that count.
            holds: ``holds(lab, notebook)`` tells whether a lab's exercises are in a notebook.
        """
        labs = set()
        for relative, notebook, _ in self.notebooks:
            stem = Path(relative).stem
            of_this = {_lab_of(notebook or {})} & set(names)
            of_this = of_this or {lab for lab, name in names.items() if _same_name(stem, name)}
            if not of_this and notebook is not None:
                of_this = {lab for lab in names if holds(lab, notebook)}
            labs |= of_this
        return sorted(labs)


def read_folder(student_folder: StudentFolder) -> FolderContents:
    """Read every notebook in a student's folder.

    Raises:
        SubmissionError: The folder itself must not be read.
    """
    if student_folder.path.is_symlink():
        raise SubmissionError("the folder is a symbolic link, which is not followed")
    paths, remarks = _notebooks_in(student_folder.path)
    if len(paths) > MAX_NOTEBOOKS:
        remarks.append(f"{len(paths)} notebooks: only the first {MAX_NOTEBOOKS} were read")
    notebooks, room = [], MAX_FOLDER
    for path in sorted(paths, key=lambda path: len(path.parts))[:MAX_NOTEBOOKS]:
        relative = path.relative_to(student_folder.path).as_posix()
        try:
            size = path.lstat().st_size
            room -= size if size <= MAX_BYTES else 0  # a larger one is not read at all
            if room < 0:
                raise SubmissionError(f"more than {MAX_FOLDER // 2**20} MB of notebooks")
            notebooks.append((relative, read_notebook(path), ""))
        except SubmissionError as problem:
            notebooks.append((relative, None, str(problem)))
    return FolderContents(tuple(notebooks), tuple(remarks))


def choose_notebook(
    folder: FolderContents,
    lab: str,
    name: str,
    holds: Callable[[str, dict], bool] = lambda lab, notebook: False,
    answered: Callable[[dict], int] = lambda notebook: 0,
) -> tuple[str, dict, list[str]]:
    """Choose the notebook of a lab.

    A notebook is a candidate if its metadata name the lab, if its file is called like it, if its
    exercises are in it, or if it is the only one and names no lab. Of several, the one with the
    most answers is taken, since students hand in the empty notebook, too; among equals, one whose
    metadata name the lab, then the exact file name, the shortest path, the alphabet.

    Args:
        folder: What a student handed in.
        lab: The lab's number, as metadata have it ("01").
        name: The lab's full name, which is the name of its file without the suffix.
        holds: ``holds(lab, notebook)`` tells whether the lab's exercises are in a notebook.
        answered: ``answered(notebook)`` counts the answers in a notebook.

    Returns:
        The path in the folder, the notebook, and remarks for the instructor.

    Raises:
        SubmissionError: There is no candidate.
    """
    remarks, candidates, problems = list(folder.remarks), [], []
    for relative, notebook, problem in folder.notebooks:
        stem = Path(relative).stem
        if notebook is None:
            problems.append(f"{relative}: {problem}")
            continue
        named, has_name = _lab_of(notebook), _same_name(stem, name)
        only_one = named is None and len(folder.notebooks) == 1
        if named == lab or has_name or only_one or holds(lab, notebook):
            order = (
                -answered(notebook),
                named != lab,
                stem != name,
                relative.count("/"),
                relative,
            )
            candidates.append((order, relative, notebook))
            if named != lab:
                problems.append(f"{relative}: its metadata names {_in_words(named)}")
        else:
            problems.append(f"{relative}: a notebook that names {_in_words(named)}")
    candidates.sort(key=lambda candidate: candidate[0])
    if not candidates:
        reason = "; ".join(remarks + problems) or "there is no .ipynb file in the folder"
        raise SubmissionError(f"no notebook of lab {lab}: {reason}")
    _, chosen, notebook = candidates[0]
    remarks += notebook["remarks"]
    if len(candidates) > 1:
        rest = ", ".join(relative for _, relative, _ in candidates[1:])
        remarks.append(f"{len(candidates)} notebooks of this lab: graded {chosen}, not {rest}")
    return chosen, notebook, remarks + problems


def _notebooks_in(folder):
    """Return every *.ipynb in `folder`, links not followed, and what was not looked at."""
    notebooks, remarks, count = [], [], 0
    for root, folders, files in os.walk(folder, followlinks=False):
        depth = len(Path(root).relative_to(folder).parts)
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in IGNORED)
        if depth >= MAX_DEPTH:
            folders.clear()
        count += len(files)
        remarks += [
            f"{file}: not looked into; labkit collect unpacks it"
            for file in sorted(files)
            if file.lower().endswith(".zip")
        ]
        notebooks += [
            Path(root, file)
            for file in sorted(files)
            if file.lower().endswith(".ipynb") and not file.startswith(".")
        ]
        if count > MAX_FILES:
            remarks.append(f"more than {MAX_FILES} files: the rest was not looked at")
            break
    return notebooks, remarks


def _same_name(stem, name):
    """Tell whether `stem` is `name` or a copy of it: "name (1)", "name-Copy2"."""
    return re.sub(r"(\s*\(\d+\)|-Copy\d+)+$", "", stem).casefold() == name.casefold()


def _in_words(lab):
    return f"lab {lab}" if lab else "no lab"


def _lab_of(notebook):
    """Return the lab that the notebook's metadata name, or None."""
    metadata = notebook.get("metadata")
    about = metadata.get("labkit") if isinstance(metadata, dict) else None
    lab = about.get("lab") if isinstance(about, dict) else None
    return lab if isinstance(lab, str) and len(lab) < 20 else None
