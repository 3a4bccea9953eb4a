"""The cells that a student added: helpers that answers use, and answers written in a new cell.

Only what an answer needs is run, so that nobody's experiments cost the class a night. A cell is
never more than a cell: nothing that it says about itself counts.
"""

import ast
import copy
import dataclasses

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from labkit.grading.names import bound_names, used_names
from labkit.notebooks import pristine

__all__ = ["adopt", "with_extras"]

MOST = 50  # cells of one student that are run besides the answers


def adopt(found, extras, notebook):
    """Take a function that stands in an added cell for the answer, where its own cell has none.

    `found` is :func:`labkit.notebooks.pristine.inspect`'s, `extras` its ``strangers``, `notebook`
    the lab as it ships. Returns what was found, completed, and the extras that are left.
    """
    answers, problems, taken = dict(found.answers), list(found.problems), []
    defined = [(extra, _named(extra.source)) for extra in extras]
    for cell in notebook.cells:
        name, wanted = cell["id"], _defined(cell.source)
        own = answers.get(name, "").strip() not in ("", cell.source.strip())
        if cell.metadata["labkit"]["role"] != "answer" or own or not wanted:
            continue
        fitting = [extra for extra, names in defined if wanted <= names]
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
    asked = set().union(*(_defined(stubs.get(name, "")) for name in answers))
    needed = _needed([*answers.values()], asked, extras)
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


def _needed(sources, names, extras):
    """Those of `extras` that `sources` need, directly or through others, or that bind `names`."""
    bound = {extra: _bound(extra.source) for extra in extras}
    everything = [extra for extra in extras if bound[extra] is None or bound[extra]]
    binders = {}
    for extra in everything:
        for name in bound[extra] or ():
            binders.setdefault(name, []).append(extra)
    found = {extra for extra in everything if bound[extra] is None}
    sources, pending = [*sources, *(extra.source for extra in found)], [*names]
    seen = set(pending)
    while sources or pending:
        more = []
        if sources:
            used = used_names(sources.pop())
            if used is None:
                return everything
            pending += used - seen
            seen |= used
        else:
            more = [extra for extra in binders.get(pending.pop(), ()) if extra not in found]
        found.update(more)
        sources += [extra.source for extra in more]
    return list(found)


def _bound(source):
    """What an added cell binds; None: any name (``import *``)."""
    lines = source.split("\n")  # %time, !ls and ?f are IPython's own, and bind nothing
    plain = "\n".join("" if line.lstrip().startswith(("%", "!", "?")) else line for line in lines)
    bound = bound_names(plain)
    # what is no Python cannot bind anything
    return set() if bound is None and not _parses(plain) else bound


def _parses(source):
    return bool(_body(source))


def _defined(source):
    """The functions and classes that `source` defines at its top level."""
    return {node.name for node in _body(source) if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _named(source):
    """The same, and what it assigns there: ``conv1d = my_function`` is an answer, too."""
    targets = [
        target for node in _body(source) if isinstance(node, ast.Assign) for target in node.targets
    ]
    return _defined(source) | {target.id for target in targets if isinstance(target, ast.Name)}


def _body(source):
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
