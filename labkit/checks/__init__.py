"""Checks that recognize mistakes: try an answer, say what is wrong with it, give hints.

In a notebook: ``from labkit.checks import check, hint, progress``.

Judging has two halves, so that grading can put a process border between them. :func:`run` calls a
student's function and records the results; it knows no expected value. :func:`judge` compares the
results with the oracle; it runs none of the student's code. What passes between them is encoded by
:mod:`labkit.checks.wire`. The exercises lie in ``labkit.exercises``, where
:mod:`labkit.checks.registry` finds them by name. Checks need NumPy only and import no framework.
"""

from labkit.checks.judge import judge
from labkit.checks.notebook import CheckFailed, check, hint, progress
from labkit.checks.run import run
from labkit.checks.unwritten import explain
from labkit.checks.verdict import Verdict

__all__ = ["CheckFailed", "Verdict", "check", "hint", "judge", "progress", "run"]

explain()
