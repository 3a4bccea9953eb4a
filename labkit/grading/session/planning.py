"""What is to be graded: which student handed in which labs, and what cannot be graded at all."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from labkit.grading.answer_key import AnswerKey, load_answer_keys
from labkit.grading.book.schema import Record, Task
from labkit.grading.intake.collect import remarks_on
from labkit.grading.intake.submissions import (
    StudentFolder,
    SubmissionError,
    find_student_folders,
    read_folder,
)
from labkit.grading.session.task_records import refused
from labkit.grading.session.tasks import holds, make_task

__all__ = ["NothingToGrade", "Settings", "answer_keys_for", "plan", "students_in"]


class NothingToGrade(ValueError):
    """The folder holds no student's folder; the text says what was expected and what is there."""


@dataclass(frozen=True)
class Settings:
    """How a class is graded."""

    seed: int  #: decides all hidden inputs
    timeout: float = 30  #: seconds that each answer and each probe may take
    sandbox: bool = True  #: whether answers run in a sandbox


def answer_keys_for(labs: Iterable[str], regrade: Iterable[str] = ()) -> dict[str, AnswerKey]:
    """Return the answer keys of some labs, or of all if `labs` is empty, by number.

    Args:
        labs: Numbers or full names.
        regrade: Ids of exercises; each must be in one of the labs.

    Raises:
        LookupError: There is no such lab or no such exercise.
    """
    answer_keys = load_answer_keys(labs)
    known = {name for answer_key in answer_keys.values() for name in answer_key.points}
    for name in regrade:
        if name not in known:
            raise LookupError(f"no exercise {name!r}: expected one of {', '.join(sorted(known))}")
    return answer_keys


def students_in(folder: Path) -> tuple[list[StudentFolder], list[str]]:
    """Return the students' folders in `folder`, and the names of what else lies there.

    Raises:
        NothingToGrade: There is no student's folder.
        OSError: `folder` cannot be read.
    """
    students, others = find_student_folders(folder)
    others = [name for name in others if name != ".collected"]  # it belongs to labkit collect
    if not students:
        names = ", ".join(others[:5]) + ("…" if len(others) > 5 else "")
        raise NothingToGrade(
            f"no student's folder in {folder}: expected one sub-folder per student, found "
            + (names or "nothing")
        )
    return students, others


def plan(
    students: Iterable[StudentFolder], answer_keys: Mapping[str, AnswerKey], settings: Settings
) -> tuple[list[Task], list[Record]]:
    """Return the tasks of a class, and the records of what cannot be graded.

    A student has one of either for each lab in the folder. A student without any lab has one that
    says so, for the lab that most of the class handed in.
    """
    names = {lab: answer_key.name for lab, answer_key in answer_keys.items()}
    how = asdict(settings)
    tasks, refusals, without_lab = [], [], []
    for student_folder in students:
        student, labs, problem = student_folder.student, [], ""
        remarks = remarks_on(student_folder.path.parent, student)
        try:
            folder = read_folder(student_folder)
            labs = folder.labs(names, lambda lab, notebook: holds(answer_keys[lab], notebook))
        except (SubmissionError, OSError) as error:
            problem = str(error)
        if not labs:
            without_lab.append((student_folder, remarks, problem))
        for lab in labs:
            try:
                task = make_task(student, folder, answer_keys[lab], answer_keys, **how)
                tasks.append(task | {"remarks": remarks + task["remarks"]})
            except SubmissionError as error:
                reasons = [*remarks, str(error)]
                refusals.append(refused(student, answer_keys[lab], reasons, **how))
    usual = _usual_lab(tasks + refusals, answer_keys)
    for student_folder, remarks, problem in without_lab:
        student = student_folder.student
        reason = problem or "no notebook of any lab: name the lab with --lab"
        try:
            if not problem and usual is not None:
                # The folder is read again: kept, a class full of junk would fill the memory.
                task = make_task(student, read_folder(student_folder), usual, answer_keys, **how)
                tasks.append(task | {"remarks": remarks + task["remarks"]})
                continue
        except (SubmissionError, OSError) as error:
            reason = str(error)
        refusals.append(refused(student, usual, [*remarks, reason], **how))
    return tasks, refusals


def _usual_lab(planned, answer_keys):
    """Return the answer key of the lab that most of the class handed in; None if there is none."""
    count = Counter(one["lab"] for one in planned)
    if count:
        return answer_keys[min(count, key=lambda lab: (-count[lab], lab))]
    return next(iter(answer_keys.values())) if len(answer_keys) == 1 else None
