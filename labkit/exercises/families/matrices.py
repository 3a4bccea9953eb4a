"""Mistakes in the matrix of a convolution or of a pooling."""

from labkit.exercises.families.family import Family

__all__ = [
    "all_column_by_column",
    "column_of_outputs_missing",
    "height_for_width",
    "kernel_backward",
    "no_gap_between_kernel_rows",
    "one_output_width_apart",
    "outputs_column_by_column",
    "outputs_missing",
    "padded_same",
    "pixels_column_by_column",
    "row_of_outputs_missing",
    "sizes_exchanged",
    "transposed",
    "wraps_over_rows",
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

outputs_missing = Family(
    "one_short",
    "the outputs of the last row and column are missing",
    why="height - A counts one place too few, and so does width - B.",
    question="How many rows has the matrix if the kernel is as large as the image?",
)

row_of_outputs_missing = Family(
    "one_row_short",
    "the outputs of the last row are missing",
    why="height - A counts one place too few.",
    question="How many rows has the matrix if the kernel is as large as the image?",
)

column_of_outputs_missing = Family(
    "one_column_short",
    "the outputs of the last column are missing",
    why="width - B counts one place too few.",
    question="How many rows has the matrix if the kernel is as large as the image?",
)

padded_same = Family(
    "padded_same",
    "it is the matrix for an image padded with zeros",
    why="There is an output for every pixel, and at the edges the kernel hangs over.",
    question="How many places has a 2 x 3 kernel on a 4 x 5 image?",
)

no_gap_between_kernel_rows = Family(
    "kernel_contiguous",
    "the kernel's rows follow each other without a gap",
    why="The second kernel row starts B columns after the first. But the pixels below lie one "
    "image width further on, so there is a gap of width - B zeros.",
    question="How many places further on is the pixel right below?",
)

one_output_width_apart = Family(
    "jumps_output_width",
    "the kernel's rows are one output width apart, not one image width",
    why="The pixels below lie one image width further on; the output is narrower.",
    question="How many places further on is the pixel right below?",
)

wraps_over_rows = Family(
    "wraps_over_rows",
    "the kernel wraps from the end of one image row to the start of the next",
    why="From each place to the next you move one pixel, always. Where an image row ends, the "
    "kernel then lies half in it and half in the next one.",
    question="At which column does output (1, 0) start?",
)
