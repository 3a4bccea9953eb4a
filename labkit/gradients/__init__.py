"""Backward passes written by hand, and a check that tells whether one is right.

Each function takes the layer's inputs and ``dy``, the loss's gradient with respect to the layer's
output, and returns the loss's gradients with respect to these inputs, in their shapes. Arrays are
channels-last; results have the common dtype of the arguments, at least float32.

For ``strides``, ``padding`` and ``dilation_rate`` see :mod:`labkit.geometry`.
"""

from labkit.gradients.activations import (
    elu_gradient,
    leaky_relu_gradient,
    relu_gradient,
    sigmoid_gradient,
    softmax_cross_entropy,
    tanh_gradient,
)
from labkit.gradients.checking import Entry, GradientCheck, check_gradients
from labkit.gradients.layers import (
    LayerGradients,
    bias_gradient,
    convolution_gradients,
    dense_gradients,
    input_gradient,
    kernel_gradient,
)
from labkit.gradients.pooling import average_pool_gradient, max_pool_gradient

__all__ = [
    "Entry",
    "GradientCheck",
    "LayerGradients",
    "average_pool_gradient",
    "bias_gradient",
    "check_gradients",
    "convolution_gradients",
    "dense_gradients",
    "elu_gradient",
    "input_gradient",
    "kernel_gradient",
    "leaky_relu_gradient",
    "max_pool_gradient",
    "relu_gradient",
    "sigmoid_gradient",
    "softmax_cross_entropy",
    "tanh_gradient",
]
