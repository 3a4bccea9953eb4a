"""Find, without running it, whether an answer calls a function that it was asked to write.

This finds what stands in the source: imports, aliases, and names in strings. It cannot find calls
that are hidden on purpose (``getattr`` with joined strings, ``exec``); such an answer must still
compute the right values.
"""

import ast

__all__ = ["shortcuts"]

# Every lab gives these to students, and a check may be left in an answer cell.
_HARMLESS = ("labkit.checks.check", "labkit.checks.hint", "labkit.checks.progress")


def shortcuts(source, forbidden, context=()):
    """Return the forbidden names that an answer uses, in the order of `forbidden`.

    Args:
        source: The answer's code.
        forbidden: Dotted names; the name of a module forbids everything in it.
        context: Other sources whose imports hold in the answer as well: the lab's own cells and
            the student's other answers.

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
    """Return ``{local name: dotted name}`` of every import in `tree`, also in functions."""
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
    """Return the dotted names that `tree` writes as attributes or strings, or imports by ``from``.

    A module that is imported and not used is not among them.
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
    """Yield ``(name, [attributes])`` wherever `tree` uses a name that no scope around it binds."""
    pending = [
        (tree, ())
    ]  # a list instead of recursion, because a student's code may be nested deeply
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
    """Return the names that a function or module binds itself, other than by imports."""
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
