"""Which known mistake gives exactly these answers? And if none does, what can be said for sure?"""

import itertools
from dataclasses import dataclass

import numpy as np

from labkit.checks.compare import as_numbers, close, compare
from labkit.checks.exercise import FLOAT32, Tolerance, variant

__all__ = ["Suspicion", "known_mistakes", "labels_at_fault", "suspicion"]

MAX_NAMED = 3
_NEARLY = Tolerance(5e-3, "what half precision, and TF32 on a GPU, are off by")


class _Raised:
    """What a variant gives where it raises."""


def known_mistakes(exercise, cases, outcomes):
    """The mistakes that explain every outcome: a list of tuples, of one mistake each or of two.

    Several entries are alternatives that these cases do not tell apart. Two mistakes at once are
    considered only where none alone explains it. Empty: nothing in the catalogue does.
    """
    if not _enough(outcomes):
        return []
    order = sorted(range(len(cases)), key=lambda index: outcomes[index].kind == "error")
    cases = [cases[index] for index in order]
    outcomes = [outcomes[index] for index in order]
    for many in (1, 2):
        found = []
        for mistakes in itertools.combinations(exercise.mistakes, many):
            tries = [variant(exercise, *mistakes)]
            tries += mistakes[0].also if many == 1 else ()
            if any(wrong and _explains(exercise, wrong, cases, outcomes) for wrong in tries):
                found.append(mistakes)
                if len(found) == MAX_NAMED:
                    break
        if found:
            return found
    return []


def _enough(outcomes):
    """Is there anything to recognize? Errors alone look like every other error."""
    kinds = [outcome.kind for outcome in outcomes]
    if not set(kinds) <= {"value", "error"}:
        return False
    return kinds.count("value") >= (1 if "error" not in kinds else 2)


def _explains(exercise, wrong, cases, outcomes):
    for case, outcome in zip(cases, outcomes, strict=True):
        try:
            value = wrong(*case.args)
        except Exception:  # a mistake may be one that raises
            value = _Raised
        if (outcome.kind == "error") != (value is _Raised):
            return False
        if value is _Raised:
            continue
        if compare(exercise.read(outcome.value), exercise.read(value), exercise.tolerance):
            return False
    return True


@dataclass(frozen=True)
class Suspicion:
    """A relation between answer and expectation that holds on every case."""

    kind: str  #: "offset", "scale", "transpose", "flip", "truncated", "precision" or "size"
    amount: object = None


def suspicion(pairs):
    """What is true of all `pairs` (got, want), or None. `pairs` are numeric arrays.

    One pair alone proves little, so there have to be two that differ.
    """
    pairs = [(as_numbers(got), as_numbers(want)) for got, want in pairs]
    if any(got is None or want is None for got, want in pairs):
        return None
    if sum(not _same(got, want) for got, want in pairs) < 2:
        return None
    if any(got.shape != want.shape for got, want in pairs):
        return _of_shapes(pairs)
    for kind, test in (
        ("truncated", lambda got, want: _same(got, np.trunc(want))),
        ("precision", lambda got, want: bool(close(got, want, _NEARLY).all())),
        ("flip", lambda got, want: _same(got, np.flip(want))),
        ("transpose", lambda got, want: want.ndim > 1 and _same(got, want.T)),
    ):
        if all(got.shape == want.shape and test(got, want) for got, want in pairs):
            return Suspicion(kind)
    return _offset_or_scale(pairs)


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
    got = np.concatenate([got.ravel() for got, _ in pairs])
    want = np.concatenate([want.ravel() for _, want in pairs])
    if got.dtype.kind == "b" or not np.isfinite(got).all():
        return None
    offset = float(np.real(got[0] - want[0]))
    if _same(got, want + offset):
        return Suspicion("offset", offset)
    largest = np.argmax(np.abs(want))
    scale = float(np.real(got[largest])) / float(want[largest] or 1)
    return Suspicion("scale", scale) if scale and _same(got, want * scale) else None


def _same(got, want):
    return got.shape == want.shape and bool(close(got, want, FLOAT32).all())


def labels_at_fault(cases, failed):
    """The labels that all failing cases have and no other case has; at most two, else ()."""
    wrong = {case.label for case, bad in zip(cases, failed, strict=True) if bad}
    right = {case.label for case, bad in zip(cases, failed, strict=True) if not bad}
    told = bool(right) and not wrong & right and "" not in wrong and len(wrong) <= 2
    return tuple(sorted(wrong)) if told else ()
