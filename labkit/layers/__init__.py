"""Keras layers that can say how they compute; drop-ins for the built-in ones."""

from labkit.layers.conv import Conv1D, Conv2D, Conv3D
from labkit.layers.conv_transpose import Conv1DTranspose, Conv2DTranspose, Conv3DTranspose
from labkit.layers.depthwise import DepthwiseConv1D, DepthwiseConv2D
from labkit.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)

__all__ = [
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
]
