"""Every lab in labs/: current, complete, true to its stored outputs, and closed until solved.

One test for each lab and law. nbval runs a lab's cells in one kernel, in a process of its own, so
that ``-n 2`` deals out whole labs; each cell that fails is told with nbval's own account of it.
"""

import tomllib

import pytest

from labkit import paths
from labkit.checks import registry
from labkit.notebooks.cells import Answer
from labkit.notebooks.committed import check, sources
from labkit.notebooks.execute import stub_failures
from labkit.notebooks.regression import regressions
from labkit.notebooks.source import read_lab

LABS = paths.labs()
SOURCES = sources(LABS)
REFERENCES = sorted(LABS.glob("reference/*.ipynb"))

each_source = pytest.mark.parametrize("path", SOURCES, ids=[path.stem for path in SOURCES])


def test_each_source_has_its_reference_and_nothing_else_lies_there():
    assert [path.stem for path in REFERENCES] == [path.stem for path in SOURCES]


@each_source
def test_what_is_committed_is_what_the_source_gives(path):
    problems = check(LABS, [path.stem])
    assert not problems, "\n".join(problems)


@pytest.mark.slow
@pytest.mark.timeout(900)  # a lab runs in a minute or three; a loaded machine may take longer
@pytest.mark.parametrize("path", REFERENCES, ids=[path.stem for path in REFERENCES])
def test_nbval_finds_the_stored_outputs_again(path):
    failures = regressions(path)
    if failures:
        text = "\n".join(map(str, failures))
        pytest.fail(f"{len(failures)} cells of {path.name}:\n{text}", pytrace=False)


@pytest.mark.slow
@pytest.mark.timeout(900)
@each_source
def test_as_shipped_every_check_fails(path):
    lab = read_lab(path)
    assert stub_failures(lab) == dict.fromkeys([cell.id for cell in lab.of(Answer)], True)


@each_source
def test_its_exercises_are_the_ones_that_are_checked_for_the_points_it_says(path):
    lab = read_lab(path)
    shown = {cell.id: cell.points for cell in lab.of(Answer)}
    assert shown == {e.id: e.points for e in registry.lab_exercises(lab.id)}


def test_a_wheel_carries_every_students_notebook_and_no_answers():
    project = tomllib.loads((LABS.parent / "pyproject.toml").read_text(encoding="utf-8"))
    carried = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    notebooks = {f"labs/{path.stem}.ipynb" for path in SOURCES}
    assert {path for path in carried if path.startswith("labs")} == notebooks
