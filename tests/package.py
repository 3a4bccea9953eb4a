"""The modules of labkit as files, so that listing them imports none."""

import ast
from pathlib import Path

import labkit

ROOT = Path(labkit.__file__).parent

# dotted name -> file, in order
MODULES = {}
for _path in sorted(ROOT.rglob("*.py")):
    _parts = _path.relative_to(ROOT.parent).with_suffix("").parts
    MODULES[".".join(part for part in _parts if part != "__init__")] = _path

PUBLIC = [name for name in MODULES if not name.split(".")[-1].startswith("_")]


def imports(name, text, is_package=False):
    """The dotted names that a module's ``text`` imports, anywhere in it.

    >>> list(imports("labkit.a.b", "import os.path, x\\nfrom labkit import c; from . import d"))
    ['os.path', 'x', 'labkit.c', 'labkit.a.d']
    >>> list(imports("labkit.a", "from .b import c", is_package=True))
    ['labkit.a.b.c']
    >>> list(imports("labkit.a.b", "def f():\\n    from ..c.d import e"))
    ['labkit.c.d.e']
    """
    package = name.split(".") if is_package else name.split(".")[:-1]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            # `from labkit import geometry` names a room, `from numpy import pi` does not
            yield from (f"{source}.{alias.name}" for alias in node.names)
