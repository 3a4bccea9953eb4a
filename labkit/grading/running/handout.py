"""What a student's kernel learns about an exercise: how to call the answer, never the solution.

The declarations of exercises hold the instructor's solutions. They stay in the grader: the box of a
kernel does not show their files (:mod:`labkit.kernels.sandbox.mounts`). Where an exercise says how
its cases are put to the answer (``use``), the kernel learns the name of that adapter, which is a
function in :mod:`labkit.adapters` and can be imported inside the box.
"""

__all__ = ["of"]


def of(exercise):
    """Describe an :class:`~labkit.checks.exercise.Exercise` in plain values, without its solution.

    Returns:
        A dict that JSON can hold; "use" is the adapter's name, "" where there is none.

    Raises:
        LookupError: the exercise's adapter is not a function at the top of a module of
            labkit.adapters, so the box could not import it.

    >>> from labkit.checks import registry
    >>> of(registry.get("flip"))["call"], of(registry.get("keras_layer"))["use"]
    ('flip(kernel)', 'labkit.adapters.lab08:keras_layer')
    """
    return {
        "id": exercise.id,
        "lab": exercise.lab,
        "call": exercise.call,
        "forbidden": list(exercise.forbidden),
        "seconds": exercise.seconds,
        "use": _name_of(exercise.use, exercise.id) if exercise.use else "",
    }


def _name_of(adapter, exercise_id):
    """The name by which :func:`labkit.grading.running.ask.adapter_named` finds an adapter."""
    module, name = adapter.__module__, adapter.__qualname__
    if not (module.startswith("labkit.adapters.") and name.isidentifier()):
        raise LookupError(
            f"exercise {exercise_id!r}: expected use= to be a function at the top of a module of "
            f"labkit.adapters, received {module}.{name}. Move it there: student code must be able "
            "to import it, and cannot see labkit.exercises"
        )
    return f"{module}:{name}"
