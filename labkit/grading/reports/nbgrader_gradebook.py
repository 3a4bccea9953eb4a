"""Open the gradebook of an nbgrader course, and find a lab and a student in it."""

import contextlib
import os
import warnings
from pathlib import Path

from labkit import paths
from labkit.grading.hashes import identity

__all__ = ["CourseError", "assignment_of", "open_course", "student_id"]


class CourseError(ValueError):
    """The course does not match what was graded; the message says why, and what to do."""


@contextlib.contextmanager
def open_course(course, database):
    """Open the gradebook of the course in a folder, through nbgrader's API.

    Args:
        course: The folder of the course.
        database: The URL of its gradebook; by default ``gradebook.db`` in the course.

    Raises:
        CourseError: There is no gradebook.
    """
    path = Path(course, "gradebook.db")
    if database is None and not path.is_file():
        raise CourseError(
            f"no {path}: expected an nbgrader course. Run 'labkit release --nbgrader --to "
            f"{course}', and there 'nbgrader generate_assignment LAB'"
        )
    with warnings.catch_warnings():
        # nbgrader 0.9 makes objects outside a session, and SQLAlchemy 2 warns each time.
        warnings.filterwarnings("ignore", message="Object of type .* not in session")
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        from nbgrader.api import Gradebook

        with _programs_found():
            theirs = Gradebook(database or f"sqlite:///{path.resolve()}")
        with theirs:
            yield theirs


@contextlib.contextmanager
def _programs_found():
    """Put the programs of this Python's installation on PATH for a while."""
    before = os.environ.get("PATH")
    os.environ["PATH"] = paths.programs()
    try:
        yield
    finally:
        if before is None:
            del os.environ["PATH"]
        else:
            os.environ["PATH"] = before


def assignment_of(theirs, answer_key):
    """Return the name of the assignment that contains a lab.

    Raises:
        CourseError: There is none, or it was made from another version of the lab.
    """
    for assignment in theirs.assignments:
        for notebook in assignment.notebooks:
            if notebook.name == answer_key.name:
                _refuse_other_version(notebook, answer_key)
                return assignment.name
    raise CourseError(
        f"no assignment contains {answer_key.name}: run 'nbgrader generate_assignment "
        f"{answer_key.name}' in the course's folder"
    )


def _refuse_other_version(notebook, answer_key):
    """Raise CourseError if an assignment was made from another version of the lab."""
    theirs = {cell.name: cell.max_score for cell in notebook.grade_cells}
    ours = {f"{name}-check": float(points) for name, points in answer_key.points.items()}
    ours |= {name: float(points) for name, points in answer_key.questions.items()}
    if theirs != ours:
        names = {*theirs, *ours}
        different = sorted(name for name in names if theirs.get(name) != ours.get(name))
        raise CourseError(
            f"{answer_key.name}: the course's assignment was made from another version of this "
            f"lab; they differ in {', '.join(different)}. Run 'nbgrader generate_assignment' again"
        )


def student_id(student):
    """Return a student's id in nbgrader: the name of a folder, of at most 128 characters."""
    plain = student.isprintable() and 0 < len(student) <= 128 and not set(student) & set("/\\")
    return student if plain and student not in (".", "..") else identity(student)
