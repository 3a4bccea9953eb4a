"""Keras layers that can say how they compute; drop-ins for the built-in ones."""

from labkit.layers.conv import Conv1D, Conv2D, Conv3D
from labkit.layers.depthwise import DepthwiseConv1D, DepthwiseConv2D

__all__ = ["Conv1D", "Conv2D", "Conv3D", "DepthwiseConv1D", "DepthwiseConv2D"]
