"""A real nbgrader course: its own tools make the assignment, grade, and read what we graded."""

import csv
import os
import shutil
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path

import graded_fast
import nbformat
import pytest
from classes import FLIP, NAME
from click.testing import CliRunner
from make_submissions import ADA, BEN

from labkit import paths
from labkit.cli import main
from labkit.grading.answer_key import load_answer_key
from labkit.grading.book.gradebook import open_gradebook
from labkit.grading.reports import nbgrader_gradebook
from labkit.grading.session import session, task_records
from labkit.notebooks import pristine

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # nbgrader's own affair
    from nbgrader.api import Gradebook

CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'convnets'\n"


def nbgrader(course, *arguments):
    command = [sys.executable, "-W", "ignore", "-m", "nbgrader", *arguments]
    environment = os.environ | {"PATH": paths.programs()}
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A course with an assignment that nbgrader itself made of the lab."""
    course = tmp_path_factory.mktemp("course")
    (course / "nbgrader_config.py").write_text(CONFIG)
    done = CliRunner().invoke(main, ["release", "01", "--nbgrader", "--to", str(course)])
    assert done.exit_code == 0, done.output
    nbgrader(course, "generate_assignment", NAME)
    return course


@pytest.fixture
def course(made, tmp_path):
    return Path(shutil.copytree(made, tmp_path / "course"))


def submit(course, student, answers):
    released = nbformat.read(course / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    given = {name: textwrap.dedent(text).strip() for name, text in answers.items()}
    folder = course / "submitted" / student / NAME
    folder.mkdir(parents=True)
    nbformat.write(pristine.with_answers(released, given), folder / f"{NAME}.ipynb")


@pytest.fixture
def grades(course, tmp_path, monkeypatch):
    """Three submissions, graded without kernels."""
    monkeypatch.setattr(task_records, "_run", graded_fast.fake(tmp_path / "log"))
    submit(
        course,
        "ada",
        {"flip": f"{FLIP}  # xx", "conv1d": "def conv1d(x, k): 1", "q_photograph": "So."},
    )
    submit(course, "ben", {})
    (course / "submitted" / "mia").mkdir()
    out = tmp_path / "grades.csv"
    outcome = session.grade_folder(course / "submitted", out, seed=7)
    assert [one["status"] for one in outcome.records] == ["graded", "graded", "not graded"]
    return out


@pytest.fixture
def theirs(course, monkeypatch):
    """nbgrader's gradebook, opened anew with each call."""
    monkeypatch.setenv("PATH", paths.programs())
    opened = []

    def open_it():
        opened.append(Gradebook(f"sqlite:///{course / 'gradebook.db'}"))
        return opened[-1]

    yield open_it
    for one in opened:
        one.close()


def entries(grades, student="ada"):
    with open_gradebook(grades) as gradebook:
        [record] = [one for one in gradebook.records() if one["student"] == student]
    return record, {one["id"]: one for one in record["exercises"]}


def run(*arguments):
    return CliRunner().invoke(main, ["nbgrader", *map(str, arguments)])


