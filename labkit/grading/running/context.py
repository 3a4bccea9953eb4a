"""Which of a lab's own cells the answers need: the others are not run when grading.

A lab shows much between its exercises: figures, trainings, a comparison with Keras. For a class
that is hours of work for nothing, so only those cells run whose names an answer uses, directly or
through another such cell. When in doubt a cell runs.
"""

import ast
import re
import symtable

__all__ = ["bound_names", "needed_cells", "used_names"]


def needed_cells(cells):
    """The indices of `cells` that have to run, in order.

    `cells` is a list of ``(source, is_answer)`` in the notebook's order. Every answer is needed,
    any other cell only when it comes before an answer and touches a name that is needed after it.

    >>> needed_cells([
    ...     ("import numpy as np", False),
    ...     ("import keras", False),
    ...     ("def f(x): return np.sum(x)", True),
    ...     ("print(f([1, 2]))", False),
    ... ])
    [0, 2]
    """
    wanted, needed = set(), []
    for index in reversed(range(len(cells))):
        source, is_answer = cells[index]
        if not (needed or is_answer):
            continue  # after the last answer
        touched = bound_names(source)
        if is_answer or touched is None or wanted is None or touched & wanted:
            needed.append(index)
            used = used_names(source)
            wanted = None if wanted is None or used is None else wanted | used
    return needed[::-1]


# With one of these an answer can reach names that its source does not spell out
_REFLECTION = {"eval", "exec", "globals", "locals", "vars", "get_ipython", "__import__", "inspect"}


def used_names(source):
    """The global names that `source` reads (all its words, if not plain Python); None: any name."""
    try:
        names = set(_globals_of(symtable.symtable(source, "cell", "exec")))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # a magic, or a mistake
        names = set(re.findall(r"[^\W\d]\w*", source))
    return None if names & _REFLECTION else names


def _globals_of(table):
    """Names that a scope, or one inside it, looks up in the module."""
    top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (top or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _globals_of(child)


def bound_names(source):
    """The names that a cell binds or may change in place; None: any name."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            if node.name == "*":
                return None
            names.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            names.add(_root(node))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            called = node.value.func
            if not isinstance(called, ast.Name):  # np.random.seed(0), words.append("x")
                names.add(_root(called))
    return names


def _root(node):
    """The name that an expression such as a.b[0].c starts from."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
