"""Calls a student's function on the cases and records the results, without judging anything.

This is the part that runs beside the student's code. It knows no expected value.
"""

import contextlib
import copy
import io
import re
import site
import sysconfig
import traceback
import warnings
from pathlib import Path

import numpy as np

from labkit.checks.call_result import CallResult
from labkit.checks.forbidden import Watch
from labkit.checks.limit import time_limit
from labkit.checks.tidy import tidy

__all__ = ["run"]

MAX_PRINTED = 2000  # characters kept of what a call prints
MAX_MESSAGE = 500
_FOLDERS = {
    *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    *site.getsitepackages(),
    str(Path(__file__).parents[1]),  # labkit itself
}
_NOT_THE_STUDENTS = tuple(_FOLDERS | {str(Path(folder).resolve()) for folder in _FOLDERS})
_TENSORS = {"tensorflow", "torch", "jax", "jaxlib", "keras"}
_COLORS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")  # Keras colors its error messages
_NOISE = re.compile(rf"{_COLORS.pattern}| at 0x[0-9a-fA-F]+|\b0x[0-9a-fA-F]{{6,}}\b")


def run(exercise, function, cases):
    """Call `function` on every case and return one CallResult for each.

    The function gets copies of the arguments. After a call that had to be interrupted, or that
    raised NotImplementedError, the remaining cases are skipped.

    Args:
        exercise: says which functions are forbidden, how many seconds a call may take, and which
            adapter puts a case to the function.
        function: what the student wrote.
        cases: a list of :class:`~labkit.checks.exercise.Case`.

    Raises:
        KeyboardInterrupt: the user interrupted the call. No other exception comes through.
    """
    results, seconds_left = [], 2 * exercise.seconds
    watch = Watch(exercise.forbidden)
    for case in cases:
        if seconds_left <= 0 or (results and _is_final(results[-1])):
            results.append(CallResult("skipped"))
            continue
        limit = min(exercise.seconds, seconds_left)
        result, used = _call(exercise, function, case.args, limit, watch)
        results.append(result)
        seconds_left -= used
    return results


def _is_final(result):
    return result.kind in ("late", "skipped") or result.error == "NotImplementedError"


def _call(exercise, function, args, seconds, watch):
    """One call, repeated with arrays of one dtype where a framework insists on that."""
    result, used, error = _call_once(exercise, function, args, seconds, watch)
    if error is not None and _insists_on_one_dtype(error, args):
        # TensorFlow refuses to multiply integers by floats, which is not what is being examined
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
    """The CallResult, the seconds that the call used, and the exception that it raised or None."""
    arguments = copy.deepcopy(args)
    watch.shortcut = ""
    value, failure, clock = None, None, None
    printed = _Printed()
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")  # a warning costs nothing
        try:
            # the limit is the inner one, so that it cannot interrupt the end of the watch
            with watch, time_limit(seconds) as clock:
                value = exercise.use(function, *arguments) if exercise.use else function(*arguments)
                value = tidy(value)  # a generator or a tensor may do its work only here
        except KeyboardInterrupt:
            raise
        except BaseException as raised:
            failure = raised
    facts = {"shortcut": watch.shortcut, "printed": _COLORS.sub("", printed.getvalue())}
    if clock.fired:
        return CallResult("late", **facts, **_place(failure)), clock.used(), None
    if failure is not None:
        message = " ".join(_NOISE.sub("", _message(failure)).split())[:MAX_MESSAGE]
        facts |= {"error": type(failure).__name__, "message": message}
        return CallResult("error", **facts, **_place(failure)), clock.used(), failure
    names = zip(exercise.inputs, args, arguments, strict=False)
    changed = tuple(name for name, before, after in names if not _same(before, after))
    kind = type(value).__name__
    return CallResult("value", value, kind, changed=changed, **facts), clock.used(), None


class _Printed(io.StringIO):
    """Keeps the first MAX_PRINTED characters, so that a flood of output costs no memory."""

    def write(self, text):
        room = MAX_PRINTED - self.tell()
        if room > 0:
            super().write(str(text)[:room])
        return len(text)


def _message(error):
    try:
        return str(error)
    except Exception:  # an exception class of the student's own, whose __str__ fails as well
        return ""


def _place(failure):
    """Where in the student's code it happened: the innermost frame that is theirs."""
    place, function_name = {}, ""
    for frame, line in traceback.walk_tb(failure.__traceback__ if failure else None):
        path = frame.f_code.co_filename
        if _is_students(path):
            is_cell = "ipykernel_" in path or path.startswith("<")
            name = frame.f_code.co_name
            summary = traceback.FrameSummary(path, line, name, lookup_line=True)
            if not name.startswith("<"):  # a comprehension is named by the function it is in
                function_name = name
            place = {
                "line": line,
                "source": (summary.line or "").strip()[:200],
                "where": function_name,
                "file": "" if is_cell else Path(path).name,
            }
    return place


def _is_students(path):
    if path.startswith(("<frozen", "<__array_function__")):
        return False
    return not str(Path(path).absolute()).startswith(_NOT_THE_STUDENTS)


def _same(before, after):
    """Whether an argument is the same as before the call."""
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
