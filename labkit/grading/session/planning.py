"""What is to be graded: which student handed in which labs, and what cannot be graded at all."""

from collections import Counter
from dataclasses import dataclass

from labkit.grading.answer_key import load_keys
from labkit.grading.intake.collect import remarks
from labkit.grading.intake.submissions import SubmissionError, find_submissions, read_folder
from labkit.grading.session.tasks import holds, make_task, refused

__all__ = ["NothingToGrade", "Settings", "keys_for", "plan", "students_in"]


class NothingToGrade(ValueError):
    """The folder holds no student's folder; the text says what was expected and what is there."""


@dataclass(frozen=True)
class Settings:
    """How a class is graded."""

    seed: int  #: decides all hidden inputs
    timeout: float = 30  #: seconds, for each answer and each probe
    sandbox: bool = True


def keys_for(labs, regrade=()):
    """The keys of `labs`; LookupError: no such lab, or an exercise of `regrade` is in none."""
    keys = load_keys(labs)
    known = {name for key in keys.values() for name in key.points}
    for name in regrade:
        if name not in known:
            raise LookupError(f"no exercise {name!r}: expected one of {', '.join(sorted(known))}")
    return keys


def students_in(folder):
    """The students' folders in `folder`, and names of what else lies there; or NothingToGrade."""
    submissions, ignored = find_submissions(folder)
    ignored = [name for name in ignored if name != ".collected"]  # labkit collect's own
    if not submissions:
        raise NothingToGrade(
            f"no student's folder in {folder}: expected one sub-folder per student, found "
            + (", ".join(ignored[:5]) + ("…" if len(ignored) > 5 else "") or "nothing")
        )
    return submissions, ignored


def plan(submissions, keys, settings):
    """What is to be graded, as tasks, and the records of what cannot be.

    A student has a row for each lab in the folder; with none, one that says so, for the lab that
    most of the class handed in.
    """
    names = {lab: key.name for lab, key in keys.items()}
    given = {
        "seed": settings.seed,
        "timeout": settings.timeout,
        "sandbox": settings.sandbox,
    }
    tasks, refusals, without = [], [], []
    for submission in submissions:
        student, labs, problem = submission.student, [], ""
        said = remarks(submission.folder.parent, student)
        try:
            folder = read_folder(submission)
            labs = folder.labs(names, lambda lab, notebook: holds(keys[lab], notebook))
        except (SubmissionError, OSError) as error:
            problem = str(error)
        if not labs:
            without.append((submission, said, problem))
        for lab in labs:
            try:
                task = make_task(student, folder, keys[lab], keys, **given)
                tasks.append(task | {"remarks": said + task["remarks"]})
            except SubmissionError as error:
                refusals.append(refused(student, keys[lab], [*said, str(error)], **given))
    count = Counter(one["lab"] for one in tasks + refusals)
    usual = min(count, key=lambda lab: (-count[lab], lab)) if count else None
    usual = keys.get(usual) or (next(iter(keys.values())) if len(keys) == 1 else None)
    for submission, said, problem in without:
        student, reason = submission.student, problem
        reason = reason or "no notebook of any lab: name the lab with --lab"
        try:
            if not problem and usual is not None:
                # read again: kept, what a class of junk holds would fill the memory
                task = make_task(student, read_folder(submission), usual, keys, **given)
                tasks.append(task | {"remarks": said + task["remarks"]})
                continue
        except (SubmissionError, OSError) as error:
            reason = str(error)
        refusals.append(refused(student, usual, [*said, reason], **given))
    return tasks, refusals
