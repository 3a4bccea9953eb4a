"""Mistakes with the places of a kernel: how many there are, and where each result belongs."""

import numpy as np

from labkit.exercises.families.family import Family

__all__ = [
    "column_missing",
    "edge_left_out",
    "last_place_missing",
    "last_row_and_column_missing",
    "plus_one_missing",
    "result_sizes_exchanged",
    "result_transposed",
    "row_missing",
    "square_image",
    "square_output",
    "stride_ignored",
    "stride_left_out",
    "stride_of_rows_only",
]

result_transposed = Family(
    "output_transposed",
    "the result's rows and columns are exchanged",
    why="All values are right, but each stands at (m, n) where (n, m) belongs.",
    question="What is the result's first axis: down, or to the right?",
    after=lambda answer, *args: np.swapaxes(answer, 0, 1),
)

result_sizes_exchanged = Family(
    "result_sizes_swapped",
    "the result's height and width are exchanged",
    why="The array that you fill, or the loops that fill it, have M - B + 1 rows and N - A + 1 "
    "columns. Where the two are equal nobody notices.",
    question="What is the result's first axis: down, or to the right?",
)

square_image = Family(
    "square_image",
    "the image is taken to be square",
    why="The number of columns is computed from the number of rows, so it is right only where "
    "they are equal.",
    question="Which size is image.shape[0], and which is image.shape[1]?",
)

row_missing = Family(
    "one_row_short",
    "the last row is missing (N - A instead of N - A + 1)",
    why="Downward, the kernel fits once more than you slide it.",
    question="In how many places does a kernel of 3 rows fit into 3 rows?",
)

column_missing = Family(
    "one_column_short",
    "the last column is missing (M - B instead of M - B + 1)",
    why="To the right, the kernel fits once more than you slide it.",
    question="In how many places does a kernel of 3 columns fit into 3 columns?",
)

last_place_missing = Family(
    "one_short",
    "the last place of each direction is missing",
    why="There is one place more than there are steps from the first to the last.",
    question="How many outputs are there if the kernel is as large as the image?",
)

last_row_and_column_missing = Family(
    "one_place_short",
    "the last row and column of the output are missing",
    why="The kernel fits once more in each direction (the + 1 of lab 01).",
    question="How many outputs are there if the kernel is as large as the image?",
)

plus_one_missing = Family(
    "one_place_short",
    "the + 1 is missing",
    why="The kernel's first place counts, too.",
    question="How many places are there if the kernel is as large as the input?",
)

edge_left_out = Family(
    "edge_left_out",
    "a place that ends exactly at the edge is missing",
    why="range(0, N - A, s) leaves out its own end, N - A, though the kernel fits there.",
    question="Does range(0, 4) hold 4?",
)

stride_ignored = Family(
    "stride_ignored",
    "the stride is ignored",
    why="There is an output for every place, as if the stride were 1.",
    question="Which shape should come out?",
)

stride_left_out = Family(
    "stride_left_out",
    "the stride is left out",
    why="With a stride of 2, every second place is skipped.",
    question="Where is `stride` in your formula?",
)

stride_of_rows_only = Family(
    "one_stride",
    "the stride of the rows is used for the columns, too",
    why="The stride is a pair: down and to the right.",
    question="What is stride[1] for?",
)

square_output = Family(
    "square_only",
    "the output is taken to be square",
    why="Height and width may differ.",
    question="Where does your code use the width?",
)
