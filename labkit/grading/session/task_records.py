"""From a task to its record: the answers are run, and the record says what came of them."""

import platform
import re
import traceback

import labkit
from labkit.grading.answer_key import AnswerKey, load_answer_key
from labkit.grading.book.schema import GRADED, MACHINE, SCHEMA, UNGRADED, Record, Task
from labkit.grading.hashes import fingerprint
from labkit.grading.intake.extras import with_extras
from labkit.grading.running.engine import MachineError, run_answers
from labkit.grading.session import fingerprints
from labkit.notebooks import pristine

__all__ = ["failed", "grade_task", "refused"]


def grade_task(task: Task) -> Record:
    """Grade one task. Never raises: a failure of the grader's own is a record that says so."""
    try:
        answer_key = load_answer_key(task["lab"])
        for name, here, what in (
            ("grader", fingerprints.grader(answer_key.lab), "labkit"),
            ("installation", fingerprints.installation(), "set of installed packages"),
            ("lab_fingerprint", fingerprints.lab(answer_key), "lab notebook"),
        ):
            if task[name] != here:
                raise MachineError(
                    f"worker {platform.node()} has another {what} than the machine that asks it "
                    "to grade: install the same versions there",
                    {},
                    "",
                )
        return _grade(task, answer_key)
    except MachineError as error:
        return failed(task, str(error), error.log)
    except Exception as error:  # a fault of the grader's own must not stop the class
        text = f"the grader failed: {type(error).__name__}: {error}"
        return failed(task, text, traceback.format_exc())


def refused(
    student: str,
    answer_key: AnswerKey | None,
    reasons: list[str],
    *,
    seed: int,
    timeout: float,
    sandbox: bool,
) -> Record:
    """Return the record of a submission that holds nothing to grade.

    Args:
        student: The name of the student's folder.
        answer_key: That of the lab; None if nothing says which lab it is.
        reasons: Sentences for the instructor; the last says why nothing can be graded.
        seed: The class's seed.
        timeout: Seconds that each answer and each probe may take.
        sandbox: Whether answers run in a sandbox.
    """
    lab = answer_key.lab if answer_key else ""
    about = {"student": student, "lab": lab, "seed": seed, "timeout": timeout, "sandbox": sandbox}
    record = _empty_record(about, answer_key.out_of if answer_key else None)
    grader = fingerprints.grader(lab)
    key = fingerprint(student, lab, reasons, seed, timeout, sandbox, grader)
    return record | {"key": key, "remarks": reasons}


def failed(task: Task, reason: str, log: str = "") -> Record:
    """Return the record of a task that could not be graded for a reason of the machine's.

    Args:
        task: The task.
        reason: A sentence for the instructor.
        log: The end of the grader's output.
    """
    record = _empty_record(task, None) | {"key": task["key"], "content": task["content"]}
    return record | {
        "status": MACHINE,
        "notebook": task["path"],
        "remarks": [*task["remarks"], reason],
        "log": log,
    }


def _empty_record(task, out_of):
    """Return a record of nothing yet; "key" is still to be filled in."""
    return {
        "schema": SCHEMA,
        "key": "",
        "student": task["student"],
        "lab": task["lab"],
        "status": UNGRADED,
        "total": None,
        "out_of": out_of,
        "by_hand": None,
        "remarks": [],
        "notebook": None,
        "exercises": [],
        "questions": [],
        "seed": task["seed"],
        "timeout": task["timeout"],
        "sandbox": task["sandbox"],
        "grader": {
            "labkit": labkit.__version__,
            "python": platform.python_version(),
            "fingerprint": fingerprints.grader(task["lab"]),
            "installation": fingerprints.installation(),
        },
        "measured": {},
    }


