"""What a kernel is told about an exercise: enough to ask it, and not what is right."""

import dataclasses
import json

import package
import pytest

from labkit.checks import registry, wire
from labkit.checks.audit import right_answers
from labkit.checks.judge import judge
from labkit.grading.answer_key import load_answer_key
from labkit.grading.running import ask, engine, handout, probe
from labkit.kernels.sandbox import box

EXERCISES = [registry.get(name) for name in registry.ids()]
WITH_USE = [one for one in EXERCISES if one.use]
ADAPTERS = [name for name in package.MODULES if name.startswith("labkit.adapters")]


def _ids(exercise):
    return exercise.id


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_can_be_imported_where_no_exercise_is(name):
    path = package.MODULES[name]
    text = path.read_text()
    imported = list(package.imports(name, text, path.name == "__init__.py"))
    assert not [one for one in imported if one.startswith("labkit")], imported
    assert "Exercise(" not in text
    assert "import_module" not in text


@pytest.mark.parametrize("exercise", WITH_USE, ids=_ids)
def test_what_an_adapter_offers_is_no_solution(exercise):
    module = __import__(exercise.use.__module__, fromlist=["*"])
    functions = [value for value in vars(module).values() if callable(value)]
    assert exercise.oracle not in functions
    assert exercise.model not in functions
    assert not any(mistake.answer in functions for mistake in exercise.mistakes if mistake.answer)


def test_only_plain_values_are_told():
    for exercise in EXERCISES:
        description = handout.of(exercise)
        assert json.loads(json.dumps(description)) == description


@pytest.mark.parametrize("exercise", WITH_USE, ids=_ids)
def test_asked_with_what_is_told_a_right_answer_is_right(exercise):
    cases = exercise.cases(seed=3)
    namespace = {exercise.entry: right_answers(exercise.lab)[exercise.id][0]}
    sent = [wire.encode(case) for case in cases]
    reply = probe._read(repr(ask.answer(namespace, handout.of(exercise), "nonce", sent)), "nonce")
    assert reply["nonce"] == "nonce"
    results = [wire.decode(one) for one in reply["results"]]
    assert judge(exercise, cases, results).passed


def test_an_answer_that_is_missing_is_said():
    description = handout.of(registry.get("flip"))
    assert probe._read(repr(ask.answer({}, description, "n", [])), "n") == {
        "nonce": "n",
        "undefined": True,
    }


@pytest.mark.parametrize("use", [lambda theirs, x: theirs(x), dataclasses.replace, judge])
def test_an_adapter_that_the_box_could_not_import_is_refused(use):
    exercise = dataclasses.replace(registry.get("flip"), use=use)
    with pytest.raises(LookupError, match=r"'flip': expected use= .* labkit.adapters, received"):
        handout.of(exercise)


@pytest.mark.parametrize(
    "name",
    [
        "os:system",
        "labkit.adapters:lab08",
        "labkit.adapters.lab08:np",
        "labkit.adapters.lab08:__loader__",
        "labkit.exercises.lab08.keras_layer:oracle",
        "labkit.adapters_of_others.a:f",
        "labkit.adapters.lab08",
        "labkit.adapters.no_such_lab:f",
    ],
)
def test_nothing_but_an_adapter_is_imported_by_name(name):
    with pytest.raises(ImportError):
        ask.adapter_named(name)


@pytest.mark.slow  # starts a grader and a kernel
@pytest.mark.skipif(bool(box.why_not()), reason=str(box.why_not()))
def test_a_kernel_in_a_box_can_import_adapters():
    answer = """
import numpy as np

def is_linear(f, shape):
    a, b = np.random.default_rng(0).normal(size=(2, *shape))
    return bool(np.allclose(f(a + b), f(a) + f(b)) and np.allclose(f(-3 * a), -3 * f(a)))
"""
    notebook = load_answer_key("06").notebook
    graded = engine.run_answers(notebook, {"is_linear": answer}, {"is_linear": 1}, timeout=20)
    assert graded["is_linear"]["status"] == "right", graded
