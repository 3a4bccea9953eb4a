"""Write our results into an nbgrader course: its gradebook, by its own API, and its folders.

After :func:`export`, nbgrader's formgrader, feedback and exporters work as if its autograder had
run. :func:`fetch_marks` brings back the marks that a person gives in the formgrader. Neither of
them overwrites a mark that a person gave on the other side.
"""

from dataclasses import dataclass, field
from pathlib import Path

from nbformat.v4 import new_output

from labkit.files import write_atomically
from labkit.grading.answer_key import load_answer_keys
from labkit.grading.book.gradebook import answer_of, open_gradebook
from labkit.grading.hashes import identity
from labkit.grading.reports.feedback import explain
from labkit.grading.reports.nbgrader_gradebook import (
    CourseError,
    assignment_of,
    open_course,
    student_id,
)
from labkit.notebooks import pristine
from labkit.notebooks.build import to_text

__all__ = ["CourseError", "Exported", "export", "fetch_marks"]


@dataclass
class Exported:
    """What was written, or would be without `dry_run`."""

    students: list = field(default_factory=list)  #: (student, lab)
    skipped: list = field(default_factory=list)  #: (student, lab, why)


def export(grades, course, *, database=None, dry_run=False, progress=lambda done, total: None):
    """Write what was graded into an nbgrader course.

    This writes points and comments into the course's gradebook, each submission in one transaction,
    and ``autograded/STUDENT/ASSIGNMENT/LAB.ipynb``, the lab with the student's answers. The course
    needs an assignment for each lab, which ``labkit release --nbgrader`` and ``nbgrader
    generate_assignment`` make.

    Args:
        grades: The table that grading wrote; the gradebook lies beside it.
        course: The folder of the course.
        database: The URL of the course's gradebook; by default ``gradebook.db`` in the course.
        dry_run: Whether to write nothing.
        progress: Called as ``progress(done, total)`` with numbers of records.

    Returns:
        An :class:`Exported`.

    Raises:
        CourseError: The course has no assignment for a lab, or one of another version.
        FileNotFoundError: Nothing was graded.
    """
    with open_gradebook(grades) as ours:
        records, marks = ours.records(), ours.marks()
    exported = Exported()
    with open_course(course, database) as theirs:
        places = {}
        for number, record in enumerate(records):
            progress(number, len(records))
            who = record["student"], record["lab"]
            if record["status"] != "graded":
                exported.skipped.append((*who, record["status"]))
                continue
            answer_key = load_answer_keys([record["lab"]])[record["lab"]]
            if answer_key.lab not in places:
                places[answer_key.lab] = assignment_of(theirs, answer_key)
            exported.students.append(who)
            if not dry_run:
                own_marks = marks.get((identity(record["student"]), record["lab"]), {})
                _write_scores(theirs, places[answer_key.lab], answer_key, record, own_marks)
                name = student_id(record["student"])
                target = Path(
                    course, "autograded", name, places[answer_key.lab], f"{answer_key.name}.ipynb"
                )
                write_atomically(target, to_text(_as_graded(answer_key, record)))
        progress(len(records), len(records))
    return exported


def fetch_marks(grades, course, *, database=None, dry_run=False):
    """Store the marks that a person gave in the formgrader in our gradebook.

    A mark that was entered with ``labkit mark`` is kept. The arguments and the errors are those of
    :func:`export`.

    Returns:
        A list of ``(student, item, points)``, the marks that are new or have changed.
    """
    fetched = []
    with open_gradebook(grades) as ours, open_course(course, database) as theirs:
        marks = ours.marks()
        for record in ours.records():
            if record["status"] != "graded":
                continue
            answer_key = load_answer_keys([record["lab"]])[record["lab"]]
            own_marks = marks.get((identity(record["student"]), record["lab"]), {})
            for item, points, comment in _marks_of(theirs, answer_key, record):
                before = own_marks.get(item)
                if before and before["source"] != "nbgrader":
                    continue
                same = ("points", "comment", "answer")
                mark = dict(zip(same, (points, comment, answer_of(record, item)), strict=True))
                if before and all(before[name] == mark[name] for name in same):
                    continue
                fetched.append((record["student"], item, points))
                if not dry_run:
                    ours.mark(record, item, points, comment, source="nbgrader")
    return fetched


def _write_scores(theirs, assignment, answer_key, record, marks):
    """Write the scores of one submission into nbgrader's gradebook, in one transaction."""
    name = student_id(record["student"])
    theirs.update_or_create_student(name)
    theirs.update_or_create_submission(assignment, name)
    submitted = theirs.find_submission_notebook(answer_key.name, assignment, name)
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
    """Write a mark from our gradebook, unless somebody gave one in nbgrader."""
    if mark and grade.manual_score is None:
        grade.manual_score = mark["points"]
        comment.manual_comment = comment.manual_comment or mark["comment"] or None


def _marks_of(theirs, answer_key, record):
    """Return the marks that a person gave in the formgrader, as [(item, points, comment)]."""
    from nbgrader.api import MissingEntry

    try:
        assignment = assignment_of(theirs, answer_key)
        submitted = theirs.find_submission_notebook(
            answer_key.name, assignment, student_id(record["student"])
        )
    except MissingEntry:
        return []
    comments = {one.name: one.manual_comment or "" for one in submitted.comments}
    marks = []
    for grade in submitted.grades:
        if grade.manual_score is not None:
            item = grade.name.removesuffix("-check")
            most = {**answer_key.points, **answer_key.questions}[item]
            points = grade.manual_score + (grade.extra_credit or 0.0)
            marks.append((item, min(max(points, 0.0), float(most)), comments.get(item, "")))
    return sorted(marks)


def _as_graded(answer_key, record):
    """Return the lab with a student's answers, and with each result as the output of its check."""
    from nbgrader.utils import compute_checksum

    answers = {one["id"]: one["source"] for one in record["exercises"] if one["source"] is not None}
    answers |= {one["id"]: one["text"] for one in record["questions"] if one["text"] is not None}
    notebook = pristine.with_answers(answer_key.notebook, answers)
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
