"""The part of grading that runs in the student's kernel: call the function, send back the results.

It is small because student code runs in the same process and can change anything in it. Tampering
earns no marks: no expected value is in this process, and whatever leaves it is decoded, bounded and
judged in another process. All that tampering can do is send different values.
"""

import base64
import importlib
import json

__all__ = ["adapter_named", "answer", "check_nothing"]


def answer(namespace, description, nonce, cases):
    """Run a student's function on `cases` and return its results.

    Args:
        namespace: the notebook's globals.
        description: of the exercise, by :func:`labkit.grading.running.handout.of`.
        nonce: a text that goes into the reply. A reply prepared before the question was asked
            cannot contain it.
        cases: in the form of :mod:`labkit.checks.wire`.

    Returns:
        A JSON text in base64: {"nonce", "results"}, or {"nonce", "undefined"} where the notebook
        has no such function.
    """
    from labkit.checks import wire
    from labkit.checks.exercise import Exercise
    from labkit.checks.run import run

    facts = {name: description[name] for name in ("id", "lab", "call", "seconds")}
    solution = dict.fromkeys(("oracle", "model", "draw"))  # run() needs none of it
    exercise = Exercise(
        **facts,
        **solution,
        points=0,
        mistakes=(),
        hints=(),
        forbidden=tuple(description["forbidden"]),
        use=adapter_named(description["use"]) if description["use"] else None,
    )
    if not callable(namespace.get(exercise.entry)):
        return _packed({"nonce": nonce, "undefined": True})
    results = run(exercise, namespace[exercise.entry], [wire.decode(case) for case in cases])
    return _packed({"nonce": nonce, "results": [wire.encode(result) for result in results]})


def _packed(value):
    """A text whose repr() is the text between quotes, so reading it needs no Python parser."""
    return base64.b64encode(json.dumps(value).encode()).decode()


def adapter_named(name):
    """Import the adapter that a question names: "labkit.adapters.lab08:keras_layer".

    Raises:
        ImportError: the name does not lead to a function that a module of labkit.adapters offers.
    """
    module_name, _, function_name = name.partition(":")
    if module_name.startswith("labkit.adapters."):
        module = importlib.import_module(module_name)
        if function_name in module.__all__:
            return getattr(module, function_name)
    raise ImportError(f"expected a function of labkit.adapters, received {name!r}")


def check_nothing():
    """Let a check inside an answer pass in silence: the box does not show the exercises."""
    import labkit.checks

    for name in ("check", "hint", "progress"):
        setattr(labkit.checks, name, lambda *arguments: None)
