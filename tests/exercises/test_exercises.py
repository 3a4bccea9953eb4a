"""Every exercise that is registered, held to the same laws. A new lab needs no new test here.

It needs right answers: ``tests/exercises/right/labNN.py``, at least five for each exercise.
"""

import importlib
import inspect
import itertools
import json
import re
from pathlib import Path

import numpy as np
import pytest

from labkit.checks import registry, wire
from labkit.checks.audit import forms_for, in_form, judged, plain, right_answers
from labkit.checks.call_result import CallResult
from labkit.checks.compare import as_numbers, compare
from labkit.checks.exercise import variant
from labkit.checks.judge import judge

EXERCISES = [exercise for lab in registry.labs() for exercise in registry.lab_exercises(lab)]
RIGHT = {name: answers for lab in registry.labs() for name, answers in right_answers(lab).items()}
REPOSITORY = Path(__file__).parents[2]
SEEDS = [None, *range(2)]
each_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
each_mistake = pytest.mark.parametrize(
    ("exercise", "mistake"),
    [
        pytest.param(exercise, mistake, id=f"{exercise.id}-{mistake.id}")
        for exercise in EXERCISES
        for mistake in exercise.mistakes
    ],
)
each_right_answer = pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        pytest.param(exercise, answer, id=f"{exercise.id}-{answer.__name__}")
        for exercise in EXERCISES
        for answer in RIGHT.get(exercise.id, [])
    ],
)


def mapped(value, change):
    """`value` with `change` made to its numbers; what else it holds becomes wrong."""
    if isinstance(value, dict):
        return {key: mapped(item, change) for key, item in value.items()}
    if isinstance(value, str):
        return f"{value}?"
    if isinstance(value, bool):
        return not value
    if isinstance(value, list | tuple) and as_numbers(value) is None:
        return [mapped(item, change) for item in value]
    return change(np.array(value, float))


def one_more_at_the_end(array):
    """The last number is wrong; where there is none, there is one."""
    if not array.size:
        return np.ones(1)
    array.flat[-1] += 1
    return array


def tensors():
    import jax.numpy as jnp
    import tensorflow as tf

    return {
        "TensorFlow": tf.constant,
        "TensorFlow, float32": lambda array: tf.constant(array.astype("float32")),
        "JAX": jnp.asarray,
    }


@pytest.fixture
def undiagnosed(monkeypatch):
    """Whether an answer passes does not hang on its diagnosis, which takes most of the time."""
    module = importlib.import_module("labkit.checks.judge")  # the package's `judge` is the function
    monkeypatch.setattr(module, "known_mistakes", lambda *_: [])


def test_ids_are_unique():
    assert len(set(registry.ids())) == len(EXERCISES)


@pytest.mark.parametrize("lab", registry.labs())
def test_a_lab_asks_for_the_exercises_of_its_folder_with_their_points(lab):
    [source] = (REPOSITORY / "labs" / "source").glob(f"{lab}_*.py")
    asked = re.findall(r'^# %% exercise="(\w+)" points=(\d+)', source.read_text("utf-8"), re.M)
    declared = registry.lab_exercises(lab)
    assert asked == [(exercise.id, str(exercise.points)) for exercise in declared]
    assert {exercise.lab for exercise in declared} == {lab}


@each_mistake
def test_a_mistake_is_rejected_on_all_seeds_and_named(exercise, mistake):
    ways = [variant(exercise, mistake), *map(plain, mistake.also)]
    for way, seed in itertools.product(ways, SEEDS):
        verdict = judged(exercise, way, seed)
        assert not verdict.passed, f"survives with seed {seed}"
        assert verdict.score < 1
        assert verdict.mistake == mistake.id, f"seed {seed}: {verdict.text}"
    assert mistake.name in judged(exercise, variant(exercise, mistake)).text


@each_right_answer
def test_a_right_answer_is_accepted_in_every_form(exercise, answer):
    forms = forms_for(exercise) | ({} if exercise.use else tensors())
    for name, form in forms.items():
        verdict = judged(exercise, in_form(answer, form))
        assert verdict.passed, f"{name}: {verdict.text}"
    for seed in SEEDS:
        assert judged(exercise, answer, seed).score == 1


@each_exercise
def test_there_are_five_right_answers(exercise):
    assert len(RIGHT.get(exercise.id, [])) >= 5, "list them in tests/exercises/right/labNN.py"


