"""The instructor's path from end to end, with kernels left out: a class as it comes in a year."""

import csv
import shutil

import click
import graded_fast
import nbformat
import pytest
from classes import FLIP, NAME, make_zip
from click.testing import CliRunner
from make_submissions import notebook

from labkit.cli import main
from labkit.grading.book.gradebook import open_gradebook
from labkit.grading.session import task_records


def run(*arguments):
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def text(answers):
    return nbformat.writes(notebook(answers)).encode()


@pytest.fixture
def download(tmp_path):
    """What Canvas gives: in time, again, late, broken, a bomb, nobody's."""
    return make_zip(
        tmp_path / "submissions.zip",
        {
            f"lovelaceada_1_11_{NAME}.ipynb": text({"flip": "def flip(kernel): return 1"}),
            f"lovelaceada_1_12_{NAME}-1.ipynb": text({"flip": FLIP, "q_photograph": "So."}),
            f"lovelaceada_LATE_1_13_{NAME}-2.ipynb": text({"flip": "def flip(k): return 'late'"}),
            f"babbageben_LATE_2_14_{NAME}.ipynb": text({"flip": FLIP}),
            f"evil_3_15_{NAME}.ipynb": b"\0" * (60 * 2**20),
            f"empty_4_16_{NAME}.ipynb": b"",
            f"broken_5_17_{NAME}.ipynb": text({"flip": FLIP})[:900],
            "readme.txt": b"hello",
        },
    )


def rows(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def test_from_the_download_to_the_feedback(download, tmp_path, monkeypatch):
    monkeypatch.setattr(task_records, "_run", graded_fast.fake(tmp_path / "log"))
    submissions, grades, reports = (tmp_path / name for name in ("in", "grades.csv", "reports"))
    done = run("collect", download, "--to", submissions)
    assert done.exit_code == 3
    assert f"  {NAME}.ipynb: last in time of 3 versions" in done.stdout
    grade = ["grade", submissions, "--out", grades, "--seed", "7", "--unsafe-no-sandbox"]
    done = run(*grade)
    assert done.exit_code == 3
    assert "Ignored" not in done.stderr
    found = rows(grades)
    assert {name: row["status"] for name, row in found.items()} == {
        "babbageben_2": "graded",
        "broken_5": "not graded",
        "empty_4": "not graded",
        "evil_3": "not graded",
        "lovelaceada_1": "graded",
    }
    assert found["babbageben_2"]["remarks"].startswith(f"{NAME}.ipynb: handed in late")
    assert f"{NAME}.ipynb: the last in time of 3 versions" in found["lovelaceada_1"]["remarks"]
    assert "refused: larger than 50 MB" in found["evil_3"]["remarks"]
    assert "refused: the file is empty" in found["empty_4"]["remarks"]
    assert "broken JSON" in found["broken_5"]["remarks"]
    assert found["lovelaceada_1"]["by hand"] == "2"
    graded_text = (tmp_path / "log").read_text()
    assert sorted(graded_text.split()) == ["babbageben_2", "lovelaceada_1"]

    with open_gradebook(grades) as gradebook:
        ada = next(one for one in gradebook.records() if one["student"] == "lovelaceada_1")
        gradebook.mark(ada, "q_photograph", 1.5, "nearly")
        gradebook.mark(ada, "flip", 1, "looked at it myself")
    run(*grade)  # nothing is graded again, and no mark is touched
    assert (tmp_path / "log").read_text() == graded_text
    assert rows(grades)["lovelaceada_1"]["flip"] == "1"
    assert run(*grade, "--regrade", "flip").exit_code == 3
    assert len((tmp_path / "log").read_text().split()) == 4
    row = rows(grades)["lovelaceada_1"]
    assert (row["flip"], row["q_photograph"], row["by hand"]) == ("1", "1.5", "0")

    assert run("report", grades, "--to", reports).exit_code == 0
    assert rows(reports / "grades.csv")["lovelaceada_1"] == row
    [page] = (reports / "feedback").glob("lovelaceada_1-*.html")
    assert "Marked by a person. nearly" in page.read_text("utf-8")
    [page] = (reports / "feedback").glob("evil_3-*.html")
    assert "larger than 50 MB" in page.read_text("utf-8")

    # a second download brings one more in time
    shutil.move(download, tmp_path / "old.zip")
    make_zip(download, {f"empty_4_18_{NAME}-1.ipynb": text({"flip": FLIP})})
    assert run("collect", download, "--to", submissions).exit_code == 0
    done = run(*grade)
    assert "(2 before)" in done.stdout
    assert rows(grades)["empty_4"]["status"] == "graded"


def commands(group, path=()):
    for name, command in sorted(group.commands.items()):
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


OURS = {"release", "collect", "grade", "report", "mark", "nbgrader"}


@pytest.mark.parametrize(
    ("path", "command"),
    [pytest.param(*one, id=" ".join(one[0])) for one in commands(main) if one[0][0] in OURS],
)
def test_every_command_says_what_it_does_and_how_it_ends(path, command):
    done = run(*path, "--help")
    assert done.exit_code == 0
    assert "Exit codes: 0 " in " ".join(done.output.split())
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{' '.join(path)} {option.name}"
