"""Grade a folder of submissions: one record each, the gradebook from the records, then the table.

A run that was cut off at any point is continued by the same command: what has a record with the
right key is not graded again, what has none is graded, and the table is the same in the end, byte
for byte.
"""

import secrets
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from pathlib import Path

from labkit.grading.answer_key import AnswerKey
from labkit.grading.book import records
from labkit.grading.book.gradebook import Gradebook, marks_by_student, work_folder
from labkit.grading.book.lock import lock
from labkit.grading.book.schema import GRADED, MACHINE, Record
from labkit.grading.book.table import write_csv
from labkit.grading.intake.submissions import StudentFolder, SubmissionError, read_folder
from labkit.grading.session.planning import (
    NothingToGrade,
    Settings,
    answer_keys_for,
    plan,
    students_in,
)
from labkit.grading.session.scheduling import results
from labkit.grading.session.task_records import grade_task, refused
from labkit.grading.session.tasks import make_task

__all__ = [
    "GRADED",
    "NothingToGrade",
    "RunSummary",
    "Settings",
    "grade_folder",
    "grade_submission",
    "plan",
    "preview",
]


@dataclass(frozen=True)
class RunSummary:
    """What came of a run that has finished."""

    records: list[Record]  #: by student and lab
    seed: int  #: the class's seed, which decides all hidden inputs
    ignored: list[str]  #: names in the folder that are not students' folders
    reused: int  #: how many submissions an earlier run had graded


