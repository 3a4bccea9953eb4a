"""Puts values into a few words, for messages: numbers, shapes, types and arguments."""

import itertools

import numpy as np

from labkit.checks.call_result import Unsupported
from labkit.language import tr

__all__ = [
    "MAX_INLINE",
    "expected_text",
    "is_set",
    "named",
    "shape_text",
    "show",
    "type_text",
]

MAX_INLINE = 72  # characters of a value within a sentence
MAX_LISTED = 4 * MAX_INLINE  # of a list or dict, for which a shape would say nothing


def show(value, name="", limit=MAX_INLINE):
    """Show `value` in a few characters: numbers with 6 digits at most, long arrays by their shape.

    Args:
        value: anything.
        name: what to call an array that is shown by its shape.
        limit: how many characters an array may take; 0 shows its shape in any case.

    >>> show(np.array([[1.0, -2.5], [0, 1e-9]])), show(np.zeros((20, 30)), "image")
    ('[[1, -2.5], [0, 1e-09]]', 'image (20, 30)')
    """
    if isinstance(value, np.ndarray) and value.ndim:
        brief = f"{name} {value.shape}".strip()
        if value.size > max(limit, 1) or not limit:
            return brief
        inline = _inline(value)
        return inline if len(inline) <= limit else brief
    if isinstance(value, np.ndarray | np.generic):
        value = value.item()
    if isinstance(value, bool | int | None):
        return str(value)[:30]
    if isinstance(value, float):
        return f"{value + 0.0:.6g}"  # + 0.0: no minus zero
    if isinstance(value, complex):
        return f"{value:.6g}"
    if isinstance(value, list | tuple | dict):
        return _cut(repr(value), MAX_LISTED)
    return _cut(repr(value) if isinstance(value, str) else type(value).__name__, MAX_INLINE)


def _cut(text, limit):
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _inline(array):
    """All numbers of an array, row by row."""
    if not array.ndim:
        return show(array)
    return "[" + ", ".join(map(_inline, array)) + "]"


def named(name, value):
    """Show a value with its name: "x (2, 5, 6, 2)", "seed 7".

    The items of a dict are shown one by one: "filters 3, kernel_size (2, 3)".
    """
    if isinstance(value, dict):
        return ", ".join(itertools.starmap(named, value.items()))
    shown = show(value, name, 0)
    return shown if isinstance(value, np.ndarray) and value.ndim else f"{name} {shown}"


def shape_text(value, letters=""):
    """Describe the shape of a value, and the members of a dict or list.

    Args:
        value: numbers, or a dict, list or tuple.
        letters: the shape in letters, "(N - A + 1,)"; words, such as "the shape of x", are ignored.
    """
    if isinstance(value, dict):
        return tr("a dict with {keys}", keys=", ".join(map(str, list(value)[:8])))
    if isinstance(value, list | tuple):
        counted = tr("{count} values", count=len(value))
        texts = value and all(isinstance(one, str) for one in value)
        return f"{counted} ({_cut(', '.join(value), MAX_LISTED)})" if texts else counted
    shape = str(np.shape(value))
    if letters.startswith("("):
        shape = f"{letters} = {shape}"
    return tr("shape {shape}", shape=shape)


def type_text(value, name):
    """Name the type of a returned value, which was called `name` where the function ran."""
    if isinstance(value, Unsupported):
        return value.type
    is_list_of_texts = isinstance(value, list) and any(isinstance(one, str) for one in value)
    if isinstance(value, str) or is_list_of_texts:
        return tr("text")
    return name or type(value).__name__


def expected_text(want):
    """Say what kind of value was expected."""
    if isinstance(want, bool):
        return tr("True or False")
    if isinstance(want, str):
        return tr("text")
    if isinstance(want, dict):
        return tr("a dict with {keys}", keys=", ".join(map(str, want)))
    if isinstance(want, list | tuple):
        return tr("{count} values", count=len(want))
    return tr("numbers")


def is_set(value):
    """Return whether a set was returned; sets are not carried to the judge."""
    return isinstance(value, Unsupported) and value.type in ("set", "frozenset")
