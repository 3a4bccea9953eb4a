"""One submission as plain data: taken apart here, graded anywhere, and the record that results.

A task is JSON and holds all that grading needs, so it can be handed to another process or machine.
What a task is keyed by (its text, the lab, the environment, the grader, the seed) decides its
record: a record with the same key need not be made again.
"""

import platform
import re
import traceback
from dataclasses import replace

import labkit
from labkit.grading.answer_key import load_key
from labkit.grading.hashes import fingerprint
from labkit.grading.intake.extras import adopt, with_extras
from labkit.grading.intake.reading import MAX_PROSE
from labkit.grading.intake.submissions import SubmissionError, choose_notebook
from labkit.grading.running.engine import MachineError, run_answers
from labkit.grading.session.fingerprints import environment, grader, lab_key
from labkit.notebooks import pristine

__all__ = [
    "GRADED",
    "MACHINE",
    "UNGRADED",
    "failed",
    "grade_task",
    "holds",
    "make_task",
    "refused",
]

SCHEMA = 2
GRADED, UNGRADED, MACHINE = "graded", "not graded", "machine error"


def holds(key, notebook):
    """Whether a notebook, whatever it says of itself, holds answers to a lab, or most of its text.

    What was converted to another format and back has often lost its ids; only then its text counts.
    """
    try:
        if pristine.inspect(notebook, key.notebook).answers:
            return True
        if any(cell["metadata"] for cell in notebook["cells"]):  # ids of another lab, then
            return False
        shipped = {cell.source.strip() for cell in key.notebook.cells}
        shown = {cell["source"].strip() for cell in notebook["cells"]}
        return 2 * len(shipped & shown) > len(shipped)
    except Exception:  # whatever a made-up notebook can provoke: it is no lab then
        return False


def make_task(student, folder, key, keys, *, seed, timeout, sandbox):
    """What is to be graded of a student's :class:`~labkit.grading.intake.submissions.Folder`: plain
    JSON.

    Raises :class:`~labkit.grading.intake.submissions.SubmissionError`.
    """
    path, notebook, remarks = choose_notebook(
        folder,
        key.lab,
        key.name,
        lambda lab, notebook: holds(keys[lab], notebook),
        lambda notebook: _answered(key, notebook),
    )
    found, extras = _take_apart(notebook, key)
    task = {
        "student": student,
        "lab": key.lab,
        "seed": seed,
        "timeout": timeout,
        "sandbox": sandbox,
        "answers": found.answers,
        "questions": found.questions,
        "extras": [[extra.anchor, extra.number, extra.source] for extra in extras],
        "grader": grader(key.lab),
        "environment": environment(),
        "lab_key": lab_key(key),
        "only": None,
        "kept": [],
    }
    return task | {
        "key": fingerprint(task),
        "content": fingerprint(found.answers, found.questions, task["extras"]),
        # neither decides a mark
        "path": path,
        "remarks": remarks + [f"{problem.id}: {problem.text}" for problem in found.problems],
    }


def _answered(key, notebook):
    """How many of a lab's exercises and questions are answered in a notebook."""
    try:
        found, _ = _take_apart(notebook, key)
    except SubmissionError:
        return 0
    written = found.answers | found.questions
    return sum(key.is_answered(name, written) for name in (*key.points, *key.questions))


def _take_apart(notebook, key):
    """The student's answers and added cells, however the notebook is made up."""
    try:
        found = pristine.inspect(notebook, key.notebook)
        extras = pristine.strangers(notebook, key.notebook)
        found, extras = adopt(found, extras, key.notebook)
    except Exception as error:  # whatever a made-up notebook can provoke, it costs this one alone
        text = f"the notebook's cells cannot be read: {type(error).__name__}: {error}"
        raise SubmissionError(text[:500]) from error
    if not (found.answers or found.questions):
        raise SubmissionError(f"the notebook has none of the cells of lab {key.lab}")
    questions = {name: text[:MAX_PROSE] for name, text in _texts(found.questions).items()}
    found = replace(found, answers=_texts(found.answers), questions=questions)
    return found, [replace(extra, source=_text(extra.source)) for extra in extras]


def _texts(sources):
    return {name: _text(text) for name, text in sources.items()}


def _text(text):
    """`text` with what cannot be written as UTF-8 (lone surrogates) as question marks."""
    return text.encode("utf-8", "replace").decode()


def grade_task(task):
    """The record of a task: a dict that is plain JSON. Never raises.

    "status" is "graded" or "machine error", when the grader failed and has to try again.
    """
    try:
        key = load_key(task["lab"])
        for name, here in (
            ("grader", grader(key.lab)),
            ("environment", environment()),
            ("lab_key", lab_key(key)),
        ):
            if task[name] != here:
                what = {"grader": "labkit", "lab_key": "lab"}.get(name, name)
                raise MachineError(
                    f"worker {platform.node()} has another {what} than the grader that asks it: "
                    "install the same versions there",
                    {},
                    "",
                )
        return _grade(task, key)
    except MachineError as error:
        return failed(task, str(error), error.log)
    except Exception as error:  # a fault of the grader's own: it must not cost the others
        text = f"the grader failed: {type(error).__name__}: {error}"
        return failed(task, text, traceback.format_exc())


