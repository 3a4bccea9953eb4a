"""Which global names a cell of Python reads, and which it binds.

Intake uses this to find the added cells that an answer needs, and grading to find the lab's own
cells that it needs. Both work on the text alone: nothing is run.
"""

import ast
import re
import symtable

__all__ = ["bound_names", "used_names"]

# With one of these, code can reach names that its text does not spell out.
_REFLECTION = {"eval", "exec", "globals", "locals", "vars", "get_ipython", "__import__", "inspect"}


def used_names(source: str) -> set[str] | None:
    """Return the global names that a cell reads.

    Returns:
        The names; all words of the text if it is not plain Python (a magic, or a syntax error);
        None if the cell may read any name (it uses eval, globals or the like).
    """
    try:
        names = set(_globals_of(symtable.symtable(source, "cell", "exec")))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        names = set(re.findall(r"[^\W\d]\w*", source))
    return None if names & _REFLECTION else names


def _globals_of(table):
    """Yield the names that a scope, or one inside it, looks up in the module."""
    top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (top or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _globals_of(child)


def bound_names(source: str) -> set[str] | None:
    """Return the names that a cell binds, or whose values it may change in place.

    Returns:
        The names, or None if the cell may bind any name (``import *``, or not plain Python).
    """
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
    """Return the name that an expression such as a.b[0].c starts from, or "" if it is none."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
