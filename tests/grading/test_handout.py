"""What a kernel is told of an exercise: enough to ask it, and not what is right."""

import ast
import json

import pytest

from labkit.checks import registry, wire
from labkit.checks.audit import right_answers
from labkit.checks.judge import judge
from labkit.grading.running import ask, handout, probe

EXERCISES = [registry.get(name) for name in registry.ids()]
WITH_USE = [one for one in EXERCISES if one.use]


def _ids(exercise):
    return exercise.id


@pytest.mark.parametrize("exercise", WITH_USE, ids=_ids)
def test_what_goes_with_a_question_holds_no_solution(exercise):
    program = handout.of(exercise)["use"]
    bound = set().union(*(handout._binds(one) for one in ast.parse(program).body))
    solutions = {exercise.oracle.__name__, exercise.model.__name__} - {"<lambda>"}
    assert not bound & solutions
    assert "Exercise" not in program


def test_only_plain_values_are_told():
    for exercise in EXERCISES:
        told = handout.of(exercise)
        assert json.loads(json.dumps(told)) == told


@pytest.mark.parametrize("exercise", WITH_USE, ids=_ids)
def test_asked_with_what_is_told_a_right_answer_is_right(exercise):
    cases = exercise.cases(seed=3)
    namespace = {exercise.entry: right_answers(exercise.lab)[exercise.id][0]}
    sent = [wire.encode(case) for case in cases]
    said = probe._read(repr(ask.answer(namespace, handout.of(exercise), "nonce", sent)), "nonce")
    assert said["nonce"] == "nonce"
    outcomes = [wire.decode(one) for one in said["outcomes"]]
    assert judge(exercise, cases, outcomes).passed


def test_an_answer_that_is_missing_is_said():
    told = handout.of(registry.get("flip"))
    assert probe._read(repr(ask.answer({}, told, "n", [])), "n") == {
        "nonce": "n",
        "undefined": True,
    }


def test_an_exercise_declared_elsewhere_than_its_use_is_refused():
    with pytest.raises(LookupError, match="exercise 'other': its use= is not declared"):
        handout._declared(ast.parse("X = Exercise(id='one', use=f)"), "other")
    with pytest.raises(LookupError, match="use= must spell out what it needs: exec"):
        handout._names(ast.parse("exec('theirs()')"))
