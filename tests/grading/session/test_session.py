"""A class is graded whole: cut off and taken up, in any order, with any number at a time."""

import json
import random
import shutil
import subprocess
import sys
import time
import typing
from collections import Counter
from pathlib import Path

import graded_fast
import nbformat
import psutil
import pytest
from classes import FLIP, NAME, hand_in, results_of
from make_submissions import notebook
from warmed import warmed

from labkit.grading.answer_key import load_answer_keys
from labkit.grading.book import records, schema
from labkit.grading.book.gradebook import work_folder
from labkit.grading.intake.submissions import find_student_folders
from labkit.grading.session import session, task_records
from labkit.kernels.warm import client as warm
from labkit.notebooks import pristine


@pytest.fixture
def graded(tmp_path, monkeypatch):
    """Grade without kernels: (outcome, students that were graded now)."""
    log = tmp_path / "log"
    monkeypatch.setattr(task_records, "_run", graded_fast.fake(log))

    def grade(folder, seed=7, **how):
        log.write_bytes(b"")
        outcome = session.grade_folder(folder, tmp_path / "grades.csv", seed=seed, **how)
        return outcome, sorted(log.read_text().split())

    return grade


def test_the_same_command_again_grades_nothing(classroom, graded, tmp_path):
    first, now = graded(classroom)
    assert now == [f"s{number:02}" for number in range(26)]
    table = (tmp_path / "grades.csv").read_bytes()
    again, now = graded(classroom, seed=None)
    assert (now, again.reused, again.seed) == ([], 26, 7)
    assert again.records == first.records
    assert (tmp_path / "grades.csv").read_bytes() == table


def test_what_changed_is_graded_and_nothing_else(classroom, graded, tmp_path):
    mine = shutil.copytree(classroom, tmp_path / "in")
    graded(mine)
    hand_in(mine, "s03", {"flip": "def flip(kernel): return 1"})
    hand_in(mine, "s30", {"flip": FLIP})
    shutil.rmtree(mine / "s04")
    made = notebook({"flip": f"{FLIP}  # xxxxx"})
    made.cells[0].metadata["tags"] = ["nbval-skip"]
    made.metadata["kernelspec"]["name"] = "mine"
    nbformat.write(made, mine / "s05" / f"{NAME}.ipynb")  # not what counts
    outcome, now = graded(mine)
    assert now == ["s03", "s30"]
    students = [record["student"] for record in outcome.records]
    assert "s04" not in students
    assert "s30" in students
    assert len(graded(mine, seed=8)[1]) == 26
    assert len(graded(mine, seed=8, timeout=60)[1]) == 26


def test_any_number_at_a_time_gives_the_same_bytes(classroom, graded, tmp_path):
    graded(classroom)
    one = results_of(tmp_path / "grades.csv")
    shutil.rmtree(tmp_path / "grades.csv.records")
    graded(classroom, jobs=5)
    assert results_of(tmp_path / "grades.csv") == one


def test_killed_at_any_moment_and_run_again_it_goes_on_where_it_was(classroom, tmp_path):
    whole, out, log = tmp_path / "whole.csv", tmp_path / "grades.csv", tmp_path / "log"
    command = [sys.executable, graded_fast.__file__, classroom]
    subprocess.run([*command, whole, tmp_path / "all"], check=True)
    log.touch()
    moments, kills, graded_before, seen = random.Random(7), 0, set(), 0
    while True:
        process = subprocess.Popen([*command, out, log, "3"])
        more, late = moments.randrange(9), moments.uniform(0, 0.02)
        while process.poll() is None and len(log.read_text().split()) < seen + more:
            time.sleep(0.001)
        time.sleep(late)
        process.kill()  # SIGKILL: no last words
        if process.wait() == 0:
            break
        kills += 1
        now = log.read_text().split()
        # nothing that had its record was graded again
        assert not set(now[seen:]) & graded_before
        seen = len(now)
        graded_before |= {
            json.loads(path.read_bytes())["student"] for path in work_folder(out).glob("[!.]*.json")
        }
    assert kills >= 3
    assert not set(log.read_text().split()[seen:]) & graded_before
    assert set(log.read_text().split()) == {f"s{number:02}" for number in range(26)}
    assert results_of(out) == results_of(whole)
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []
    assert list(work_folder(out).glob(".*.part")) == []


