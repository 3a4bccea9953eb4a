"""Mistakes in a weighted sum: what is added, from where to where, and what becomes of it."""

import numpy as np

from labkit.exercises.families.family import Family

__all__ = [
    "averaged",
    "ends_too_early",
    "last_product",
    "last_row_only",
    "never_reset",
    "no_weights",
    "starts_at_one",
]

averaged = Family(
    "mean",
    "the products are averaged instead of added",
    why="Each result is divided by the number of weights.",
    question="Where in the formula is there a division?",
)

last_product = Family(
    "last_product",
    "only the last product is kept (= instead of +=)",
    why="Each product replaces the one before it, so the last remains.",
    question="Does your innermost line add, or overwrite?",
)

last_row_only = Family(
    "last_row_only",
    "the sum starts again at 0 with every row of the kernel",
    why="Of all the kernel's rows only the last one is left in the sum.",
    question="In front of which loop does your sum start at 0?",
)

never_reset = Family(
    "never_reset",
    "the sum does not start again at 0 for the next place",
    why="Each result contains all the results before it.",
    question="What is the value of your sum when the second place begins?",
    after=lambda answer, *args: np.cumsum(answer).reshape(answer.shape),
)

no_weights = Family(
    "no_weights",
    "the numbers under the kernel are added without its weights",
    why="The kernel decides only how many numbers are added, not how much each counts.",
    question="What should the result be if the kernel is all zeros?",
)

starts_at_one = Family(
    "skips_first",
    "the sums start at 1 instead of 0",
    why="The kernel's first row and first column are never used. Sums on slides often run from 1;"
    " in Python the first index is 0.",
    question="What does range(1, A) leave out?",
)

ends_too_early = Family(
    "skips_last",
    "the sums end one too early",
    why="The kernel's last row and last column are never used: range(A - 1) ends at A - 2.",
    question="What is the last value of range(A)?",
)