def _grade(task, answer_key):
    record = _empty_record(task, answer_key.out_of)
    record |= {name: task[name] for name in ("key", "content")} | {"notebook": task["path"]}
    answers = task["answers"]
    answered = {
        name: answers[name] for name in answer_key.points if answer_key.is_answered(name, answers)
    }
    to_run = [name for name in answered if task["only"] is None or name in task["only"]]
    seeds = {name: _seed(task, name) for name in to_run}
    for name, points in answer_key.questions.items():
        is_answered = answer_key.is_answered(name, task["questions"])
        text = task["questions"][name] if is_answered else None
        record["questions"].append({"id": name, "points": points, "text": text})
    record["by_hand"] = sum(one["points"] for one in record["questions"] if one["text"] is not None)
    extras = [pristine.Stranger(*extra) for extra in task["extras"]]
    notebook = with_extras(answer_key.notebook, answered, extras)
    failure = None
    try:
        results = _run(notebook, answers, seeds, task) if seeds else {}
    except MachineError as error:
        failure, results = error, error.done
    kept = {one["id"]: one for one in task["kept"]}
    for name in answer_key.points:
        result = kept.get(name)
        if result is None:
            result, seconds = _exercise(name, answers, answer_key, results, seeds)
            record["measured"].update({name: seconds} if seconds else {})
        record["exercises"].append(result)
    record["remarks"] = task["remarks"] + [
        f"{result['id']}: {result['remark']}" for result in record["exercises"] if result["remark"]
    ]
    if failure:
        record["remarks"].append(str(failure))
        return record | {"status": MACHINE, "log": failure.log}
    record["total"] = round(sum(result["earned"] for result in record["exercises"]), 2)
    return record | {"status": GRADED}


def _run(notebook, answers, seeds, task):
    return run_answers(notebook, answers, seeds, task["timeout"], sandbox=task["sandbox"])


def _seed(task, exercise):
    """Return the seed of one exercise: different for each student, the same in every run."""
    parts = task["seed"], task["student"], task["lab"], exercise
    return int(fingerprint(*parts)[:8], 16)


def _exercise(name, answers, answer_key, results, seeds):
    """Return the result of one exercise, and the seconds it took ({} if it did not run).

    Args:
        name: The exercise's id.
        answers: Exercise id -> text.
        answer_key: That of the lab.
        results: Exercise id -> what the run reported, of those that it came to.
        seeds: Exercise id -> seed, of those that were to run.
    """
    result = {
        "id": name,
        "points": answer_key.points[name],
        "earned": 0,
        "status": "missing",
        "remark": "",
        "source": answers.get(name),
    }
    if name not in answers:
        return result, {}  # pristine.inspect has made a remark about it
    if name not in seeds:
        return result | {"status": "unanswered"}, {}
    report = {"seed": seeds[name], **results.get(name, {})}
    # What differs from run to run is kept apart from what is always the same.
    cell = dict(report.get("cell", {}))
    if "error" in cell:
        cell["error"] = _steady(cell["error"])
    seconds = {"cell": cell.pop("seconds", None), "probe": report.pop("probe_seconds", None)}
    seconds = {what: value for what, value in seconds.items() if value is not None}
    if cell:
        report["cell"] = cell
    result |= {"remark": _remark(report), **report}
    if "score" not in report:
        return result | {"earned": None, "status": "not judged"}, seconds
    if report["shortcuts"]:
        text = f"uses {', '.join(report['shortcuts'])}, which this exercise is about"
        return result | {"status": "shortcut", "remark": text}, seconds
    return result | {"earned": round(answer_key.points[name] * report["score"], 2)}, seconds


def _remark(report):
    """Return what the table says about an exercise that is not right; the record has the rest."""
    if report.get("score") == 1:
        return ""
    if "total" not in report:
        return _steady(report.get("text", ""))
    parts = report["status"], report["detail"], report["mistake"]
    return ", ".join(part for part in parts if part)


def _steady(text):
    """Remove what differs from run to run: addresses, and folders that are made for one run."""
    return re.sub(r"\b0x[0-9a-fA-F]{6,16}\b|(?<=/)labkit-[a-z]+-[\w-]+", "…", text)