def grade_folder(
    folder: Path,
    out: Path,
    *,
    labs: Collection[str] = (),
    seed: int | None = None,
    timeout: float = 30,
    sandbox: bool = True,
    jobs: int = 1,
    scheduler: str | None = None,
    regrade: Collection[str] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> RunSummary:
    """Grade every student's folder in `folder` and write the table to `out`.

    Records and gradebook go to ``<out>.records/``.

    Args:
        folder: It holds one folder for each student.
        out: The CSV file to write.
        labs: Numbers or names of the labs that count; if there are none, all that labkit has.
        seed: Decides all hidden inputs. None takes the seed of an earlier run, or else draws one.
        timeout: Seconds that each answer and each probe may take.
        sandbox: Whether answers run in a sandbox; without one they run with the grader's rights.
        jobs: How many submissions are graded at a time on this machine.
        scheduler: The address of a Dask scheduler, to grade on its cluster instead.
        regrade: Ids of exercises. If there are any, only these are graded again; all other points
            stay.
        progress: Called as ``progress(done, total)``, in submissions.

    Raises:
        OSError: `folder` cannot be read, `out` cannot be written, or a record of another lab in
            the gradebook cannot be used.
        LookupError: There is no such lab or exercise.
        NothingToGrade: There is no student's folder.
        Busy: Another process (:mod:`labkit.grading.book.lock`) is grading into the same folder.
        ClusterError: There is no cluster (:mod:`labkit.grading.session.scheduling`).
    """
    answer_keys = answer_keys_for(labs, regrade)
    students, ignored = students_in(folder)
    work = work_folder(out)
    work.mkdir(parents=True, exist_ok=True)
    with lock(work / "lock"), Gradebook(work / "gradebook.db") as gradebook:
        records.sweep(work)
        records.sweep(Path(out).parent)
        seed = gradebook.get("seed", secrets.randbelow(2**32)) if seed is None else seed
        gradebook.put("seed", seed)
        tasks, refusals = plan(students, answer_keys, Settings(seed, timeout, sandbox))
        gradebook.expect([(one["student"], one["lab"]) for one in tasks + refusals], answer_keys)
        total = len(tasks) + len(refusals)
        progress(0, total)
        pending, reused = _pending(tasks, refusals, gradebook, work, regrade)
        done = total - len(pending)
        progress(done, total)
        for task, record in results(pending, jobs=jobs, scheduler=scheduler):
            if "regrade" in task:
                record["regrade"] = task["regrade"]
            _keep(record, gradebook, work)
            done += 1
            progress(done, total)
        gradebook.put("regrade", None)
        graded = gradebook.records()
        write_csv(graded, out, marks_by_student(gradebook, graded))
    return RunSummary(graded, seed, ignored, reused)


def preview(
    folder: Path,
    out: Path,
    *,
    labs: Collection[str] = (),
    seed: int | None = None,
    timeout: float = 30,
    sandbox: bool = True,
    regrade: Collection[str] = (),
) -> list[tuple[str, str, str]]:
    """Say what :func:`grade_folder` would do, as ``[(student, lab, what)]``. Writes nothing.

    Arguments and errors are those of :func:`grade_folder`.
    """
    answer_keys = answer_keys_for(labs, regrade)
    students, _ = students_in(folder)
    work = work_folder(out)
    stored, earlier = {}, {}
    if (work / "gradebook.db").exists():
        with Gradebook(work / "gradebook.db") as gradebook:
            seed = gradebook.get("seed") if seed is None else seed
            stored, earlier = gradebook.keys(), _earlier(gradebook)
    tasks, refusals = plan(students, answer_keys, Settings(seed or 0, timeout, sandbox))
    rows = [(one["student"], one["lab"], one["remarks"][-1]) for one in refusals]
    for task in tasks:
        submission = task["student"], task["lab"]
        what = "grade"
        if regrade and earlier.get(submission, {}).get("content") == task["content"]:
            names = {one["id"] for one in earlier[submission]["exercises"]}
            what = f"grade again: {', '.join(sorted(names.intersection(regrade))) or 'nothing'}"
        elif stored.get(submission) == task["key"] and seed is not None:
            what = "graded already"
        rows.append((*submission, what))
    return sorted(rows)


def grade_submission(
    student_folder: StudentFolder,
    answer_key: AnswerKey,
    *,
    seed: int,
    timeout: float,
    sandbox: bool = True,
) -> Record:
    """Grade what one student handed in for one lab, and return the record.

    Args:
        student_folder: All that the student handed in.
        answer_key: That of the lab.
        seed: Decides the hidden inputs.
        timeout: Seconds that each answer and each probe may take.
        sandbox: Whether the answers run in a sandbox.
    """
    how = asdict(Settings(seed, timeout, sandbox))
    try:
        folder = read_folder(student_folder)
        answer_keys = {answer_key.lab: answer_key}
        return grade_task(make_task(student_folder.student, folder, answer_key, answer_keys, **how))
    except (SubmissionError, OSError) as problem:
        return refused(student_folder.student, answer_key, [str(problem)], **how)


def _earlier(gradebook):
    """Return the records of earlier runs, as far as they can be used, by student and lab."""
    stored = gradebook.records(skip_unusable=True)
    return {(record["student"], record["lab"]): record for record in stored}


def _pending(tasks, refusals, gradebook, work, regrade):
    """Return the tasks that are still to be done, and how many were done before.

    What has a record, or was refused, is brought into the gradebook here.
    """
    stored = gradebook.keys()
    for record in refusals:
        if stored.get((record["student"], record["lab"])) != record["key"]:
            _keep(record, gradebook, work)
    if regrade:
        return _to_regrade(tasks, gradebook, sorted(regrade)), 0
    pending = []
    for task in tasks:
        if stored.get((task["student"], task["lab"])) == task["key"]:
            continue
        record = records.find_record(work, task["student"], task["lab"], task["key"])
        if record is None or record["status"] == MACHINE:
            pending.append(task)
        else:
            gradebook.store(record)
    return pending, len(tasks) - len(pending)


def _to_regrade(tasks, gradebook, regrade):
    """Return the tasks that grade the exercises in `regrade` and keep all other points.

    Tasks that this --regrade run has done before it was cut off are left out. Whoever has handed
    in something else since, or was never graded, is graded wholly.
    """
    job = gradebook.get("regrade")
    if not job or job["exercises"] != regrade:
        job = {"exercises": regrade, "id": secrets.token_hex(8)}
        gradebook.put("regrade", job)
    earlier = _earlier(gradebook)
    pending = []
    for task in tasks:
        record = earlier.get((task["student"], task["lab"]), {})
        task = task | {"regrade": job["id"]}
        if record.get("regrade") == job["id"] and record["status"] == GRADED:
            continue
        if record.get("status") == GRADED and record["content"] == task["content"]:
            kept = [one for one in record["exercises"] if one["id"] not in regrade]
            if len(kept) == len(record["exercises"]):
                continue  # another lab, which has none of these exercises
            task |= {"only": regrade, "kept": kept}
        pending.append(task)
    return pending


def _keep(record, gradebook, work):
    """Store the record as a file first, then in the gradebook; each whole, or not at all."""
    name = records.file_name(record["student"], record["lab"], record["key"])
    records.write_record(work / name, record)
    gradebook.store(record)