@pytest.mark.slow
def test_killed_with_real_kernels_it_leaves_nothing_running_and_goes_on(tmp_path):
    folder, out, whole = (tmp_path / name for name in ("in", "grades.csv", "whole.csv"))
    for student, wrong in [("ann", ""), ("ben", "[0]"), ("cyd", ""), ("dan", "[0]")]:
        hand_in(folder, student, {"flip": f"{FLIP}{wrong}"})
    command = [sys.executable, "-m", "labkit", "grade", folder, "--seed", "7", "--out"]
    # a warm process that outlives the grader: what ends has to end by itself
    shared = warmed(tmp_path)
    process = subprocess.Popen(
        [*command, out, "--jobs", "2"], stderr=subprocess.DEVNULL, env=shared
    )
    end = time.monotonic() + 240
    while not list(work_folder(out).glob("[!.]*.json")):
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.02)
    started = psutil.Process(process.pid).children(recursive=True)
    started += psutil.Process(warm._ours[Path(shared[warm.VARIABLE]).name].process.pid).children()
    process.kill()
    process.wait()
    assert not out.exists()
    psutil.wait_procs(started, timeout=10)
    assert [one.cmdline() for one in started if one.is_running()] == []
    done = subprocess.run([*command, out], capture_output=True, text=True, env=shared)
    assert done.returncode == 0, done.stderr
    assert " before), seed 7" in done.stdout
    subprocess.run([*command, whole], check=True, capture_output=True, env=shared)
    assert out.read_bytes() == whole.read_bytes()
    assert [row.split(",")[3] for row in out.read_text("utf-8").splitlines()[1:]] == list("1010")


def test_a_record_without_its_row_is_brought_into_the_gradebook(classroom, graded, tmp_path):
    graded(classroom)
    before = results_of(tmp_path / "grades.csv")
    (tmp_path / "grades.csv.records" / "gradebook.db").unlink()
    assert graded(classroom)[1] == []
    assert results_of(tmp_path / "grades.csv") == before


def test_a_fault_of_the_machine_is_tried_again_and_is_never_a_zero(tmp_path, graded):
    folder = tmp_path / "in"
    hand_in(folder, "ann", {"flip": FLIP})
    hand_in(folder, "ben", {"flip": f"{FLIP}  # the disk is full"})
    hand_in(folder, "cyd", {"flip": f"{FLIP}  # a fault of the grader"})
    outcome, now = graded(folder)
    assert Counter(now) == {"ann": 1, "ben": 3, "cyd": 3}
    found = {record["student"]: record for record in outcome.records}
    assert found["ann"]["status"] == "graded"
    assert (found["ben"]["status"], found["ben"]["total"]) == ("machine error", None)
    assert found["ben"]["remarks"] == ["the disk is full"]
    assert found["cyd"]["remarks"] == ["the grader failed: ZeroDivisionError: ours"]
    assert "ZeroDivisionError" in found["cyd"]["log"]
    assert Counter(graded(folder)[1]) == {"ben": 3, "cyd": 3}  # and with the next run, again


@pytest.mark.parametrize("where", ["records.write_record", "session.Gradebook.store"])
def test_a_full_disk_ends_the_run_and_loses_nothing(
    classroom, graded, tmp_path, monkeypatch, where
):
    graded(classroom)
    whole = results_of(tmp_path / "grades.csv")
    (tmp_path / "grades.csv").unlink()
    shutil.rmtree(tmp_path / "grades.csv.records")
    module, _, name = where.partition(".")
    owner = {"records": records, "session": session}[module]
    while "." in name:
        first, _, name = name.partition(".")
        owner = getattr(owner, first)
    real, calls = getattr(owner, name), []

    def full(*arguments):
        calls.append(arguments)
        if len(calls) > 12:
            raise OSError(28, "No space left on device")
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, full)
        with pytest.raises(OSError, match="No space left"):
            graded(classroom)
    assert not (tmp_path / "grades.csv").exists()
    outcome, now = graded(classroom)
    assert 0 < outcome.reused < 26
    assert len(now) == 26 - outcome.reused
    assert results_of(tmp_path / "grades.csv") == whole


