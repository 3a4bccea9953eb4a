"""The one place where arguments are brought into one form; the errors say what was expected."""

import difflib
import operator

import numpy as np

__all__ = ["as_array", "as_int", "as_number", "as_tuple", "known"]


def as_tuple(value, rank, name, *, minimum=1):
    """``value``, an int or one int per axis, as a tuple of ``rank`` Python ints.

    Raises:
        ValueError: not integers (``True`` and ``2.0`` are none), not ``rank`` of them, or one is
            smaller than ``minimum``.

    >>> as_tuple(3, 2, "kernel_size"), as_tuple([1, 2], 2, "strides")
    ((3, 3), (1, 2))
    """
    integer = as_int(value)
    if integer is not None:
        result = (integer,) * rank
    else:
        try:
            result = tuple(as_int(entry) for entry in value)
        except TypeError:
            result = (None,)
        if isinstance(value, (str, bytes, dict, set)) or None in result or len(result) != rank:
            one_each = "" if rank == 1 else f" or a tuple of {rank}, one for each axis"
            raise ValueError(f"{name}: expected an integer{one_each}, received {value!r}")
    if any(entry < minimum for entry in result):
        raise ValueError(f"{name}: expected integers of at least {minimum}, received {value!r}")
    return result


def as_array(value, name):
    """``value`` as an array of real numbers; lists and tensors will do.

    Raises:
        ValueError: no rectangular array, or not of real numbers (objects, strings, complex).

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
    return array


def as_number(value, name, *, minimum):
    """``value`` as a float of at least ``minimum``.

    Raises:
        ValueError: no number, NaN, or smaller.

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


def as_int(value):
    """A Python int, or None for what is none: ``True`` and ``2.0`` are not sizes."""
    try:
        return None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        return None


def known(padding, names):
    """``padding`` in lower case, if it is one of ``names``; else a ValueError with the nearest."""
    if isinstance(padding, str) and padding.lower() in names:
        return padding.lower()
    close = difflib.get_close_matches(str(padding).lower(), names, 1)
    hint = f". Did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"padding: expected one of {', '.join(names)}, received {padding!r}{hint}")
