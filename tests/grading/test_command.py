"""``labkit grade`` as an instructor runs it."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import make_submissions
import nbformat
import pytest
from click.testing import CliRunner
from warmed import warmed

from labkit.cli import main
from labkit.grading.session import task_records
from labkit.notebooks import pristine

HERE = Path(__file__).parent
NAME = "01_convolution_as_matrix"
# one of the cheats spins until its time is up, with nothing new to see after a few seconds
SOON = ("--timeout", 8)


def labkit(*arguments):
    """Run the real command in a process of its own."""
    command = [sys.executable, "-m", "labkit", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=warmed(HERE))


def rows(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The submissions that ship, graded once: (table, {student: record}, finished process)."""
    out = tmp_path_factory.mktemp("graded") / "grades.csv"
    done = labkit("grade", HERE / "submissions", "--out", out, "--seed", 7, *SOON)
    records = [json.loads(path.read_bytes()) for path in Path(f"{out}.records").glob("*.json")]
    return out, {record["student"]: record for record in records}, done


def exercises(record):
    return {exercise["id"]: exercise for exercise in record["exercises"]}


def test_the_table_of_the_shipped_submissions(graded):
    out, _, done = graded
    assert done.returncode == 3, done.stderr
    assert out.read_text("utf-8") == (HERE / "expected.csv").read_text("utf-8")
    assert done.stdout == f"3 of 4 graded, seed 7: {out}\n"
    assert done.stderr.splitlines() == [
        "not graded: 'mia_broken_file': no notebook of lab 01: "
        f"{NAME}.ipynb: broken JSON, line 1: Unterminated string starting at",
    ]


def test_all_right_is_full_marks_in_any_style(graded):
    record = graded[1]["ada_all_right"]
    assert record["total"] == record["out_of"] == 18
    assert {exercise["status"] for exercise in record["exercises"]} == {"right"}
    assert record["remarks"] == []
    assert record["by_hand"] == 2  # she answered one of the two questions
    assert record["sandbox"] is True


def test_a_known_mistake_is_named_in_the_record(graded):
    found = exercises(graded[1]["ben_partly_wrong"])
    assert found["conv1d"]["status"] == found["matrix1d"]["status"] == "right"
    assert found["recover_kernel"]["status"] == "unanswered"
    for name in ["flip", "conv2d", "matrix2d"]:
        assert found[name]["mistake"], found[name]
        assert found[name]["earned"] == 0
    assert found["count_parameters"]["status"] == "error"
    assert "SyntaxError" in found["count_parameters"]["remark"]


def test_cheating_earns_what_the_code_earns(graded):
    record = graded[1]["eve_cheats"]
    found = exercises(record)
    assert {name: part["earned"] for name, part in found.items() if part["earned"]} == {"flip": 1}
    assert record["out_of"] == 18  # her metadata says 8000
    assert found["conv2d"]["status"] == "shortcut"
    assert found["conv2d"]["shortcuts"] == ["labkit.reference"]
    assert found["count_parameters"]["status"] == "no answer"
    assert found["matrix2d"]["status"] == "died"


def test_a_submission_is_graded_the_same_whoever_else_hands_in(graded, tmp_path):
    shutil.copytree(HERE / "submissions" / "eve_cheats", tmp_path / "in" / "eve_cheats")
    out = tmp_path / "grades.csv"
    done = labkit("grade", tmp_path / "in", "--out", out, "--seed", 7, *SOON)
    assert done.returncode == 0, done.stderr
    assert rows(out)["eve_cheats"] == rows(graded[0])["eve_cheats"]


def test_the_shipped_submissions_are_what_their_script_writes(tmp_path):
    make_submissions.write(tmp_path)
    shipped = pristine.load("01")
    for student in ["ada_all_right", "ben_partly_wrong", "eve_cheats"]:
        path = Path(student, f"{NAME}.ipynb")
        made = nbformat.read(tmp_path / path, as_version=4)
        committed = nbformat.read(HERE / "submissions" / path, as_version=4)
        assert pristine.inspect(committed, shipped) == pristine.inspect(made, shipped), student
    assert sorted(p.name for p in (HERE / "submissions").iterdir()) == sorted(
        p.name for p in tmp_path.iterdir()
    )


