"""The command line: quick, documented, and exit codes that scripts can rely on."""

import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from labkit import workspace
from labkit.cli import main, page
from labkit.cli.command_group import CommandGroup

SAMPLE = Path(__file__).parent / "notebooks" / "labs"


def labkit(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(SAMPLE, tmp_path / "labs"))


def test_the_package_is_a_program():
    done = subprocess.run(
        [sys.executable, "-m", "labkit", "--help"], capture_output=True, text=True, check=True
    )
    assert "build" in done.stdout
    assert "start" in done.stdout


def test_the_command_line_imports_nothing_heavy():
    heavy = ["tensorflow", "keras", "numpy", "scipy", "jupytext", "nbformat", "IPython", "pytest"]
    program = f"import sys, labkit.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("name", "command"), list(page.commands()))
def test_every_command_and_option_is_documented(name, command):
    assert command.help
    for option in command.params:
        if option.param_type_name == "option":
            assert option.help, f"{name} {option.opts[0]} has no help"
    for flag in ("-h", "--help"):
        shown = labkit(*name.split()[1:], flag)
        assert shown.exit_code == 0
        assert "\\b" not in shown.output  # click's mark for lines that are not to be filled


def test_the_page_of_the_commands_is_up_to_date():
    written = page.PAGE.read_text(encoding="utf-8")
    assert written == page.text(), "run: python -m labkit.cli.page"


def test_build_writes_and_then_is_current(folder):
    done = labkit("build", "--folder", folder)
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        f"wrote {folder / '90_sample.ipynb'}",
        f"wrote {folder / 'reference' / '90_sample.ipynb'}",
    ]
    # what the lab lacks is said, and does not stop an author who is still writing it
    assert "90_sample.py:1: no figure: expected at least one" in done.stderr
    again = labkit("build", "90", "--folder", folder)
    assert (again.exit_code, again.stdout) == (0, "90_sample: current\n")


def test_build_no_run_says_that_the_reference_is_not_done(folder):
    done = labkit("build", "--folder", folder, "--no-run")
    assert done.exit_code == 0
    assert done.stdout == f"wrote {folder / '90_sample.ipynb'}\n"
    assert "90_sample: the reference is missing" in done.stderr


def test_build_check_fails_with_every_problem_and_writes_nothing(folder):
    done = labkit("build", "--check", "--folder", folder)
    assert done.exit_code == 1
    assert f"{folder / '90_sample.ipynb'} is missing: run 'labkit build 90'" in done.stderr
    assert "is missing: run 'labkit build 90 --force'" in done.stderr
    assert done.stdout == "1 labs, 6 problems\n"
    assert [path.name for path in folder.iterdir()] == ["source"]


def test_one_bad_source_does_not_keep_the_others_from_being_built(folder):
    (folder / "source" / "10_bad.py").write_text("x = 1\n")
    done = labkit("build", "--folder", folder, "--no-run")
    assert done.exit_code == 1
    assert f"Error: {folder / 'source' / '10_bad.py'}:1: " in done.stderr
    assert done.stdout == f"wrote {folder / '90_sample.ipynb'}\n"


def test_build_of_an_unknown_lab_and_wrong_usage(folder):
    done = labkit("build", "91", "--folder", folder)
    assert done.exit_code == 1
    assert "Error: no lab '91' in " in done.stderr
    done = labkit("build", "--check", "--force")
    assert done.exit_code == 2
    assert "--check writes and runs nothing: leave --no-run and --force out" in done.stderr


@pytest.fixture
def started(folder, monkeypatch):
    """How JupyterLab would have been started, without starting it."""
    assert labkit("build", "--folder", folder, "--no-run").exit_code == 0
    monkeypatch.setattr("labkit.paths.labs", lambda: folder)
    calls = []

    def jupyterlab(*arguments):
        calls.append(arguments)
        return 3

    monkeypatch.setattr(workspace, "jupyterlab", jupyterlab)
    return calls


def test_start_copies_opens_and_passes_the_exit_status_on(started, tmp_path):
    done = labkit("start", tmp_path / "work", "--no-browser", "--port", 9999)
    assert done.exit_code == 3
    assert done.output == f"New in {tmp_path / 'work'}: 90_sample.ipynb\n"
    assert started == [(tmp_path / "work", 9999, False, ())]


def test_start_copy_only(started, tmp_path):
    done = labkit("start", tmp_path / "work", "--copy-only")
    assert (done.exit_code, started) == (0, [])
    assert (tmp_path / "work" / "90_sample.ipynb").exists()
    done = labkit("start", tmp_path / "work", "--copy-only")
    assert done.output == f"{tmp_path / 'work'} is up to date\n"


def test_start_has_a_default_folder_and_hands_arguments_on(started, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    labkit("start", "--", "--ip=0.0.0.0", "--debug")
    labkit("start", "mine", "--", "--debug")
    assert started == [
        (Path("labkit-labs"), None, True, ("--ip=0.0.0.0", "--debug")),
        (Path("mine"), None, True, ("--debug",)),
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labkit-labs", "labs", "mine"]


def test_start_says_what_is_wrong_without_a_traceback(started, tmp_path):
    (tmp_path / "work").write_text("mine")
    done = labkit("start", tmp_path / "work")
    assert done.exit_code == 1
    assert done.stderr.startswith(f"Error: {tmp_path / 'work'} is a file: expected a folder")
    assert labkit("start", "--port", "0").exit_code == 2


@pytest.fixture
def pair():
    @click.group(cls=CommandGroup)
    @click.argument("folder")
    @click.option("--out")
    def work(folder, out):
        """Work."""
        click.echo(f"{folder} {out}")

    @work.command()
    @click.argument("what", default="all")
    def doctor(what):
        """Examine."""
        click.echo(f"doctor {what}")

    return work


def test_a_command_may_have_subcommands_beside_its_own_work(pair):
    def run(*arguments):
        done = CliRunner().invoke(pair, arguments)
        return done.exit_code, done.output

    assert run("folder", "--out", "o") == run("--out", "o", "folder") == (0, "folder o\n")
    assert run("./doctor") == (0, "./doctor None\n")
    assert run("doctor") == (0, "doctor all\n")
    assert run("doctor", "ears") == (0, "doctor ears\n")
    assert run("folder", "doctor")[0] == 2
    code, text = run("--help")
    assert code == 0
    assert text.startswith("Usage: work [OPTIONS] FOLDER")
    assert "doctor  Examine." in text
    assert run("doctor", "--help")[1].startswith("Usage: work doctor [OPTIONS] [WHAT]")