def refused(student, key, reasons, *, seed, timeout, sandbox):
    """The record of a submission that holds nothing to grade; `key` is None if of no known lab."""
    lab = key.lab if key else ""
    given = {"student": student, "lab": lab, "seed": seed, "timeout": timeout, "sandbox": sandbox}
    record = _record(given, key.out_of if key else None)
    hashed = fingerprint(student, lab, reasons, seed, timeout, sandbox, grader(lab))
    return record | {"key": hashed, "remarks": reasons}


def failed(task, reason, log=""):
    """The record of a task that the machine could not grade."""
    record = _record(task, None) | {"key": task["key"], "content": task["content"]}
    return record | {
        "status": MACHINE,
        "notebook": task["path"],
        "remarks": [*task["remarks"], reason],
        "log": log,
    }


def _record(task, out_of):
    return {
        "schema": SCHEMA,
        "key": None,
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
            "fingerprint": grader(task["lab"]),
            "environment": environment(),
        },
        "measured": {},
    }


def _grade(task, key):
    record = _record(task, key.out_of)
    record |= {name: task[name] for name in ("key", "content")} | {"notebook": task["path"]}
    answers = task["answers"]
    answered = {name: answers[name] for name in key.points if key.is_answered(name, answers)}
    asked = [name for name in answered if task["only"] is None or name in task["only"]]
    seeds = {name: _seed(task, name) for name in asked}
    for name, points in key.questions.items():
        text = task["questions"][name] if key.is_answered(name, task["questions"]) else None
        record["questions"].append({"id": name, "points": points, "text": text})
    answered_ones = [one for one in record["questions"] if one["text"] is not None]
    record["by_hand"] = sum(one["points"] for one in answered_ones)
    extras = [pristine.Stranger(*extra) for extra in task["extras"]]
    notebook = with_extras(key.notebook, answered, extras)
    trouble = None
    try:
        done = _run(notebook, answers, seeds, task) if seeds else {}
    except MachineError as error:
        trouble, done = error, error.done
    kept = {entry["id"]: entry for entry in task["kept"]}
    for name in key.points:
        entry = kept.get(name)
        if entry is None:
            entry, seconds = _exercise(name, answers, key, done, seeds)
            record["measured"].update({name: seconds} if seconds else {})
        record["exercises"].append(entry)
    record["remarks"] = task["remarks"] + [
        f"{entry['id']}: {entry['remark']}" for entry in record["exercises"] if entry["remark"]
    ]
    if trouble:
        record["remarks"].append(str(trouble))
        return record | {"status": MACHINE, "log": trouble.log}
    record["total"] = round(sum(entry["earned"] for entry in record["exercises"]), 2)
    return record | {"status": GRADED}


def _run(notebook, answers, seeds, task):
    return run_answers(notebook, answers, seeds, task["timeout"], sandbox=task["sandbox"])


def _seed(task, exercise):
    """The seed of one exercise's hidden inputs: each student has another, in every run the same."""
    parts = task["seed"], task["student"], task["lab"], exercise
    return int(fingerprint(*parts)[:8], 16)


def _exercise(name, answers, key, done, seeds):
    """What the record says about one exercise, and the seconds it took ({} if it did not run).

    "earned" is None where the grader could not tell, which is not the same as 0.
    """
    entry = {
        "id": name,
        "points": key.points[name],
        "earned": 0,
        "status": "missing",
        "remark": "",
        "source": answers.get(name),
    }
    if name not in answers:
        return entry, {}  # inspect() has remarked on it
    if name not in seeds:
        return entry | {"status": "unanswered"}, {}
    seen = {"seed": seeds[name], **done.get(name, {})}
    # what no two runs have in common is kept apart from what all have
    cell = dict(seen.get("cell", {}))
    if "error" in cell:
        cell["error"] = _steady(cell["error"])
    seconds = {"cell": cell.pop("seconds", None), "probe": seen.pop("probe_seconds", None)}
    seconds = {what: value for what, value in seconds.items() if value is not None}
    if cell:
        seen["cell"] = cell
    entry |= {"remark": _remark(seen), **seen}
    if "score" not in seen:
        return entry | {"earned": None, "status": "not judged"}, seconds
    if seen["shortcuts"]:
        text = f"uses {', '.join(seen['shortcuts'])}, which this exercise is about"
        return entry | {"status": "shortcut", "remark": text}, seconds
    return entry | {"earned": round(key.points[name] * seen["score"], 2)}, seconds


def _remark(seen):
    """What the table says about an exercise that is not right: short; the record has the rest."""
    if seen.get("score") == 1:
        return ""
    if "total" not in seen:
        return _steady(seen.get("text", ""))
    return ", ".join(part for part in (seen["status"], seen["detail"], seen["mistake"]) if part)


def _steady(text):
    """`text` without what is another in every run: addresses, and folders that are made for one."""
    return re.sub(r"\b0x[0-9a-fA-F]{6,16}\b|(?<=/)labkit-[a-z]+-[\w-]+", "…", text)
