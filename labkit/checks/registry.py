"""Finds exercises. A lab is imported only when somebody asks for one of its exercises.

A lab is a module ``labkit.exercises.labNN`` with a tuple ``EXERCISES``; there is nothing else to
register.
"""

import difflib
import importlib
import pkgutil
import re

__all__ = ["UnknownExercise", "get", "ids", "lab_exercises", "labs"]


class UnknownExercise(LookupError):
    """No lab has this exercise; the text names the nearest one that there is."""


def labs():
    """The labs that have checks: ["01", ...]."""
    folder = importlib.import_module("labkit.exercises").__path__
    names = [module.name for module in pkgutil.iter_modules(folder)]
    return sorted(name[3:] for name in names if re.fullmatch(r"lab\d\d", name))


def lab_exercises(lab):
    """The exercises of a lab ("01"), in its order."""
    return importlib.import_module(f"labkit.exercises.lab{lab}").EXERCISES


def get(exercise_id):
    """The exercise of that id. Raises :class:`UnknownExercise`."""
    for lab in labs():
        for exercise in lab_exercises(lab):
            if exercise.id == exercise_id:
                return exercise
    from labkit.language import tr

    near = difflib.get_close_matches(str(exercise_id), ids(), n=1, cutoff=0.5)
    if near:
        text = tr(
            'There is no exercise "{id}". Did you mean "{near}"?', id=exercise_id, near=near[0]
        )
    else:
        known = ", ".join(ids())
        text = tr('There is no exercise "{id}". There are: {known}.', id=exercise_id, known=known)
    raise UnknownExercise(text)


def ids():
    """All exercise ids, lab by lab."""
    return [exercise.id for lab in labs() for exercise in lab_exercises(lab)]
