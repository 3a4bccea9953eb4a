"""From outcomes to a verdict. Runs none of the student's code, and trusts nothing in an outcome."""

from labkit.checks.compare import as_numbers, compare
from labkit.checks.diagnose import known_mistakes, labels_at_fault, suspicion
from labkit.checks.outcome import Outcome
from labkit.checks.verdict import Verdict

__all__ = ["judge"]


def judge(exercise, cases, outcomes):
    """The :class:`~labkit.checks.verdict.Verdict` on `outcomes`, one for each of `cases`.

    Outcomes may have come over the wire from a kernel that one does not trust: anything that is not
    an Outcome, too few of them or too many give the status "unreadable".
    """
    outcomes = list(outcomes) if isinstance(outcomes, list | tuple) else []
    readable = len(outcomes) == len(cases) and all(isinstance(one, Outcome) for one in outcomes)
    if not readable:
        return Verdict(exercise, "unreadable", 0.0, total=len(cases))
    exercise = exercise.bind(exercise, cases) if exercise.bind else exercise
    expected = [exercise.oracle(*case.args) for case in cases]
    differences = [
        compare(exercise.reading(outcome.value), want, exercise.tolerance)
        if outcome.kind == "value"
        else None
        for outcome, want in zip(outcomes, expected, strict=True)
    ]
    good = [
        outcome.kind == "value" and not difference
        for outcome, difference in zip(outcomes, differences, strict=True)
    ]
    clean = [
        right and not outcome.changed and not outcome.shortcut
        for right, outcome in zip(good, outcomes, strict=True)
    ]
    facts = {"right": sum(good), "total": len(cases), "score": _score(clean, expected)}
    if all(clean):
        return Verdict(exercise, "right", **facts)
    if all(good):
        return _right_but(exercise, cases, outcomes, facts)
    status, index = _what_to_show(outcomes, differences)
    facts |= {"case": cases[index], "outcome": outcomes[index], "difference": differences[index]}
    if status in ("not started", "late", "unreadable"):
        return Verdict(exercise, status, **facts)
    mistakes = tuple(known_mistakes(exercise, cases, outcomes, expected))
    if mistakes:
        return Verdict(exercise, status, mistakes=mistakes, **facts)
    return Verdict(
        exercise,
        status,
        suspicion=_suspicion(exercise, outcomes, expected),
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


def _right_but(exercise, cases, outcomes, facts):
    """All values are right, but not how they came about."""
    changed = [index for index, outcome in enumerate(outcomes) if outcome.changed]
    cheated = [index for index, outcome in enumerate(outcomes) if outcome.shortcut]
    index = (cheated or changed)[0]
    status = "shortcut" if cheated else "changed"
    if cheated:
        facts = facts | {"score": 0.0}
    return Verdict(exercise, status, case=cases[index], outcome=outcomes[index], **facts)


def _what_to_show(outcomes, differences):
    """The status, and the index of the case to show: the first that says it."""
    kinds = [outcome.kind for outcome in outcomes]
    errors = [index for index, kind in enumerate(kinds) if kind == "error"]
    if any(outcomes[index].error == "NotImplementedError" for index in errors):
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


def _suspicion(exercise, outcomes, expected):
    pairs = [
        (exercise.reading(outcome.value), want)
        for outcome, want in zip(outcomes, expected, strict=True)
        if outcome.kind == "value"
    ]
    if len(pairs) < len(expected) or any(as_numbers(want) is None for _, want in pairs):
        return None
    found = suspicion(pairs, exact=exercise.tolerance.relative == 0)
    if found and found.kind == "size" and isinstance(expected[0], list | tuple):
        return None  # too few values or too many, which the headline says already
    return found
