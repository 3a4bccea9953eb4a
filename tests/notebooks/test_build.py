"""The two notebooks that a source gives."""

import copy
import json
import subprocess
import sys

import nbformat
import pytest

from labkit.notebooks.build import reference_notebook, student_notebook, to_text
from labkit.notebooks.source import read_lab


def by_role(notebook, role):
    return [cell for cell in notebook.cells if cell.metadata.labkit.role == role]


def test_both_are_valid_notebooks_of_format_4_5_without_outputs(lab):
    for notebook in (student_notebook(lab), reference_notebook(lab)):
        nbformat.validate(notebook)
        assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
        assert len(notebook.cells) == len(lab.cells)
        for cell in notebook.cells:
            assert not cell.get("outputs")
            assert cell.get("execution_count") is None


def test_the_same_source_gives_the_same_bytes_in_every_process(lab, source):
    here = to_text(student_notebook(lab))
    assert to_text(student_notebook(read_lab(source))) == here
    program = (
        "import sys; from labkit.notebooks import build, source;"
        "lab = source.read_lab(sys.argv[1]);"
        "sys.stdout.buffer.write(build.to_text(build.student_notebook(lab)).encode())"
    )
    there = subprocess.run([sys.executable, "-c", program, str(source)], capture_output=True)
    assert there.stdout.decode() == here


def test_nothing_of_this_machine_goes_in(lab, folder):
    text = to_text(student_notebook(lab))
    assert str(folder) not in text
    metadata = json.loads(text)["metadata"]
    assert metadata["kernelspec"] == {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    }
    assert "version" not in metadata["language_info"]
    assert metadata["labkit"] == {"lab": "90", "name": "90_sample"}


def test_the_reference_says_from_which_source_it_comes(lab):
    own = reference_notebook(lab).metadata.labkit
    assert own == {"lab": "90", "name": "90_sample", "source_sha256": lab.sha256}


def test_cell_ids_come_from_the_exercise_else_from_the_content(lab, edit):
    student = student_notebook(lab)
    ids = [cell.id for cell in student.cells]
    named = ["double", "double-check", "double-hint", "twice-predict", "add", "add-check"]
    assert [one for one in ids if not one[:12].isalnum() or one in named] == [
        *named,
        "add-hint",
        "q_why",
    ]
    assert len(set(ids)) == len(ids)
    assert ids == [cell.id for cell in reference_notebook(lab).cells]
    # one changed cell changes one id, wherever it stands
    changed = [cell.id for cell in student_notebook(edit("Doubling is adding.", "So?")).cells]
    assert [one for one, other in zip(ids, changed, strict=True) if one != other] == [ids[-2]]


def test_equal_cells_get_numbered_ids(edit):
    lab = edit('print(add(2, 3), "again")', "print(add(2, 3), random.random())")
    first, second = [cell.id for cell in student_notebook(lab).cells][-4:-2]
    assert second == f"{first}-2"


def test_an_answer_alone_does_not_change_the_students_notebook(lab, edit):
    before = to_text(student_notebook(lab))
    after = edit("return sum([first, second])", "return first + second")
    assert to_text(student_notebook(after)) == before
    assert after.sha256 != lab.sha256


def test_nbgrader_metadata(lab):
    """Schema 3: https://nbgrader.readthedocs.io/en/stable/contributor_guide/metadata.html"""
    base = {"schema_version": 3, "task": False}
    for notebook in (student_notebook(lab), reference_notebook(lab)):
        told = {
            cell.id: cell.metadata["nbgrader"]
            for cell in notebook.cells
            if "nbgrader" in cell.metadata
        }
        answer = {"grade": False, "solution": True, "locked": False} | base
        check = {"grade": True, "solution": False, "locked": True} | base
        question = {"grade": True, "solution": True, "locked": False} | base
        assert told == {
            "double": answer | {"grade_id": "double"},
            "double-check": check | {"grade_id": "double-check", "points": 2},
            "add": answer | {"grade_id": "add"},
            "add-check": check | {"grade_id": "add-check", "points": 1.5},
            "q_why": question | {"grade_id": "q_why", "points": 3},
        }


def test_labkit_metadata(lab):
    roles = [dict(cell.metadata.labkit) for cell in student_notebook(lab).cells]
    assert {"role": "answer", "exercise": "double"} in roles
    assert {"role": "check", "exercise": "double"} in roles
    assert {"role": "hint", "exercise": "add"} in roles
    assert {"role": "question", "question": "q_why"} in roles
    assert {"role": "predict", "predict": "twice"} in roles
    assert roles[0] == {"role": "prose"}
    assert roles[1] == {"role": "code"}


def test_run_all_goes_on_after_a_wrong_answer_but_a_reference_may_not_fail(lab):
    for cell in by_role(student_notebook(lab), "check"):
        assert cell.metadata.tags == ["raises-exception"]
    for cell in reference_notebook(lab).cells:
        assert "tags" not in cell.metadata


def test_a_tag_goes_into_both_notebooks(edit):
    lab = edit("# %%\nprint(add(2", '# %% tags=["nbval-ignore-output"]\nprint(add(2')
    for notebook in (student_notebook(lab), reference_notebook(lab)):
        tagged = [
            cell.source
            for cell in notebook.cells
            if "nbval-ignore-output" in cell.metadata.get("tags", [])
        ]
        assert tagged == ["print(add(2, 3), random.random())"]


def test_an_invalid_notebook_does_not_become_text(lab):
    notebook = copy.deepcopy(student_notebook(lab))
    notebook.cells[1].id = "no id: has blanks"
    with pytest.raises(nbformat.ValidationError):
        to_text(notebook)


def test_a_hint_waits_until_it_is_asked_for(lab):
    """Run All must not give hints away."""
    (cell,) = [c for c in student_notebook(lab).cells if c.id == "double-hint"]
    assert all(line.startswith("#") for line in cell.source.splitlines())
    assert '# hint("double")' in cell.source.splitlines()
    (cell,) = [c for c in reference_notebook(lab).cells if c.id == "double-hint"]
    assert cell.source == 'hint("double")'
