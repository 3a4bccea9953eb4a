"""Mistakes with the filters, each of which gives a map of its own."""

import numpy as np

from labkit.exercises.families.family import Family

__all__ = [
    "added_up",
    "backward",
    "first_for_all",
    "first_only",
    "in_front",
    "last_for_all",
    "parted_at_the_wrong_places",
    "reshaped",
    "second",
    "taken_for_channels",
]

added_up = Family(
    "filters_summed",
    "the maps of the filters are added up",
    why="A filter sums over channels; over filters nobody sums. Each gives a map of its own.",
    question="How many channels does the output have with 3 filters?",
    after=lambda answer, *args: answer.sum(-1),
)

taken_for_channels = Family(
    "filters_and_channels_swapped",
    "the kernel's last two axes are exchanged: filters are taken for channels",
    why="kernels[..., k, f] is channel k of filter f. With as many filters as channels nobody "
    "notices.",
    question="Which axis of the kernel has as many numbers as a pixel?",
)

parted_at_the_wrong_places = Family(
    "filters_and_channels_reshaped",
    "the kernel's channels and filters are parted at the wrong places",
    why="The weights were laid out as (..., filters, channels) by reshape. In memory the filters "
    "run fastest.",
    question="Which number comes right after kernels[0, 0, 0, 0] in memory?",
)

reshaped = Family(
    "filters_reshaped",
    "the filters are brought to the front by reshape",
    why="reshape cuts the weights into F runs, and a filter is no run: its weights stand F apart."
    " Take kernels[..., f], or np.moveaxis.",
    question="Which weights belong to filter 0: the first few, or every F-th?",
)

backward = Family(
    "filters_backward",
    "the maps come in backward order",
    why="The last filter's map is the first channel of the output.",
    question="Which filter gives y[..., 0]?",
)

first_only = Family(
    "first_filter_only",
    "only the first filter is used",
    why="The result has one map: kernels[..., 0] is one filter of several.",
    question="How many channels does the output have with 3 filters?",
)

first_for_all = Family(
    "first_filter_for_all",
    "all maps are those of the first filter",
    why="The loop over filters runs, but what it computes does not depend on it.",
    question="Where in your loop does the number of the filter appear?",
)

last_for_all = Family(
    "last_filter_for_all",
    "all maps are those of the last filter",
    why="Each filter's map overwrites those of all others.",
    question="Where in your loop does the number of the filter appear?",
)

in_front = Family(
    "filters_in_front",
    "the filters are stacked in front, not as the last axis",
    why="All maps are right, but the result is (filters, batch, ...). The next layer looks for "
    "channels at the end.",
    question="Where do the input's channels stand, and where should the output's?",
    after=lambda answer, *args: np.moveaxis(answer, -1, 0),
)

second = Family(
    "filters_second",
    "the filters are stacked right after the batch, not as the last axis",
    why="All maps are right, but the result is (batch, filters, ...), as PyTorch has it. Here "
    "channels come last.",
    question="Where do the input's channels stand, and where should the output's?",
    after=lambda answer, *args: np.moveaxis(answer, -1, 1),
)
