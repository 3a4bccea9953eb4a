"""The class that does not exist: what is said to be right is, and what is wrong is wrong."""

import functools

import nbformat
import pytest
from click.testing import CliRunner

from labkit.bench import classroom
from labkit.bench import grading as benchmark
from labkit.bench.grading import Timing
from labkit.checks import audit, registry
from labkit.checks.run import run
from labkit.cli import main
from labkit.notebooks import pristine

SIZE = 3


def helper(value):
    return value * SIZE


def uses_helper(value):
    return helper(value)


made = functools.partial(helper, 2)


def test_a_function_is_cut_out_with_what_it_needs_and_nothing_else():
    source = classroom.standalone(uses_helper, "answer")
    space = {}
    exec(source, space)
    assert space["answer"](2) == 6
    assert "registry" not in source
    assert classroom.standalone(helper, "helper").count("def ") == 1
    assert classroom.standalone(made, "answer") == ""
    assert classroom.standalone(lambda: 1, "answer") == ""


@pytest.fixture(scope="module")
def pupils():
    return classroom.make_class("01", 20, seed=3)


@pytest.mark.slow  # some right answers are TensorFlow's
def test_the_class_is_always_the_same_and_of_all_kinds(pupils):
    assert [pupil.kind for pupil in pupils].count("honest") == 12
    assert [pupil.kind for pupil in pupils].count("mistaken") == 6
    assert [pupil.kind for pupil in pupils].count("hostile") == 2
    assert classroom.make_class("01", 20, seed=3) == pupils
    assert classroom.make_class("01", 20, seed=4) != pupils
    assert len({pupil.answers["conv1d"] for pupil in pupils if pupil.kind == "honest"}) > 3


@pytest.mark.slow  # some right answers are TensorFlow's
def test_what_is_said_to_be_right_is_right_and_the_rest_is_not(pupils):
    for pupil in pupils:
        if pupil.kind == "hostile":
            continue  # not here
        for name, source in pupil.answers.items():
            exercise, space = registry.get(name), {"__name__": "answer"}
            exec("import numpy as np\n" + source, space)
            said = audit.judged(exercise, space[exercise.entry], seed=99)
            assert said.passed == (name in pupil.right), (pupil.name, name)


@pytest.mark.slow  # some right answers are TensorFlow's
def test_the_notebooks_hold_the_answers(pupils, tmp_path):
    shipped = pristine.load("01")
    classroom.write_class(pupils[:2], shipped, tmp_path, within="deep")
    path = tmp_path / pupils[1].name / "deep" / "01_convolution_as_matrix.ipynb"
    found = pristine.inspect(nbformat.read(path, as_version=4), shipped)
    assert {name: found.answers[name] for name in pupils[1].answers} == pupils[1].answers
    assert found.problems == ()


def test_bad_manners_are_python_for_any_exercise():
    for source in classroom.HOSTILE_ANSWERS[2:4]:
        space = {}
        exec(source.format(entry="flip"), space)
        [outcome] = run(registry.get("flip"), space["flip"], registry.get("flip").cases()[:1])
        assert outcome.kind == "value"


def test_the_report_says_the_ratios():
    text = benchmark.report(
        [Timing("labkit", 100, 60.0, "all"), Timing("nbgrader", 10, 60.0, "9 graded")]
    )
    assert text.splitlines()[1].split() == ["labkit", "100", "60.0", "100.0", "all"]
    assert text.splitlines()[2].split() == [
        "nbgrader",
        "10",
        "60.0",
        "10.0",
        "10.0",
        "×",
        "9",
        "graded",
    ]


def test_the_command_says_what_is_wrong(monkeypatch):
    def bench(*arguments):
        return CliRunner().invoke(main, ["bench", "grading", *arguments])

    assert bench("--lab", "98").exit_code == 1
    assert bench("--students", "0").exit_code == 2
    monkeypatch.setattr(classroom, "right_sources", lambda name: ())
    done = bench("--students", "2")
    assert done.exit_code == 1
    assert "no right answers to lab 01" in done.stderr


@pytest.mark.slow
def test_a_small_class_gets_what_it_deserves_from_labkit():
    [timing] = benchmark.run("01", 10, 0, jobs=2)
    assert timing.result == "10 of 10 graded correctly"
