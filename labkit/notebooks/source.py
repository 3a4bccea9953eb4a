"""The source of a lab: a py:percent file, read into one small object for each cell.

Cell kinds are told apart by the metadata on the ``# %%`` line: ``exercise="id" points=2``,
``check="id"``, ``hint="id"``, ``predict="id"``, ``[markdown] question="id" points=2``; none for
prose and for code that everybody gets. Reading fails closed: whatever is not understood is an
error that names the file and the line, because a guess could publish an answer.
"""

import ast
import hashlib
import re
from pathlib import Path

from labkit.notebooks.cells import (
    Answer,
    Check,
    Code,
    Hint,
    Lab,
    Predict,
    Prose,
    Question,
)
from labkit.notebooks.regions import MarkerError, Region, split

__all__ = ["SourceError", "read_lab"]

_NAME = re.compile(r"(\d\d)_[a-z0-9_]+")
_ID = re.compile(r"[a-z][a-z0-9_]{0,49}")
_MARKER = re.compile(r"#\s*%%")
# what jupytext itself adds to a cell's metadata
_JUPYTEXT = {"lines_to_next_cell", "lines_to_end_of_cell_marker", "cell_marker"}
# a cell whose output is a time or a speed may be left out of nbval's comparison
_TAGS = {"nbval-ignore-output"}


class SourceError(ValueError):
    """A lab's source is not what the builder understands; the text names file and line."""

    def __init__(self, path, line, text):
        super().__init__(f"{path}:{line}: {text}")
        self.path, self.line = path, line


# metadata keys -> kind of cell, the key that holds its id
_KINDS = {
    (False, frozenset()): (Code, None),
    (True, frozenset()): (Prose, None),
    (False, frozenset({"exercise", "points"})): (Answer, "exercise"),
    (False, frozenset({"check"})): (Check, "check"),
    (False, frozenset({"hint"})): (Hint, "hint"),
    (False, frozenset({"predict"})): (Predict, "predict"),
    (True, frozenset({"question", "points"})): (Question, "question"),
}


def read_lab(path):
    """Read ``labs/source/NN_name.py``.

    Raises:
        SourceError: the file name, a cell's metadata, a marker, an id or the Python in a cell is
            not what is expected here.
        OSError, UnicodeDecodeError: the file cannot be read.
    """
    import jupytext

    path = Path(path)
    text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    name = _NAME.fullmatch(path.stem)
    if not name:
        raise SourceError(
            path, 1, f"file name {path.name!r}: expected two digits and a name, like 01_matrix.py"
        )
    try:
        notebook = jupytext.reads(text, fmt="py:percent")
    except Exception as error:  # jupytext passes on whatever YAML or nbformat raise
        why = str(error).split("\n")[0]
        raise SourceError(path, 1, f"jupytext cannot read this file as py:percent: {why}") from None
    cells = [_cell(path, raw, line) for raw, line in _numbered(path, text, notebook.cells)]
    _agree(path, cells)
    title = re.match(r"# (.+)", cells[0].text) if cells and isinstance(cells[0], Prose) else None
    if not title:
        raise SourceError(
            path, 1, "expected a first cell '# %% [markdown]' with the title, '# # …'"
        )
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Lab(path, path.stem, name[1], title[1].strip(), digest, tuple(cells))


def _numbered(path, text, raw_cells):
    """Each of jupytext's cells with the line number at which its text starts."""
    lines = text.split("\n")
    marks = [number for number, line in enumerate(lines) if _MARKER.match(line)]
    if raw_cells and not raw_cells[0].source and len(raw_cells) == len(marks) + 1:
        raw_cells = raw_cells[1:]  # jupytext's cell for the empty lines above the first marker
    if len(raw_cells) != len(marks):
        first = next((i for i, line in enumerate(lines) if line.strip()), 0)
        raise SourceError(
            path,
            first + 1,
            f"{len(marks)} lines start a cell ('# %%') but jupytext finds {len(raw_cells)} cells: "
            "expected every cell to start with '# %%', and no '# %%' inside a string",
        )
    for raw, mark, end in zip(raw_cells, marks, [*marks[1:], len(lines)], strict=True):
        filled = (i for i in range(mark + 1, end) if lines[i].strip())
        start = next(filled, mark) + (1 if raw.metadata.get("cell_marker") else 0)
        yield raw, start + 1


