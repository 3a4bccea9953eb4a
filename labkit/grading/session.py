"""Grade a folder of submissions: one record each, then the table of grades from the records."""

import platform
import secrets
import traceback
from dataclasses import dataclass, replace
from pathlib import Path

import labkit
from labkit.grading import gradebook, records
from labkit.grading.engine import MachineError, run_answers
from labkit.grading.submissions import SubmissionError, choose_notebook, find_submissions
from labkit.notebooks import pristine

__all__ = [
    "GRADED",
    "Key",
    "NothingToGrade",
    "Outcome",
    "grade_folder",
    "grade_submission",
    "key_of",
    "load_key",
]

SCHEMA = 1
GRADED, UNGRADED, MACHINE = "graded", "not graded", "machine error"


class NothingToGrade(ValueError):
    """The folder holds no student's folder; the text says what was expected and what is there."""


@dataclass(frozen=True)
class Key:
    """What a lab's submissions are held against."""

    lab: str  #: "01"
    name: str  #: "01_convolution_as_matrix"
    notebook: object  #: the student notebook as it ships
    points: dict  #: exercise id -> points, in the lab's order
    questions: dict  #: question id -> points, marked by a person
    stubs: dict  #: exercise or question id -> what stands there unanswered


@dataclass(frozen=True)
class Outcome:
    """A finished run."""

    records: list
    seed: int
    ignored: list  #: names in the folder that are no student's folder


def load_key(lab):
    """The :class:`Key` of a lab, by "01" or full name. Raises LookupError: no such lab."""
    return key_of(pristine.load(lab))


def key_of(notebook):
    """The :class:`Key` that a student notebook, as it ships, gives."""
    points, questions, stubs = {}, {}, {}
    for cell in notebook.cells:
        ours = cell.metadata["labkit"]
        if ours["role"] == "check":
            points[ours["exercise"]] = cell.metadata["nbgrader"]["points"]
        elif ours["role"] == "question":
            questions[cell.id] = cell.metadata["nbgrader"]["points"]
        if ours["role"] in ("answer", "question"):
            stubs[cell.id] = cell.source
    own = notebook.metadata["labkit"]
    return Key(own["lab"], own["name"], notebook, points, questions, stubs)


def grade_folder(folder, out, key, *, seed=None, timeout=30, progress=lambda done, total: None):
    """Grade every student's folder in `folder` and write the table to `out`.

    Records go to ``<out>.records/``, one JSON file per student, before the table is made from them.
    `seed` (drawn if None) decides all hidden inputs: the same seed, submissions and labkit give the
    same bytes in `out`. `timeout` is in seconds, for each answer and each probe. `progress` is
    called as ``progress(done, total)``. Returns an :class:`Outcome`.

    Raises OSError when `folder` cannot be read or `out` not written, :class:`NothingToGrade` when
    there is no student's folder.
    """
    seed = secrets.randbelow(2**32) if seed is None else seed
    submissions, ignored = find_submissions(folder)
    if not submissions:
        raise NothingToGrade(
            f"no student's folder in {folder}: expected one sub-folder per student, found "
            + (", ".join(ignored[:5]) + ("…" if len(ignored) > 5 else "") or "nothing")
        )
    work = Path(f"{out}.records")
    work.mkdir(parents=True, exist_ok=True)
    paths = []
    for done, submission in enumerate(submissions):
        progress(done, len(submissions))
        try:
            record = grade_submission(submission, key, seed=seed, timeout=timeout)
        except Exception as error:  # a fault of the grader's own: it must not cost the others
            text = f"the grader failed: {type(error).__name__}: {error}"
            record = _empty_record(submission, key, seed, timeout)
            record |= {"status": MACHINE, "remarks": [text], "log": traceback.format_exc()}
        paths.append(work / records.file_name(submission.student))
        records.write_record(paths[-1], record)
    progress(len(submissions), len(submissions))
    made = [records.read_record(path) for path in paths]
    gradebook.write_csv(made, out)
    return Outcome(made, seed, ignored)


