"""Does an answer call what it was asked to write? A static look, in the grader.

This finds what a student writes in the open: imports, aliases, names in strings. Code that hides
its calls on purpose (``getattr`` with glued strings, ``exec``) is beyond any static look; such an
answer still has to compute the right values.
"""

import ast

__all__ = ["shortcuts"]

# What every lab gives to students; a check left in an answer cell is no cheating
_HARMLESS = ("labkit.checks.check", "labkit.checks.hint", "labkit.checks.progress")


def shortcuts(source, forbidden, context=()):
    """The names in `forbidden` (dotted) that `source` uses, in the order of `forbidden`.

    `context` holds the sources whose imports are in force as well: the lab's own cells and the
    student's other answers. A forbidden module forbids all that is in it.

    >>> lab = ["import numpy as np", "from labkit import matrix"]
    >>> shortcuts("def f(x, k): return np.convolve(x, k)", ["numpy.convolve"], lab)
    ['numpy.convolve']
    >>> shortcuts("f = matrix.convolution_matrix", ["labkit.matrix"], lab)
    ['labkit.matrix']
    >>> shortcuts("def f(n): matrix = [n]; return matrix", ["labkit.matrix"], lab)
    []
    """
    imported = {}
    for cell in (*context, source):
        imported.update(_imports(_parse(cell)))
    used = _dotted_names(_parse(source), imported).difference(_HARMLESS)
    return [name for name in forbidden if any(_within(use, name) for use in used)]


def _within(name, module):
    return name == module or name.startswith(module + ".")


def _parse(source):
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])  # it cannot run either, or IPython alone understands it


def _imports(tree):
    """{local name: dotted name} of every import in `tree`, in functions as well."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                local = alias.asname or alias.name.split(".")[0]
                names[local] = alias.name if alias.asname else local
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _dotted_names(tree, imported):
    """Every dotted name that `tree` spells out as an attribute, or has in a string.

    Also what it takes out of a module by ``from``; a module that is only imported is not used.
    """
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names.add(node.value)
    for root, attributes in _names_from_outside(tree):
        if root in imported:
            names.add(".".join([imported[root], *attributes]))
    return names


_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def _names_from_outside(tree):
    """(name, [attributes]) wherever `tree` reads a name that no scope around it binds itself."""
    pending = [(tree, ())]  # a list and not recursion: a student's code may nest deeply
    while pending:
        node, own = pending.pop()
        if isinstance(node, _FUNCTIONS | ast.Module):
            own = (*own, _bound_in(node))
        path, root = [], node
        while isinstance(root, ast.Attribute):
            path.append(root.attr)
            root = root.value
        if not isinstance(root, ast.Name):
            pending += [(child, own) for child in ast.iter_child_nodes(node)]
        elif not any(root.id in names for names in own):
            yield root.id, path[::-1]


def _bound_in(scope):
    """The names that a function or module binds itself, other than by an import."""
    names, pending = set(), list(ast.iter_child_nodes(scope))
    while pending:
        node = pending.pop()
        if isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        if not isinstance(node, _FUNCTIONS):
            pending.extend(ast.iter_child_nodes(node))
    return names
