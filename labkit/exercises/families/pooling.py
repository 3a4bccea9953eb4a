"""Mistakes with the windows of a pooling."""

from labkit.exercises.families.family import Family

__all__ = ["dilated", "edge_left_out", "every_start", "first_pixel", "last_window_missing"]

first_pixel = Family(
    "first_pixel",
    "the first pixel of each window is taken",
    why="x[::S, ::T] keeps pixels without looking at their neighbors: that is sampling.",
    question="Which of the pixels of a window count?",
)

last_window_missing = Family(
    "one_short",
    "the last window of each direction is missing",
    why="(N - A) // S counts the steps from the first window to the last, and there is one window"
    " more than there are steps.",
    question="How many windows fit if the window is as large as the image?",
)

edge_left_out = Family(
    "edge_left_out",
    "a window that ends exactly at the edge is missing",
    why="range(0, N - A, S) leaves out its own end, N - A, though a window fits there.",
    question="Does range(0, 4) hold 4?",
)

every_start = Family(
    "every_start",
    "every multiple of the stride starts a window, even where it does not fit",
    why="range(0, N, S) goes on to the edge; the last windows hang over it and are cut.",
    question="At which row does the last whole window of 3 start in 8 rows?",
)

dilated = Family(
    "dilated",
    "the window is spread out: its pixels are a stride apart",
    why="The stride multiplies the position *inside* the window. That is dilation, the slip of "
    "the slides; stride multiplies the window's start.",
    question="Which pixels lie in the first window of size 2 if the stride is 2?",
)
