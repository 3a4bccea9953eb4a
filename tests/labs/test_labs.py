"""Every lab in labs/: current, complete, true to its stored outputs, and closed until solved.

One test for each lab and law. nbval runs a lab's cells in one kernel, in a process of its own, so
that ``-n 2`` deals out whole labs; each cell that fails is told with nbval's own account of it.
"""

import pytest

from labkit import paths
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
