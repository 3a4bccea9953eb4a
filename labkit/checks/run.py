"""Call a student's function on the cases, and write down what came of it. Judges nothing.

This is the part that runs beside the student's code. It knows no expected value.
"""

import contextlib
import copy
import io
import itertools
import math
import numbers
import re
import site
import sysconfig
import traceback
import warnings
from collections import deque
from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from pathlib import Path

import numpy as np

from labkit.checks.call_result import CallResult, Unsupported
from labkit.checks.forbidden import Watch
from labkit.checks.limit import time_limit
from labkit.checks.wire import MAX_ITEMS

__all__ = ["run", "tidy"]

MAX_PRINTED = 2000  # characters kept of what a call prints
MAX_MESSAGE = 500
MAX_DEPTH = 6
_FOLDERS = {
    *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    *site.getsitepackages(),
    str(Path(__file__).parents[1]),  # labkit itself
}
_NOT_THEIRS = tuple(_FOLDERS | {str(Path(folder).resolve()) for folder in _FOLDERS})
_IN_A_ROW = (range, Iterator, KeysView, ValuesView, ItemsView)
_TENSORS = {"tensorflow", "torch", "jax", "jaxlib", "keras"}
_COLORS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")  # Keras paints its error messages
_NOISE = re.compile(rf"{_COLORS.pattern}| at 0x[0-9a-fA-F]+|\b0x[0-9a-fA-F]{{6,}}\b")


def run(exercise, function, cases):
    """One :class:`~labkit.checks.call_result.CallResult` for each case.

    `function` gets copies of the arguments. After a call that had to be interrupted, or that says
    it is not implemented, no further ones are made. Only KeyboardInterrupt comes through.
    """
    results, left = [], 2 * exercise.seconds
    watch = Watch(exercise.forbidden)
    for case in cases:
        if left <= 0 or (results and _is_final(results[-1])):
            results.append(CallResult("skipped"))
            continue
        result, used = _call(exercise, function, case.args, min(exercise.seconds, left), watch)
        results.append(result)
        left -= used
    return results


def _is_final(result):
    return result.kind in ("late", "skipped") or result.error == "NotImplementedError"


def _call(exercise, function, args, seconds, watch):
    result, used, error = _call_once(exercise, function, args, seconds, watch)
    if error is not None and _insists_on_one_dtype(error, args):
        # TensorFlow does not multiply integers by floats: its affair, not the exercise's
        common = np.result_type(*(arg for arg in args if isinstance(arg, np.ndarray)))
        args = tuple(arg.astype(common) if isinstance(arg, np.ndarray) else arg for arg in args)
        result, used, _ = _call_once(exercise, function, args, seconds, watch)
    return result, used


def _insists_on_one_dtype(error, args):
    dtypes = {arg.dtype for arg in args if isinstance(arg, np.ndarray)}
    modules = (
        str(frame.f_globals.get("__name__", "")).partition(".")[0]
        for frame, _ in traceback.walk_tb(error.__traceback__)
    )
    return len(dtypes) > 1 and not _TENSORS.isdisjoint(modules)


def _call_once(exercise, function, args, seconds, watch):
    given = copy.deepcopy(args)
    watch.found = ""
    value, failure, clock = None, None, None
    printed = _Printed()
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")  # a warning costs nothing
        try:
            with watch, time_limit(seconds) as clock:  # no interruption of how the watch ends
                value = exercise.use(function, *given) if exercise.use else function(*given)
                value = tidy(value)  # a generator or a tensor may do its work only here
        except KeyboardInterrupt:
            raise
        except BaseException as raised:
            failure = raised
    facts = {"shortcut": watch.found, "printed": _COLORS.sub("", printed.getvalue())}
    if clock.fired:
        return CallResult("late", **facts, **_place(failure)), clock.used(), None
    if failure is not None:
        message = " ".join(_NOISE.sub("", _message(failure)).split())[:MAX_MESSAGE]
        facts |= {"error": type(failure).__name__, "message": message}
        return CallResult("error", **facts, **_place(failure)), clock.used(), failure
    names = zip(exercise.inputs, args, given, strict=False)
    changed = tuple(name for name, before, after in names if not _same(before, after))
    kind = type(value).__name__
    return CallResult("value", value, kind, changed=changed, **facts), clock.used(), None


class _Printed(io.StringIO):
    """Keeps the beginning, and costs no memory for the rest."""

    def write(self, text):
        room = MAX_PRINTED - self.tell()
        if room > 0:
            super().write(str(text)[:room])
        return len(text)


def _message(error):
    try:
        return str(error)
    except Exception:  # an exception of the student's own, and its __str__ has a fault, too
        return ""


def _place(failure):
    """Where in the student's own code it happened: the innermost frame that is theirs."""
    place, inside = {}, ""
    for frame, line in traceback.walk_tb(failure.__traceback__ if failure else None):
        path = frame.f_code.co_filename
        if _is_students(path):
            cell = "ipykernel_" in path or path.startswith("<")
            name = frame.f_code.co_name
            summary = traceback.FrameSummary(path, line, name, lookup_line=True)
            inside = inside if name.startswith("<") else name  # a comprehension's is its function's
            place = {
                "line": line,
                "source": (summary.line or "").strip()[:200],
                "where": inside,
                "file": "" if cell else Path(path).name,
            }
    return place


def _is_students(path):
    if path.startswith(("<frozen", "<__array_function__")):
        return False
    return not str(Path(path).absolute()).startswith(_NOT_THEIRS)


def tidy(value, depth=0):
    """`value` in plain types: tensors and the like as arrays, containers copied, the rest named.

    What gives its items one after the other, such as a generator, is as good as a list of them.
    A set is not: it has no order, so nobody can say which of its numbers comes first.

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
    if isinstance(value, _IN_A_ROW) and not hasattr(value, "__array__"):
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
    if callable(getattr(value, "toarray", None)):  # scipy's sparse matrices
        if math.prod(value.shape) > 2**24:
            return Unsupported(name, tuple(value.shape))
        value = value.toarray()
    if callable(getattr(value, "detach", None)):  # torch, where gradients are recorded
        value = value.detach()
    if not (hasattr(value, "__array__") or isinstance(value, numbers.Number)):
        return Unsupported(name)
    try:
        array = np.array(np.asarray(value))  # in two steps: old __array__ knows no copy
        kind = array.dtype.kind
        if kind in "OV" or (kind == "f" and array.dtype.itemsize > 8):
            return array.astype(np.float64)  # bfloat16, Python numbers as objects, long doubles
    except (NotImplementedError, TypeError, ValueError):  # symbolic tensors have no values
        return Unsupported(name)
    if kind == "U":  # names in an array are as good as in a list
        return array.tolist()
    if kind not in "biufc":
        return Unsupported(f"{name} of {array.dtype}"[:100], array.shape)
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _same(before, after):
    """Is an argument what it was before the call?"""
    if isinstance(before, np.ndarray):
        return (
            isinstance(after, np.ndarray)
            and before.shape == after.shape
            and before.dtype == after.dtype
            and before.tobytes() == after.tobytes()
        )
    if isinstance(before, list | tuple):
        same_length = type(before) is type(after) and len(before) == len(after)
        return same_length and all(map(_same, before, after))
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(_same(before[k], after[k]) for k in before)
    return before is after or before == after