def test_what_nbgrader_hands_out_is_still_our_lab(course, made):
    released = nbformat.read(course / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    found = pristine.inspect(released, pristine.load("01"))
    assert found.problems == ()
    key = load_answer_key("01")
    written = found.answers | found.questions
    assert set(written) == set(key.stubs)
    assert not any(key.is_answered(name, found.answers) for name in key.points)
    text = nbformat.writes(released)
    assert "SOLUTION" not in text


def test_points_and_comments_are_in_nbgraders_gradebook(grades, course, theirs):
    done = run("export", grades, "--course", course)
    assert done.exit_code == 3, done.output
    assert done.stdout == "2 submissions exported\n"
    assert done.stderr == "skipped: 'mia', lab 01: not graded\n"
    record, found = entries(grades)
    assert 0 < found["flip"]["earned"] < found["flip"]["points"]  # nbgrader itself has no such
    submission = theirs().find_submission(NAME, "ada")
    assert submission.score == pytest.approx(record["total"])
    assert submission.needs_manual_grade
    book = theirs()
    grade = book.find_grade("flip-check", NAME, NAME, "ada")
    assert grade.auto_score == pytest.approx(found["flip"]["earned"])
    assert not grade.needs_manual_grade
    comment = book.find_comment("flip", NAME, NAME, "ada")
    assert comment.comment.startswith("right on 1 of 7 hidden inputs\nHint: ")
    assert book.find_grade("q_photograph", NAME, NAME, "ada").needs_manual_grade
    assert not book.find_grade("q_photograph", NAME, NAME, "ben").needs_manual_grade
    assert book.find_submission(NAME, "ben").score == 0
    assert run("export", grades, "--course", course).exit_code == 3  # again
    assert theirs().find_submission(NAME, "ada").score == pytest.approx(record["total"])


def test_a_persons_mark_in_nbgrader_stays_and_comes_to_us(grades, course, theirs):
    run("export", grades, "--course", course)
    book = theirs()
    book.find_grade("q_photograph", NAME, NAME, "ada").manual_score = 1.5
    book.find_comment("q_photograph", NAME, NAME, "ada").manual_comment = "nearly"
    flip = book.find_grade("flip-check", NAME, NAME, "ada")
    flip.manual_score, flip.extra_credit = 0.5, 5.0
    book.db.commit()
    run("export", grades, "--course", course)
    assert theirs().find_grade("flip-check", NAME, NAME, "ada").manual_score == 0.5
    assert not theirs().find_grade("q_photograph", NAME, NAME, "ada").needs_manual_grade
    done = run("marks", grades, "--course", course, "--dry-run")
    assert done.stdout.endswith("2 marks would be taken over\n")
    done = run("marks", grades, "--course", course)
    assert done.stdout == "'ada': flip: 1\n'ada': q_photograph: 1.5\n2 marks taken over\n"
    with open_gradebook(grades) as gradebook:
        [given] = gradebook.marks().values()
    assert (given["q_photograph"]["points"], given["q_photograph"]["comment"]) == (1.5, "nearly")
    assert run("marks", grades, "--course", course).stdout == "0 marks taken over\n"


def test_a_mark_of_ours_goes_there_and_is_not_overwritten_from_there(grades, course, theirs):
    record, _ = entries(grades)
    with open_gradebook(grades) as gradebook:
        gradebook.mark(record, "q_photograph", 2, "fine")
    run("export", grades, "--course", course)
    book = theirs()
    grade = book.find_grade("q_photograph", NAME, NAME, "ada")
    assert (grade.manual_score, grade.needs_manual_grade) == (2, False)
    assert book.find_comment("q_photograph", NAME, NAME, "ada").comment == "fine"
    grade.manual_score = 0
    book.db.commit()
    assert run("marks", grades, "--course", course).stdout == "0 marks taken over\n"
    with open_gradebook(grades) as gradebook:
        [given] = gradebook.marks().values()
    assert given["q_photograph"]["points"] == 2


def test_a_course_that_does_not_fit_is_refused(grades, course, theirs, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    done = run("export", grades, "--course", tmp_path / "empty")
    assert done.exit_code == 1
    assert "expected an nbgrader course" in done.stderr
    assert run("export", tmp_path / "none.csv", "--course", course).exit_code == 1
    book = theirs()
    book.find_grade_cell("flip-check", NAME, NAME).max_score = 7
    book.db.commit()
    done = run("export", grades, "--course", course)
    assert done.exit_code == 1
    assert "they differ in flip-check. Run 'nbgrader generate_assignment' again" in done.stderr
    book = theirs()
    book.remove_assignment(NAME)
    book.db.commit()
    done = run("export", grades, "--course", course)
    assert (
        f"no assignment contains {NAME}: run 'nbgrader generate_assignment {NAME}'" in done.stderr
    )


def test_a_dry_run_changes_nothing(grades, course, theirs):
    done = run("export", grades, "--course", course, "--dry-run")
    assert done.stdout == "2 submissions would be exported\n"
    assert theirs().students == []
    assert not (course / "autograded").exists()


def test_a_name_that_is_no_folder_is_no_student_id_there():
    assert nbgrader_gradebook.student_id("Ada Lovelace_101") == "Ada Lovelace_101"
    for odd in ["a/b", "..", "", "x" * 129, "a\n", "\udce9"]:
        assert nbgrader_gradebook.student_id(odd) not in ("", "..", odd)


def read_back(course):
    nbgrader(course, "export", "--to", "out.csv")
    with open(course / "out.csv", newline="") as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


def test_nbgraders_exporter_and_feedback_work_on_what_we_graded(grades, course):
    run("export", grades, "--course", course)
    record, _ = entries(grades)
    assert read_back(course) == {"ada": pytest.approx(record["total"]), "ben": 0}
    nbgrader(course, "generate_feedback", NAME)
    page = (course / "feedback" / "ada" / NAME / f"{NAME}.html").read_text("utf-8")
    assert "right on 1 of 7 hidden inputs" in page


@pytest.mark.slow
def test_nbgraders_own_autograder_works_on_the_lab_and_agrees_where_all_is_right_or_wrong(
    course, tmp_path
):
    submit(course, "ada", ADA)
    submit(course, "ben", BEN)
    nbgrader(course, "autograde", NAME)
    autograded = read_back(course)
    out = tmp_path / "grades.csv"
    session.grade_folder(course / "submitted", out, seed=7)
    assert run("export", out, "--course", course).exit_code == 0
    ours = {student: entries(out, student)[0]["total"] for student in ("ada", "ben")}
    assert read_back(course) == ours
    assert autograded == ours == {"ada": 18, "ben": 4}
