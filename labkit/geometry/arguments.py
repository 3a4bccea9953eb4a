"""Normalize arguments at the boundary, and say what was expected when that fails."""

import difflib
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labkit.geometry.types import Shape, Sizes

__all__ = ["as_array", "as_int", "as_number", "as_tuple", "known"]


def as_tuple(value: Sizes, rank: int, name: str, *, minimum: int = 1) -> Shape:
    """Normalize ``value``, an int or one int for each axis, to a tuple of ``rank`` Python ints.

    Args:
        value: an int, which then holds for every axis, or one int for each axis.
        rank: the number of axes.
        name: what the argument is called; it begins the error message.
        minimum: the smallest value allowed.

    Raises:
        ValueError: ``value`` does not consist of integers (``True`` and ``2.0`` do not count as
            integers), has other than ``rank`` of them, or one is smaller than ``minimum``.

    >>> as_tuple(3, 2, "kernel_size"), as_tuple([1, 2], 2, "strides")
    ((3, 3), (1, 2))
    """
    integer = as_int(value)
    if integer is not None:
        result = (integer,) * rank
    else:
        try:
            entries = [as_int(entry) for entry in value]  # type: ignore[union-attr]
        except TypeError:  # a value that cannot be iterated
            entries = []
        result = tuple(entry for entry in entries if entry is not None)
        unordered = isinstance(value, (str, bytes, dict, set))
        if unordered or len(result) != len(entries) or len(result) != rank:
            one_each = "" if rank == 1 else f" or a tuple of {rank}, one for each axis"
            raise ValueError(f"{name}: expected an integer{one_each}, received {value!r}")
    if any(entry < minimum for entry in result):
        raise ValueError(f"{name}: expected integers of at least {minimum}, received {value!r}")
    return result


def as_array(value: ArrayLike, name: str) -> NDArray[Any]:
    """Convert ``value`` (an array, nested lists, a tensor) to an array of real numbers.

    Raises:
        ValueError: ``value`` is not a rectangular array of real numbers (but of objects, strings
            or complex numbers), or it is a masked array with masked entries.

    >>> as_array([[1, 2], [3, 4]], "x").shape
    (2, 2)
    """
    try:
        array = np.asarray(value)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{name}: expected an array of numbers, received {type(value).__name__}: {error}"
        ) from None
    if array.dtype.kind not in "biuf" and "float" not in array.dtype.name:  # bfloat16 is kind V
        raise ValueError(
            f"{name}: expected an array of real numbers, received shape {array.shape} and dtype "
            f"{array.dtype}"
        )
    if np.ma.is_masked(value):
        raise ValueError(
            f"{name}: expected an array without masked entries, received one in which "
            f"{np.ma.count_masked(value)} of {array.size} are masked: give them a value first, for "
            "example with numpy.ma.filled(array, 0)"
        )
    return array


def as_number(value: Any, name: str, *, minimum: float) -> float:
    """Convert ``value`` to a float of at least ``minimum``.

    Raises:
        ValueError: ``value`` is not a number, is NaN, or is smaller than ``minimum``.

    >>> as_number(1, "tolerance", minimum=0)
    1.0
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if not number >= minimum:
        raise ValueError(f"{name}: expected a number of at least {minimum:g}, received {value!r}")
    return number


def as_int(value: Any) -> int | None:
    """Convert an integer of any type to a Python int; return None for ``True`` and ``2.0``."""
    try:
        return None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        return None


def known(padding: object, names: Sequence[str]) -> str:
    """Return ``padding`` in lower case.

    Raises:
        ValueError: ``padding`` is not one of ``names``; the message suggests the closest name.
    """
    if isinstance(padding, str) and padding.lower() in names:
        return padding.lower()
    close = difflib.get_close_matches(str(padding).lower(), names, 1)
    hint = f". Did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"padding: expected one of {', '.join(names)}, received {padding!r}{hint}")
