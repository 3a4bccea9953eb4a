"""Mistakes that exercises share, each declared once and used by name.

An exercise writes ``kernels.turned(knobs={"flip": True})``. The texts' translations lie in
``labkit/exercises/es.po`` and ``ca.po``.
"""

import importlib
import pkgutil

from labkit.exercises.families.family import Family

__all__ = ["Family", "all_families"]


def all_families():
    """Return all families, module by module."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return [value for each in modules for value in vars(each).values() if isinstance(value, Family)]
