"""The part of grading that runs in the student's kernel: call the function, send back what came.

It is kept this small because student code in the same process can change anything here. That gains
nobody a mark: no expected value is in this process, and what leaves it is decoded, bounded and
judged in another. Who tampers with it can only send other values.
"""

import dataclasses
import json

__all__ = ["answer"]


def answer(namespace, exercise_id, nonce, cases):
    """Run a student's function on `cases` (wire form); a JSON text with the outcomes in wire form.

    `namespace` is the notebook's globals. `nonce` comes back unchanged: what was prepared before
    this question was asked cannot have it.
    """
    from labkit.checks import registry, wire
    from labkit.checks.run import run

    # run() needs neither; a student's function can look through its callers' variables
    exercise = dataclasses.replace(registry.get(exercise_id), oracle=None, model=None, mistakes=())
    if not callable(namespace.get(exercise.entry)):
        return json.dumps({"nonce": nonce, "undefined": True})
    outcomes = run(exercise, namespace[exercise.entry], [wire.decode(case) for case in cases])
    return json.dumps({"nonce": nonce, "outcomes": [wire.encode(outcome) for outcome in outcomes]})
