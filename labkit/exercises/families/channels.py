"""Mistakes with the channels, over which a filter sums."""

from labkit.exercises.families.family import Family

__all__ = [
    "averaged",
    "backward",
    "first_only",
    "first_plane_for_all",
    "last_only",
    "not_added_up",
    "summed_before_multiplying",
]

first_only = Family(
    "first_channel",
    "only the first channel is used",
    why="The other channels never enter the sum.",
    question="How many products does one output add up with 3 channels?",
)

last_only = Family(
    "last_channel",
    "only the last channel is kept (= instead of +=)",
    why="Each channel's sum replaces the one before it, so of all channels the last remains.",
    question="Does the line in your loop over channels add, or overwrite?",
)

backward = Family(
    "channels_reversed",
    "the kernel's channels are read backward",
    why="The last plane of the kernel meets the first channel: rgb meets bgr.",
    question="Which channel does the kernel's channel 0 multiply?",
)

summed_before_multiplying = Family(
    "summed_before_multiplying",
    "the channels are added before they are multiplied",
    why="The sum of products is not the product of sums.",
    question="What is 1*2 + 3*4, and what is (1 + 3)*(2 + 4)?",
)

averaged = Family(
    "averaged_over_channels",
    "the channels are averaged instead of added",
    why="Each result is divided by the number of channels.",
    question="Where in the formula is there a division?",
)

first_plane_for_all = Family(
    "first_plane_for_all",
    "every channel gets the kernel's weights for channel 0",
    why="The kernel has weights of its own for each channel; you use those of the first for all.",
    question="Which index of the kernel goes along with the channel?",
)

not_added_up = Family(
    "channels_kept",
    "the channels are not added up",
    why="You return all products. A filter adds up its products over the channels.",
    question="Over which axes does your sum run?",
)
