"""Classes for the tests of grading: submissions, downloads, and what a run leaves."""

import zipfile
from pathlib import Path

import nbformat
from make_submissions import notebook

from labkit.grading.book.gradebook import Gradebook, work_folder

NAME = "01_convolution_as_matrix"
FLIP = "def flip(kernel):\n    return kernel[::-1, ::-1]"
NOW = (2026, 11, 20, 12, 0, 0)


def hand_in(folder, student, answers, name=NAME):
    (folder / student).mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook(answers), folder / student / f"{name}.ipynb")


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