def test_one_exercise_is_graded_again_and_all_else_stays(tmp_path, graded, monkeypatch):
    folder = tmp_path / "in"
    for student in ["ann", "ben", "cyd"]:
        hand_in(folder, student, {"flip": FLIP, "conv1d": "def conv1d(x, kernel): return 1"})
    before = {one["student"]: one for one in graded(folder)[0].records}

    def other(notebook, answers, seeds, task):
        if task["student"] == "cyd":
            raise KeyboardInterrupt  # cut off
        assert list(seeds) == ["flip"]
        done = graded_fast.judge(answers, seeds)
        done["flip"] |= {"score": 1.0, "status": "right"}
        asked.append(task["student"])
        return done

    asked = []
    monkeypatch.setattr(task_records, "_run", other)
    with pytest.raises(KeyboardInterrupt):
        session.grade_folder(folder, tmp_path / "grades.csv", regrade=["flip"])
    assert asked == ["ann", "ben"]
    monkeypatch.setattr(task_records, "_run", lambda *args: other(*args[:3], {"student": "x"}))
    after = session.grade_folder(folder, tmp_path / "grades.csv", regrade=["flip"])
    assert asked == ["ann", "ben", "x"]
    for record in after.records:
        old = {one["id"]: one for one in before[record["student"]]["exercises"]}
        new = {one["id"]: one for one in record["exercises"]}
        assert new.pop("flip")["earned"] == 1
        assert new == {name: entry for name, entry in old.items() if name != "flip"}
        earned = [one["earned"] for one in record["exercises"]]
        assert record["total"] == pytest.approx(sum(earned))
    assert graded(folder)[1] == []  # what was made again is what counts from now on
    with pytest.raises(LookupError, match="no exercise 'flop': expected one of "):
        session.grade_folder(folder, tmp_path / "grades.csv", regrade=["flop"])


def test_who_handed_in_something_else_is_graded_wholly(tmp_path, graded):
    folder = tmp_path / "in"
    hand_in(folder, "ann", {"flip": FLIP})
    hand_in(folder, "ben", {"flip": FLIP})
    graded(folder)
    hand_in(folder, "ann", {"flip": FLIP, "conv1d": "def conv1d(x, kernel): return 1"})
    outcome, _ = graded(folder, regrade=["flip"])
    [ann, _] = outcome.records
    assert {one["id"] for one in ann["exercises"] if "score" in one} == {"flip", "conv1d"}


def other_lab(lab="97"):
    """A second lab, made of the first: no test may know how many there are."""
    made = pristine.load("01")
    made.metadata["labkit"] = {"lab": lab, "name": f"{lab}_other"}
    for cell in made.cells:
        ours = cell.metadata["labkit"]
        for name in ("exercise", "question"):
            if name in ours:
                old = ours[name]
                ours[name] = f"{old}_{lab}"
                cell.id = cell.id.replace(old, ours[name])
                cell.source = cell.source.replace(f"def {old}", f"def {ours[name]}")
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["grade_id"] = cell.id
    return made


@pytest.fixture
def two_labs(tmp_path, monkeypatch):
    folder = tmp_path / "labs"
    folder.mkdir()
    for made in (pristine.load("01"), other_lab()):
        nbformat.write(made, folder / f"{made.metadata['labkit']['name']}.ipynb")
    monkeypatch.setattr("labkit.paths.labs", lambda: folder)


