"""Normalization by the neighborhood: across channels (AlexNet, 2012) and across space (2009)."""

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from labkit.geometry import as_tuple
from labkit.layers.arguments import check_data_format, check_input_shape, check_known_channels
from labkit.layers.implementations import native
from labkit.layers.signatures import Shape, Tensor
from labkit.layers.sliding import in_channels_last
from labkit.layers.windows import window_of

__all__ = ["LocalContrastNormalization", "LocalResponseNormalization"]


class _Normalization(keras.layers.Layer):
    """Compute in float32 and channels last; the output has the dtype and layout of the input."""

    rank = 2

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = check_data_format(data_format)

    def build(self, input_shape: Shape) -> None:
        check_input_shape(self, input_shape)
        self.channels = check_known_channels(self, input_shape)

    def call(self, inputs: Tensor) -> Tensor:
        x = ops.cast(inputs, "float32")
        return ops.cast(in_channels_last(x, self.data_format, self.normalized), inputs.dtype)

    def normalized(self, x: Tensor) -> Tensor:
        """Return the normalized images; both are float32 ``(batch, height, width, channels)``."""
        raise NotImplementedError

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"data_format": self.data_format}


@keras.saving.register_keras_serializable("labkit")
class LocalResponseNormalization(_Normalization):
    """AlexNet's normalization, in which strong responses damp those of neighboring channels.

    ``y[i] = x[i] / (k + alpha * sum of x[j]^2 over the size channels around i) ** beta``, at every
    pixel (Krizhevsky, Sutskever and Hinton, 2012, section 3.3, whose constants are the defaults).

    Conventions differ. This is the paper's, where ``size`` (its *n*) counts *all* channels of the
    neighborhood and ``alpha`` multiplies their *sum*. `tf.nn.local_response_normalization` takes
    the radius, ``size = 2 * depth_radius + 1``, and the same alpha. Caffe and PyTorch divide alpha
    by ``size``, so their alpha is ``size`` times this one.

    Args:
        size: the number of channels in a neighborhood, which is odd; at the edges there are fewer.
        alpha, beta, k: the paper's constants.
        data_format: "channels_last" or "channels_first".

    Inputs and outputs are ``(batch, height, width, channels)``, or channels first.

    Raises:
        ValueError: ``size`` is even.

    >>> x = keras.ops.ones((1, 1, 1, 3))
    >>> y = LocalResponseNormalization(size=3, alpha=1.0, beta=1.0, k=1.0)(x)
    >>> [round(float(number), 3) for number in y[0, 0, 0]]
    [0.333, 0.25, 0.333]
    """

    def __init__(
        self,
        size: int = 5,
        alpha: float = 1e-4,
        beta: float = 0.75,
        k: float = 2.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format, **kwargs)
        (self.size,) = as_tuple(size, 1, "size")
        if self.size % 2 == 0:
            raise ValueError(
                f"size: expected an odd number of channels, received {size}: as many on either side"
            )
        self.alpha, self.beta, self.k = alpha, beta, k

    def normalized(self, x: Tensor) -> Tensor:
        channels = np.arange(self.channels)
        near = abs(channels[:, None] - channels) <= self.size // 2
        energy = ops.matmul(ops.square(x), near.astype("float32"))  # a sum along a band
        damped = self.k + self.alpha * energy
        if self.beta == 0.75:  # two square roots take a third of a power's time
            root = ops.rsqrt(damped)
            return x * (root * ops.sqrt(root))
        return x / damped**self.beta

    def get_config(self) -> dict[str, Any]:
        own = {"size": self.size, "alpha": self.alpha, "beta": self.beta, "k": self.k}
        return super().get_config() | own


@keras.saving.register_keras_serializable("labkit")
class LocalContrastNormalization(_Normalization):
    """Mean 0 and standard deviation 1 in every neighborhood (Jarrett et al., 2009, section 2.1).

    ``v = x - local mean`` and ``y = v / max(c, local deviation)``. Mean and deviation are weighted
    by a Gaussian over the neighborhood and taken over all channels together. ``c`` is the mean of
    the image's local deviations, so that noise in flat regions is not amplified. At the border the
    weights inside the image are scaled to sum to 1.

    Args:
        size: the neighborhood's height and width, an odd number (the paper's is 9).
        sigma: the Gaussian's standard deviation, in pixels; a quarter of the size when None.
        epsilon: the smallest number to divide by.
        data_format: "channels_last" or "channels_first".

    Inputs and outputs are ``(batch, height, width, channels)``, or channels first.

    Raises:
        ValueError: ``size`` is even.

    >>> x = keras.ops.ones((1, 8, 8, 1)) * 5
    >>> float(keras.ops.max(keras.ops.abs(LocalContrastNormalization(5)(x)))) < 0.02
    True
    """

    def __init__(
        self,
        size: int = 9,
        sigma: float | None = None,
        epsilon: float = 1e-4,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format, **kwargs)
        (self.size,) = as_tuple(size, 1, "size")
        if self.size % 2 == 0:
            raise ValueError(
                f"size: expected an odd number of pixels, received {size}: as many on either side"
            )
        self.sigma = sigma
        self.epsilon = epsilon

    def normalized(self, x: Tensor) -> Tensor:
        centered = x - self._local_mean(x)
        deviation = _root(self._local_mean(ops.square(centered)))
        typical = ops.mean(deviation, axis=(1, 2, 3), keepdims=True)
        return centered / ops.maximum(ops.maximum(deviation, typical), self.epsilon)

    def _local_mean(self, x):
        """Average over the neighborhood and all channels: ``(batch, height, width, 1)``."""
        mean = self._blurred(ops.mean(x, axis=-1, keepdims=True))
        return mean / self._blurred(ops.ones_like(x[:1, ..., :1]))

    def _blurred(self, x):
        """Convolve with the Gaussian, along one axis after the other."""
        sigma = self.sigma or self.size / 4
        distance = np.arange(self.size) - self.size // 2
        weights = np.exp(-(distance**2) / (2 * sigma**2))
        for shape in ((self.size, 1, 1, 1), (1, self.size, 1, 1)):  # along height, along width
            kernel = ops.cast(weights.reshape(shape) / math.fsum(weights), x.dtype)
            window = window_of(x, shape[:2], strides=(1, 1), padding="same", dilation_rate=(1, 1))
            x = native.convolve(x, kernel, window)
        return x

    def get_config(self) -> dict[str, Any]:
        own = {"size": self.size, "sigma": self.sigma, "epsilon": self.epsilon}
        return super().get_config() | own


def _root(x):
    """Return the square root, with slope 0 in place of infinity where ``x`` is 0."""
    positive = x > 0
    return ops.where(positive, ops.sqrt(ops.where(positive, x, 1.0)), 0.0)
