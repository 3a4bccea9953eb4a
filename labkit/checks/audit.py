"""Tests the checks themselves: do they reject every mistake and accept every right answer?

Used by the tests and by ``labkit checks report``. A mistake that passes is a *survivor*; a right
answer that does not pass is a *false rejection*. Both are faults of the exercise.
"""

import dataclasses
import importlib.util
import json
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from labkit.checks import registry, wire
from labkit.checks.compare import as_numbers
from labkit.checks.exercise import variant
from labkit.checks.judge import judge
from labkit.checks.run import run

__all__ = [
    "FORMS",
    "LINE",
    "TITLES",
    "Audit",
    "audit",
    "forms_for",
    "in_form",
    "judged",
    "plain",
    "right_answers",
]

TITLES = ("exercise", "cases", "mistakes", "killed", "named", "right answers", "accepted", "ms")
LINE = "{:<24} {:>5} {:>8} {:>6} {:>5} {:>13} {:>8} {:>5}"

#: The types in which students return the same values
FORMS = {
    "as it is": lambda array: array,
    "float64": lambda array: np.asarray(array, np.float64),
    "float32": lambda array: np.asarray(array, np.float32),
    "list": lambda array: array.tolist(),
    "tuple": lambda array: _tuples(array.tolist()),
}


def _tuples(value):
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def in_form(function, form):
    """Return `function` with every number and array that it returns converted by `form`."""

    def convert(value):
        value = value.toarray() if hasattr(value, "toarray") else value
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, dict):
            return {key: convert(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            if any(isinstance(item, str) for item in value):
                return value
            if all(np.ndim(item) == 0 for item in value) or as_numbers(value) is None:
                return type(value)(map(convert, value))
        array = np.asarray(value)
        truth = array.dtype.kind == "b" and form in (FORMS["float64"], FORMS["float32"])
        return value if truth else form(array)

    def put(*args):
        return convert(function(*args))

    put.takes_arguments = getattr(function, "takes_arguments", False)
    return function if form is FORMS["as it is"] else put


def forms_for(exercise):
    """Return the forms to try. What an adapter returns, for a layer say, has only its own."""
    return {"as it is": FORMS["as it is"]} if exercise.use else FORMS


def judged(exercise, function, seed=None):
    """Return the verdict on `function`, with everything encoded and decoded as grading does it.

    Variants and models take the arguments of a case directly, also where the exercise has an
    adapter.
    """
    if getattr(function, "takes_arguments", False):
        exercise = dataclasses.replace(exercise, use=None)
    cases = exercise.cases(seed)
    sent = wire.decode(_over_the_wire(cases))
    results = wire.decode(_over_the_wire(run(exercise, function, sent)))
    return judge(exercise, cases, results)


def _over_the_wire(values):
    return json.loads(json.dumps(wire.encode(values)))


def plain(function):
    """Return `function`, to be called with a case's arguments and not through the adapter."""

    def called(*args):
        return function(*args)

    called.takes_arguments = True
    return called


@dataclass
class Audit:
    """The result of auditing one exercise."""

    exercise: object
    cases: int = 0
    killed: int = 0
    named: int = 0
    accepted: int = 0
    right: int = 0
    seconds: float = 0.0  #: that one check of a right answer takes
    survivors: list = field(default_factory=list)  #: (id of a mistake that passes, seed)
    unnamed: list = field(default_factory=list)  #: ids of mistakes that are rejected but not named
    rejected: list = field(default_factory=list)  #: (right answer, form, text)

    def row(self):
        """Return a row of the report's table, in the order of ``TITLES``."""
        return (
            self.exercise.id,
            self.cases,
            len(self.exercise.mistakes),
            self.killed,
            self.named,
            self.right,
            self.accepted,
            round(1000 * self.seconds),
        )

    def faults(self):
        """Return one line for each survivor, unnamed mistake and false rejection."""
        name = self.exercise.id
        lines = []
        for mistake, seed in self.survivors:
            where = "the public inputs" if seed is None else f"hidden inputs, seed {seed}"
            lines.append(f"survivor: {name}: {mistake} passes on {where}")
        lines += [f"unnamed: {name}: {mistake}" for mistake in self.unnamed]
        lines += [
            f"false rejection: {name}: {answer}, returned as {form!r}: {text}"
            for answer, form, text in self.rejected
        ]
        return lines


def audit(exercise, right=(), seeds=(None, 0, 1, 2)):
    """Audit an exercise: try every mistake, and every answer of `right` in every form.

    Args:
        exercise: the exercise to audit.
        right: functions that are right answers.
        seeds: of the inputs for the mistakes; None stands for the public inputs.

    Returns:
        An :class:`Audit`.
    """
    results = Audit(exercise, cases=len(exercise.cases()), right=len(right))
    for mistake in exercise.mistakes:
        ways = [variant(exercise, mistake), *map(plain, mistake.also)]
        verdicts = {seed: [judged(exercise, way, seed) for way in ways] for seed in seeds}
        passed = [seed for seed, each in verdicts.items() if any(one.passed for one in each)]
        named = all((mistake,) in verdict.mistakes for verdict in verdicts[seeds[0]])
        results.survivors += [(mistake.id, seed) for seed in passed]
        results.unnamed += [] if named else [mistake.id]
        results.killed += not passed
        results.named += named
    begin = time.perf_counter()
    judged(exercise, variant(exercise))
    results.seconds = time.perf_counter() - begin
    for answer in right:
        complaints = []
        for name, form in forms_for(exercise).items():
            verdict = judged(exercise, in_form(answer, form))
            if not verdict.passed:
                complaints.append((answer.__name__, name, verdict.text))
        results.rejected += complaints
        results.accepted += not complaints
    return results


def right_answers(lab, folder=None):
    """Return the right answers to a lab's exercises: {exercise id: [functions]}.

    They lie in the repository, in ``tests/exercises/right/labNN.py``, or else in `folder`. Where
    there is no such file, the dict is empty.

    Raises:
        ValueError: the file answers an exercise that the lab does not have.
    """
    folder = Path(folder or Path(__file__).parents[2] / "tests" / "exercises" / "right")
    path = folder / f"lab{lab}.py"
    if not path.exists():
        return {}
    spec = importlib.util.spec_from_file_location(f"right_answers_lab{lab}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    known = {exercise.id for exercise in registry.lab_exercises(lab)}
    if stray := set(module.RIGHT) - known:
        raise ValueError(f"{path}: no such exercise: {', '.join(sorted(stray))}")
    return module.RIGHT
