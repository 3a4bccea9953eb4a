"""``labkit checks report``: the table, and what it does about faults."""

import pytest
from click.testing import CliRunner

from labkit.checks import audit, registry
from labkit.checks.exercise import Mistake
from labkit.cli import main


def test_faults_are_told_and_fail(monkeypatch, tmp_path, double):
    harmless = Mistake("harmless", "it is harmless", "why", "why?", after=lambda y, x: y)
    object.__setattr__(double, "mistakes", (*double.mistakes, harmless))
    monkeypatch.setattr(registry, "labs", lambda: ["99"])
    monkeypatch.setattr(registry, "lab_exercises", lambda lab: (double,))
    (tmp_path / "lab99.py").write_text(
        "def good(x):\n    return 2 * x\n\ndef bad(x):\n    return x\n\n"
        "RIGHT = {'double': [good, bad]}\n"
    )
    done = CliRunner().invoke(main, ["checks", "report", "99", "--right", str(tmp_path)])
    assert done.exit_code == 1
    title, row = done.stdout.splitlines()
    assert title.split() == " ".join(audit.TITLES).split()
    assert row.split()[:7] == ["double", "3", "7", "6", "6", "2", "1"]
    assert "survivor: double: harmless passes on the public inputs" in done.stderr
    assert "survivor: double: harmless passes on hidden inputs, seed 2" in done.stderr
    assert "unnamed: double: harmless" in done.stderr
    assert "false rejection: double: bad, returned as 'list': ✗ double: " in done.stderr


def test_an_unknown_lab_is_wrong_usage():
    done = CliRunner().invoke(main, ["checks", "report", "77"])
    assert done.exit_code == 2
    assert "no checks for 77: there are 00, 01" in done.stderr


@pytest.mark.parametrize("name", ["report", "messages"])
def test_commands_are_documented(name):
    command = main.commands["checks"].commands[name]
    assert command.help
    assert all(option.help for option in command.params if option.param_type_name == "option")


def test_right_answers_are_for_exercises_that_exist(tmp_path):
    assert audit.right_answers("01", tmp_path) == {}
    (tmp_path / "lab01.py").write_text("RIGHT = {'no_such': []}\n")
    with pytest.raises(ValueError, match=r"lab01.py: no such exercise: no_such"):
        audit.right_answers("01", tmp_path)
