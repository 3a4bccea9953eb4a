"""Mistakes about the array that is returned: its dtype, its shape, and how much of it there is."""

import numpy as np

from labkit.exercises.families.family import Family

__all__ = [
    "dtype_of_kernel",
    "dtype_of_x",
    "dtype_of_x_despite_the_kernel",
    "dtype_of_x_in_averages",
    "first_column_only",
    "first_image_only",
    "first_pixel_only",
    "first_result_only",
    "first_row_of_results_only",
    "first_row_only",
    "integers_only",
    "integers_step_by_step",
    "left_flat",
    "negatives_cut",
    "one_long_row",
    "rounded_down",
]

integers_only = Family(
    "integers_only",
    "the result is cut to integers",
    why="The array that you fill holds integers, so every number loses its decimals.",
    question="What is the dtype of the array that you make first?",
    after=lambda answer, *args: np.asarray(answer).astype(int),
)

integers_step_by_step = Family(
    "integers_step_by_step",
    "every step of the sum is cut to an integer",
    why="The array that you add to holds integers: each += loses the decimals once more.",
    question="What is the dtype of the array that you make before the loop?",
)

dtype_of_x = Family(
    "dtype_of_x",
    "the result has x's dtype, so integers in x cut it",
    why="np.zeros_like(x) makes an array of integers when x holds integers.",
    question="What is the dtype of the array that you make first?",
    after=lambda answer, x, *args: np.asarray(answer).astype(np.asarray(x).dtype),
)

dtype_of_x_in_averages = Family(
    "dtype_of_x",
    "the result has x's dtype, so integers in x cut the averages",
    why="np.zeros_like(x), or dtype=x.dtype, makes an array of integers when x holds integers, "
    "and averages of integers are rarely whole.",
    question="Which dtype can hold the mean of 1 and 2?",
    after=lambda answer, x, *args: np.asarray(answer).astype(np.asarray(x).dtype),
)

dtype_of_kernel = Family(
    "dtype_of_kernel",
    "the result has the kernel's dtype, so integers in the kernel cut the decimals",
    why="dtype=kernel.dtype makes an array of integers when the kernel holds integers, even if "
    "the input has decimals.",
    question="Which dtype can hold 2 * 0.5 + 1 * 0.25?",
)

rounded_down = Family(
    "floored",
    "the averages are rounded down (// instead of /)",
    why="In Python // divides and rounds down.",
    question="What is 7 // 2?",
    after=lambda answer, *args: np.floor(answer + 1e-9),
)

negatives_cut = Family(
    "negatives_cut",
    "negative results are set to 0",
    why="A layer with ReLU. Non-linearities come in lab 03; here there is none.",
    question="What is the result if all weights are negative?",
    after=lambda answer, *args: np.maximum(answer, 0),
)

left_flat = Family(
    "left_flat",
    "the results are in one long list, not in rows",
    why="The numbers are right and in the right order; the shape is lost.",
    question="What shape should the result have?",
    after=lambda answer, *args: np.ravel(answer),
)

first_image_only = Family(
    "first_image_only",
    "only the first image of the batch is computed",
    why="The first axis counts images, and each gets its own result.",
    question="How many results are there for a batch of 3?",
    after=lambda answer, *args: answer[:1],
)

first_result_only = Family(
    "returns_in_loop",
    "only the first result is computed",
    why="The return stands inside the loop, so the function ends after the first turn.",
    question="How far is your return indented?",
)

first_row_of_results_only = Family(
    "returns_in_loop",
    "only the first row is computed",
    why="The return stands inside the loop over rows, so the function ends after one.",
    question="How far is your return indented?",
)

first_pixel_only = Family(
    "first_pixel",
    "only the first pixel is looked at",
    why="image[0, 0] is the top left pixel. A return inside the loop does the same.",
    question="How many pixels does your function look at?",
)

first_row_only = Family(
    "first_row",
    "only the first row is looked at",
    why="image[0] is the first row of pixels.",
    question="How many pixels does your function look at?",
)

first_column_only = Family(
    "first_column",
    "only the first column is looked at",
    why="row[0] is the first pixel of a row, and the other pixels are skipped.",
    question="How many pixels does your function look at?",
)

dtype_of_x_despite_the_kernel = Family(
    "dtype_of_x",
    "the result has x's dtype, so integers in x cut the decimals",
    why="np.zeros_like(x), or dtype=x.dtype, makes an array of integers when x holds integers, "
    "even if the kernel has decimals.",
    question="Which dtype can hold 2 * 0.5 + 1 * 0.25?",
    after=lambda answer, x, kernel: np.asarray(answer).astype(np.asarray(x).dtype),
)

one_long_row = Family(
    "left_flat",
    "the places are left in one long row",
    why="The values are right; what is missing is to lay them out as they lie in the input.",
    question="Which shape does the docstring ask for?",
)