def grade_submission(submission, key, *, seed, timeout):
    """The record of one submission: a dict that is plain JSON.

    "status" is "graded"; "not graded", when the submission holds nothing to grade; or "machine
    error", when the grader failed and the submission should be graded again.
    """
    record = _empty_record(submission, key, seed, timeout)
    try:
        path, notebook, remarks = choose_notebook(submission, key.lab, key.name)
        found = _take_apart(notebook, key)
    except (SubmissionError, OSError) as problem:
        return record | {"remarks": [str(problem)]}
    answered = [name for name in key.points if _is_answered(name, found.answers, key)]
    record |= {
        "notebook": path,
        "remarks": remarks + [f"{problem.id}: {problem.text}" for problem in found.problems],
        "fingerprint": records.fingerprint(found.answers, key.notebook, seed, timeout),
        "questions": [
            {"id": name, "points": points, "text": found.questions[name]}
            for name, points in key.questions.items()
            if _is_answered(name, found.questions, key)
        ],
    }
    record["by_hand"] = sum(question["points"] for question in record["questions"])
    seeds = {name: _seed(seed, submission.student, key.lab, name) for name in answered}
    trouble = None
    try:
        done = run_answers(key.notebook, found.answers, seeds, timeout) if seeds else {}
    except MachineError as error:
        trouble, done = error, error.done
    record["exercises"] = [_exercise(name, found, key, done, seeds) for name in key.points]
    record["remarks"] += [
        f"{entry['id']}: {entry['remark']}" for entry in record["exercises"] if entry["remark"]
    ]
    if trouble:
        record["remarks"].append(str(trouble))
        return record | {"status": MACHINE, "log": trouble.log}
    record["total"] = round(sum(entry["earned"] for entry in record["exercises"]), 2)
    return record | {"status": GRADED}


def _empty_record(submission, key, seed, timeout):
    return {
        "schema": SCHEMA,
        "student": submission.student,
        "lab": key.lab,
        "status": UNGRADED,
        "total": None,
        "out_of": sum(key.points.values()),
        "by_hand": None,
        "remarks": [],
        "notebook": None,
        "exercises": [],
        "questions": [],
        "seed": seed,
        "timeout": timeout,
        "sandbox": False,
        "grader": {"labkit": labkit.__version__, "python": platform.python_version()},
    }


def _take_apart(notebook, key):
    """The student's answers, however the notebook is made up."""
    try:
        found = pristine.inspect(notebook, key.notebook)
        return replace(found, answers=_text(found.answers), questions=_text(found.questions))
    except Exception as error:  # whatever a made-up notebook can provoke, it costs this one alone
        text = f"the notebook's cells cannot be read: {type(error).__name__}: {error}"
        raise SubmissionError(text[:500]) from error


def _text(sources):
    """`sources` with what cannot be written as UTF-8 (lone surrogates) as question marks."""
    return {name: text.encode("utf-8", "replace").decode() for name, text in sources.items()}


def _is_answered(name, written, key):
    return name in written and written[name].strip() not in ("", key.stubs[name].strip())


def _seed(seed, student, lab, exercise):
    """The seed of one exercise's hidden inputs: each student has another, in every run the same."""
    return int(records.fingerprint(seed, student, lab, exercise)[:8], 16)


def _exercise(name, found, key, done, seeds):
    """What the record says about one exercise.

    `earned` is None where the grader could not tell, which is not the same as 0.
    """
    entry = {
        "id": name,
        "points": key.points[name],
        "earned": 0,
        "status": "missing",
        "remark": "",
        "source": found.answers.get(name),
    }
    if name not in found.answers:
        return entry  # inspect() has remarked on it
    if name not in seeds:
        return entry | {"status": "unanswered"}
    seen = {"seed": seeds[name], **done.get(name, {})}
    entry |= {"remark": _remark(seen), **seen}
    if "score" not in seen:
        return entry | {"earned": None, "status": "not judged"}
    earned = round(key.points[name] * seen["score"], 2)
    if seen["shortcuts"]:
        text = f"uses {', '.join(seen['shortcuts'])}, which this exercise is about"
        return entry | {"status": "shortcut", "remark": text}
    return entry | {"earned": earned}


def _remark(seen):
    """What the table says about an exercise that is not right: short; the record has the rest."""
    if seen.get("score") == 1:
        return ""
    if "total" not in seen:
        return seen.get("text", "")
    return ", ".join(part for part in (seen["status"], seen["detail"], seen["mistake"]) if part)
