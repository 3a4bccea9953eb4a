"""Our results in an nbgrader course: its gradebook, through its own API, and its folders.

After :func:`export`, nbgrader's formgrader, feedback and exporters work as if its autograder had
run; marks that a person gives in the formgrader come back with :func:`fetch_marks`. Marks that a
person gave, on either side, are never overwritten.
"""

import contextlib
import os
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from nbformat.v4 import new_output

from labkit import paths
from labkit.files import write_atomically
from labkit.grading.answer_key import load_answer_keys
from labkit.grading.book.gradebook import answer_of, open_gradebook
from labkit.grading.hashes import identity
from labkit.grading.reports.feedback import explain
from labkit.notebooks import pristine
from labkit.notebooks.build import to_text

__all__ = ["CourseError", "Exported", "export", "fetch_marks"]


class CourseError(ValueError):
    """The course does not fit what was graded; the text says why, and what to do."""


@dataclass
class Exported:
    """What was written, or would be."""

    students: list = field(default_factory=list)  #: (student, lab)
    skipped: list = field(default_factory=list)  #: (student, lab, why)


def export(grades, course, *, database=None, dry_run=False, progress=lambda done, total: None):
    """Write what was graded into the nbgrader course in the folder `course`.

    `database` is its URL (by default the course's ``gradebook.db``). Each lab needs its assignment,
    as ``labkit release --nbgrader`` and ``nbgrader generate_assignment`` make it. What is written:
    points and comments in the gradebook, a submission in one transaction, and
    ``autograded/STUDENT/ASSIGNMENT/LAB.ipynb``, the lab with the student's answers.

    Returns :class:`Exported`. Raises :class:`CourseError`; FileNotFoundError: nothing was graded.
    """
    with open_gradebook(grades) as ours:
        records, marks = ours.records(), ours.marks()
    done = Exported()
    with _nbgrader(course, database) as theirs:
        places = {}
        for number, record in enumerate(records):
            progress(number, len(records))
            who = record["student"], record["lab"]
            if record["status"] != "graded":
                done.skipped.append((*who, record["status"]))
                continue
            key = load_answer_keys([record["lab"]])[record["lab"]]
            if key.lab not in places:
                places[key.lab] = _assignment_of(theirs, key)
            done.students.append(who)
            if not dry_run:
                given = marks.get((identity(record["student"]), record["lab"]), {})
                _write_scores(theirs, places[key.lab], key, record, given)
                name = _student_id(record["student"])
                target = Path(course, "autograded", name, places[key.lab], f"{key.name}.ipynb")
                write_atomically(target, to_text(_as_graded(key, record)))
        progress(len(records), len(records))
    return done


def fetch_marks(grades, course, *, database=None, dry_run=False):
    """Take over the marks that a person gave in the formgrader; ``[(student, item, points)]``.

    A mark that was entered by ``labkit mark`` stays.
    Raises as :func:`export`.
    """
    taken = []
    with open_gradebook(grades) as ours, _nbgrader(course, database) as theirs:
        marks = ours.marks()
        for record in ours.records():
            if record["status"] != "graded":
                continue
            key = load_answer_keys([record["lab"]])[record["lab"]]
            given = marks.get((identity(record["student"]), record["lab"]), {})
            for item, points, comment in _marks_of(theirs, key, record):
                before = given.get(item)
                if before and before["source"] != "nbgrader":
                    continue
                same = ("points", "comment", "answer")
                mark = dict(zip(same, (points, comment, answer_of(record, item)), strict=True))
                if before and all(before[name] == mark[name] for name in same):
                    continue
                taken.append((record["student"], item, points))
                if not dry_run:
                    ours.mark(record, item, points, comment, source="nbgrader")
    return taken


@contextlib.contextmanager
def _nbgrader(course, database):
    """nbgrader's gradebook."""
    path = Path(course, "gradebook.db")
    if database is None and not path.is_file():
        raise CourseError(
            f"no {path}: expected an nbgrader course. Run 'labkit release --nbgrader --to "
            f"{course}', and there 'nbgrader generate_assignment LAB'"
        )
    with warnings.catch_warnings():
        # nbgrader 0.9 makes objects outside of a session, on which SQLAlchemy 2 remarks each time
        warnings.filterwarnings("ignore", message="Object of type .* not in session")
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        from nbgrader.api import Gradebook

        with _programs_found():
            theirs = Gradebook(database or f"sqlite:///{path.resolve()}")
        with theirs:
            yield theirs


