"""The page that a student gets back, which shows nothing of a hidden input.

For each exercise it shows the points, how the answer failed, the known mistake that the answer
looks like, and the exercise's first hint.
"""

from labkit.checks import registry
from labkit.checks.exercise import Mistake
from labkit.grading.book.schema import GRADED, MACHINE, ExerciseResult, Mark, Record
from labkit.grading.book.table import points, totals
from labkit.grading.reports.page import render
from labkit.language import language, tr

__all__ = ["NO_SANDBOX", "explain", "feedback_page", "lab_title", "mistakes_in"]

NO_SANDBOX = "Graded without a sandbox (--unsafe-no-sandbox)."
_RESULTS = {
    "right": "right on every hidden input",
    "wrong": "not right on the hidden inputs",
    "timeout": "it did not finish in time",
    "died": "it ended the process that ran it",
    "undefined": "the function is not defined",
    "shortcut": "it calls a function that this exercise asks you to write yourself",
    "unanswered": "not answered",
    "missing": "its cell is missing",
    "no answer": "its result could not be read",
    "not judged": "it could not be judged: the grader failed, not you",
}


def feedback_page(
    records: list[Record], marks: dict[str, dict[str, Mark]], titles: dict[str, str]
) -> bytes:
    """Return the page of one student.

    Args:
        records: The student's records, one for each lab.
        marks: The marks that persons gave, as ``{lab: {exercise or question: mark}}``.
        titles: The title of each lab.
    """
    return render(
        "feedback.html",
        f"Feedback for {records[0]['student']}",
        language(),
        labs=[_lab(record, marks.get(record["lab"], {}), titles) for record in records],
        no_sandbox="" if all(record["sandbox"] for record in records) else NO_SANDBOX,
    )


def lab_title(lab: str, titles: dict[str, str]) -> str:
    """Return the heading for a lab, which may be unknown ("")."""
    return titles.get(lab, f"Lab {lab}") if lab else "No lab"


def mistakes_in(exercise_id: str, ids: str | None) -> list[list[Mistake]]:
    """Return the known mistakes that a record names, as a list of alternatives.

    Args:
        exercise_id: The exercise.
        ids: The mistakes' ids as a verdict writes them: "a", "a + b" for both at once, "a / b"
            for either of them, or None.
    """
    try:
        known = {mistake.id: mistake for mistake in registry.get(exercise_id).mistakes}
    except registry.UnknownExercise:
        return []
    alternatives = [part.split(" + ") for part in (ids or "").split(" / ")]
    return [[known[name] for name in names if name in known] for names in alternatives]


def explain(entry: ExerciseResult) -> list[tuple[str, str]]:
    """Explain the result of one exercise to its student, without a hidden input.

    Args:
        entry: The exercise's entry in a record.

    Returns:
        A list of ``(kind, text)``, where the kind is "result", "code", "mistake" or "hint".
    """
    lines = [("result", _result(entry))]
    cell = entry.get("cell", {})
    if cell.get("error"):
        lines.append(("code", f"Your cell ended with {cell['error']}"))
    for alternative in mistakes_in(entry["id"], entry.get("mistake")):
        for mistake in alternative:
            lines.append(("mistake", f"This looks like: {tr(mistake.name)}."))
            lines.append(("mistake", tr(mistake.why)))
            lines.append(("mistake", f"→ {tr(mistake.question)}"))
    if entry["status"] not in ("right", "missing"):
        lines += [("hint", f"Hint: {tr(text)}") for text in _first_hint(entry["id"])]
    return lines


def _lab(record, marks, titles):
    """What the template shows of one lab."""
    rows = [_exercise(entry, marks.get(entry["id"])) for entry in record["exercises"]]
    rows += [_question(entry, marks.get(entry["id"])) for entry in record["questions"]]
    lab = {"title": lab_title(record["lab"], titles), "problem": _problem(record), "rows": rows}
    if not lab["problem"]:
        lab["summary"] = _summary(record, marks)
        lab["notebook"] = record["notebook"]
        lab["remarks"] = _remarks_on_the_notebook(record)
    return lab


def _problem(record):
    """Why a submission has no grade, or ""."""
    if record["status"] == MACHINE:
        return "Not graded yet: the grader failed, not you."
    return "" if record["status"] == GRADED else f"Not graded: {'; '.join(record['remarks'])}"


def _summary(record, marks):
    """The points of a submission in one line."""
    sums = totals(record, {name: mark["points"] for name, mark in marks.items()})
    text = f"{points(sums['total'])} of {points(record['out_of'])} points"
    out_of = sum(question["points"] for question in record["questions"])
    if out_of:
        text += f"; questions: {points(sums['grade'] - sums['total'])} of {points(out_of)}"
        text += f", {points(sums['by_hand'])} to be marked" if sums["by_hand"] else ""
    return text


def _remarks_on_the_notebook(record):
    """The remarks about the notebook as a whole: those about an exercise stand in its row."""
    shown = {f"{entry['id']}: {entry['remark']}" for entry in record["exercises"]}
    return [remark for remark in record["remarks"] if remark not in shown]


def _exercise(entry, mark):
    earned = mark["points"] if mark else entry["earned"]
    row = _row(entry, earned, mark, explain(entry))
    row["color"] = "good" if earned == entry["points"] else "part" if earned else "bad"
    return row


def _question(entry, mark):
    unanswered = entry["text"] is None
    if mark:
        return _row(entry, mark["points"], mark, [])
    text = "not answered" if unanswered else "to be marked"
    return _row(entry, 0 if unanswered else None, None, [("text", text)])


def _row(entry, earned, mark, lines):
    worth = f"{points(earned) or '–'} of {points(entry['points'])}"
    comment = mark["comment"] if mark else None
    return {"id": entry["id"], "worth": worth, "comment": comment, "lines": lines}


def _result(entry):
    """How an answer did, in a few words."""
    status = entry["status"]
    if status == "partly":
        return f"right on {entry['right']} of {entry['total']} hidden inputs"
    if status == "error":
        # The text of an exception may contain a hidden input; its type does not.
        detail = entry.get("detail") or "ended with an error"
        return f"on a hidden input it {detail}" if entry.get("total") else "its cell did not run"
    return _RESULTS.get(status, status)


def _first_hint(exercise_id):
    try:
        return registry.get(exercise_id).hints[:1]
    except registry.UnknownExercise:
        return []
