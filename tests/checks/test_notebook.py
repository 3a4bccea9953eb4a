"""What a student sees: in a real kernel, and outside of one."""

import subprocess
import sys

import nbformat
import numpy as np
import pytest
from nbclient.exceptions import CellExecutionError

from labkit.checks import CheckFailed, check, hint, notebook, progress, registry
from labkit.notebooks.execute import execute


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(notebook, "_done", {})
    monkeypatch.setattr(notebook, "_hinted", {})


def run_cells(*sources, allow_errors=True):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    made = nbformat.v4.new_notebook(cells=cells)
    return [cell.outputs for cell in execute(made, allow_errors=allow_errors).cells]


def test_a_cell_that_needs_an_unwritten_answer_says_so_in_a_line(monkeypatch):
    monkeypatch.setenv("LABKIT_LANG", "en")
    _, (needs,), (other,), (alive,) = run_cells(
        "from labkit.checks import check\n"
        'def flip(kernel):\n    raise NotImplementedError("flip: your code goes here")',
        "turned = [flip(k) for k in ([1, 2],)]",
        'raise NotImplementedError("no such layer")',
        "print('alive')",
    )
    assert needs.ename == "NotImplementedError"
    assert needs.traceback == [
        "○ This cell needs your flip, which is not written yet. Write it where it says YOUR CODE "
        "HERE, run that cell, then run this one."
    ]
    assert any("no such layer" in line for line in other.traceback)
    assert len(other.traceback) > 1
    assert alive.text == "alive\n"
    with pytest.raises(CellExecutionError, match="flip: your code goes here"):
        run_cells(
            'import labkit.checks\nraise NotImplementedError("flip: your code goes here")',
            allow_errors=False,
        )


def test_in_a_kernel(monkeypatch):
    monkeypatch.setenv("LABKIT_LANG", "en")
    begin, right, wrong, raises, stub, last = run_cells(
        "import numpy as np\nfrom labkit.checks import check, progress",
        'def flip(k):\n    print("noise")\n    return k[::-1, ::-1]\ncheck("flip", flip)',
        'check("flip", lambda kernel: kernel[::-1])',
        'def flip(k):\n    rows = k.shape[0]\n    return k[rows]\ncheck("flip", flip)',
        'def conv1d(x, kernel):\n    raise NotImplementedError("conv1d")\ncheck("conv1d", conv1d)',
        "progress()",
    )
    assert begin == []
    (shown,) = right
    assert shown.output_type == "display_data"
    assert shown.data["text/plain"] == "✓ flip: all public checks passed (9 inputs)."
    assert shown.data["text/html"].startswith('<div class="labkit-check" role="group" lang="en"')

    shown, error = wrong
    assert "This looks like: only top and bottom are exchanged." in shown.data["text/plain"]
    assert error.ename == "CheckFailed"
    assert error.evalue == shown.data["text/plain"]
    assert len(error.traceback) == 1
    assert "\n" not in error.traceback[0]
    assert len(error.traceback[0]) < 120

    shown, _ = raises
    assert shown.data["text/plain"] == (
        "✗ flip: your code raised IndexError: index 2 is out of bounds for axis 0 with size 2, in "
        "line 3 of your cell: `return k[rows]`. It was called as flip([[1, 2, 3], [4, 5, 6]])."
    )
    assert "labkit/checks" not in shown.data["text/html"]
    assert "site-packages" not in shown.data["text/html"]

    shown, _ = stub
    assert shown.data["text/plain"].startswith("○ conv1d: not started yet")
    (shown,) = last
    lines = shown.data["text/plain"].splitlines()
    assert lines[0].split() == ["conv1d", "2", "○", "not", "started"]
    assert lines[1].split() == ["flip", "1", "✗", "not", "right", "yet"]
    assert lines[-1].startswith("0 of 8 exercises passed, 0 of 18 points, as far as the public")


def test_outside_of_a_notebook_it_is_printed(capsys):
    assert check("flip", np.flip) is None
    assert capsys.readouterr().out == "✓ flip: all public checks passed (9 inputs).\n"
    with pytest.raises(CheckFailed, match="This looks like: the kernel is transposed") as caught:
        check("flip", np.transpose)
    assert capsys.readouterr().out == f"{caught.value}\n"
    assert caught.value.verdict.mistake == "transposed"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("flipp", np.flip), 'There is no exercise "flipp". Did you mean "flip"?'),
        (
            ("zzzzzz", np.flip),
            'There is no exercise "zzzzzz". There are: weighted_sum, photo_facts, ',
        ),
        (("flip",), 'without parentheses: check("flip", flip). It received NoneType.'),
        (("flip", np.eye(2)), 'without parentheses: check("flip", flip). It received ndarray.'),
    ],
)
def test_a_call_that_cannot_be(arguments, message):
    with pytest.raises(CheckFailed) as caught:
        check(*arguments)
    assert message in str(caught.value)


def test_passed_is_never_called_correct(capsys):
    check("flip", np.flip)
    output = capsys.readouterr().out.lower()
    assert "all public checks passed" in output
    assert "correct" not in output
    assert "right" not in output


def test_hints_come_one_by_one(capsys):
    hints = registry.get("flip").hints
    for step in (1, 2, 3, 3):
        hint("flip")
        output = capsys.readouterr().out
        assert [text in output for text in hints] == [index < step for index in range(3)]
        assert ("That was the last hint." in output) == (step == 3)
    with pytest.raises(CheckFailed, match='Did you mean "conv1d"'):
        hint("conv1")


def test_progress(capsys):
    progress()
    assert capsys.readouterr().out == "No check has been run in this notebook yet.\n"
    check("flip", np.flip)
    with pytest.raises(CheckFailed):
        check("conv1d", lambda x, kernel: None)
    capsys.readouterr()
    progress()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 9
    assert lines[0].split() == ["conv1d", "2", "✗", "not", "right", "yet"]
    assert lines[1].split() == ["flip", "1", "✓", "passed"]
    assert lines[2].split() == ["conv2d", "3", "○", "not", "started"]
    assert lines[-1].startswith("1 of 8 exercises passed, 1 of 18 points")


def test_importing_the_checks_imports_no_lab_that_is_not_needed_and_no_framework():
    program = (
        "import sys, labkit.checks as c; names = lambda: [m for m in sys.modules if "
        "m.startswith('labkit.exercises.lab') or m in ('tensorflow', 'keras', 'jax', 'IPython')];"
        "before = names(); c.check('flip', lambda k: k[::-1, ::-1]);"
        "labs = ('labkit.exercises.lab00', 'labkit.exercises.lab01');"
        "print(before, [m for m in names() if not m.startswith(labs)])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.endswith("[] []\n"), done
