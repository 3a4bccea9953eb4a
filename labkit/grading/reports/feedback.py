"""What a student gets back: a page that says what was found, and nothing that is hidden.

Of a hidden input it shows nothing: of each exercise the points, the kind of failure, the known
mistake that it looks like, and the instructor's hint.
"""

from labkit.checks import registry
from labkit.grading.book.table import points, totals
from labkit.grading.reports.page import document, tag
from labkit.language import language, tr

__all__ = ["SANDBOX", "feedback_page", "mistakes_in", "told"]

SANDBOX = "Graded without a sandbox (--unsafe-no-sandbox)."
_SEEN = {
    "right": "right on every hidden input",
    "wrong": "not right on the hidden inputs",
    "timeout": "it did not come to an end in time",
    "died": "it ended the process that ran it",
    "undefined": "the function is not defined",
    "shortcut": "it calls what this exercise asks you to write",
    "unanswered": "not answered",
    "missing": "its cell is missing",
    "no answer": "it gave no answer that can be read",
    "not judged": "it could not be judged: the grader failed, not you",
}


def feedback_page(records, marks, titles):
    """The page of one student, as bytes.

    `records` are the student's, a lab each; `marks` is ``{lab: {item: {"points", "comment"}}}``;
    `titles` is ``{lab: title}``.
    """
    parts = [_lab(one, marks.get(one["lab"], {}), titles) for one in records]
    if not all(record["sandbox"] for record in records):
        parts.append(tag("p", SANDBOX, class_="quiet"))
    return document(f"Feedback for {records[0]['student']}", *parts, language=language())


def mistakes_in(exercise_id, told):
    """The :class:`~labkit.checks.exercise.Mistake`s that a record names, as alternatives.

    `told` is how a verdict writes them: "a", "a + b" for both at once, "a / b" for either.
    """
    try:
        known = {one.id: one for one in registry.get(exercise_id).mistakes}
    except registry.UnknownExercise:
        return []
    alternatives = [part.split(" + ") for part in (told or "").split(" / ")]
    return [[known[name] for name in names if name in known] for names in alternatives]


def _lab(record, marks, titles):
    lab = record["lab"]
    parts = [tag("h2", titles.get(lab, f"Lab {lab}") if lab else "No lab")]
    sums = totals(record, {name: mark["points"] for name, mark in marks.items()})
    if record["status"] == "machine error":
        parts.append(tag("p", "Not graded yet: the grader failed, not you.", class_="warn"))
    elif record["status"] != "graded":
        parts.append(tag("p", f"Not graded: {'; '.join(record['remarks'])}", class_="warn"))
    else:
        text = f"{points(sums['total'])} of {points(record['out_of'])} points"
        asked = sum(one["points"] for one in record["questions"])
        if asked:
            given = sums["grade"] - sums["total"]
            text += f"; questions: {points(given)} of {points(asked)}"
            text += f", {points(sums['by_hand'])} to be marked" if sums["by_hand"] else ""
        parts.append(tag("p", text))
        parts.append(tag("p", f"Graded: {record['notebook']}", class_="quiet"))
        parts += [tag("p", text, class_="quiet") for text in _of_the_folder(record)]
    rows = [_exercise(one, marks.get(one["id"])) for one in record["exercises"]]
    rows += [_question(one, marks.get(one["id"])) for one in record["questions"]]
    if rows:
        head = [tag("th", text) for text in ("", "points", "what was found")]
        parts.append(tag("table", tag("tr", *head), *rows))
    return tag("section", *parts)


def _of_the_folder(record):
    """The remarks that are on the notebook, and not on what an answer did."""
    said = {f"{one['id']}: {one['remark']}" for one in record["exercises"]}
    return [remark for remark in record["remarks"] if remark not in said]


def told(entry):
    """What a student is told of an exercise's entry in a record: ``[(kind, text)]``.

    Kinds are "seen", "code", "mistake" and "hint". Nothing of a hidden input is in it.
    """
    found = [("seen", _seen(entry))]
    cell = entry.get("cell", {})
    if cell.get("error"):
        found.append(("code", f"Your cell ended with {cell['error']}"))
    for alternative in mistakes_in(entry["id"], entry.get("mistake")):
        for one in alternative:
            texts = f"This looks like: {tr(one.name)}.", tr(one.why), f"→ {tr(one.question)}"
            found += [("mistake", text) for text in texts]
    if entry["status"] not in ("right", "missing"):
        found += [("hint", f"Hint: {tr(text)}") for text in _hints(entry["id"])]
    return found


def _exercise(entry, mark):
    earned = mark["points"] if mark else entry["earned"]
    kind = "good" if earned == entry["points"] else "part" if earned else "bad"
    shown = {"seen": kind, "hint": "quiet"}
    parts = [_by_hand(mark)] if mark else []
    for kind, text in told(entry):
        parts.append(tag("pre" if kind == "code" else "div", text, class_=shown.get(kind)))
    return _row(entry, earned, parts)


def _question(entry, mark):
    if mark:
        return _row(entry, mark["points"], [_by_hand(mark)])
    text = "not answered" if entry["text"] is None else "to be marked"
    return _row(entry, None if entry["text"] is not None else 0, [text])


def _by_hand(mark):
    return tag("div", f"Marked by a person. {mark['comment']}".strip())


def _row(entry, earned, found):
    worth = f"{points(earned) or '–'} of {points(entry['points'])}"
    return tag("tr", tag("td", entry["id"]), tag("td", worth, class_="number"), tag("td", *found))


def _seen(entry):
    status = entry["status"]
    if status == "partly":
        return f"right on {entry['right']} of {entry['total']} hidden inputs"
    if status == "error":
        # what the exception says may hold a hidden input; its kind does not
        detail = entry.get("detail") or "ended with an error"
        return f"on a hidden input it {detail}" if entry.get("total") else "its cell did not run"
    return _SEEN.get(status, status)


def _hints(exercise_id):
    try:
        return registry.get(exercise_id).hints[:1]
    except registry.UnknownExercise:
        return []
