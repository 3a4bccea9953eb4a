"""Checks that know the mistake: try an answer, say what is wrong with it, give hints.

In a notebook: ``from labkit.checks import check, hint, progress``.

Judging is in two halves, so that grading can put a process border between them: :func:`run` calls a
student's function and writes down results, knowing no expected value; :func:`judge` compares the
results with the oracle, running none of the student's code. What passes between them is encoded by
:mod:`labkit.checks.wire`. Exercises are declared in ``labNN`` modules, found by
:mod:`labkit.checks.registry`. NumPy only: a framework is never imported here.
"""

from labkit.checks.judge import judge
from labkit.checks.notebook import CheckFailed, check, hint, progress
from labkit.checks.run import run
from labkit.checks.unwritten import explain
from labkit.checks.verdict import Verdict

__all__ = ["CheckFailed", "Verdict", "check", "hint", "judge", "progress", "run"]

explain()
