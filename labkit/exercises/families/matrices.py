"""Mistakes in the matrix of a convolution or of a pooling."""

from labkit.exercises.families.family import Family

__all__ = [
    "all_column_by_column",
    "height_for_width",
    "kernel_backward",
    "outputs_column_by_column",
    "pixels_column_by_column",
    "sizes_exchanged",
    "transposed",
]

transposed = Family(
    "transposed",
    "the matrix's rows and columns are exchanged",
    why="A row belongs to an output, a column to an input.",
    question="How many numbers come out of W @ x?",
    after=lambda matrix, *args: matrix.T,
)

sizes_exchanged = Family(
    "sizes_exchanged",
    "height and width are exchanged",
    why="You build the matrix for images (width, height). With a square image nobody notices.",
    question="Is height the number of rows, or of columns?",
)

pixels_column_by_column = Family(
    "pixels_column_by_column",
    "the pixels are in column-by-column order",
    why="The columns of the matrix are ordered as if the image were read down its columns.",
    question="Which pixel is number 1 of the long vector, (0, 1) or (1, 0)?",
)

outputs_column_by_column = Family(
    "outputs_column_by_column",
    "the outputs are in column-by-column order",
    why="Each row is right, but they come in the wrong order: after output (0, 0) you put (1, 0).",
    question="Which output is row 1 of the matrix?",
)

all_column_by_column = Family(
    "column_by_column",
    "images and outputs are read column by column",
    why="The matrix is right for vectors made of columns. Here the vectors are made of rows, as "
    "ravel() does it.",
    question="Which pixel is number 1 of the long vector, (0, 1) or (1, 0)?",
)

kernel_backward = Family(
    "backward",
    "the kernel stands backward in every row",
    why="That is the matrix of the mathematician's convolution.",
    question="Which weight stands first in row 0?",
)

height_for_width = Family(
    "image_width_is_height",
    "the image's height is used in place of its width",
    why="Both the outputs and the kernel's rows are an image row apart, and that is width pixels "
    "long, not height.",
    question="How many pixels are in one row of the image?",
)
