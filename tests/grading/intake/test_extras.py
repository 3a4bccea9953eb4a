"""Cells that a student added: what an answer needs of them is run, where it stands."""

import time

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from labkit.grading.answer_key import load_answer_key
from labkit.grading.intake.extras import adopt, with_extras
from labkit.grading.intake.submissions import StudentFolder
from labkit.grading.session import session
from labkit.notebooks import pristine

NAME = "conv1d"
ANSWER = "def conv1d(x, kernel):\n    return helper(x, kernel)"
HELPER = "def helper(x, kernel):\n    return np.correlate(x, kernel)"


@pytest.fixture(scope="module")
def shipped():
    return pristine.load("01")


def place(notebook, identity):
    return [cell.id for cell in notebook.cells].index(identity)


def hand_in(shipped, added, answers=None):
    """The lab with `answers` and `added` cells ({id of the cell before: source})."""
    made = pristine.with_answers(shipped, {NAME: ANSWER} if answers is None else answers)
    for anchor, source in added.items():
        made.cells.insert(place(made, anchor) + 1, new_code_cell(source))
    return nbformat.from_dict(made)


def merged(shipped, notebook):
    """The added cells that would be run, each with the id of the cell before it."""
    found = pristine.inspect(notebook, shipped)
    found, extras = adopt(found, pristine.strangers(notebook, shipped), shipped)
    stubs = {cell.id: cell.source for cell in shipped.cells}
    answered = {name: text for name, text in found.answers.items() if text != stubs[name]}
    cells = with_extras(shipped, answered, extras).cells
    return [
        (before.id, cell.source)
        for before, cell in zip([None, *cells], cells, strict=False)
        if cell.metadata["labkit"]["role"] == "extra"
    ]


def test_a_helper_is_run_where_it_stands_and_an_experiment_is_not(shipped):
    first = shipped.cells[0].id
    added = {first: HELPER, "conv1d": "print(conv1d([1, 2], [1]))\ny = conv1d([1, 2], [1])"}
    assert merged(shipped, hand_in(shipped, added)) == [(first, HELPER)]


def test_what_a_helper_needs_is_needed_too_wherever_it_is(shipped):
    first = shipped.cells[0].id
    added = {"conv1d": "SIZE = 3", first: "def helper(x, k):\n    return other(x)[:SIZE]"}
    added["conv1d-check"] = "def other(x): return x"
    assert [anchor for anchor, _ in merged(shipped, hand_in(shipped, added))] == [
        first,
        "conv1d",
        "conv1d-check",
    ]


def test_a_function_written_in_a_new_cell_is_the_answer(shipped):
    for missing in (False, True):
        made = hand_in(shipped, {"conv1d-check": ANSWER}, answers={})
        if missing:
            made.cells.pop(place(made, "conv1d"))
        number = place(made, "conv1d-check") + 2
        found, extras = adopt(
            pristine.inspect(made, shipped), pristine.strangers(made, shipped), shipped
        )
        assert found.answers[NAME] == ANSWER
        assert extras == []
        assert [(problem.kind, problem.id, problem.text) for problem in found.problems] == [
            (
                "added",
                NAME,
                f"its own cell holds no answer; cell {number}, which was added, is taken for it",
            )
        ]


def test_a_second_definition_does_not_replace_an_answer_but_runs_after_it(shipped):
    again = "def conv1d(x, kernel):\n    return 1"
    assert merged(shipped, hand_in(shipped, {"conv1d": again})) == [("conv1d", again)]


def test_a_changed_cell_of_the_lab_counts_as_added(shipped):
    made = hand_in(shipped, {}, {NAME: "def conv1d(x, k):\n    return math.fsum(x)"})
    own = next(cell for cell in made.cells if cell.metadata["labkit"]["role"] == "code")
    own.source += "\nimport math"
    assert merged(shipped, made) == [(own.id, own.source)]


def test_checks_and_hints_are_the_labs_whatever_they_hold(shipped):
    made = hand_in(shipped, {})
    for cell in made.cells:
        if cell.metadata["labkit"]["role"] in ("check", "hint"):
            cell.source = HELPER
    assert merged(shipped, made) == []


@pytest.mark.parametrize(
    ("source", "runs"),
    [
        ("%matplotlib inline\nhelper = max", True),
        ("!ls\n%time print(1)", False),
        ("from numpy import *", True),
        ("def helper(x: broken", False),
        ("# helper", False),
        ("if True:\n    helper = min", True),
        ("del helper", True),
        ("helpers = 1", False),
    ],
)
def test_what_binds_a_needed_name_is_run(shipped, source, runs):
    first = shipped.cells[0].id
    assert bool(merged(shipped, hand_in(shipped, {first: source}))) == runs


def test_an_answer_that_can_reach_any_name_gets_all_that_bind_one(shipped):
    added = {shipped.cells[0].id: "a = 1", "conv1d": "b = 2", "conv1d-check": "print(3)"}
    answers = {NAME: "def conv1d(x, k):\n    return eval('a')"}
    assert len(merged(shipped, hand_in(shipped, added, answers))) == 2


def test_there_is_an_end_to_what_is_run(shipped):
    first = shipped.cells[0].id
    made = hand_in(shipped, {})
    made.cells[1:1] = [new_code_cell(f"helper = {number}") for number in range(80)]
    found = merged(shipped, made)
    assert len(found) == 50
    assert found[0] == (first, "helper = 0")
    assert found[-1][1] == "helper = 49"


def test_nothing_added_changes_nothing(shipped):
    assert with_extras(shipped, {NAME: ANSWER}, []) is shipped


def test_thousands_of_cells_that_need_each_other_end_soon(shipped):
    made = hand_in(shipped, {}, {NAME: "def conv1d(x, k):\n    return a0"})
    made.cells[1:1] = [new_code_cell(f"a{n} = a{n + 1}") for n in range(3000)]
    begin = time.monotonic()
    assert len(merged(shipped, made)) == 50
    assert time.monotonic() - begin < 20


@pytest.mark.slow
def test_answers_with_added_cells_earn_what_they_hold(shipped, tmp_path):
    right = "def flip(kernel):\n    return turned(kernel)"
    added = {
        shipped.cells[0].id: "def turned(kernel):\n    return np.flip(kernel)",
        "flip-check": HELPER,
        "conv1d": "raise SystemExit  # an experiment that helper needs nothing of",
    }
    made = hand_in(shipped, added, {"flip": right, NAME: ANSWER})
    place_of_check = place(made, "conv1d-check")
    made.cells.insert(place_of_check, new_code_cell("helper = None\n1 / 0"))
    nbformat.write(made, tmp_path / "01_convolution_as_matrix.ipynb")
    key = load_answer_key("01")
    submission = StudentFolder("ada", tmp_path)
    record = session.grade_submission(submission, key, seed=1, timeout=20)
    earned = {one["id"]: one["status"] for one in record["exercises"] if one["earned"]}
    assert record["status"] == "graded", record["remarks"]
    # conv1d's helper is None where it is asked, as it is in the student's own notebook
    assert earned == {"flip": "right"}
    made.cells.pop(place_of_check)
    made.cells.insert(place_of_check, new_code_cell(HELPER))
    nbformat.write(made, tmp_path / "01_convolution_as_matrix.ipynb")
    record = session.grade_submission(submission, key, seed=1, timeout=20)
    earned = {one["id"]: one["status"] for one in record["exercises"] if one["earned"]}
    assert earned == {"flip": "right", "conv1d": "right"}
