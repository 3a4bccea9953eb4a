"""Building into labs/, and knowing without executing whether what lies there is current."""

import json

import pytest

from labkit.notebooks import committed, execute
from labkit.notebooks.build import reference_notebook, student_notebook, to_text
from labkit.notebooks.committed import build, check, reference_problem, sources
from labkit.notebooks.leaks import LeakError
from labkit.notebooks.source import read_lab


@pytest.fixture
def student(folder):
    return folder / "90_sample.ipynb"


@pytest.fixture
def reference(folder):
    return folder / "reference" / "90_sample.ipynb"


@pytest.fixture
def built(lab, folder, monkeypatch):
    """The sample, built; and from now on nothing may be executed."""
    build(lab, folder)
    monkeypatch.setattr(committed, "execute_reference", None)
    monkeypatch.setattr(execute, "execute", None)
    # the sample is small on purpose: what it lacks is test_lint's subject
    monkeypatch.setattr(committed, "lint", lambda lab: [])
    return folder


def test_build_writes_both_and_then_leaves_them_alone(lab, folder, student, reference):
    first = build(lab, folder)
    assert first.written == (student, reference)
    assert first.reference_problem is None
    assert student.read_text(encoding="utf-8") == to_text(student_notebook(lab))
    times = [path.stat().st_mtime_ns for path in (student, reference)]
    assert build(lab, folder).written == ()
    assert [path.stat().st_mtime_ns for path in (student, reference)] == times
    assert build(lab, folder, force=True).written == (reference,)
    assert sorted(path.name for path in folder.iterdir()) == [
        "90_sample.ipynb",
        "reference",
        "source",
    ]


def test_build_without_running_says_what_is_missing(lab, folder, student):
    done = build(lab, folder, run=False)
    assert (done.written, done.reference_problem) == ((student,), "is missing")


def test_a_changed_source_is_executed_again_even_if_the_students_form_is_the_same(
    lab, folder, edit, student, reference
):
    build(lab, folder)
    changed = edit("return sum([first, second])", "return first + second")
    assert build(changed, folder).written == (reference,)


def test_nothing_is_written_when_an_answer_would_leak(folder, edit, student):
    lab = edit("# Doubling is adding.", "# Doubling is `return sum([first, second])`.")
    with pytest.raises(LeakError):
        build(lab, folder)
    assert not student.exists()


def test_what_was_built_is_current(built):
    assert check(built) == []
    assert check(built, ["90"]) == []


def test_an_edited_student_notebook_is_found(built, lab, student):
    notebook = json.loads(student.read_text(encoding="utf-8"))
    notebook["cells"][1]["source"] = ["pass"]
    student.write_text(json.dumps(notebook), encoding="utf-8")
    identity = student_notebook(lab).cells[1].id
    assert check(built) == [
        f"{student} is not what 90_sample.py gives (first difference: cell {identity!r}, 'import "
        "random def check(exercise, answer'): edit the source, not the notebook, and run "
        "'labkit build 90'"
    ]
    student.write_text("{", encoding="utf-8")
    assert "(it cannot even be read): edit the source" in check(built)[0]
    student.unlink()
    assert check(built) == [f"{student} is missing: run 'labkit build 90'"]


def test_another_layout_of_the_same_notebook_is_found(built, student):
    notebook = json.loads(student.read_text(encoding="utf-8"))
    student.write_text(json.dumps(notebook), encoding="utf-8")
    assert check(built)[0].startswith(f"{student} is not what 90_sample.py gives: edit the source")


def test_a_changed_source_is_found(built, edit, student, reference):
    edit("# Doubling is adding.", "# Doubling is adding twice.")
    first, second = check(built)
    assert first.startswith(f"{student} is not what 90_sample.py gives (first difference: cell")
    assert second == (
        f"{reference} is stale: it was executed from another state of the source: "
        "run 'labkit build 90 --force'"
    )


