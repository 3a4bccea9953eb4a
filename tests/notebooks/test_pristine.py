"""A student's answers are found again, whatever happened to the notebook on its way."""

import copy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from labkit.notebooks.build import reference_notebook, student_notebook, to_text
from labkit.notebooks.pristine import answer_cells, inspect, load, with_answers

DOUBLE = "def double(number):\n    return 2 * number"


@pytest.fixture
def pristine(lab):
    return student_notebook(lab)


@pytest.fixture
def handed_in(pristine):
    return with_answers(pristine, {"double": DOUBLE, "q_why": "Because."})


def cell(notebook, identity):
    return next(cell for cell in notebook.cells if cell.id == identity)


def told(notebook, pristine):
    return [
        (problem.kind, problem.id, problem.text) for problem in inspect(notebook, pristine).problems
    ]


def test_answers_and_questions_are_taken_out(handed_in, pristine):
    submission = inspect(handed_in, pristine)
    assert submission.answers == {"double": DOUBLE, "add": cell(pristine, "add").source}
    assert submission.questions == {"q_why": "Because."}
    assert submission.problems == ()
    assert answer_cells(handed_in, pristine) == submission.answers


def test_out_and_in_again_is_the_same(lab, pristine):
    answers = answer_cells(reference_notebook(lab), pristine)
    filled = with_answers(pristine, answers)
    assert answer_cells(filled, pristine) == answers
    assert [one.id for one in filled.cells] == [one.id for one in pristine.cells]
    assert filled.metadata == pristine.metadata


def test_putting_answers_in_leaves_the_pristine_notebook_alone(lab, pristine):
    with_answers(pristine, {"double": DOUBLE})
    assert pristine == student_notebook(lab)


def test_an_answer_to_no_exercise_is_an_error(pristine):
    with pytest.raises(
        KeyError, match=r"no exercise 'triple' in this notebook: expected one of \['a"
    ):
        with_answers(pristine, {"triple": "x"})


@pytest.mark.parametrize("kept", ["nbgrader", "labkit", "id", "metadata id"])
def test_any_one_mark_is_enough(handed_in, pristine, kept):
    answer = cell(handed_in, "double")
    metadata = {"nbgrader": answer.metadata.nbgrader, "labkit": answer.metadata.labkit}
    answer.metadata = {key: value for key, value in metadata.items() if key == kept}
    if kept != "id":
        answer.id = "f00d"
    if kept == "metadata id":  # Google Colab
        answer.metadata = {"id": "double"}
    submission = inspect(handed_in, pristine)
    assert submission.answers["double"] == DOUBLE
    assert submission.problems == ()


def test_edited_checks_and_other_metadata_do_not_matter(handed_in, pristine):
    cell(handed_in, "double-check").source = "print('all passed')"
    cell(handed_in, "double-check").metadata.nbgrader.points = 1000
    handed_in.cells.append(new_code_cell("def check(*_): pass"))
    submission = inspect(handed_in, pristine)
    assert submission.problems == ()
    graded = with_answers(pristine, submission.answers)
    assert cell(graded, "double-check") == cell(pristine, "double-check")
    assert len(graded.cells) == len(pristine.cells)


def test_a_missing_cell_is_reported(handed_in, pristine):
    handed_in.cells = [one for one in handed_in.cells if one.id != "double"]
    assert told(handed_in, pristine) == [("missing", "double", "its cell is gone")]
    assert "double" not in answer_cells(handed_in, pristine)


def test_a_missing_cell_that_was_typed_again_is_pointed_out_but_not_taken(handed_in, pristine):
    handed_in.cells = [one for one in handed_in.cells if one.id != "double"]
    handed_in.cells.insert(0, new_code_cell(DOUBLE))
    assert told(handed_in, pristine) == [
        (
            "missing",
            "double",
            "its cell is gone; cell 1 defines double, but is not marked as the answer",
        )
    ]
    assert "double" not in answer_cells(handed_in, pristine)


def test_a_split_cell_is_put_together_in_order(handed_in, pristine):
    whole = cell(handed_in, "double")
    tail = copy.deepcopy(whole)
    whole.source, tail.source, tail.id = "import math", DOUBLE, "b16b00"
    handed_in.cells.insert(handed_in.cells.index(whole) + 1, tail)
    assert answer_cells(handed_in, pristine)["double"] == f"import math\n\n{DOUBLE}"
    assert told(handed_in, pristine) == [
        ("duplicated", "double", "2 cells, of which 2 were changed: taken in their order")
    ]


