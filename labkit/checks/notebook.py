"""What a student calls: ``check``, ``hint`` and ``progress``."""

import sys

from labkit.checks import registry
from labkit.checks.judge import judge
from labkit.checks.render import SYMBOLS
from labkit.checks.render_html import page, paragraph, table_of
from labkit.checks.run import run
from labkit.language import tr

__all__ = ["CheckFailed", "check", "hint", "progress"]

_done = {}  # exercise id: the status of its last check in this kernel
_hinted = {}  # exercise id: how many hints were asked for


class CheckFailed(AssertionError):
    """An answer is not right yet. The text is the verdict in one line; `.verdict` has the rest."""

    def __init__(self, text, verdict=None):
        super().__init__(text)
        self.verdict = verdict

    def _render_traceback_(self):
        # what IPython prints instead of a traceback; the verdict has been shown above it
        return [f"CheckFailed: {str(self).partition('. ')[0].rstrip('.')}."]


class _Shown:
    """Something that a notebook shows as HTML, and any other console as plain text."""

    def __init__(self, text, html):
        self.text = text
        self.html = html

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        return self.html


def _display(text, html):
    ipython = sys.modules.get("IPython")  # a notebook has imported it; elsewhere it is not needed
    if ipython and ipython.get_ipython():
        ipython.display.display(_Shown(text, html))
    else:
        print(text)


def check(exercise_id, function=None):
    """Try `function` on the public inputs of an exercise, and show the verdict.

    Args:
        exercise_id: the exercise's name, "flip".
        function: what you wrote: the function itself, without parentheses.

    Raises:
        CheckFailed: it is not right yet. What is wrong is shown first, and is the error's text.

    >>> check("flip", lambda kernel: kernel[::-1, ::-1])
    ✓ flip: all public checks passed (9 inputs).
    """
    try:
        exercise = registry.get(exercise_id)
    except registry.UnknownExercise as unknown:
        raise _refused(f"✗ {unknown}") from None
    if not callable(function):
        kind = type(function).__name__
        call = f'check("{exercise.id}", {exercise.entry})'
        text = tr(
            "check needs your function itself, without parentheses: {call}. It received {kind}.",
            call=call,
            kind=kind,
        )
        raise _refused(f"✗ {exercise.id}: {text}")
    cases = exercise.cases()
    verdict = judge(exercise, cases, run(exercise, function, cases))
    _done[exercise.id] = verdict.status
    _display(verdict.text, verdict.html)
    if not verdict.passed:
        raise CheckFailed(verdict.text, verdict)


def _refused(text):
    _display(text, page([paragraph(text, strong=True)], "check"))
    return CheckFailed(text)


def hint(exercise_id):
    """Show the next hint of an exercise, below those that were shown before.

    >>> hint("flip")  # doctest: +ELLIPSIS
    flip, hint 1 of 3: ...
    """
    try:
        exercise = registry.get(exercise_id)
    except registry.UnknownExercise as unknown:
        raise _refused(f"✗ {unknown}") from None
    total = len(exercise.hints)
    shown = min(_hinted.get(exercise.id, 0) + 1, total)
    _hinted[exercise.id] = shown
    lines = [
        tr(
            "{id}, hint {step} of {total}: {hint}",
            id=exercise.id,
            step=step,
            total=total,
            hint=text,
        )
        for step, text in enumerate(map(tr, exercise.hints[:shown]), 1)
    ]
    if shown == total:
        lines.append(tr("That was the last hint. A drawing on paper, with numbers, helps too."))
    elif shown:
        lines.append(tr("For the next hint, run this cell again."))
    _display(
        "\n".join(lines),
        page([paragraph(line, marked=True) for line in lines], f"hint {exercise.id}"),
    )


def progress():
    """Show which exercises are done, of the labs that were checked in this notebook so far."""
    labs = dict.fromkeys(registry.get(name).lab for name in _done)
    exercises = [exercise for lab in labs for exercise in registry.lab_exercises(lab)]
    if not exercises:
        text = tr("No check has been run in this notebook yet.")
        _display(text, page([paragraph(text)], "progress"))
        return
    states = {
        "right": tr("passed"),
        "not started": tr("not started"),
        "": tr("not started"),
    }
    rows = []
    for exercise in exercises:
        status = _done.get(exercise.id, "")
        symbol = SYMBOLS.get(status or "not started", "✗")
        rows.append((exercise, f"{symbol} {states.get(status) or tr('not right yet')}"))
    passed = [exercise for exercise in exercises if _done.get(exercise.id) == "right"]
    summary = tr(
        "{passed} of {total} exercises passed, {points} of {all_points} points, as far as the "
        "public checks can tell.",
        passed=len(passed),
        total=len(exercises),
        points=sum(exercise.points for exercise in passed),
        all_points=sum(exercise.points for exercise in exercises),
    )
    width = max(len(exercise.id) for exercise in exercises)
    lines = [f"{exercise.id:<{width}}  {exercise.points:>2}  {state}" for exercise, state in rows]
    table = table_of(
        [[str(exercise.points), state] for exercise, state in rows],
        summary,
        rows=[exercise.id for exercise in exercises],
        columns=[tr("points"), tr("state")],
    )
    _display("\n".join([*lines, summary]), page([table], "progress"))
