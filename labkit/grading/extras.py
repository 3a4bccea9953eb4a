"""The cells that a student added: helpers that answers use, and answers written in a new cell.

Only what an answer needs is run, so that nobody's experiments cost the class a night. A cell is
never more than a cell: nothing that it says about itself counts.
"""

import ast
import copy
import dataclasses

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from labkit.grading.context import bound_names, used_names
from labkit.notebooks import pristine

__all__ = ["adopt", "with_extras"]

MOST = 50  # cells of one student that are run besides the answers


def adopt(found, extras, notebook):
    """Take a function that stands in an added cell for the answer, where its own cell has none.

    `found` is :func:`labkit.notebooks.pristine.inspect`'s, `extras` its ``strangers``, `notebook`
    the lab as it ships. Returns what was found, completed, and the extras that are left.
    """
    answers, problems, taken = dict(found.answers), list(found.problems), []
    for cell in notebook.cells:
        name, wanted = cell["id"], _defined(cell.source)
        own = answers.get(name, "").strip() not in ("", cell.source.strip())
        if cell.metadata["labkit"]["role"] != "answer" or own or not wanted:
            continue
        fitting = [extra for extra in extras if wanted <= _defined(extra.source)]
        if fitting:
            taken += fitting
            answers[name] = "\n\n".join(dict.fromkeys(extra.source for extra in fitting))
            numbers = " and ".join(str(extra.number) for extra in fitting)
            text = f"its own cell holds no answer; cell {numbers}, which was added, is taken for it"
            problems = [one for one in problems if (one.kind, one.id) != ("missing", name)]
            problems.append(pristine.Problem("added", name, text))
    found = dataclasses.replace(found, answers=answers, problems=tuple(problems))
    return found, [extra for extra in extras if extra not in taken]


def with_extras(notebook, answers, extras):
    """A copy of `notebook` with those of `extras` that an answer needs, each after its anchor.

    `answers` ({exercise: source}) are the answered ones. Needed is what binds or changes a name
    that an answer or a needed cell reads, or the very function that was asked for.
    """
    stubs = {cell["id"]: cell.source for cell in notebook.cells}
    wanted = set().union(*(_defined(stubs.get(name, "")) for name in answers))
    wanted = _grown(wanted, answers.values())
    needed = []
    while True:
        rest = [extra for extra in extras if extra not in needed]
        more = [extra for extra in rest if _is_needed(extra.source, wanted)]
        if not more:
            break
        needed += more
        wanted = _grown(wanted, [extra.source for extra in more])
    chosen = sorted(needed, key=lambda extra: extra.number)[:MOST]
    if not chosen:
        return notebook
    result = copy.deepcopy(notebook)
    places = {cell["id"]: place for place, cell in enumerate(result.cells)}
    for extra in reversed(chosen):  # from behind, so that places stay right
        metadata = NotebookNode({"labkit": NotebookNode({"role": "extra"})})
        cell = new_code_cell(extra.source, id=f"extra-{extra.number}", metadata=metadata)
        result.cells.insert(places.get(extra.anchor, -1) + 1, cell)
    return result


def _grown(wanted, sources):
    for source in sources:
        used = used_names(source)
        wanted = None if wanted is None or used is None else wanted | used
    return wanted


def _is_needed(source, wanted):
    """Whether an added cell binds a name of `wanted` (None: any)."""
    lines = source.split("\n")  # %time, !ls and ?f are IPython's own, and bind nothing
    plain = "\n".join("" if line.lstrip().startswith(("%", "!", "?")) else line for line in lines)
    bound = bound_names(plain)
    if bound is None:  # an import of everything; or no Python, which cannot bind anything
        return _parses(plain)
    return bool(bound) if wanted is None else bool(bound & wanted)


def _parses(source):
    try:
        return bool(ast.parse(source).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _defined(source):
    """The functions and classes that `source` defines at its top level."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
