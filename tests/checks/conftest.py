"""Exercises to judge by: small, and independent of any lab."""

import numpy as np
import pytest

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.checks.judge import judge
from labkit.checks.run import run


def model(x, *, factor=2, offset=0, reverse=False):
    y = factor * np.asarray(x, float) + offset
    return y[::-1] if reverse else y


def mistake(id, **how):
    return Mistake(id, f"it is {id}", f"because of {id}", f"why {id}?", **how)


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("LABKIT_LANG", "en")


@pytest.fixture
def double():
    """double(x): twice the numbers of x."""
    return Exercise(
        id="double",
        lab="99",
        points=1,
        call="double(x)",
        oracle=lambda x: 2 * np.asarray(x),
        model=model,
        examples=(Case((np.array([1, 2, 5]),), "three numbers"),),
        draw=lambda rng: [
            Case((np.array([4.25, -1.5]),), "decimals"),
            Case((np.array([[1, 2], [3, 5]]),), "a table"),
        ],
        hints=("first", "second", "third"),
        seconds=0.5,
        forbidden=("labkit.reference", "scipy.signal"),
        mistakes=(
            mistake("tripled", knobs={"factor": 3}),
            mistake("one_more", knobs={"offset": 1}),
            mistake("backward", knobs={"reverse": True}),
            mistake("summed", answer=lambda x: np.sum(2 * x)),
            mistake("total", after=lambda y, x: y.sum()),
            mistake("raises_for_tables", answer=lambda x: [2 * float(one) for one in x]),
        ),
    )


@pytest.fixture
def verdict_on(double):
    """The verdict on a function that should double."""

    def verdict(function, exercise=double):
        cases = exercise.cases()
        return judge(exercise, cases, run(exercise, function, cases))

    return verdict
