"""Normalization by the neighborhood: across channels (2012), across space (2009)."""

import math

import keras
import numpy as np
from keras import ops

from labkit.geometry import as_tuple
from labkit.layers.arguments import check_data_format, check_input_shape, check_known_channels
from labkit.layers.implementations import native
from labkit.layers.signatures import Tensor
from labkit.layers.sliding import in_channels_last
from labkit.layers.windows import window_of

__all__ = ["LocalContrastNormalization", "LocalResponseNormalization"]


class _Normalization(keras.layers.Layer):
    """Computes in float32, channels last; the output has the dtype and layout of the input."""

    rank = 2

    def __init__(self, data_format=None, **kwargs):
        super().__init__(**kwargs)
        self.data_format = check_data_format(data_format)

    def build(self, input_shape):
        check_input_shape(self, input_shape)
        self.channels = check_known_channels(self, input_shape)

    def call(self, inputs: Tensor) -> Tensor:
        x = ops.cast(inputs, "float32")
        return ops.cast(in_channels_last(x, self.data_format, self.normalized), inputs.dtype)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        return super().get_config() | {"data_format": self.data_format}


@keras.saving.register_keras_serializable("labkit")
class LocalResponseNormalization(_Normalization):
    """AlexNet's normalization: strong responses damp those of neighboring channels.

    ``y[i] = x[i] / (k + alpha * sum of x[j]^2 over the size channels around i) ** beta``, at every
    pixel (Krizhevsky, Sutskever and Hinton, 2012, section 3.3, whose constants are the defaults).

    Conventions differ: this is the paper's, where ``size`` (its *n*, odd) counts *all* channels of
    the neighborhood and ``alpha`` multiplies their *sum*. `tf.nn.local_response_normalization`
    names the radius, ``size = 2 * depth_radius + 1``, and the same alpha; Caffe and PyTorch divide
    alpha by ``size``: theirs is ``size`` times this one.

    Args:
        size: how many channels, an odd number; at the edges fewer are there.
        alpha, beta, k: the paper's.
        data_format: "channels_last" or "channels_first".

    Inputs and outputs ``(batch, height, width, channels)``.

    >>> x = keras.ops.ones((1, 1, 1, 3))
    >>> y = LocalResponseNormalization(size=3, alpha=1.0, beta=1.0, k=1.0)(x)
    >>> [round(float(number), 3) for number in y[0, 0, 0]]
    [0.333, 0.25, 0.333]
    """

    def __init__(self, size=5, alpha=1e-4, beta=0.75, k=2.0, data_format=None, **kwargs):
        super().__init__(data_format, **kwargs)
        (self.size,) = as_tuple(size, 1, "size")
        if self.size % 2 == 0:
            raise ValueError(
                f"size: expected an odd number of channels, received {size}: as many on either side"
            )
        self.alpha, self.beta, self.k = alpha, beta, k

    def normalized(self, x):
        channels = np.arange(self.channels)
        near = abs(channels[:, None] - channels) <= self.size // 2
        energy = ops.matmul(ops.square(x), near.astype("float32"))  # a sum along a band
        damped = self.k + self.alpha * energy
        if self.beta == 0.75:  # two square roots take a third of a power's time
            root = ops.rsqrt(damped)
            return x * (root * ops.sqrt(root))
        return x / damped**self.beta

    def get_config(self):
        own = {"size": self.size, "alpha": self.alpha, "beta": self.beta, "k": self.k}
        return super().get_config() | own


@keras.saving.register_keras_serializable("labkit")
class LocalContrastNormalization(_Normalization):
    """Mean 0 and standard deviation 1 in every neighborhood (Jarrett et al., 2009, section 2.1).

    ``v = x - local mean`` and ``y = v / max(c, local deviation)``, where both are weighted by a
    Gaussian over the neighborhood and taken over all channels together, and ``c`` is the mean of
    the image's local deviations: flat regions are not blown up. At the border the weights that lie
    inside the image are made to sum to 1.

    Args:
        size: the neighborhood's height and width, an odd number (the paper's is 9).
        sigma: the Gaussian's standard deviation, in pixels; a quarter of the size when None.
        epsilon: the least that is divided by.
        data_format: "channels_last" or "channels_first".

    Inputs and outputs ``(batch, height, width, channels)``.

    >>> x = keras.ops.ones((1, 8, 8, 1)) * 5
    >>> float(keras.ops.max(keras.ops.abs(LocalContrastNormalization(5)(x)))) < 0.02
    True
    """

    def __init__(self, size=9, sigma=None, epsilon=1e-4, data_format=None, **kwargs):
        super().__init__(data_format, **kwargs)
        (self.size,) = as_tuple(size, 1, "size")
        if self.size % 2 == 0:
            raise ValueError(
                f"size: expected an odd number of pixels, received {size}: as many on either side"
            )
        self.sigma = sigma
        self.epsilon = epsilon

    def normalized(self, x):
        centered = x - self._local_mean(x)
        deviation = _root(self._local_mean(ops.square(centered)))
        typical = ops.mean(deviation, axis=(1, 2, 3), keepdims=True)
        return centered / ops.maximum(ops.maximum(deviation, typical), self.epsilon)

    def _local_mean(self, x):
        """``(batch, height, width, 1)``: over the neighborhood and over all channels."""
        mean = self._blurred(ops.mean(x, axis=-1, keepdims=True))
        return mean / self._blurred(ops.ones_like(x[:1, ..., :1]))

    def _blurred(self, x):
        sigma = self.sigma or self.size / 4
        distance = np.arange(self.size) - self.size // 2
        weights = np.exp(-(distance**2) / (2 * sigma**2))
        for shape in ((self.size, 1, 1, 1), (1, self.size, 1, 1)):  # along height, along width
            kernel = ops.cast(weights.reshape(shape) / math.fsum(weights), x.dtype)
            options = {"strides": (1, 1), "padding": "same", "dilation_rate": (1, 1)}
            x = native.convolve(x, kernel, window_of(x, shape[:2], **options))
        return x

    def get_config(self):
        own = {"size": self.size, "sigma": self.sigma, "epsilon": self.epsilon}
        return super().get_config() | own


def _root(x):
    """The square root, with a slope of 0, not infinite, where ``x`` is 0: in a flat region."""
    there = x > 0
    return ops.where(there, ops.sqrt(ops.where(there, x, 1.0)), 0.0)