@each_exercise
def test_the_model_agrees_with_the_oracle(exercise):
    model = variant(exercise)
    for seed in [None, *range(30)]:
        for case in exercise.cases(seed):
            difference = compare(
                exercise.read(model(*case.args)), exercise.oracle(*case.args), exercise.tolerance
            )
            assert difference is None, (seed, case)


@each_exercise
def test_a_stub_is_not_started(exercise):
    def stub(*args):
        raise NotImplementedError(f"{exercise.id}: your code goes here")

    verdict = judged(exercise, stub)
    assert (verdict.status, verdict.score, verdict.mistake) == ("not started", 0, None)


@each_exercise
@pytest.mark.usefixtures("undiagnosed")
def test_what_anybody_could_return_is_rejected(exercise):
    right = variant(exercise)
    wrong = {
        "None": lambda *args: None,
        "zero": lambda *args: 0,
        "text": lambda *args: "conv",
        "the first argument": lambda *args: args[0],
        "not a number": lambda *args: mapped(right(*args), lambda array: array * np.nan),
        "a function": lambda *args: right,
        "an error": lambda *args: 1 / 0,
        "all zeros": lambda *args: mapped(right(*args), np.zeros_like),
        "one more": lambda *args: mapped(right(*args), lambda array: array + 1),
        "a little more": lambda *args: mapped(right(*args), lambda array: array * 1.001),
        "negative": lambda *args: mapped(right(*args), lambda array: -array),
        "one more axis": lambda *args: [right(*args)],
    }
    for name, function in wrong.items():
        for seed in (None, 0):
            assert not judged(exercise, plain(function), seed).passed, name


@each_exercise
def test_whatever_comes_back_is_judged(exercise):
    """An answer may be anything, from a student or from a kernel that lies."""
    ragged, cases = [[1], [2, 3]], exercise.cases()
    names = dict.fromkeys(("loss", "kernel", "says", "weights", "outputs"), ragged)
    for value in (ragged, [ragged] * 5, (None, "text"), names, {1: ragged}, np.ones((1,) * 9)):
        verdict = judge(exercise, cases, [CallResult("value", value, "list")] * len(cases))
        assert not verdict.passed
        assert verdict.text


@each_exercise
@pytest.mark.usefixtures("undiagnosed")
def test_one_wrong_value_in_one_case_is_enough(exercise):
    cases = exercise.cases()
    answers = [variant(exercise)(*case.args) for case in cases]
    for index, answer in enumerate(answers):
        spoiled = mapped(answer, one_more_at_the_end)
        values = iter([*answers[:index], spoiled, *answers[index + 1 :]])
        verdict = judged(exercise, plain(lambda *args, values=values: next(values)))
        assert not verdict.passed
        assert verdict.score < 1


@each_exercise
def test_cases_travel_and_a_seed_gives_the_same_ones(exercise):
    for seed in SEEDS:
        sent = json.dumps(wire.encode(exercise.cases(seed)))
        assert sent == json.dumps(wire.encode(exercise.cases(seed)))
        assert "unsupported" not in sent
        assert json.dumps(wire.encode(wire.decode(json.loads(sent)))) == sent
        for case in exercise.cases(seed):
            assert exercise.use or len(case.args) == len(exercise.parameters)
    assert json.dumps(wire.encode(exercise.cases(0))) != json.dumps(wire.encode(exercise.cases(1)))


@each_exercise
def test_a_check_is_quiet(exercise, capsys):
    verdict = judged(exercise, variant(exercise, exercise.mistakes[-1]))
    assert verdict.text
    assert verdict.html
    assert capsys.readouterr() == ("", "")


@each_exercise
def test_the_declaration_is_complete(exercise):
    assert exercise.entry.isidentifier()
    assert exercise.points > 0
    assert exercise.tolerance.reason
    assert len(exercise.mistakes) >= 8
    for field in ("id", "name", "why"):
        values = [getattr(mistake, field) for mistake in exercise.mistakes]
        assert len(set(values)) == len(values)
    knobs = inspect.signature(exercise.model).parameters
    for mistake in exercise.mistakes:
        assert mistake.id.isidentifier()
        assert mistake.question.endswith("?") or "? " in mistake.question
        assert set(mistake.knobs) <= set(knobs)
        ways = (mistake.knobs, mistake.before, mistake.after, mistake.answer)
        assert any(ways), mistake.id


@each_exercise
def test_hints_go_step_by_step(exercise):
    assert len(exercise.hints) >= 3
    for index, hint in enumerate(exercise.hints):
        assert not any(hint in earlier for earlier in exercise.hints[:index])
        assert hint.endswith((".", "?"))