@pytest.fixture
def odd(tmp_path):
    """A folder of submissions that start no kernel."""
    folder = tmp_path / "in"
    for student in ["=HYPERLINK(1)", "zo\u00eb", "empty", "honest stub"]:
        (folder / student).mkdir(parents=True)
    (folder / "=HYPERLINK(1)" / f"{NAME}.ipynb").write_bytes(b"")
    (folder / "zo\u00eb" / f"{NAME}.ipynb").write_bytes(b"\xe9")
    nbformat.write(pristine.load("01"), folder / "honest stub" / f"{NAME}.ipynb")
    (folder / "notes.txt").write_text("not a student")
    (folder / "link").symlink_to(folder / "honest stub")
    return folder


def test_every_folder_gets_a_row_and_no_name_becomes_a_formula(odd, tmp_path):
    out = tmp_path / "grades.csv"
    result = CliRunner().invoke(main, ["grade", str(odd), "--out", str(out)])
    assert result.exit_code == 3
    assert "Ignored, not a student's folder: notes.txt" in result.output
    found = rows(out)
    assert list(found) == ["'=HYPERLINK(1)", "empty", "honest stub", "link", "zo\u00eb"]
    assert {name: (row["status"], row["total"]) for name, row in found.items()} == {
        "'=HYPERLINK(1)": ("not graded", ""),
        "empty": ("not graded", ""),
        "honest stub": ("graded", "0"),
        "link": ("not graded", ""),
        "zo\u00eb": ("not graded", ""),
    }
    assert found["link"]["remarks"] == "the folder is a symbolic link, which is not followed"


@pytest.mark.skipif(os.name != "posix", reason="no such names")
def test_a_name_is_shown_and_not_obeyed(odd, tmp_path):
    """Neither by the terminal, nor by what cannot write it."""
    (odd / "empty" / "\x1b]0;pwned\x07.ipynb").write_text("{}")
    (odd / "zo\u00eb" / os.fsdecode(b"caf\xe9.ipynb")).write_text("{}")
    (odd / "zo\u00eb" / f"{NAME}.ipynb").unlink()
    (odd / "\x1b[2Jnotes.txt").write_text("")
    for extra in (["--dry-run"], []):
        done = labkit("grade", odd, "--out", tmp_path / "grades.csv", *extra)
        assert "Traceback" not in done.stderr
        said = done.stdout + done.stderr
        assert "\x1b" not in said
        assert r"\x1b]0;pwned\x07.ipynb: JSON, but not a notebook" in said
        assert r"caf\udce9.ipynb: JSON, but not a notebook" in said
    assert r"Ignored, not a student's folder: \x1b[2Jnotes.txt" in said


def test_all_graded_is_exit_code_0_and_a_drawn_seed_is_said(odd, tmp_path):
    for path in odd.iterdir():
        if path.name != "honest stub":
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    out = tmp_path / "deep" / "grades.csv"
    result = CliRunner().invoke(main, ["grade", str(odd), "--out", str(out)])
    assert result.exit_code == 0, result.output
    seeds = {
        json.loads(path.read_bytes())["seed"] for path in Path(f"{out}.records").glob("*.json")
    }
    assert f"1 of 1 graded, seed {seeds.pop()}: {out}" in result.output
    assert not seeds


def test_what_is_refused_writes_nothing(odd, tmp_path):
    out = tmp_path / "grades.csv"

    def refused(*arguments):
        result = CliRunner().invoke(main, ["grade", *map(str, arguments)])
        assert not out.exists()
        return result.exit_code, result.output

    assert refused(odd)[0] == 2
    assert refused(tmp_path / "nowhere", "--out", out)[0] == 2
    assert refused(odd, "--out", out, "--timeout", 0)[0] == 2
    code, text = refused(odd, "--out", out, "--lab", "98")
    assert (code, "no lab '98' in " in text) == (1, True)
    (tmp_path / "flat").mkdir()
    (tmp_path / "flat" / "ada.ipynb").write_text("{}")
    code, text = refused(tmp_path / "flat", "--out", out)
    assert code == 1
    assert "expected one sub-folder per student, found ada.ipynb" in text
    code, _ = refused(odd, "--out", "/dev/null/grades.csv")
    assert code == 1


def test_the_help_says_what_it_does_and_how_it_ends():
    text = CliRunner().invoke(main, ["grade", "--help"]).output
    for phrase in ["$ labkit grade submissions --out grades.csv", "Exit codes: 0 all graded"]:
        assert phrase in text


def test_hidden_inputs_differ_from_student_to_student_and_repeat():
    def seed(student, seed=7):
        return task_records._seed({"seed": seed, "student": student, "lab": "01"}, "flip")

    seeds = {seed(student) for student in ["ada", "ben", "=cmd"]}
    assert len(seeds) == 3
    assert seed("ada") in seeds
    assert seed("ada", seed=8) not in seeds