def test_any_lab_is_recognized_by_what_is_in_it(two_labs, graded, tmp_path):
    folder = tmp_path / "in"
    other = pristine.with_answers(other_lab(), {"flip_97": FLIP.replace("flip", "flip_97")})
    hand_in(folder, "both", {"flip": FLIP})
    nbformat.write(other, folder / "both" / "97_other.ipynb")
    other.metadata.pop("labkit")
    for student, name in [("by name", "97_other (1)"), ("by cells", "homework")]:
        (folder / student).mkdir()
        nbformat.write(other, folder / student / f"{name}.ipynb")
    (folder / "empty").mkdir()
    outcome, _ = graded(folder)
    assert [(one["student"], one["lab"], one["status"]) for one in outcome.records] == [
        ("both", "01", "graded"),
        ("both", "97", "graded"),
        ("by cells", "97", "graded"),
        ("by name", "97", "graded"),
        ("empty", "97", "not graded"),  # what most handed in
    ]
    (tmp_path / "grades.csv").unlink()
    shutil.rmtree(tmp_path / "grades.csv.records")
    outcome, _ = graded(folder, labs=["01"])
    assert [(one["student"], one["lab"], one["status"]) for one in outcome.records] == [
        ("both", "01", "graded"),
        ("by cells", "01", "not graded"),
        ("by name", "01", "not graded"),
        ("empty", "01", "not graded"),
    ]


def test_a_class_without_any_lab_says_so(two_labs, graded, tmp_path):
    (tmp_path / "in" / "ann").mkdir(parents=True)
    outcome, _ = graded(tmp_path / "in")
    [record] = outcome.records
    assert (record["lab"], record["out_of"]) == ("", None)
    assert record["remarks"] == ["no notebook of any lab: name the lab with --lab"]


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(classroom, graded, tmp_path):
    out = tmp_path / "grades.csv"
    rows = session.preview(classroom, out)
    assert ("s00", "01", "grade") in rows
    assert list(tmp_path.iterdir()) == []
    graded(classroom)
    before = {path: path.read_bytes() for path in work_folder(out).iterdir()}
    assert ("s00", "01", "graded already") in session.preview(classroom, out)
    assert ("s00", "01", "grade") in session.preview(classroom, out, seed=8)
    assert ("s00", "01", "grade again: flip") in session.preview(classroom, out, regrade=["flip"])
    assert {path: path.read_bytes() for path in work_folder(out).iterdir()} == before


def test_a_worker_of_another_kind_is_the_machines_fault(classroom, tmp_path, monkeypatch):
    submissions, _ = find_student_folders(classroom)
    [task], _ = session.plan(
        [one for one in submissions if one.student == "s00"],
        load_answer_keys(),
        session.Settings(7),
    )
    for name, what in [
        ("grader", "labkit"),
        ("installation", "set of installed packages"),
        ("lab_fingerprint", "lab notebook"),
    ]:
        record = task_records.grade_task(task | {name: "0" * 64})
        assert (record["status"], record["total"]) == ("machine error", None)
        assert f"has another {what} than the machine that asks it" in record["remarks"][-1]


def undeclared(value, declared):
    """The fields of a value, and of what lies in it, that its schema does not have."""
    hints = typing.get_type_hints(declared)
    return value.keys() - hints.keys()


def test_a_task_and_its_record_keep_to_their_schema(classroom, graded):
    students, _ = find_student_folders(classroom)
    tasks, refusals = session.plan(students, load_answer_keys(), session.Settings(7))
    for task in tasks:
        assert schema.problem_of(task, schema.Task) == ""
        assert json.loads(json.dumps(task)) == task
        assert not undeclared(task, schema.Task)
    summary, _ = graded(classroom)
    for record in [*refusals, *summary.records, task_records.failed(tasks[0], "why", "log")]:
        assert schema.checked_record(record, "here") is record
        assert not undeclared(record, schema.Record)
        for exercise in record["exercises"]:
            assert not undeclared(exercise, schema.ExerciseResult)
