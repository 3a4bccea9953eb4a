"""Find a student's answers in a submitted notebook, and put them into the notebook as it shipped.

A cell of a submission is recognized by any of three marks (nbgrader's ``grade_id``, labkit's
``exercise``, the cell's id); all other metadata of the student is ignored. Cells that are
duplicated, missing, renamed or of the wrong type are reported, and never repaired silently.
"""

import ast
import copy
import functools
from collections import Counter
from dataclasses import dataclass, field

import nbformat

from labkit import paths

__all__ = [
    "Problem",
    "Stranger",
    "SubmittedCells",
    "answer_cells",
    "inspect",
    "load",
    "strangers",
    "with_answers",
]


@dataclass(frozen=True)
class Problem:
    """Something about a submitted notebook that the grader should be told."""

    kind: str  #: "missing", "duplicated", "renamed", "cell type" or "unknown"
    id: str  #: the exercise or question
    text: str  #: one sentence


@dataclass(frozen=True)
class SubmittedCells:
    """The cells of a submitted notebook that hold the answers of a student."""

    answers: dict = field(default_factory=dict)  #: exercise id -> source
    questions: dict = field(default_factory=dict)  #: question id -> text
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Stranger:
    """A code cell that the student added, or made of one of the lab's own."""

    anchor: str | None  #: id of the last cell of the lab before it (or of itself); None: at the top
    number: int  #: counted from 1 as in the file
    source: str


def load(lab_id, folder=None):
    """The student notebook of a lab as it ships (NotebookNode), by "01" or by its full name.

    Raises:
        LookupError: there is no such lab; the text lists those that there are.
    """
    folder = paths.labs() if folder is None else folder
    names = sorted(path.stem for path in folder.glob("[0-9][0-9]_*.ipynb"))
    for name in names:
        if lab_id in (name, name[:2]):
            return nbformat.read(folder / f"{name}.ipynb", as_version=4)
    raise LookupError(
        f"no lab {lab_id!r} in {folder}: expected one of {', '.join(names) or '(there are none)'}"
    )


def answer_cells(notebook, pristine=None):
    """The answers in a notebook, ``{exercise id: source}``; :func:`inspect` says more."""
    return inspect(notebook, pristine).answers


def inspect(notebook, pristine=None):
    """Take a submission apart into a :class:`SubmittedCells`.

    `pristine` is the notebook as it shipped; without it, the one that the submission's metadata
    names. An exercise with several cells (split or copied) gets the text of all that differ from
    the stub, in order, as running the notebook from top to bottom would.

    Raises:
        LookupError: `pristine` is not given and the notebook does not say which lab it is.
    """
    if pristine is None:
        pristine = load(_own(notebook).get("lab", "(not named in the notebook's metadata)"))
    shipped = {_name(cell): cell for cell in pristine.cells if _name(cell)}
    found = {name: [] for name in shipped}
    problems = []
    for number, cell in _cells(notebook):
        told, ids = _marks(cell)
        names = [mark for mark in told + ids if mark in shipped]
        if names:
            # most of the marks decide; for a tie, the first of them
            name = Counter(names).most_common(1)[0][0]
            found[name].append(cell)
            # a pasted cell gets a random id: that is no rename
            others = sorted({*told, *names} - {name})
            if others:
                text = f"cell {number} is taken for {name}, but is also marked {', '.join(others)}"
                problems.append(Problem("renamed", name, text))
        elif told:
            text = f"cell {number} answers {told[0]!r}, which is not in this lab"
            problems.append(Problem("unknown", told[0], text))
    answers, questions = {}, {}
    for name, cells in found.items():
        stub = shipped[name]
        target = answers if stub.cell_type == "code" else questions
        if not cells:
            problems.append(Problem("missing", name, _missing(name, stub, notebook)))
            continue
        if any(cell.get("cell_type") != stub.cell_type for cell in cells):
            text = f"expected a {stub.cell_type} cell, found {cells[0].get('cell_type')!r}"
            problems.append(Problem("cell type", name, text))
        written = list(dict.fromkeys(_text(cell) for cell in cells))
        changed = [text for text in written if text != stub.source]
        if len(cells) > 1:
            text = f"{len(cells)} cells, of which {len(changed)} were changed: taken in their order"
            problems.append(Problem("duplicated", name, text))
        target[name] = "\n\n".join(changed) or stub.source
    return SubmittedCells(answers, questions, tuple(problems))


