"""Write the reports of a graded class: the table, a page for each student, a page for the class."""

from dataclasses import dataclass
from pathlib import Path

from labkit.files import write_atomically
from labkit.grading.answer_key import load_answer_keys
from labkit.grading.book.gradebook import marks_by_student, open_gradebook
from labkit.grading.book.table import write_csv
from labkit.grading.hashes import identity
from labkit.grading.reports.feedback import feedback_page
from labkit.grading.reports.overview import class_page

__all__ = ["Report", "titles", "write_report"]


@dataclass(frozen=True)
class Report:
    """What was written, or would be."""

    paths: list
    students: int
    waiting: int  #: points of answered questions that nobody has marked


def titles():
    """``{"01": "Convolution as …"}`` of all labs that there are."""
    return {lab: _title(key) for lab, key in load_answer_keys().items()}


def _title(key):
    first = next((cell.source for cell in key.notebook.cells), "").split("\n")[0]
    return first.lstrip("# ").strip()


def write_report(grades, folder, dry_run=False, progress=lambda done, total: None):
    """Write ``grades.csv``, ``class.html`` and ``feedback/STUDENT.html`` into `folder`.

    `grades` is the table that grading wrote; what it holds comes from the gradebook beside it, with
    the marks that were given since. `progress` is called as ``progress(done, total)``. Returns a
    :class:`Report`.

    Raises OSError: there is no gradebook, or `folder` cannot be written.
    """
    folder = Path(folder)
    with open_gradebook(grades) as gradebook:
        made, marks = gradebook.records(), gradebook.marks()
        numbers = marks_by_student(gradebook, made)
    named = titles()
    by_student = {}
    for record in made:
        by_student.setdefault(record["student"], []).append(record)
    paths = [folder / "grades.csv", folder / "class.html"]
    pages = {}
    for number, (student, of_student) in enumerate(by_student.items(), 1):
        progress(number, len(by_student))
        own = identity(student)
        given = {lab: items for (student_id, lab), items in marks.items() if student_id == own}
        pages[folder / "feedback" / f"{own}.html"] = feedback_page(of_student, given, named)
    if not dry_run:
        write_csv(made, paths[0], numbers)
        write_atomically(paths[1], class_page(made, numbers, named))
        for path, content in pages.items():
            write_atomically(path, content)
    waiting = sum(
        question["points"]
        for record in made
        for question in record["questions"]
        if question["text"] is not None
        and question["id"] not in numbers[record["student"], record["lab"]]
    )
    return Report([*paths, *pages], len(by_student), waiting)
