"""Finds the known mistake that gives exactly these answers, or else what is certain about them."""

import itertools
from dataclasses import dataclass

import numpy as np

from labkit.checks.compare import as_numbers, close, compare
from labkit.checks.exercise import FLOAT32, Tolerance, variant

__all__ = ["Suspicion", "known_mistakes", "labels_at_fault", "suspicion"]

MAX_NAMED = 3
_NEARLY = Tolerance(5e-3, "what half precision, and TF32 on a GPU, are off by")


def known_mistakes(exercise, cases, results, expected):
    """Return the mistakes that explain every result, as tuples of one mistake or of two.

    Several tuples are alternatives, which these cases cannot tell apart. Two mistakes together are
    considered only where no single one explains the results. The list is empty if none do.

    The same mistake raises in one style of code and gives a wrong value in another (a slice is cut
    off where an index raises). So where no variant does exactly the same, a variant is accepted
    that gives all the values, some of them wrong, and is wrong wherever the student's code raises.
    """
    kinds = [result.kind for result in results]
    if not set(kinds) <= {"value", "error"} or "value" not in kinds:
        return []  # errors alone could come from any mistake
    by_kind = sorted(zip(cases, results, expected, strict=True), key=lambda one: one[1].kind)
    by_kind.reverse()  # values first: they rule out more mistakes
    for many in (1, 2):
        alike, nearly = [], []
        for mistakes in itertools.combinations(exercise.mistakes, many):
            tries = [variant(exercise, *mistakes)]
            tries += mistakes[0].also if many == 1 else ()
            grades = [_explains(exercise, wrong, by_kind) for wrong in tries if wrong]
            if "alike" in grades:
                alike.append(mistakes)
            elif "nearly" in grades:
                nearly.append(mistakes)
            if len(alike) == MAX_NAMED:
                break
        if alike or nearly:
            return alike or nearly[:MAX_NAMED]
    return []


def _explains(exercise, wrong, by_kind):
    """ "alike": the same values and errors. "nearly": see :func:`known_mistakes`. "": neither."""
    alike, wrong_values, values = True, 0, 0
    for case, result, want in by_kind:
        try:
            value = exercise.read(wrong(*case.args))
        except Exception:  # a mistake may be one that raises
            if result.kind == "value":
                return ""
            continue
        if result.kind == "error":
            if compare(value, want, exercise.tolerance) is None:
                return ""
            alike = False
        elif not _equal(exercise, result.value, value):
            return ""
        else:
            values += 1
            wrong_values += compare(value, want, exercise.tolerance) is not None
    errors = len(by_kind) - values
    if alike:
        return "alike" if values >= (2 if errors else 1) else ""
    return "nearly" if wrong_values else ""


def _equal(exercise, got, wrong):
    """Whether this is what the variant gives, except for rounding and the shape of empty arrays."""
    tolerance = max(exercise.tolerance, FLOAT32, key=lambda one: one.relative)
    got = exercise.reading(got)
    numbers = as_numbers(got), as_numbers(wrong)
    if all(one is not None and one.ndim and not one.size for one in numbers):
        return True
    return compare(got, wrong, tolerance) is None


@dataclass(frozen=True)
class Suspicion:
    """A relation between the answers and the expected values that holds on every case."""

    kind: str  #: "offset", "scale", "transpose", "flip", "truncated", "precision" or "size"
    amount: object = None


def suspicion(pairs, exact=False):
    """Return a :class:`Suspicion` that holds for all `pairs`, or None.

    One pair alone proves little, so at least two have to differ.

    Args:
        pairs: (got, want), both numeric.
        exact: counts are asked for, so a small difference is not a matter of precision. The same
            holds where integers were returned for integers.
    """
    pairs = [(as_numbers(got), as_numbers(want)) for got, want in pairs]
    if any(got is None or want is None for got, want in pairs):
        return None
    if sum(not _same(got, want) for got, want in pairs) < 2:
        return None
    if any(got.shape != want.shape for got, want in pairs):
        return _of_shapes(pairs)
    rounded = not exact and not all(map(_are_integers, *zip(*pairs, strict=True)))
    for kind, test in (
        ("truncated", lambda got, want: _same(got, np.trunc(want))),
        ("precision", lambda got, want: rounded and bool(close(got, want, _NEARLY).all())),
        ("flip", lambda got, want: _same(got, np.flip(want))),
        ("transpose", lambda got, want: want.ndim > 1 and _same(got, want.T)),
    ):
        if all(got.shape == want.shape and test(got, want) for got, want in pairs):
            return Suspicion(kind)
    return _offset_or_scale(pairs)


def _are_integers(got, want):
    """Whether integers were returned for integers; whole floats may have been rounded."""
    return got.dtype.kind in "biu" and bool((want == np.trunc(want)).all())


def _of_shapes(pairs):
    if all(got.shape == want.shape[::-1] and _same(got, want.T) for got, want in pairs):
        return Suspicion("transpose")
    if (
        len({(got.ndim, want.ndim) for got, want in pairs}) > 1
        or pairs[0][0].ndim != pairs[0][1].ndim
    ):
        return None
    excess = {tuple(np.subtract(got.shape, want.shape).tolist()) for got, want in pairs}
    return Suspicion("size", excess.pop()) if len(excess) == 1 else None


def _offset_or_scale(pairs):
    if any(got.dtype.kind == "b" or not np.isfinite(got).all() for got, _ in pairs):
        return None
    first, expected = next((got, want) for got, want in pairs if not _same(got, want))
    offset = float(np.real(first.flat[0] - expected.flat[0]))
    if offset and all(_same(got, want + offset) for got, want in pairs):
        return Suspicion("offset", offset)
    largest = np.argmax(np.abs(expected))
    scale = float(np.real(first.flat[largest])) / float(expected.flat[largest] or 1)
    same = scale and all(_same(got, want * scale) for got, want in pairs)
    return Suspicion("scale", scale) if same else None


def _same(got, want):
    return got.shape == want.shape and bool(close(got, want, FLOAT32).all())


def labels_at_fault(cases, failed):
    """Return the labels of the failing cases: one or two that no other case has, or else ()."""
    wrong = {case.label for case, bad in zip(cases, failed, strict=True) if bad}
    right = {case.label for case, bad in zip(cases, failed, strict=True) if not bad}
    distinct = bool(right) and not wrong & right and "" not in wrong and len(wrong) <= 2
    return tuple(sorted(wrong)) if distinct else ()
