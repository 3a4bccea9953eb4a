"""A class that does not exist: submissions made of right answers, known mistakes and bad manners.

For the benchmark and for tests. Right answers come from the tests' collection, wrong ones from the
catalog of mistakes: of each, the source is cut out with all that it needs, so that it is a
student's cell like any other.
"""

import ast
import functools
import inspect
import random
from dataclasses import dataclass
from pathlib import Path

import nbformat

from labkit.checks import audit, judge, registry
from labkit.checks.run import run
from labkit.grading.answer_key import load_answer_key
from labkit.grading.names import bound_names, used_names
from labkit.grading.running.shortcuts import shortcuts
from labkit.notebooks import pristine

__all__ = ["Pupil", "make_class", "right_sources", "standalone", "write_class", "wrong_sources"]

#: What people do instead of the exercise; {entry} is the function that was asked for. Nothing here
#: harms a machine that has no sandbox.
BAD_MANNERS = (
    "import os\n\n\ndef {entry}(*args):\n    os._exit(0)",
    "def {entry}(*args):\n    while True:\n        pass",
    "def {entry}(*args):\n    print('all public checks passed')\n    return 'passed'",
    "class Always:\n    __eq__ = __le__ = __ge__ = lambda self, other: True\n\n\n"
    "def {entry}(*args):\n    return Always()",
    "import ast\n\nimport IPython\n\n\nclass NoAsserts(ast.NodeTransformer):\n"
    "    def visit_Assert(self, node):\n        return ast.Pass()\n\n"
    "    def visit_Raise(self, node):\n        return ast.Pass()\n\n\n"
    "IPython.get_ipython().ast_transformers.append(NoAsserts())\n\n\n"
    "def {entry}(*args):\n    return 0",
    "def {entry}(*args:\n    return",
)


@dataclass(frozen=True)
class Pupil:
    """One submission, and what it should come to."""

    name: str
    kind: str  #: "honest", "mistaken" or "hostile"
    answers: dict  #: exercise id -> source
    right: frozenset  #: the exercises that are answered right


def make_class(lab, size, seed=0):
    """`size` pupils of a lab: of ten, six are honest, three have mistakes, one is hostile.

    Raises LookupError: no such lab; ValueError: there are no right answers to it here.
    """
    key, chance = load_answer_key(lab), random.Random(seed)
    right = {name: right_sources(name) for name in key.points}
    if not any(right.values()):
        raise ValueError(f"no right answers to lab {key.lab}: they lie in a clone's tests/checks")
    wrong = {name: wrong_sources(name) for name in key.points}
    kinds = ("honest",) * 6 + ("mistaken",) * 3 + ("hostile",)
    pupils = []
    for number in range(size):
        kind = kinds[number % len(kinds)]
        answers = {name: chance.choice(styles) for name, styles in right.items() if styles}
        good = set(answers)
        if kind == "mistaken":
            some = [name for name in answers if wrong[name]]
            for name in chance.sample(some, min(3, len(some))):
                answers[name] = chance.choice(wrong[name])
                good.discard(name)
        elif kind == "hostile":
            for name in chance.sample(sorted(answers), min(3, len(answers))):
                entry = registry.get(name).entry
                answers[name] = chance.choice(BAD_MANNERS).format(entry=entry)
                good.discard(name)
        pupils.append(Pupil(f"{kind}{number:03}", kind, answers, frozenset(good)))
    return pupils


def write_class(pupils, notebook, folder, within=""):
    """Put each pupil's answers into a copy of `notebook`: ``FOLDER/PUPIL/WITHIN/NAME.ipynb``."""
    name = notebook.metadata["labkit"]["name"]
    for pupil in pupils:
        target = Path(folder, pupil.name, within)
        target.mkdir(parents=True)
        made = pristine.with_answers(notebook, pupil.answers)
        nbformat.write(made, target / f"{name}.ipynb")


@functools.cache
def right_sources(exercise_id):
    """Right answers to an exercise, each as the source of a cell that stands for itself."""
    exercise = registry.get(exercise_id)
    found = (
        standalone(function, exercise.entry)
        for function in audit.right_answers(exercise.lab).get(exercise_id, [])
    )
    return tuple(
        source
        for source in dict.fromkeys(found)
        if source and not shortcuts(source, exercise.forbidden) and _is_right(exercise, source)
    )


@functools.cache
def wrong_sources(exercise_id):
    """Answers that make one of the known mistakes, each as the source of a cell."""
    exercise = registry.get(exercise_id)
    found = []
    for mistake in exercise.mistakes:
        if not mistake.knobs or mistake.before or mistake.after or mistake.answer:
            continue
        name = f"_{exercise_id}_with_a_mistake"
        model = standalone(exercise.model, name)
        knobs = {
            knob: value.__name__ if isinstance(value, type) else repr(value)
            for knob, value in mistake.knobs.items()
        }
        given = "".join(f", {knob}={value}" for knob, value in knobs.items())
        arguments = exercise.call.partition("(")[2].rstrip(")")
        source = f"{model}\n\n\ndef {exercise.call}:\n    return {name}({arguments}{given})"
        if model and not shortcuts(source, exercise.forbidden):
            found.append(source)
    return tuple(source for source in found if _is_right(exercise, source) is False)


def standalone(function, name):
    """The source of a function or class under another name, with all that it needs of its module.

    Empty if that cannot be cut out (a partial, a lambda, something made in a loop).
    """
    module = inspect.getmodule(function)
    own = getattr(function, "__name__", "")
    try:
        text = Path(inspect.getsourcefile(function)).read_text(encoding="utf-8")
    except TypeError:
        return ""
    lines, defined = text.split("\n"), {}
    for node in ast.parse(text).body:
        first = min([node, *getattr(node, "decorator_list", [])], key=lambda part: part.lineno)
        source = "\n".join(lines[first.lineno - 1 : node.end_lineno])
        for bound in bound_names(source) or ():
            defined.setdefault(bound, (node.lineno, source))
    if own not in defined or getattr(module, own, function) is not function:
        return ""
    needed, pending = {}, [own]
    while pending:
        wanted = pending.pop()
        if wanted in defined and wanted not in needed:
            needed[wanted] = defined[wanted]
            pending += used_names(defined[wanted][1]) or ()
    pieces = [source for _, source in sorted(set(needed.values()))]
    if own != name:
        pieces.append(f"{name} = {own}")
    return "\n\n\n".join(pieces)


def _is_right(exercise, source):
    """Whether a source of our own answers an exercise; None if it does not run. It runs here."""
    space, cases = {"__name__": "answer"}, exercise.cases(seed=0)
    try:
        exec("import numpy as np\n" + source, space)
        results = run(exercise, space[exercise.entry], cases)
        if any(result.error == "NameError" for result in results):
            return None  # something of its module that could not be cut out
        return judge(exercise, cases, results).passed
    except Exception:
        return None
