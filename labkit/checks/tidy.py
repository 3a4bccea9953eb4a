"""Brings whatever a student's function returned into plain types and arrays."""

import itertools
import math
import numbers
from collections import deque
from collections.abc import ItemsView, Iterator, KeysView, ValuesView

import numpy as np

from labkit.checks.call_result import Unsupported
from labkit.checks.wire import MAX_ITEMS

__all__ = ["tidy"]

MAX_DEPTH = 6
_SEQUENTIAL = (range, Iterator, KeysView, ValuesView, ItemsView)


def tidy(value, depth=0):
    """Return `value` with tensors and the like as arrays, and containers copied.

    Something that yields its items one by one, such as a generator, counts as a list of them. A set
    does not: it has no order, so nobody can say which of its numbers comes first. Whatever else
    cannot be converted becomes an :class:`~labkit.checks.call_result.Unsupported`.

    >>> tidy((np.float32(2), [True, {"a": range(3)}, {4, 5}]))
    (array(2., dtype=float32), [True, {'a': [0, 1, 2]}, Unsupported(type='set', shape=None)])
    """
    if value is None or isinstance(value, bool | int | float | str):
        plain = next(
            kind for kind in (type(None), bool, int, float, str) if isinstance(value, kind)
        )
        return value if value is None else plain(value)
    if depth > MAX_DEPTH:
        return Unsupported(type(value).__name__)
    if isinstance(value, _SEQUENTIAL) and not hasattr(value, "__array__"):
        name = type(value).__name__
        value = list(itertools.islice(value, MAX_ITEMS + 1))  # it may have no end
        if len(value) > MAX_ITEMS:
            return Unsupported(name)
    if isinstance(value, list | tuple | deque):
        items = [tidy(item, depth + 1) for item in value]
        return tuple(items) if isinstance(value, tuple) else items
    if isinstance(value, dict):
        return {
            key if isinstance(key, str | int) else str(key): tidy(item, depth + 1)
            for key, item in value.items()
        }
    return _tidy_array(value)


def _tidy_array(value):
    name = type(value).__name__
    if callable(getattr(value, "toarray", None)):  # a sparse matrix of SciPy
        if math.prod(value.shape) > 2**24:
            return Unsupported(name, tuple(value.shape))
        value = value.toarray()
    if callable(getattr(value, "detach", None)):  # a PyTorch tensor that records gradients
        value = value.detach()
    if not (hasattr(value, "__array__") or isinstance(value, numbers.Number)):
        return Unsupported(name)
    try:
        array = np.array(np.asarray(value))  # in two steps: an old __array__ takes no `copy`
        kind = array.dtype.kind
        if kind in "OV" or (kind == "f" and array.dtype.itemsize > 8):
            return array.astype(np.float64)  # bfloat16, Python numbers as objects, long doubles
    except (NotImplementedError, TypeError, ValueError):  # symbolic tensors have no values
        return Unsupported(name)
    if kind == "U":  # an array of names counts as a list of them
        return array.tolist()
    if kind not in "biufc":
        return Unsupported(f"{name} of {array.dtype}"[:100], array.shape)
    return array.astype(array.dtype.newbyteorder("="), copy=False)
