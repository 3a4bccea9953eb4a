"""Write the reports of a class: the table, a page for the class, and one for each student."""

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
    """What was written, or would be without `dry_run`."""

    paths: list
    students: int
    waiting: int  #: points of answered questions that nobody has marked


def titles():
    """Return the title of every lab, as ``{"01": "Convolution as …"}``."""
    return {lab: _title(answer_key) for lab, answer_key in load_answer_keys().items()}


def _title(answer_key):
    first = next((cell.source for cell in answer_key.notebook.cells), "").split("\n")[0]
    return first.lstrip("# ").strip()


def write_report(grades, folder, dry_run=False, progress=lambda done, total: None):
    """Write ``grades.csv``, ``class.html`` and ``feedback/STUDENT.html`` into `folder`.

    Args:
        grades: The table that grading wrote. The records come from the gradebook beside it, with
            the marks that were given since.
        folder: Where to write.
        dry_run: Whether to write nothing.
        progress: Called as ``progress(done, total)`` with numbers of students.

    Returns:
        A :class:`Report`.

    Raises:
        OSError: There is no gradebook, or `folder` cannot be written.
    """
    folder = Path(folder)
    with open_gradebook(grades) as gradebook:
        records, marks = gradebook.records(), gradebook.marks()
        numbers = marks_by_student(gradebook, records)
    lab_titles = titles()
    by_student = {}
    for record in records:
        by_student.setdefault(record["student"], []).append(record)
    paths = [folder / "grades.csv", folder / "class.html"]
    pages = {}
    for number, (student, of_student) in enumerate(by_student.items(), 1):
        progress(number, len(by_student))
        own = identity(student)
        own_marks = {lab: items for (student_id, lab), items in marks.items() if student_id == own}
        pages[folder / "feedback" / f"{own}.html"] = feedback_page(
            of_student, own_marks, lab_titles
        )
    if not dry_run:
        write_csv(records, paths[0], numbers)
        write_atomically(paths[1], class_page(records, numbers, lab_titles))
        for path, content in pages.items():
            write_atomically(path, content)
    waiting = sum(
        question["points"]
        for record in records
        for question in record["questions"]
        if question["text"] is not None
        and question["id"] not in numbers[record["student"], record["lab"]]
    )
    return Report([*paths, *pages], len(by_student), waiting)
