"""Keras layers that can say how they compute; drop-ins for the built-in ones."""

from labkit.layers.compare import Comparison, compare
from labkit.layers.conv import Conv1D, Conv2D, Conv3D
from labkit.layers.conv_transpose import Conv1DTranspose, Conv2DTranspose, Conv3DTranspose
from labkit.layers.depthwise import DepthwiseConv1D, DepthwiseConv2D
from labkit.layers.lenet import RBF, Subsampling2D, scaled_tanh
from labkit.layers.normalization import LocalContrastNormalization, LocalResponseNormalization
from labkit.layers.partial import LENET_C3, PartialConv2D
from labkit.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)

__all__ = [
    "LENET_C3",
    "RBF",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "Comparison",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "LocalContrastNormalization",
    "LocalResponseNormalization",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "PartialConv2D",
    "Subsampling2D",
    "compare",
    "scaled_tanh",
]
