"""Compares an answer with the expected one and finds where they first differ. NumPy only."""

from dataclasses import dataclass

import numpy as np

from labkit.checks.exercise import FLOAT32

__all__ = ["Difference", "as_numbers", "close", "compare"]


@dataclass(frozen=True)
class Difference:
    """How `got` differs from `want`. `reason` is one of

    - ``"none"``: None was returned;
    - ``"type"``: not numbers at all (or not True or False, or not text, if that is expected);
    - ``"ragged"``: rows of unequal lengths;
    - ``"shape"``: numbers in another shape; for a tuple or dict, different members;
    - ``"value"``: the right shape, and `place` is the first index where the values differ.

    `path` names the member of a tuple or dict: ``"[1]"``, ``"['dense']"``; "" for the whole answer.
    """

    reason: str
    got: object
    want: object
    path: str = ""
    place: tuple = ()
    wrong: int = 1  #: how many values differ
    total: int = 1


def compare(got, want, tolerance=FLOAT32):
    """Return the first :class:`Difference` between `got` and `want`, or None if `got` is right.

    >>> compare([1, 2.0000001], np.array([1.0, 2.0]))
    >>> compare([[1, 2], [3, 5]], np.array([[1, 2], [3, 4]])).place
    (1, 1)
    """
    return _compare(got, want, tolerance, "")


def _compare(got, want, tolerance, path):
    if got is None and want is not None:
        return Difference("none", got, want, path)
    if want is None or isinstance(want, str):
        same = type(got) is type(want) and got == want
        reason = "value" if isinstance(got, str) and isinstance(want, str) else "type"
        return None if same else Difference(reason, got, want, path)
    if isinstance(want, bool):
        return _compare_truth(got, want, path)
    if isinstance(want, dict):
        if not isinstance(got, dict):
            return Difference("type", got, want, path)
        if got.keys() != want.keys():
            return Difference("shape", got, want, path)
        return _first(got, want, want, tolerance, path)
    if isinstance(want, list | tuple):
        if isinstance(got, np.ndarray) and got.ndim:
            numbers = got.ndim == 1 and got.dtype != object
            if numbers and all(np.ndim(one) for one in want):  # one of several arrays
                return Difference("type", got, want, path)
            got = list(got)
        if not isinstance(got, list | tuple):
            return Difference("type", got, want, path)
        if len(got) != len(want):
            return Difference("shape", got, want, path)
        return _first(got, want, range(len(want)), tolerance, path)
    return _compare_numbers(got, np.asarray(want), tolerance, path)


def _first(got, want, keys, tolerance, path):
    for key in keys:
        difference = _compare(got[key], want[key], tolerance, f"{path}[{key!r}]")
        if difference:
            return difference
    return None


def _compare_truth(got, want, path):
    numbers = as_numbers(got)
    if numbers is None or numbers.shape != () or numbers not in (0, 1):
        return Difference("type", got, want, path)
    return None if bool(numbers) == want else Difference("value", bool(numbers), want, path)


def _compare_numbers(got, want, tolerance, path):
    numbers = as_numbers(got)
    if numbers is None:
        return Difference("ragged" if _is_ragged(got) else "type", got, want, path)
    if numbers.shape != want.shape:
        return Difference("shape", numbers, want, path)
    right = close(numbers, want, tolerance)
    if right.all():
        return None
    place = tuple(int(index) for index in np.unravel_index(np.argmin(right), want.shape))
    return Difference("value", numbers, want, path, place, int((~right).sum()), right.size)


def close(got, want, tolerance):
    """Return a boolean array that says which values agree within the tolerance.

    `got` and `want` are arrays of one shape. Infinities and NaN agree with themselves.
    """
    if not want.size:
        return np.ones(want.shape, bool)
    want = want.astype(float)  # from whole numbers of any size, too
    finite = want[np.isfinite(want)]
    scale = max(1.0, float(np.abs(finite).max())) if finite.size else 1.0
    with np.errstate(invalid="ignore", over="ignore"):
        got = got.astype(np.result_type(got, float))
        near = np.abs(got - want) <= tolerance.relative * scale
    return near | (got == want) | (np.isnan(got) & np.isnan(want))


def as_numbers(value):
    """Return numbers, or lists and tuples of them, as an array; None for anything else.

    >>> as_numbers([(1, 2), [3, np.float32(4)]])
    array([[1., 2.],
           [3., 4.]])
    >>> as_numbers([[1, 2], [3]]) is as_numbers("1") is as_numbers(None) is None
    True
    """
    if isinstance(value, bool | int | float | np.ndarray | np.generic):
        array = np.asarray(value)
    elif isinstance(value, list | tuple):
        try:
            array = np.array(value)
        except (ValueError, OverflowError):
            return None
    else:
        return None
    return array if array.dtype.kind in "biufc" else None


def _is_ragged(value):
    """Whether these are lists of numbers whose rows have unequal lengths."""
    if isinstance(value, list | tuple):
        return all(as_numbers(item) is not None or _is_ragged(item) for item in value)
    return False
