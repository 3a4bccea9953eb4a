"""Mistakes in what is answered: yes or no, one result or two, how exactly numbers are compared."""

from labkit.exercises.families.family import Family

__all__ = [
    "always_false",
    "always_true",
    "exactly_equal",
    "no_rounding_allowed",
    "numbers_of_a_kernel_added",
    "results_exchanged",
]

always_true = Family(
    "always_true",
    "the answer is always True",
    why="Whatever the input, you say yes.",
    question="Which line of yours could ever lead to False?",
    answer=lambda *args: True,
)

always_false = Family(
    "always_false",
    "the answer is always False",
    why="Whatever the input, you say no.",
    question="Which line of yours could ever lead to True?",
    answer=lambda *args: False,
)

results_exchanged = Family(
    "exchanged",
    "the two results come in the wrong order",
    why="Both are right, but the first stands where the second belongs.",
    question="Which of the two does the docstring name first?",
    after=lambda answer, *args: answer[::-1],
)

no_rounding_allowed = Family(
    "no_rounding",
    "no rounding is allowed for",
    why="Numbers that were computed are rarely equal to the last bit.",
    question="How do you compare two numbers that were computed?",
)

exactly_equal = Family(
    "exactly_equal",
    "numbers have to agree to the last bit",
    why="Sums in another order differ in the 16th digit, so even an average fails now and then.",
    question="Is 0.1 + 0.2 == 0.3 in Python?",
)

numbers_of_a_kernel_added = Family(
    "kernel_sum",
    "the kernel's sizes are added, not multiplied",
    why="A kernel of a rows and b columns is a table of a * b numbers.",
    question="How many numbers has a table of 2 rows and 3 columns?",
)
