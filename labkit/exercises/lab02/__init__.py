"""Lab 02: channels. One module for each exercise; ``sliding`` holds what three of them share."""

from labkit.exercises.lab02.chain import CHAIN
from labkit.exercises.lab02.channel_matrix import CHANNEL_MATRIX
from labkit.exercises.lab02.conv_channels import CONV_CHANNELS
from labkit.exercises.lab02.conv_filters import CONV_FILTERS
from labkit.exercises.lab02.conv_nd import CONV_ND
from labkit.exercises.lab02.dense_per_pixel import DENSE_PER_PIXEL

EXERCISES = (
    CONV_CHANNELS,
    CONV_FILTERS,
    CHANNEL_MATRIX,
    CHAIN,
    CONV_ND,
    DENSE_PER_PIXEL,
)

__all__ = ["EXERCISES"]
