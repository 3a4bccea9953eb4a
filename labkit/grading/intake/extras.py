"""The cells that a student added: helpers that answers use, and answers written in a new cell.

Only what an answer needs is run, so that experiments do not take the grader's time. Only the text
of a cell counts, not its metadata.
"""

import ast
import copy
import dataclasses

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from labkit.grading.names import bound_names, used_names
from labkit.notebooks import pristine

__all__ = ["adopt", "with_extras"]

MOST = 50  # added cells of one student that are run


def adopt(
    submission: pristine.SubmittedCells, extras: list[pristine.Stranger], notebook: NotebookNode
) -> tuple[pristine.SubmittedCells, list[pristine.Stranger]]:
    """Use a function in an added cell as the answer where the answer's own cell has none.

    Args:
        submission: What :func:`labkit.notebooks.pristine.inspect` returned.
        extras: What :func:`labkit.notebooks.pristine.strangers` returned.
        notebook: The lab as it ships.

    Returns:
        The submission with these answers, and the added cells that are left.
    """
    answers, problems, taken = dict(submission.answers), list(submission.problems), []
    defined = [(extra, _named(extra.source)) for extra in extras]
    for cell in notebook.cells:
        name, wanted = cell["id"], _defined(cell.source)
        has_answer = answers.get(name, "").strip() not in ("", cell.source.strip())
        if cell.metadata["labkit"]["role"] != "answer" or has_answer or not wanted:
            continue
        fitting = [extra for extra, names in defined if wanted <= names]
        if fitting:
            taken += fitting
            answers[name] = "\n\n".join(dict.fromkeys(extra.source for extra in fitting))
            numbers = " and ".join(str(extra.number) for extra in fitting)
            text = f"its own cell holds no answer; cell {numbers}, which was added, is taken for it"
            problems = [one for one in problems if (one.kind, one.id) != ("missing", name)]
            problems.append(pristine.Problem("added", name, text))
    submission = dataclasses.replace(submission, answers=answers, problems=tuple(problems))
    return submission, [extra for extra in extras if extra not in taken]


def with_extras(
    notebook: NotebookNode, answers: dict[str, str], extras: list[pristine.Stranger]
) -> NotebookNode:
    """Return a copy of `notebook` with the added cells that an answer needs, each in its place.

    A cell is needed if it binds or changes a name that an answer or a needed cell reads, or if it
    defines the function that an exercise asks for.

    Args:
        notebook: The lab as it ships.
        answers: Exercise id -> text, of the exercises that are answered.
        extras: The added cells.
    """
    stubs = {cell["id"]: cell.source for cell in notebook.cells}
    asked = set().union(*(_defined(stubs.get(name, "")) for name in answers))
    needed = _needed([*answers.values()], asked, extras)
    chosen = sorted(needed, key=lambda extra: extra.number)[:MOST]
    if not chosen:
        return notebook
    result = copy.deepcopy(notebook)
    places = {cell["id"]: place for place, cell in enumerate(result.cells)}
    for extra in reversed(chosen):  # from the end, so that the places before stay right
        metadata = NotebookNode({"labkit": NotebookNode({"role": "extra"})})
        cell = new_code_cell(extra.source, id=f"extra-{extra.number}", metadata=metadata)
        result.cells.insert(places.get(extra.anchor, -1) + 1, cell)
    return result


def _needed(sources, names, extras):
    """Return the extras that `sources` need, directly or through others, or that bind `names`."""
    bound = {extra: _bound(extra.source) for extra in extras}
    everything = [extra for extra in extras if bound[extra] is None or bound[extra]]
    binders = {}
    for extra in everything:
        for name in bound[extra] or ():
            binders.setdefault(name, []).append(extra)
    needed = {extra for extra in everything if bound[extra] is None}
    sources, pending = [*sources, *(extra.source for extra in needed)], [*names]
    visited = set(pending)
    while sources or pending:
        more = []
        if sources:
            used = used_names(sources.pop())
            if used is None:
                return everything
            pending += used - visited
            visited |= used
        else:
            more = [extra for extra in binders.get(pending.pop(), ()) if extra not in needed]
        needed.update(more)
        sources += [extra.source for extra in more]
    return list(needed)


def _bound(source):
    """Return the names that an added cell binds; None if it may be any name (``import *``)."""
    lines = source.split("\n")  # lines such as %time, !ls and ?f bind nothing
    plain = "\n".join("" if line.lstrip().startswith(("%", "!", "?")) else line for line in lines)
    bound = bound_names(plain)
    # What is not Python cannot bind anything.
    return set() if bound is None and not _parses(plain) else bound


def _parses(source):
    return bool(_body(source))


def _defined(source):
    """Return the functions and classes that `source` defines at its top level."""
    return {node.name for node in _body(source) if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _named(source):
    """Return the same and what is assigned there: ``conv1d = my_function`` is an answer, too."""
    targets = [
        target for node in _body(source) if isinstance(node, ast.Assign) for target in node.targets
    ]
    return _defined(source) | {target.id for target in targets if isinstance(target, ast.Name)}


def _body(source):
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
