"""Read one notebook file as plain data: what grading uses, and nothing else.

The file is untrusted: nothing in it is followed or executed, and the memory and time that it can
take are bounded before it is parsed.
"""

import json
import os
import re
import stat
from pathlib import Path

__all__ = ["MAX_BYTES", "MAX_PROSE", "SubmissionError", "read_notebook"]

MAX_BYTES = 50 * 2**20  # a notebook with figures has a few MB; a hundred answers have a few kB
MAX_VALUES = 2_000_000  # in the JSON; each takes some hundred bytes of memory
MAX_CELLS = 5_000
MAX_CELL = 2**16  # characters of a code cell; a longer one is pasted data
MAX_CODE = 2**18  # characters of all code cells that are analyzed in the grader's own process
MAX_PROSE = 100_000  # characters of a text that a person reads

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


class SubmissionError(Exception):
    """A submission cannot be graded; the text tells the instructor why."""


def read_notebook(path: Path) -> dict:
    """Read the notebook at `path`. Notebooks of format 3 are read as ones of format 4.

    Returns:
        ``{"metadata": {"labkit": …}, "cells": […], "remarks": […]}``. A cell has "cell_type",
        "source" (text), "id", and the entries labkit, nbgrader and id of its "metadata", each only
        if the file has it; none of it is checked. The remarks say what was left out.

    Raises:
        SubmissionError: The file is not a regular file, is too large, or is not UTF-8, not JSON or
            not a notebook.
    """
    raw = _bytes(path)
    if not raw.strip():
        raise SubmissionError("the file is empty" if not raw else "the file holds only white space")
    if _values(raw) > MAX_VALUES and _values(_STRING.sub(b"", raw)) > MAX_VALUES:
        raise SubmissionError(f"more than {MAX_VALUES // 10**6} million values")
    try:
        notebook = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SubmissionError(f"not UTF-8 text (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise SubmissionError(f"broken JSON, line {error.lineno}: {error.msg}") from None
    except (RecursionError, ValueError) as error:
        raise SubmissionError(f"JSON that cannot be read: {type(error).__name__}") from None
    return _outline(notebook)


def _bytes(path):
    try:
        # O_NONBLOCK: a named pipe called 01.ipynb must not stop the grading of a class.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        with os.fdopen(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SubmissionError("not a regular file")
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        link = " (a symbolic link is not followed)" if path.is_symlink() else ""
        raise SubmissionError(f"cannot be read: {error.strerror}{link}") from None
    if len(raw) > MAX_BYTES:
        raise SubmissionError(f"larger than {MAX_BYTES // 2**20} MB")
    return raw


def _values(raw):
    """Return an upper bound of the number of values in a JSON text."""
    return raw.count(b",") + raw.count(b"[") + raw.count(b"{")


def _outline(notebook):
    """Reduce a parsed notebook to what grading uses."""
    notebook = notebook if isinstance(notebook, dict) else {}
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        cells = _cells_of_format_3(notebook.get("worksheets"))
    if cells is None:
        raise SubmissionError("JSON, but not a notebook: it has no list of cells")
    # A cell that is not a dict was not written by any notebook program.
    cells = [cell for cell in cells if isinstance(cell, dict)]
    if len(cells) > MAX_CELLS:
        raise SubmissionError(f"more than {MAX_CELLS} cells")
    kept, remarks = [], []
    for number, cell in enumerate(cells, 1):
        reduced = _reduced(cell)
        if reduced["cell_type"] == "markdown":
            reduced["source"] = reduced["source"][:MAX_PROSE]
        elif len(reduced["source"]) > MAX_CELL:
            remarks.append(f"cell {number} is longer than {MAX_CELL // 1024} kB: left out")
            # An empty cell takes its place, so that the others keep their numbers.
            reduced = {"cell_type": "raw", "source": "", "metadata": {}}
        kept.append(reduced)
    if sum(len(cell["source"]) for cell in kept if cell["cell_type"] != "markdown") > MAX_CODE:
        raise SubmissionError(f"more than {MAX_CODE // 1024} kB of code")
    metadata = notebook.get("metadata")
    about = metadata.get("labkit") if isinstance(metadata, dict) else None
    return {"metadata": {"labkit": about}, "cells": kept, "remarks": remarks}


def _reduced(cell):
    """Reduce a cell to what grading uses."""
    metadata = cell.get("metadata") if isinstance(cell.get("metadata"), dict) else {}
    labels = {name: metadata[name] for name in ("labkit", "nbgrader", "id") if name in metadata}
    reduced = {"cell_type": cell.get("cell_type"), "source": _text(cell.get("source", ""))}
    reduced |= {"id": cell["id"]} if "id" in cell else {}
    return reduced | {"metadata": labels}


def _text(source):
    """Return a cell's source as one text with line feeds alone."""
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _cells_of_format_3(worksheets):
    """Return the cells of a notebook of format 3 as format 4 has them; None if it is not one."""
    if not isinstance(worksheets, list):
        return None
    sheets = [sheet.get("cells") for sheet in worksheets if isinstance(sheet, dict)]
    cells = [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
    return [
        cell | {"source": cell["input"]} if isinstance(cell, dict) and "input" in cell else cell
        for cell in cells
    ]
