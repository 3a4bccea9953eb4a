"""From results to a verdict. Runs none of the student's code, and trusts nothing in an result."""

from labkit.checks.call_result import CallResult
from labkit.checks.compare import as_numbers, compare
from labkit.checks.diagnose import known_mistakes, labels_at_fault, suspicion
from labkit.checks.verdict import Verdict

__all__ = ["judge"]


def judge(exercise, cases, results):
    """The :class:`~labkit.checks.verdict.Verdict` on `results`, one for each of `cases`.

    Outcomes may have come over the wire from a kernel that one does not trust: anything that is not
    an CallResult, too few of them or too many give the status "unreadable".
    """
    results = list(results) if isinstance(results, list | tuple) else []
    readable = len(results) == len(cases) and all(isinstance(one, CallResult) for one in results)
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
    """The share of inputs answered right; of yes-or-no answers, what is above guessing."""
    if all(isinstance(want, bool) for want in expected):
        shares = []
        for kind in (True, False):
            of_kind = [right for right, want in zip(clean, expected, strict=True) if want is kind]
            shares.append(sum(of_kind) / len(of_kind) if of_kind else 1.0)
        return max(0.0, sum(shares) - 1.0)
    return sum(clean) / len(clean) if clean else 0.0


def _right_but(exercise, cases, results, facts):
    """All values are right, but not how they came about."""
    changed = [index for index, result in enumerate(results) if result.changed]
    cheated = [index for index, result in enumerate(results) if result.shortcut]
    index = (cheated or changed)[0]
    status = "shortcut" if cheated else "changed"
    if cheated:
        facts = facts | {"score": 0.0}
    return Verdict(exercise, status, case=cases[index], result=results[index], **facts)


def _what_to_show(results, differences):
    """The status, and the index of the case to show: the first that says it."""
    kinds = [result.kind for result in results]
    errors = [index for index, kind in enumerate(kinds) if kind == "error"]
    if any(results[index].error == "NotImplementedError" for index in errors):
        return "not started", errors[0]
    for kind in ("late", "error"):
        if kind in kinds:
            return kind, kinds.index(kind)
    wrong = [index for index, difference in enumerate(differences) if difference]
    if not wrong:  # only skipped ones, which no honest run returns
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
    found = suspicion(pairs, exact=exercise.tolerance.relative == 0)
    if found and found.kind == "size" and isinstance(expected[0], list | tuple):
        return None  # too few values or too many, which the headline says already
    return found
