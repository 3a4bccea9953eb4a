"""A mistake that any exercise whose answer is an array of numbers may meet."""

import dataclasses

import numpy as np

from labkit.checks.exercise import Mistake

__all__ = ["integers_only"]

_INTEGERS_ONLY = Mistake(
    "integers_only",
    "the result is cut to integers",
    why="The array that you fill holds integers, so every number loses its decimals.",
    question="What is the dtype of the array that you make first?",
    after=lambda answer, *args: np.asarray(answer).astype(int),
)


def integers_only(*also):
    """The mistake; `also` are functions that cut at another moment, each += or the inputs, say."""
    return dataclasses.replace(_INTEGERS_ONLY, also=also)