def broken(notebook, how):
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    if how == "missing":
        return None
    if how == "never executed":
        for cell in code:
            cell.update(execution_count=None, outputs=[])
    elif how == "one cell not executed":
        code[2].update(execution_count=None, outputs=[])
    elif how == "error":
        error = {"output_type": "error", "ename": "E", "evalue": "no", "traceback": []}
        code[2]["outputs"] = [error]
    elif how == "stderr":
        code[2]["outputs"] = [{"output_type": "stream", "name": "stderr", "text": ["careful"]}]
    elif how == "edited":
        code[2]["source"] = ["pass"]
    elif how == "metadata":
        notebook["metadata"]["kernelspec"]["name"] = "mine"
    elif how == "not a notebook":
        return "{"
    return json.dumps(notebook)


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ("missing", "is missing"),
        ("not a notebook", "cannot be read: "),
        ("never executed", "was never executed (no execution count): 12 cells, first "),
        (
            "one cell not executed",
            "was never executed (no execution count): 1 cells, first 'double'",
        ),
        ("error", "holds what must not be stored, cell 'double': raised E: no"),
        (
            "stderr",
            "holds what must not be stored, cell 'double': wrote to stderr, expected nothing",
        ),
        ("edited", "was edited by hand, or made by another version of labkit"),
        ("metadata", "was edited by hand, or made by another version of labkit"),
    ],
)
def test_a_reference_that_is_not_to_be_trusted_is_found(built, lab, reference, how, text):
    content = broken(json.loads(reference.read_text(encoding="utf-8")), how)
    reference.unlink()
    if content is not None:
        reference.write_text(content, encoding="utf-8")
    assert reference_problem(lab, reference).startswith(text)
    (problem,) = check(built)
    assert problem.startswith(f"{reference} {text}")
    assert problem.endswith(": run 'labkit build 90 --force'")


def test_a_reference_that_was_only_generated_is_refused(built, lab, reference):
    reference.write_text(to_text(reference_notebook(lab)), encoding="utf-8")
    assert reference_problem(lab, reference).startswith("was never executed")


def test_notebooks_without_a_source_are_found(built):
    orphans = [built / "91_old.ipynb", built / "reference" / "91_old.ipynb"]
    for orphan in orphans:
        orphan.write_text("{}")
    assert check(built) == [
        f"{orphan} has no source: delete it, or bring back source/91_old.py" for orphan in orphans
    ]


def test_what_the_source_lacks_fails_the_check(lab, folder):
    build(lab, folder)
    assert [problem.split(": ", 1)[1] for problem in check(folder)] == [
        "no figure: expected at least one plots.show(figure, alt=…)",
        "no sources in the first cell: '**Rests on** the lecture's …; paper, year'",
        "2 exercises: expected at least four",
        "1 open questions: expected at least two",
    ]


def test_a_source_that_cannot_be_read_is_one_problem_and_hides_no_other(built, edit, source):
    other = source.with_name("91_other.py")
    other.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    source.write_text("nothing", encoding="utf-8")
    first, *rest = check(built)
    assert first.startswith(f"{source}:1: ")
    assert [problem.split(":")[0] for problem in rest] == [
        f"{built / '91_other.ipynb'} is missing",
        f"{built / 'reference' / '91_other.ipynb'} is missing",
    ]


def test_labs_are_chosen_by_number_name_or_path(folder, source):
    for name in ("90", "90_sample", str(source), "90_sample.ipynb"):
        assert sources(folder, [name, name]) == [source]
    assert sources(folder) == [source]
    with pytest.raises(LookupError, match=r"no lab '7' in .*source: expected one of 90_sample$"):
        sources(folder, ["7"])


def test_a_single_digit_is_enough(folder, source):
    source.rename(source.with_name("07_sample.py"))
    assert [path.stem for path in sources(folder, ["7"])] == ["07_sample"]
    assert read_lab(sources(folder, ["7"])[0]).id == "07"
