"""The part of grading that runs in the student's kernel: call the function, send back what came.

It is kept this small because student code in the same process can change anything here. That gains
nobody a mark: no expected value is in this process, and what leaves it is decoded, bounded and
judged in another. Who tampers with it can only send other values.
"""

import base64
import json

__all__ = ["answer", "check_nothing"]


def answer(namespace, told, nonce, cases):
    """Run a student's function on `cases` (wire form); the outcomes, as base64 of a JSON text.

    `namespace` is the notebook's globals, `told` what :func:`labkit.grading.running.handout.of`
    says of the exercise. `nonce` comes back unchanged: what was prepared before this question was
    asked cannot have it.
    """
    from labkit.checks import wire
    from labkit.checks.exercise import Exercise
    from labkit.checks.run import run

    given = {name: told[name] for name in ("id", "lab", "call", "seconds")}
    nothing = dict.fromkeys(("oracle", "model", "draw"))  # run() needs none of it
    exercise = Exercise(
        **given,
        **nothing,
        points=0,
        mistakes=(),
        hints=(),
        forbidden=tuple(told["forbidden"]),
        use=_use(told),
    )
    if not callable(namespace.get(exercise.entry)):
        return _packed({"nonce": nonce, "undefined": True})
    outcomes = run(exercise, namespace[exercise.entry], [wire.decode(case) for case in cases])
    return _packed({"nonce": nonce, "outcomes": [wire.encode(outcome) for outcome in outcomes]})


def _packed(value):
    """Text whose repr() is itself between quotes: nobody has to parse Python to read it."""
    return base64.b64encode(json.dumps(value).encode()).decode()


def _use(told):
    """How a case is put to the answer, where it is not simply called: by the grader's own code."""
    if not told["use"]:
        return None
    space = {"__name__": told["module"]}
    exec(compile(told["use"], "<use>", "exec"), space)
    return space["use"]


def check_nothing():
    """Let a check that stands in an answer pass in silence: what it needs is not in the box."""
    import labkit.checks

    for name in ("check", "hint", "progress"):
        setattr(labkit.checks, name, lambda *arguments: None)
