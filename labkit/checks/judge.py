"""Turns call results into a verdict, without running student code or trusting a result."""

from labkit.checks.call_result import CallResult
from labkit.checks.compare import as_numbers, compare
from labkit.checks.diagnose import known_mistakes, labels_at_fault, suspicion
from labkit.checks.verdict import Verdict

__all__ = ["judge"]


def judge(exercise, cases, results):
    """Judge what a student's function produced on `cases`.

    Args:
        exercise: the :class:`~labkit.checks.exercise.Exercise`.
        cases: the inputs.
        results: a CallResult for each of them. They may come from a kernel that is not trusted: too
            many or too few, or anything that is no CallResult, give the status "unreadable".

    Returns:
        A :class:`~labkit.checks.verdict.Verdict`.
    """
    results = list(results) if isinstance(results, list | tuple) else []
    readable = len(results) == len(cases) and all(
        isinstance(result, CallResult) for result in results
    )
    if not readable:
        return Verdict(exercise, "unreadable", 0.0, total=len(cases))
    exercise = exercise.bind(exercise, cases) if exercise.bind else exercise
    expected = [exercise.oracle(*case.args) for case in cases]
    differences = [
        compare(exercise.reading(result.value), want, exercise.tolerance)
        if result.kind == "value"
        else None
        for result, want in zip(results, expected, strict=True)
    ]
    good = [
        result.kind == "value" and not difference
        for result, difference in zip(results, differences, strict=True)
    ]
    clean = [
        right and not result.changed and not result.shortcut
        for right, result in zip(good, results, strict=True)
    ]
    facts = {"right": sum(good), "total": len(cases), "score": _score(clean, expected)}
    if all(clean):
        return Verdict(exercise, "right", **facts)
    if all(good):
        return _right_but(exercise, cases, results, facts)
    status, index = _what_to_show(results, differences)
    facts |= {"case": cases[index], "result": results[index], "difference": differences[index]}
    if status in ("not started", "late", "unreadable"):
        return Verdict(exercise, status, **facts)
    mistakes = tuple(known_mistakes(exercise, cases, results, expected))
    if mistakes:
        return Verdict(exercise, status, mistakes=mistakes, **facts)
    return Verdict(
        exercise,
        status,
        suspicion=_suspicion(exercise, results, expected),
        labels=labels_at_fault(cases, [not right for right in good]),
        **facts,
    )


def _score(clean, expected):
    """The share of inputs answered right; for yes-or-no answers, how far it is above guessing."""
    if all(isinstance(want, bool) for want in expected):
        shares = []
        for kind in (True, False):
            of_kind = [right for right, want in zip(clean, expected, strict=True) if want is kind]
            shares.append(sum(of_kind) / len(of_kind) if of_kind else 1.0)
        return max(0.0, sum(shares) - 1.0)
    return sum(clean) / len(clean) if clean else 0.0


def _right_but(exercise, cases, results, facts):
    """The verdict where all values are right, but not the way they were computed."""
    changed = [index for index, result in enumerate(results) if result.changed]
    shortcuts = [index for index, result in enumerate(results) if result.shortcut]
    index = (shortcuts or changed)[0]
    status = "shortcut" if shortcuts else "changed"
    if shortcuts:
        facts = facts | {"score": 0.0}
    return Verdict(exercise, status, case=cases[index], result=results[index], **facts)


def _what_to_show(results, differences):
    """The status, and the index of the case to show: the first with that status."""
    kinds = [result.kind for result in results]
    errors = [index for index, kind in enumerate(kinds) if kind == "error"]
    if any(results[index].error == "NotImplementedError" for index in errors):
        return "not started", errors[0]
    for kind in ("late", "error"):
        if kind in kinds:
            return kind, kinds.index(kind)
    wrong = [index for index, difference in enumerate(differences) if difference]
    if not wrong:  # all were skipped, which no honest run returns
        return "unreadable", 0
    for reason in ("none", "type", "ragged", "shape"):
        of_reason = [index for index in wrong if differences[index].reason == reason]
        if of_reason:
            return reason, of_reason[0]
    return "value", wrong[0]


def _suspicion(exercise, results, expected):
    pairs = [
        (exercise.reading(result.value), want)
        for result, want in zip(results, expected, strict=True)
        if result.kind == "value"
    ]
    if len(pairs) < len(expected) or any(as_numbers(want) is None for _, want in pairs):
        return None
    relation = suspicion(pairs, exact=exercise.tolerance.relative == 0)
    if relation and relation.kind == "size" and isinstance(expected[0], list | tuple):
        return None  # too few values or too many, which the headline says already
    return relation
