"""What a mark depends on is part of a fingerprint, and what decides no mark is not."""

import package
import pytest

from labkit.grading.session import fingerprints

SOURCES = {
    path.relative_to(package.ROOT).as_posix(): path.read_bytes()
    for path in package.MODULES.values()
}


def changed(path):
    """The package with one line more in the module at ``path``, which must exist."""
    return SOURCES | {path: SOURCES[path] + b"\nCHANGED = True\n"}


def test_the_grader_is_made_of_the_files_of_the_package():
    assert fingerprints.grader("01") == fingerprints.grader_of(SOURCES, "01")
    assert len({fingerprints.grader(lab) for lab in ("", "01", "02")}) == 3


@pytest.mark.parametrize("prefix", fingerprints.WITHOUT_EFFECT)
def test_each_prefix_of_what_decides_no_mark_matches_a_file(prefix):
    assert any(path.startswith(prefix) for path in SOURCES)


@pytest.mark.parametrize(
    "path",
    [
        "workspace.py",
        "widgets/frames.py",
        "plots/base.py",
        "cli/grade.py",
        "bench/grading.py",
        "grading/attacks/files.py",
        "grading/reports/feedback.py",
        "grading/intake/collect.py",
        "exercises/lab02/chain.py",
    ],
)
def test_editing_what_decides_no_mark_regrades_nobody(path):
    assert fingerprints.grader_of(changed(path), "01") == fingerprints.grader("01")


@pytest.mark.parametrize(
    "path",
    [
        "adapters/lab08.py",
        "checks/judge.py",
        "exercises/families/__init__.py",
        "exercises/inputs.py",
        "exercises/models/convolution.py",
        "exercises/lab01/flip.py",
        "grading/running/plugin.py",
        "grading/running/probe.py",
        "grading/session/task_records.py",
        "layers/conv.py",
        "notebooks/pristine.py",
        "reference.py",
    ],
)
def test_editing_what_decides_a_mark_regrades_the_lab(path):
    assert fingerprints.grader_of(changed(path), "01") != fingerprints.grader("01")


def test_whatever_lies_beside_the_labs_exercises_counts_for_all_of_them():
    shared = [
        path
        for path in SOURCES
        if path.startswith("exercises/") and not path.startswith("exercises/lab")
    ]
    assert "exercises/families/__init__.py" in shared
    for path in shared:
        assert fingerprints.grader_of(changed(path), "06") != fingerprints.grader("06"), path


@pytest.mark.parametrize(
    "line",
    [b"from labkit.exercises.lab01.flip import turn", b"from labkit.exercises import lab01"],
)
def test_exercises_that_a_labs_exercises_import_count_for_it(line):
    sources = {"exercises/lab06/a.py": line, "exercises/lab01/flip.py": b"1"}
    other = sources | {"exercises/lab01/flip.py": b"2"}
    assert fingerprints.grader_of(sources, "06") != fingerprints.grader_of(other, "06")
    assert fingerprints.grader_of(sources, "02") == fingerprints.grader_of(other, "02")


def test_every_import_between_labs_is_seen():
    for name in package.MODULES:
        lab = name.split(".")[2][3:] if name.startswith("labkit.exercises.lab") else ""
        for other in package.dependencies(name, strings=False) if lab else ():
            if other.startswith("labkit.exercises.lab"):
                assert other.split(".")[2][3:] in fingerprints._with_imported({lab}, SOURCES), name
