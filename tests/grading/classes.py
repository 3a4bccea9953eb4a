"""Classes for the tests of grading: submissions, downloads, and what a run leaves."""

import zipfile
from pathlib import Path

import nbformat
from make_submissions import notebook

from labkit.grading.book.gradebook import Gradebook, work_folder
from labkit.grading.book.schema import SCHEMA

NAME = "01_convolution_as_matrix"
FLIP = "def flip(kernel):\n    return kernel[::-1, ::-1]"
NOW = (2026, 11, 20, 12, 0, 0)


def hand_in(folder, student, answers, name=NAME):
    (folder / student).mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook(answers), folder / student / f"{name}.ipynb")


def make_exercise(name, earned, points=2, status="right", **more):
    """The result of an exercise, with all fields that each must have."""
    about = {"id": name, "points": points, "earned": earned, "status": status}
    return about | {"remark": "", "source": ""} | more


def make_record(student, **more):
    """A record with all fields that each must have."""
    return {
        "schema": SCHEMA,
        "key": "k1",
        "student": student,
        "lab": "01",
        "status": "graded",
        "total": None,
        "out_of": 4,
        "by_hand": 0,
        "remarks": [],
        "notebook": None,
        "exercises": [],
        "questions": [],
        "seed": 7,
        "timeout": 30,
        "sandbox": True,
        "grader": {"labkit": "1", "python": "3", "fingerprint": "f", "installation": "i"},
        "measured": {},
    } | more


def results_of(out):
    """All that a run leaves, but for the time that it took: the table, and what the book says."""
    with Gradebook(work_folder(out) / "gradebook.db") as gradebook:
        made = [record | {"measured": None} for record in gradebook.records()]
    return Path(out).read_bytes(), made


def make_zip(target, files, when=NOW):
    """Write a zip: {name: bytes, or (bytes, date)}; names may be ZipInfos."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            data, date = content if isinstance(content, tuple) else (content, when)
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name, date)
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return target