@contextlib.contextmanager
def _programs_found():
    before = os.environ.get("PATH")
    os.environ["PATH"] = paths.programs()
    try:
        yield
    finally:
        if before is None:
            del os.environ["PATH"]
        else:
            os.environ["PATH"] = before


def _assignment_of(theirs, key):
    """The name of the assignment that holds a lab."""
    for assignment in theirs.assignments:
        for notebook in assignment.notebooks:
            if notebook.name == key.name:
                _compare(notebook, key)
                return assignment.name
    raise CourseError(
        f"no assignment holds {key.name}: run 'nbgrader generate_assignment {key.name}' in the "
        "course's folder"
    )


def _compare(notebook, key):
    """Refuse an assignment that was made of another version of the lab."""
    there = {cell.name: cell.max_score for cell in notebook.grade_cells}
    here = {f"{name}-check": float(points) for name, points in key.points.items()}
    here |= {name: float(points) for name, points in key.questions.items()}
    if there != here:
        odd = sorted(name for name in {*there, *here} if there.get(name) != here.get(name))
        raise CourseError(
            f"{key.name}: the course's assignment was made of another version of this lab, they "
            f"differ in {', '.join(odd)}. Run 'nbgrader generate_assignment' again"
        )


def _student_id(student):
    """nbgrader knows students by the name of a folder, of at most 128 characters."""
    plain = student.isprintable() and 0 < len(student) <= 128 and not set(student) & set("/\\")
    return student if plain and student not in (".", "..") else identity(student)


def _write_scores(theirs, assignment, key, record, marks):
    """One submission into nbgrader's gradebook: all of its scores in one transaction."""
    name = _student_id(record["student"])
    theirs.update_or_create_student(name)
    theirs.update_or_create_submission(assignment, name)
    submitted = theirs.find_submission_notebook(key.name, assignment, name)
    grades = {grade.name: grade for grade in submitted.grades}
    comments = {comment.name: comment for comment in submitted.comments}
    for entry in record["exercises"]:
        grade = grades[f"{entry['id']}-check"]
        grade.auto_score = float(entry["earned"])
        grade.needs_manual_grade = False
        comments[entry["id"]].auto_comment = "\n".join(text for _, text in explain(entry))
        _hand_over(grade, comments[entry["id"]], marks.get(entry["id"]))
    for question in record["questions"]:
        grade, empty = grades[question["id"]], question["text"] is None
        grade.auto_score = 0.0 if empty else None
        comments[question["id"]].auto_comment = "No response." if empty else None
        _hand_over(grade, comments[question["id"]], marks.get(question["id"]))
        grade.needs_manual_grade = not empty and grade.manual_score is None
    theirs.db.commit()


def _hand_over(grade, comment, mark):
    """A person's mark of ours, where nobody gave one in nbgrader."""
    if mark and grade.manual_score is None:
        grade.manual_score = mark["points"]
        comment.manual_comment = comment.manual_comment or mark["comment"] or None


def _marks_of(theirs, key, record):
    """What a person gave in the formgrader: (item, points, comment)."""
    from nbgrader.api import MissingEntry

    try:
        assignment = _assignment_of(theirs, key)
        submitted = theirs.find_submission_notebook(
            key.name, assignment, _student_id(record["student"])
        )
    except MissingEntry:
        return []
    comments = {one.name: one.manual_comment or "" for one in submitted.comments}
    found = []
    for grade in submitted.grades:
        if grade.manual_score is not None:
            item = grade.name.removesuffix("-check")
            most = {**key.points, **key.questions}[item]
            points = grade.manual_score + (grade.extra_credit or 0.0)
            found.append((item, min(max(points, 0.0), float(most)), comments.get(item, "")))
    return sorted(found)


def _as_graded(key, record):
    """The lab with a student's answers, and under each check what was found."""
    from nbgrader.utils import compute_checksum

    answers = {one["id"]: one["source"] for one in record["exercises"] if one["source"] is not None}
    answers |= {one["id"]: one["text"] for one in record["questions"] if one["text"] is not None}
    notebook = pristine.with_answers(key.notebook, answers)
    entries = {one["id"]: one for one in record["exercises"]}
    for cell in notebook.cells:
        ours = cell.metadata["labkit"]
        if ours["role"] == "check":
            text = "\n".join(text for _, text in explain(entries[ours["exercise"]]))
            cell.outputs = [new_output("stream", name="stdout", text=text + "\n")]
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["cell_type"] = cell.cell_type
            cell.metadata["nbgrader"]["checksum"] = compute_checksum(cell)
    return notebook
