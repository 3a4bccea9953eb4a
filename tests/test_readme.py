"""What the README shows is what happens."""

import contextlib
import re
from pathlib import Path

import pytest

from labkit.checks import CheckFailed

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```\s+```text\n(.*?)```", README, flags=re.DOTALL)


def test_there_are_examples():
    assert len(EXAMPLES) == README.count("```python") == 2


@pytest.mark.parametrize(("code", "printed"), EXAMPLES)
def test_an_example_prints_what_it_says(capsys, code, printed):
    with contextlib.suppress(CheckFailed):  # what it says was printed first
        exec(code, {})
    assert capsys.readouterr().out == printed


def test_the_lines_that_set_up_are_ci_s_too():
    run = (Path(__file__).parent.parent / ".ci" / "run").read_text(encoding="utf-8")
    (line,) = re.findall(r"^(python3 bootstrap.py test)\b", README, flags=re.MULTILINE)
    assert line in run.splitlines()
