"""What students are given: no answer, all that is needed, and the same bytes."""

import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from labkit.cli import main
from labkit.grading.release import ReleaseError, release
from labkit.notebooks.build import student_notebook, to_text
from labkit.notebooks.leaks import LeakError
from labkit.notebooks.source import read_lab

SAMPLE = Path(__file__).parents[1] / "notebooks" / "labs"
NAME = "90_sample"


@pytest.fixture
def labs(tmp_path):
    folder = Path(shutil.copytree(SAMPLE, tmp_path / "labs"))
    build(folder)
    return folder


def build(folder):
    text = to_text(student_notebook(read_lab(folder / "source" / f"{NAME}.py")))
    (folder / f"{NAME}.ipynb").write_text(text, encoding="utf-8")


def add(folder, prose):
    source = folder / "source" / f"{NAME}.py"
    source.write_text(source.read_text("utf-8") + f"\n# %% [markdown]\n# {prose}\n", "utf-8")
    build(folder)


def run(*arguments):
    return CliRunner().invoke(main, ["release", *map(str, arguments)])


def test_an_archive_holds_the_notebook_and_how_to_open_it(labs, tmp_path):
    done = run("90", "--to", tmp_path / "out", "--folder", labs)
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(tmp_path / "out" / f"{NAME}.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [f"{NAME}/{NAME}.ipynb", f"{NAME}/README.txt"]
        assert archive.read(f"{NAME}/{NAME}.ipynb") == (labs / f"{NAME}.ipynb").read_bytes()
        assert b"pip install" in archive.read(f"{NAME}/README.txt")


def test_the_archive_is_always_the_same(labs, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    release(labs, [], one)
    (labs / f"{NAME}.ipynb").touch()
    release(labs, [], two)
    assert (one / f"{NAME}.zip").read_bytes() == (two / f"{NAME}.zip").read_bytes()


def test_what_a_lab_shows_goes_with_it(labs, tmp_path):
    (labs / "figures").mkdir()
    (labs / "figures" / "a b.png").write_bytes(b"\x89PNG")
    (labs / "figures" / "c.svg").write_text("<svg/>")
    add(labs, '![a](<figures/c.svg> "title") and [next](91_next.ipynb), [web](https://x.org/a.png)')
    [(_, files)] = release(labs, [], tmp_path / "out")
    assert files == [f"{NAME}/{NAME}.ipynb", f"{NAME}/README.txt", f"{NAME}/figures/c.svg"]


@pytest.mark.parametrize(
    "name", ["gone.png", "../../secret.png", f"source/{NAME}.py", "/etc/hosts"]
)
def test_what_a_lab_must_not_show_is_refused(labs, tmp_path, name):
    (tmp_path / "secret.png").write_bytes(b"x")
    add(labs, f"![a]({name})")
    with pytest.raises(ReleaseError, match=r"it shows '.*', which is not a file beside it"):
        release(labs, [], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_notebook_that_is_not_current_is_refused(labs, tmp_path):
    notebook = labs / f"{NAME}.ipynb"
    notebook.write_text(notebook.read_text("utf-8").replace("\n", "\n\n", 1), "utf-8")
    done = run("--to", tmp_path / "out", "--folder", labs)
    assert done.exit_code == 1
    assert f"{notebook} is not what its source gives: run 'labkit build 90'" in done.stderr
    assert not (tmp_path / "out").exists()


def test_an_answer_anywhere_in_the_archive_is_refused(labs, tmp_path):
    lab = read_lab(labs / "source" / f"{NAME}.py")
    answer = next(cell for cell in lab.cells if getattr(cell, "answers", ())).reference
    (labs / "notes.svg").write_text(f"<text>{answer}</text>")
    add(labs, "![notes](notes.svg)")
    with pytest.raises(ReleaseError, match=r"the archive would give line \d+ away, .* in .*notes"):
        release(labs, [], tmp_path / "out")
    lines = "\n# ".join(answer.split("\n"))
    add(labs, f"The answer is\n# {lines}")
    with pytest.raises(LeakError, match="would give away"):
        release(labs, [], tmp_path / "out")


def test_one_unfit_lab_keeps_all_from_being_written_and_no_source_is_no_release(labs, tmp_path):
    (labs / "source" / "91_bad.py").write_text("x = 1\n")
    assert run("--to", tmp_path / "out", "--folder", labs).exit_code == 1
    assert not (tmp_path / "out").exists()
    assert run("90", "--to", tmp_path / "out", "--folder", labs).exit_code == 0
    shutil.rmtree(labs / "source")
    done = run("--to", tmp_path / "two", "--folder", labs)
    assert done.exit_code == 1
    assert "without it nothing can be audited" in done.stderr


def test_a_dry_run_writes_nothing_and_an_unknown_lab_is_said(labs, tmp_path):
    for more in ([], ["--nbgrader"]):
        done = run("--to", tmp_path / "out", "--folder", labs, "--dry-run", *more)
        assert done.exit_code == 0, done.output
        assert done.output.startswith("would write ")
    assert not (tmp_path / "out").exists()
    assert run("98", "--to", tmp_path / "out", "--folder", labs).exit_code == 1
    assert run("90").exit_code == 2


def test_for_nbgrader_the_answers_stand_between_its_markers(labs, tmp_path):
    done = run("--to", tmp_path / "course", "--folder", labs, "--nbgrader")
    assert done.exit_code == 0
    notebook = nbformat.read(tmp_path / "course" / "source" / NAME / f"{NAME}.ipynb", 4)
    nbformat.validate(notebook)
    solutions = [
        cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")
    ]
    assert solutions
    for cell in solutions:
        assert cell.source.count("BEGIN SOLUTION") == cell.source.count("END SOLUTION") >= 1
        assert "STUB" not in cell.source
    others = [cell for cell in notebook.cells if cell not in solutions]
    assert not any("SOLUTION" in cell.source for cell in others)
