"""Finds exercises by name, and imports a lab only when one of its exercises is asked for.

A lab is a package ``labkit.exercises.labNN`` with a tuple ``EXERCISES``; nothing else has to be
registered.
"""

import difflib
import importlib
import pkgutil
import re

__all__ = ["UnknownExercise", "families", "get", "ids", "lab_exercises", "labs"]

ROOM = "labkit.exercises"


class UnknownExercise(LookupError):
    """No lab has this exercise; the text names the most similar one."""


def labs():
    """Return the labs that have exercises: ["00", "01", ...]."""
    folder = importlib.import_module(ROOM).__path__
    names = [module.name for module in pkgutil.iter_modules(folder)]
    return sorted(name[3:] for name in names if re.fullmatch(r"lab\d\d", name))


def lab_exercises(lab):
    """Return the exercises of a lab ("01"), in the lab's order."""
    return importlib.import_module(f"{ROOM}.lab{lab}").EXERCISES


def families():
    """Return the mistakes that exercises of several labs share."""
    return importlib.import_module(f"{ROOM}.families").all_families()


def get(exercise_id):
    """Return the exercise with that id.

    Raises:
        UnknownExercise: there is none.
    """
    for lab in labs():
        for exercise in lab_exercises(lab):
            if exercise.id == exercise_id:
                return exercise
    from labkit.language import tr

    similar = difflib.get_close_matches(str(exercise_id), ids(), n=1, cutoff=0.5)
    if similar:
        text = tr(
            'There is no exercise "{id}". Did you mean "{near}"?', id=exercise_id, near=similar[0]
        )
    else:
        known = ", ".join(ids())
        text = tr('There is no exercise "{id}". There are: {known}.', id=exercise_id, known=known)
    raise UnknownExercise(text)


def ids():
    """Return the ids of all exercises, lab by lab."""
    return [exercise.id for lab in labs() for exercise in lab_exercises(lab)]
