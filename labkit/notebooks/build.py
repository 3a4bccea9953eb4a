"""Make the two notebooks of a lab: what a student opens, and the reference before it is executed.

Both are deterministic: a cell's id comes from its exercise, else from its content, and nothing of
the machine goes in. They carry nbgrader's cell metadata (schema 3), so that a course that uses
nbgrader can use them as they are.
"""

import hashlib

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from labkit.notebooks.cells import Answer, Check, Code, Hint, Predict, Prose, Question

__all__ = ["reference_notebook", "student_notebook", "to_text"]

_ROLES = {
    Answer: "answer",
    Check: "check",
    Code: "code",
    Hint: "hint",
    Predict: "predict",
    Prose: "prose",
    Question: "question",
}
_SUFFIX = {Check: "-check", Hint: "-hint", Predict: "-predict"}


def student_notebook(lab):
    """What a student opens: no answers, no outputs. Returns a NotebookNode (nbformat 4.5)."""
    return _notebook(lab, student=True)


def reference_notebook(lab):
    """The lab with its answers, not yet executed; its metadata says from which source it comes."""
    notebook = _notebook(lab, student=False)
    notebook.metadata["labkit"]["source_sha256"] = lab.sha256
    return notebook


def to_text(notebook):
    """A notebook as the text of its file: the same notebook is the same text on every machine.

    Raises:
        nbformat.ValidationError: the notebook does not fit nbformat 4.5's schema.
    """
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"


def _notebook(lab, student):
    points = {cell.id: cell.points for cell in lab.of(Answer)}
    taken, cells = set(), []
    for cell in lab.cells:
        text = cell.student if student else cell.reference
        identity = _identity(cell, taken)
        taken.add(identity)
        metadata = _metadata(cell, identity, points, student)
        new = new_markdown_cell if cell.markdown else new_code_cell
        cells.append(new(text, id=identity, metadata=metadata))
    metadata = {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        # no version: it would be this machine's
        "language_info": {
            "file_extension": ".py",
            "mimetype": "text/x-python",
            "name": "python",
            "pygments_lexer": "ipython3",
        },
        "labkit": {"lab": lab.id, "name": lab.name},
    }
    return new_notebook(cells=cells, metadata=metadata)


def _identity(cell, taken):
    if hasattr(cell, "id"):
        return cell.id + _SUFFIX.get(type(cell), "")
    kind = "markdown" if cell.markdown else "code"
    digest = hashlib.sha256(f"{kind}\n{cell.student}".encode()).hexdigest()[:12]
    identity, ordinal = digest, 1
    while identity in taken:
        ordinal += 1
        identity = f"{digest}-{ordinal}"
    return identity


def _metadata(cell, identity, points, student):
    role = _ROLES[type(cell)]
    metadata = {"labkit": {"role": role}}
    tags = list(cell.tags)
    if isinstance(cell, Answer | Check | Hint):
        metadata["labkit"]["exercise"] = cell.id
    elif isinstance(cell, Question | Predict):
        metadata["labkit"][role] = cell.id
    if isinstance(cell, Answer | Check | Question):
        grade = not isinstance(cell, Answer)
        metadata["nbgrader"] = {
            "schema_version": 3,
            "grade_id": identity,
            "grade": grade,
            "solution": not isinstance(cell, Check),
            "locked": isinstance(cell, Check),
            "task": False,
        }
        if grade:
            metadata["nbgrader"]["points"] = points.get(cell.id) or cell.points
    if isinstance(cell, Check) and student:
        tags.append("raises-exception")  # JupyterLab's Run All goes on after a wrong answer
    if tags:
        metadata["tags"] = tags
    return metadata