def test_an_unchanged_copy_of_the_stub_does_not_undo_the_answer(handed_in, pristine):
    spare = copy.deepcopy(cell(pristine, "double"))
    spare.id = "cafe"
    handed_in.cells.append(spare)
    assert answer_cells(handed_in, pristine)["double"] == DOUBLE
    assert told(handed_in, pristine) == [
        ("duplicated", "double", "2 cells, of which 1 were changed: taken in their order")
    ]


def test_a_renamed_cell_is_taken_by_most_of_its_marks_and_reported(handed_in, pristine):
    cell(handed_in, "double").metadata.nbgrader.grade_id = "mine"
    number = [one.id for one in handed_in.cells].index("double") + 1
    assert told(handed_in, pristine) == [
        ("renamed", "double", f"cell {number} is taken for double, but is also marked mine")
    ]
    cell(handed_in, "double").metadata.nbgrader.grade_id = "add"
    kinds = [kind for kind, _, _ in told(handed_in, pristine)]
    assert kinds == ["renamed"]
    assert answer_cells(handed_in, pristine)["double"] == DOUBLE


def test_an_answer_of_another_lab_is_reported(handed_in, pristine):
    stranger = copy.deepcopy(cell(handed_in, "double"))
    stranger.id = stranger.metadata.nbgrader.grade_id = stranger.metadata.labkit.exercise = "triple"
    handed_in.cells.append(stranger)
    number = len(handed_in.cells)
    assert told(handed_in, pristine) == [
        ("unknown", "triple", f"cell {number} answers 'triple', which is not in this lab")
    ]


def test_a_cell_of_the_wrong_kind_still_counts_and_is_reported(handed_in, pristine):
    place = [one.id for one in handed_in.cells].index("double")
    metadata = handed_in.cells[place].metadata
    handed_in.cells[place] = new_markdown_cell(DOUBLE, id="double", metadata=metadata)
    assert told(handed_in, pristine) == [
        ("cell type", "double", "expected a code cell, found 'markdown'")
    ]
    assert answer_cells(handed_in, pristine)["double"] == DOUBLE


@pytest.mark.parametrize("metadata", [None, [], "x", {"nbgrader": 3, "labkit": ["x"], "id": {}}])
def test_metadata_that_is_nonsense_is_no_mark(handed_in, pristine, metadata):
    for one in handed_in.cells:
        one["metadata"] = metadata
    assert inspect(handed_in, pristine).answers["double"] == DOUBLE  # by its id


@pytest.mark.parametrize("cells", [None, {}, "x", [None, 3, {}, {"source": 5, "id": []}]])
def test_cells_that_are_nonsense_leave_nothing_but_missing_answers(pristine, cells):
    submission = inspect({"cells": cells, "metadata": None}, pristine)
    assert submission.answers == {}
    assert {problem.kind for problem in submission.problems} == {"missing"}


def test_the_pristine_notebook_is_found_by_number_and_by_name(lab, folder):
    (folder / "90_sample.ipynb").write_text(to_text(student_notebook(lab)), encoding="utf-8")
    for name in ("90", "90_sample"):
        assert load(name, folder) == student_notebook(lab)
    with pytest.raises(LookupError, match=r"no lab '91' in .*labs: expected one of 90_sample$"):
        load("91", folder)


def test_a_notebook_says_itself_which_lab_it_is(lab, folder, handed_in, monkeypatch):
    monkeypatch.setattr("labkit.paths.labs", lambda: folder)
    (folder / "90_sample.ipynb").write_text(to_text(student_notebook(lab)), encoding="utf-8")
    assert answer_cells(handed_in)["double"] == DOUBLE
    del handed_in.metadata["labkit"]
    with pytest.raises(LookupError, match="not named in the notebook's metadata"):
        answer_cells(handed_in)


def test_a_round_through_a_file_changes_nothing(handed_in, pristine, tmp_path):
    nbformat.write(handed_in, tmp_path / "in.ipynb")
    again = nbformat.read(tmp_path / "in.ipynb", as_version=4)
    assert inspect(again, pristine) == inspect(handed_in, pristine)
