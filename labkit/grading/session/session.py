"""Grade a folder of submissions: a record each, the gradebook from the records, then the table.

A run that was cut off at any point is taken up by the same command: what has a record with the
right key is not graded again, what has none is, and the table in the end is the same bytes.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path

from labkit.grading.answer_key import load_key
from labkit.grading.book import records
from labkit.grading.book.gradebook import Gradebook, marks_by_student, work_folder
from labkit.grading.book.lock import lock
from labkit.grading.book.table import write_csv
from labkit.grading.intake.submissions import SubmissionError, read_folder
from labkit.grading.session.planning import NothingToGrade, Settings, keys_for, plan, students_in
from labkit.grading.session.scheduling import results
from labkit.grading.session.tasks import (
    GRADED,
    MACHINE,
    UNGRADED,
    grade_task,
    make_task,
    refused,
)

__all__ = [
    "GRADED",
    "MACHINE",
    "UNGRADED",
    "NothingToGrade",
    "Outcome",
    "Settings",
    "grade_folder",
    "grade_submission",
    "load_key",
    "plan",
    "preview",
]


@dataclass(frozen=True)
class Outcome:
    """A finished run."""

    records: list
    seed: int
    ignored: list  #: names in the folder that are no student's folder
    reused: int  #: how many had been graded by an earlier run


def grade_folder(
    folder,
    out,
    *,
    labs=(),
    seed=None,
    timeout=30,
    sandbox=True,
    jobs=1,
    scheduler=None,
    regrade=(),
    progress=lambda done, total: None,
):
    """Grade every student's folder in `folder` and write the table to `out`.

    Records and gradebook go to ``<out>.records/``. `labs` are the labs that count (none: all that
    labkit has). `seed` decides all hidden inputs; None takes that of an earlier run, else draws
    one. `jobs` are graded at a time, or with `scheduler` (an address) on a Dask cluster. Of the
    exercises in `regrade` the marks are made again, all others stay. `progress` is called as
    ``progress(done, total)``. Returns an :class:`Outcome`.

    Raises OSError when `folder` cannot be read or `out` not written, LookupError when there is no
    such lab or exercise, :class:`NothingToGrade` when there is no student's folder,
    :class:`~labkit.grading.book.lock.Busy`,
    :class:`~labkit.grading.session.scheduling.ClusterError`.
    """
    keys = keys_for(labs, regrade)
    submissions, ignored = students_in(folder)
    work = work_folder(out)
    work.mkdir(parents=True, exist_ok=True)
    with lock(work / "lock"), Gradebook(work / "gradebook.db") as gradebook:
        records.sweep(work)
        records.sweep(Path(out).parent)
        seed = gradebook.get("seed", secrets.randbelow(2**32)) if seed is None else seed
        gradebook.put("seed", seed)
        settings = Settings(seed, timeout, sandbox)
        tasks, refusals = plan(submissions, keys, settings)
        gradebook.expect([(one["student"], one["lab"]) for one in tasks + refusals], keys)
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
        made = gradebook.records()
        write_csv(made, out, marks_by_student(gradebook, made))
    return Outcome(made, seed, ignored, reused)


def preview(folder, out, *, labs=(), seed=None, timeout=30, sandbox=True, regrade=()):
    """What :func:`grade_folder` would do: ``[(student, lab, what)]``. Writes nothing.

    Raises what it raises.
    """
    keys = keys_for(labs, regrade)
    submissions, _ = students_in(folder)
    work = work_folder(out)
    stored, known = {}, {}
    if (work / "gradebook.db").exists():
        with Gradebook(work / "gradebook.db") as gradebook:
            seed = gradebook.get("seed") if seed is None else seed
            stored = gradebook.keys()
            known = {(one["student"], one["lab"]): one for one in gradebook.records()}
    tasks, refusals = plan(submissions, keys, Settings(seed or 0, timeout, sandbox))
    rows = [(one["student"], one["lab"], one["remarks"][-1]) for one in refusals]
    for task in tasks:
        who = task["student"], task["lab"]
        what = "grade"
        if regrade and known.get(who, {}).get("content") == task["content"]:
            has = {one["id"] for one in known[who]["exercises"]}
            what = f"grade again: {', '.join(sorted(has.intersection(regrade))) or 'nothing'}"
        elif stored.get(who) == task["key"] and seed is not None:
            what = "graded already"
        rows.append((*who, what))
    return sorted(rows)


def grade_submission(submission, key, *, seed, timeout, sandbox=True):
    """The record of one :class:`~labkit.grading.intake.submissions.Submission` of the lab of `key`.

    A dict that is plain JSON. "status" is "graded"; "not graded", when there is nothing to grade;
    or "machine error", when the grader failed and the submission should be graded again.
    """
    given = {"seed": seed, "timeout": timeout, "sandbox": sandbox}
    try:
        folder = read_folder(submission)
        return grade_task(make_task(submission.student, folder, key, {key.lab: key}, **given))
    except (SubmissionError, OSError) as problem:
        return refused(submission.student, key, [str(problem)], **given)


def _pending(tasks, refusals, gradebook, work, regrade):
    """The tasks that are still to be done, and how many were done before.

    What has a record, or is refused, is brought into the gradebook here.
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
    """`tasks` as those that keep all marks but those of `regrade`; done ones of this run left out.

    Whoever handed in something else since, or was never graded, is graded wholly.
    """
    job = gradebook.get("regrade")
    if not job or job["exercises"] != regrade:
        job = {"exercises": regrade, "id": secrets.token_hex(8)}
        gradebook.put("regrade", job)
    before = {(record["student"], record["lab"]): record for record in gradebook.records()}
    pending = []
    for task in tasks:
        record = before.get((task["student"], task["lab"]), {})
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
    """First the record, then the gradebook: each whole, or not at all."""
    name = records.file_name(record["student"], record["lab"], record["key"])
    records.write_record(work / name, record)
    gradebook.store(record)