def strangers(notebook, pristine):
    """The code cells of a submission that are not the lab's, as a list of :class:`Stranger`.

    Answers, checks and hints are the lab's whatever they hold; so is a copy of one of its cells.
    """
    shipped = {cell["id"]: cell for cell in pristine.cells}
    by_source = {cell.source.strip(): cell["id"] for cell in pristine.cells}
    anchor, found = None, []
    for number, cell in _cells(notebook):
        told, ids = _marks(cell)
        text = _text(cell)
        known = [mark for mark in told + ids if mark in shipped]
        known = known[0] if known else by_source.get(text.strip())
        anchor = known or anchor
        if cell.get("cell_type") != "code" or not text.strip():
            continue
        changed = known and _own(shipped[known]).get("role") in ("code", "predict")
        if not known or (changed and text.strip() != shipped[known].source.strip()):
            found.append(Stranger(anchor, number, text))
    return found


def with_answers(notebook, answers):
    """A copy of `notebook` in which the cell of each exercise (or question) holds the given source.

    Raises:
        KeyError: an id that is not in the notebook; nothing is silently left out.
    """
    result = copy.deepcopy(notebook)
    cells = {_name(cell): cell for cell in result.cells if _name(cell)}
    for name, source in answers.items():
        if name not in cells:
            raise KeyError(
                f"no exercise {name!r} in this notebook: expected one of {sorted(cells)}"
            )
        cells[name].source = source
    return result


def _own(node):
    """A cell's or notebook's metadata under "labkit", or {} whatever a student made of it."""
    metadata = node.get("metadata") if isinstance(node, dict) else None
    own = metadata.get("labkit") if isinstance(metadata, dict) else None
    return own if isinstance(own, dict) else {}


def _name(cell):
    """The exercise or question that a pristine cell is the answer to, or None."""
    role = _own(cell).get("role")
    return cell["id"] if role in ("answer", "question") else None


def _marks(cell):
    """The names that a submitted cell bears: those its metadata tell, and its ids."""
    metadata = cell["metadata"] if isinstance(cell.get("metadata"), dict) else {}
    nbgrader = metadata["nbgrader"] if isinstance(metadata.get("nbgrader"), dict) else {}
    own = _own(cell)
    told = [nbgrader.get("grade_id") if nbgrader.get("solution") else None]
    if own.get("role") in ("answer", "question"):
        told.append(own.get("exercise", own.get("question")))
    ids = [cell.get("id"), metadata.get("id")]  # Google Colab keeps the id in the metadata
    return [[mark for mark in marks if isinstance(mark, str)] for marks in (told, ids)]


def _cells(notebook):
    """The cells of a submission, numbered from 1 as in the file; what is no cell is passed over."""
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    cells = cells if isinstance(cells, list) else []
    return [(number, cell) for number, cell in enumerate(cells, 1) if isinstance(cell, dict)]


def _text(cell):
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _missing(name, stub, notebook):
    """Say that a cell is missing, and whether another one defines what it should."""
    wanted = _defined(stub.source)
    for number, cell in _cells(notebook):
        if wanted and cell.get("cell_type") == "code" and wanted <= _defined(_text(cell)):
            what = ", ".join(sorted(wanted))
            return (
                f"its cell is gone; cell {number} defines {what}, but is not marked as the answer"
            )
    return "its cell is gone"


@functools.lru_cache(10_000)  # all cells of a large notebook: each is asked for at every exercise
def _defined(text):
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # ValueError: null bytes
        return set()
    return {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
