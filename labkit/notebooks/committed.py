"""What lies in ``labs/``: write it from the sources, or say why it is not current."""

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat

from labkit.files import write_atomically
from labkit.notebooks.build import reference_notebook, student_notebook, to_text
from labkit.notebooks.execute import execute_reference, noise
from labkit.notebooks.leaks import LeakError, audit
from labkit.notebooks.lint import lint
from labkit.notebooks.source import SourceError, read_lab

__all__ = ["Built", "build", "check", "reference_problem", "sources"]


@dataclass(frozen=True)
class Built:
    """What :func:`build` did for one lab, and what is wrong with the reference if it is."""

    written: tuple[Path, ...]
    reference_problem: str | None


def sources(folder, names=()):
    """The source files in ``folder/source``; of the labs in `names` ("1", "01", "01_name", a path).

    Raises:
        LookupError: a name is no lab.
    """
    paths = sorted(Path(folder, "source").glob("*.py"))
    if not names:
        return paths
    chosen = []
    for name in names:
        stem = Path(name).name.removesuffix(".py").removesuffix(".ipynb")
        found = [p for p in paths if stem == p.stem or stem.zfill(2) == p.stem.split("_")[0]]
        if not found:
            there = ", ".join(path.stem for path in paths) or "(there are none)"
            raise LookupError(
                f"no lab {name!r} in {Path(folder, 'source')}: expected one of {there}"
            )
        chosen += found
    return list(dict.fromkeys(chosen))


def build(lab, folder, run=True, force=False):
    """Write the student notebook, and the reference if it is not current (or `force`).

    Returns a :class:`Built`. A file that already holds what it should is left alone.

    Raises:
        LeakError: the student's notebook would give an answer away; nothing is written.
        ExecutionError: the lab does not run; the student's notebook is written.
    """
    folder, written = Path(folder), []
    student = student_notebook(lab)
    audit(lab, student)
    target, text = folder / f"{lab.name}.ipynb", to_text(student)
    if not target.is_file() or target.read_bytes() != text.encode():
        write_atomically(target, text)
        written.append(target)
    target = folder / "reference" / f"{lab.name}.ipynb"
    problem = reference_problem(lab, target)
    if run and (problem or force):
        write_atomically(target, to_text(execute_reference(lab)))
        written.append(target)
        problem = None
    return Built(tuple(written), problem)


def reference_problem(lab, path):
    """Why the stored reference of `lab` is not to be trusted, or None. Nothing is executed.

    nbval alone passes a notebook that was never executed: this does not.
    """
    path = Path(path)
    if not path.is_file():
        return "is missing"
    try:
        stored = nbformat.read(path, as_version=nbformat.NO_CONVERT)
        nbformat.validate(stored)
    except Exception as error:  # JSON, nbformat and OS errors all mean the same here
        return f"cannot be read: {str(error).splitlines()[0]}"
    if stored.metadata.get("labkit", {}).get("source_sha256") != lab.sha256:
        return "is stale: it was executed from another state of the source"
    executed = [cell for cell in stored.cells if cell.cell_type == "code" and cell.source.strip()]
    never = [cell.get("id") for cell in executed if cell.execution_count is None]
    if never:
        return f"was never executed (no execution count): {len(never)} cells, first {never[0]!r}"
    found = noise(stored)
    if found:
        index, text = found[0]
        return f"holds what must not be stored, cell {stored.cells[index].id!r}: {text}"
    for cell in stored.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    if to_text(stored) != to_text(reference_notebook(lab)):
        return "was edited by hand, or made by another version of labkit"
    return None


def check(folder, names=()):
    """Every reason why what is committed is not what the sources give; an empty list if none.

    Each says which file, what is wrong and how to mend it. Nothing is executed.
    """
    folder, problems = Path(folder), []
    chosen = sources(folder, names)
    for path in chosen:
        try:
            lab = read_lab(path)
            student = student_notebook(lab)
            audit(lab, student)
        except (SourceError, LeakError) as error:
            problems.append(str(error))
            continue
        problems += [f"{path}:{finding.line}: {finding.text}" for finding in lint(lab)]
        shipped = folder / f"{lab.name}.ipynb"
        if not shipped.is_file():
            problems.append(f"{shipped} is missing: run 'labkit build {lab.id}'")
        elif shipped.read_bytes() != to_text(student).encode():
            problems.append(
                f"{shipped} is not what {path.name} gives{_first_difference(shipped, student)}: "
                f"edit the source, not the notebook, and run 'labkit build {lab.id}'"
            )
        reference = folder / "reference" / f"{lab.name}.ipynb"
        problem = reference_problem(lab, reference)
        if problem:
            problems.append(f"{reference} {problem}: run 'labkit build {lab.id} --force'")
    if not names:
        stems = {path.stem for path in chosen}
        for path in sorted([*folder.glob("*.ipynb"), *folder.glob("reference/*.ipynb")]):
            if path.stem not in stems:
                problems.append(
                    f"{path} has no source: delete it, or bring back source/{path.stem}.py"
                )
    return problems


def _first_difference(path, wanted):
    try:
        stored = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    except Exception:
        return " (it cannot even be read)"
    for there, here in zip(stored.cells, wanted.cells, strict=False):
        if there != here:
            text = re.sub(r"\s+", " ", here.source)[:40]
            return f" (first difference: cell {here.id!r}, {text!r})"
    return ""
