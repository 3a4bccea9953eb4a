"""Generate a class: submissions of right answers, known mistakes and hostile code.

The benchmark and the tests use it. Right answers come from the tests' collection, wrong ones from
the catalog of mistakes. The source of each is cut out of its module together with everything that
it needs, so that it stands in a cell like a student's answer.
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

#: Hostile answers; {entry} is the name of the function that the exercise asks for. None of them
#: harms a machine without a sandbox.
HOSTILE_ANSWERS = (
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
    """One generated submission, and which of its answers are right."""

    name: str
    kind: str  #: "honest", "mistaken" or "hostile"
    answers: dict  #: exercise id -> source
    right: frozenset  #: ids of the exercises that it answers right


def make_class(lab, size, seed=0):
    """Generate the pupils of a class: of every ten, six are honest, three mistaken, one hostile.

    Args:
        lab: The lab's number, "01".
        size: The number of pupils.
        seed: Decides which answers they give.

    Raises:
        LookupError: There is no such lab.
        ValueError: There are no right answers to it on this machine.
    """
    answer_key, random_ = load_answer_key(lab), random.Random(seed)
    right = {name: right_sources(name) for name in answer_key.points}
    if not any(right.values()):
        raise ValueError(
            f"no right answers to lab {answer_key.lab}: expected them in tests/checks of a clone"
        )
    wrong = {name: wrong_sources(name) for name in answer_key.points}
    kinds = ("honest",) * 6 + ("mistaken",) * 3 + ("hostile",)
    pupils = []
    for number in range(size):
        kind = kinds[number % len(kinds)]
        answers = {name: random_.choice(styles) for name, styles in right.items() if styles}
        good = set(answers)
        if kind == "mistaken":
            some = [name for name in answers if wrong[name]]
            for name in random_.sample(some, min(3, len(some))):
                answers[name] = random_.choice(wrong[name])
                good.discard(name)
        elif kind == "hostile":
            for name in random_.sample(sorted(answers), min(3, len(answers))):
                entry = registry.get(name).entry
                answers[name] = random_.choice(HOSTILE_ANSWERS).format(entry=entry)
                good.discard(name)
        pupils.append(Pupil(f"{kind}{number:03}", kind, answers, frozenset(good)))
    return pupils


def write_class(pupils, notebook, folder, within=""):
    """Write each pupil's copy of a notebook to ``FOLDER/PUPIL/WITHIN/NAME.ipynb``.

    Args:
        pupils: The pupils.
        notebook: The pristine notebook, which their answers are put into.
        folder: Where to write.
        within: A folder below each pupil's; by default none.
    """
    name = notebook.metadata["labkit"]["name"]
    for pupil in pupils:
        target = Path(folder, pupil.name, within)
        target.mkdir(parents=True)
        made = pristine.with_answers(notebook, pupil.answers)
        nbformat.write(made, target / f"{name}.ipynb")


@functools.cache
def right_sources(exercise_id):
    """Return right answers to an exercise, each as the complete source of a cell."""
    exercise = registry.get(exercise_id)
    sources = (
        standalone(function, exercise.entry)
        for function in audit.right_answers(exercise.lab).get(exercise_id, [])
    )
    return tuple(
        source
        for source in dict.fromkeys(sources)
        if source and not shortcuts(source, exercise.forbidden) and _is_right(exercise, source)
    )


@functools.cache
def wrong_sources(exercise_id):
    """Return answers with one of the known mistakes, each as the complete source of a cell."""
    exercise = registry.get(exercise_id)
    sources = []
    for mistake in exercise.mistakes:
        if not mistake.knobs or mistake.before or mistake.after or mistake.answer:
            continue
        name = f"_{exercise_id}_with_a_mistake"
        model = standalone(exercise.model, name)
        knobs = {
            knob: value.__name__ if isinstance(value, type) else repr(value)
            for knob, value in mistake.knobs.items()
        }
        arguments_of_knobs = "".join(f", {knob}={value}" for knob, value in knobs.items())
        arguments = exercise.call.partition("(")[2].rstrip(")")
        source = (
            f"{model}\n\n\ndef {exercise.call}:\n    return {name}({arguments}{arguments_of_knobs})"
        )
        if model and not shortcuts(source, exercise.forbidden):
            sources.append(source)
    return tuple(source for source in sources if _is_right(exercise, source) is False)


def standalone(function, name):
    """Return the source of a function or class under another name, with all that it needs.

    Args:
        function: The function or class.
        name: The name that it gets.

    Returns:
        The source, with whatever it uses of its module; "" if it cannot be cut out (a partial, a
        lambda, something made in a loop).
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
    """Run one of our own sources here; return whether it is right, or None if it does not run."""
    space, cases = {"__name__": "answer"}, exercise.cases(seed=0)
    try:
        exec("import numpy as np\n" + source, space)
        results = run(exercise, space[exercise.entry], cases)
        if any(result.error == "NameError" for result in results):
            return None  # it needs something of its module that could not be cut out
        return judge(exercise, cases, results).passed
    except Exception:
        return None