def _cell(path, raw, line):
    mark = line - 1
    metadata = {key: value for key, value in raw.metadata.items() if key not in _JUPYTEXT}
    tags = metadata.pop("tags", [])
    markdown = raw.cell_type == "markdown"
    kind, key = _KINDS.get((markdown, frozenset(metadata)), (None, None))
    if kind is None or raw.cell_type == "raw":
        received = " ".join(f"{key}={value!r}" for key, value in metadata.items())
        raise SourceError(
            path,
            mark,
            f"unknown kind of cell: {raw.cell_type} with {received or 'no metadata'}; expected "
            'exercise="…" points=…, check="…", hint="…" or predict="…" on a code cell, '
            '[markdown] question="…" points=…, or none of these',
        )
    if not isinstance(tags, list) or not set(tags) <= _TAGS or (tags and kind is not Code):
        raise SourceError(
            path, mark, f"tags={tags!r}: expected only {sorted(_TAGS)}, and only on plain code"
        )
    more = {}
    if key:
        more["id"] = metadata[key]
        if not isinstance(more["id"], str) or not _ID.fullmatch(more["id"]):
            raise SourceError(
                path,
                mark,
                f"{key}={more['id']!r}: expected a lower-case name, letters, digits and '_', in "
                'quotes, like "conv1d"',
            )
    if "points" in metadata:
        points = more["points"] = metadata["points"]
        if isinstance(points, bool) or not isinstance(points, int | float) or not points > 0:
            raise SourceError(path, mark, f"points={points!r}: expected a number above 0")
    try:
        parts = tuple(split(raw.source, markdown))
    except MarkerError as error:
        raise SourceError(path, line + error.row, str(error)) from None
    cell = kind(raw.source, line, tuple(tags), parts, **more)
    _answered_where_expected(path, cell)
    if not markdown:
        _python(path, cell)
    return cell


def _answered_where_expected(path, cell):
    regions = [part for part in cell.parts if isinstance(part, Region)]
    if isinstance(cell, Answer | Question) and not regions:
        raise SourceError(path, cell.line, f"{cell.id}: expected a solution between its markers")
    if regions and not isinstance(cell, Answer | Question | Predict):
        raise SourceError(
            path,
            cell.line + regions[0].row,
            "a solution outside an exercise, question or predict cell: its '# %%' line needs "
            'exercise="…" points=…, or the markers have to go',
        )
    if isinstance(cell, Predict) and any(not region.stub for region in regions):
        raise SourceError(
            path,
            cell.line,
            f"{cell.id}: a prediction needs '### STUB: prediction = None' in its solution, so that "
            "the student's notebook runs on before the student has predicted",
        )


def _python(path, cell):
    """Both forms of a code cell must be Python; a check or hint calls what it is named for."""
    from IPython.core.inputtransformer2 import TransformerManager

    trees = []
    for text in (cell.reference, cell.student):
        try:
            trees.append(ast.parse(TransformerManager().transform_cell(text)))
        except SyntaxError as error:
            form = "" if text == cell.text else " (with the solution markers resolved)"
            raise SourceError(
                path, cell.line, f"not Python{form}, line {error.lineno} of the cell: {error.msg}"
            ) from None
    if isinstance(cell, Check | Hint):
        verb = "check" if isinstance(cell, Check) else "hint"
        calls = (node for node in ast.walk(trees[0]) if isinstance(node, ast.Call))
        if not any(
            ast.unparse(call.func) == verb
            and call.args
            and ast.unparse(call.args[0]) == f"{cell.id!r}"
            for call in calls
        ):
            raise SourceError(
                path, cell.line, f'{verb} cell of {cell.id}: expected a call {verb}("{cell.id}", …)'
            )


def _agree(path, cells):
    """Ids are unique, and every exercise has one check, after it."""
    seen = {}
    for cell in cells:
        if isinstance(cell, Answer | Question | Predict):
            if cell.id in seen:
                raise SourceError(
                    path, cell.line, f"{cell.id}: this id is taken, on line {seen[cell.id].line}"
                )
            seen[cell.id] = cell
    exercises = {cell.id: cell for cell in cells if isinstance(cell, Answer)}
    used = set()
    for cell in cells:
        if isinstance(cell, Check | Hint):
            verb = type(cell).__name__.lower()
            if cell.id not in exercises or exercises[cell.id].line > cell.line:
                raise SourceError(
                    path, cell.line, f"{verb} of {cell.id!r}: no such exercise before this cell"
                )
            if (verb, cell.id) in used:
                raise SourceError(path, cell.line, f"a second {verb} cell for {cell.id}")
            used.add((verb, cell.id))
    for identity, cell in exercises.items():
        if ("check", identity) not in used:
            raise SourceError(
                path,
                cell.line,
                f'exercise {identity} has no check: expected # %% check="{identity}"',
            )
