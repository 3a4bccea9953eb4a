"""Predict, then run."""

import numpy as np
import pytest

from labkit.predict import reveal


@pytest.mark.parametrize("nothing", [None, ...])
def test_without_a_prediction_nothing_is_revealed(capsys, nothing):
    reveal(nothing, 42, "because")
    said = capsys.readouterr().out
    assert "42" not in said
    assert "because" not in said
    assert "write your prediction" in said


@pytest.mark.parametrize(
    ("prediction", "actual"),
    [(9, np.int64(9)), ((2, 3), np.array([2, 3])), ([2, 3], (2, 3)), ("yes", "yes"), (0, 0.0)],
)
def test_a_right_prediction_in_any_form(capsys, prediction, actual):
    reveal(prediction, actual, "Why.")
    assert capsys.readouterr().out == f"You predicted {prediction}, and so it is. Why.\n"


@pytest.mark.parametrize(
    ("prediction", "actual"),
    [(6, 9), ((2, 3), (3, 2)), ([[1], [2, 3]], (2, 3)), ("yes", 3), ((), 3), ({"a": 1}, 1)],
)
def test_a_wrong_prediction_is_a_surprise_not_an_error(capsys, prediction, actual):
    reveal(prediction, actual, "Why.")
    said = capsys.readouterr().out
    assert f"It is {actual}" in said
    assert said.endswith("Why.\n")
