"""Mistakes with the windows of a pooling."""

from labkit.exercises.families.family import Family

__all__ = [
    "all_exchanged",
    "dilated",
    "edge_left_out",
    "every_start",
    "first_pixel",
    "last_window_missing",
    "over_channels",
    "same_for_all_channels",
    "whole_image",
]

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

over_channels = Family(
    "over_channels",
    "the channels are pooled, too",
    why="One number is left for each window, where one for each window *and channel* was asked "
    "for. Pooling never mixes channels.",
    question="How many channels does the output have?",
)

same_for_all_channels = Family(
    "same_for_all_channels",
    "every channel gets the same number, computed over all channels",
    why="Without an axis, mean() and max() take all channels at once, and their one number is "
    "written to each of them.",
    question="What do mean() and max() do when they are not told an axis?",
)

whole_image = Family(
    "whole_image",
    "the whole image is pooled to one number for each channel",
    why="You reduce all pixels of a channel to one number: that is global pooling, which comes "
    "later in this lab.",
    question="How many outputs does a 4 x 4 image have with windows of 2 and stride 2?",
)

all_exchanged = Family(
    "all_exchanged",
    "rows and columns are exchanged in all sizes",
    why="You work with (width, height), everybody else with (height, width).",
    question="Is pool[0] the number of rows, or of columns?",
)
