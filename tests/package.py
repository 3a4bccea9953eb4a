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


def named_modules(text):
    """The modules of labkit that strings in a module's ``text`` name: ``["-p", "labkit.x.y"]``.

    Docstrings do not count, since they only mention a module.

    >>> sorted(named_modules("'labkit.paths: a sentence'\\nrun('-m', 'labkit.language')"))
    ['labkit.language']
    """
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from MODULES.keys() & {node.value} - {"labkit"}


def dependencies(name, strings=True):
    """The modules of labkit that the module ``name`` imports or, with ``strings``, names in one."""
    path = MODULES[name]
    text = path.read_text()
    modules = set()
    if strings:  # a package that the module is in itself is where its data lie
        modules = {each for each in named_modules(text) if not name.startswith(f"{each}.")}
    for imported in imports(name, text, path.name == "__init__.py"):
        while imported and imported not in MODULES:  # a name in a module
            imported = imported.rpartition(".")[0]
        modules.add(imported)
    return modules - {"", name, "labkit"}
