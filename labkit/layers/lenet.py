"""The layers of LeNet-5 that later networks gave up (LeCun, Bottou, Bengio and Haffner, 1998).

These are subsampling with trainable coefficients, and radial basis functions for the outputs. (The
convolution with a table of connections is in :mod:`labkit.layers.partial`.)
"""

import math
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from labkit.geometry import Sizes, as_tuple
from labkit.layers.arguments import (
    check_data_format,
    check_input_shape,
    check_known_channels,
    check_output,
)
from labkit.layers.bias import add_bias
from labkit.layers.implementations.shift import shifted
from labkit.layers.signatures import Shape, Tensor
from labkit.layers.sliding import Sliding
from labkit.layers.windows import output_shape

__all__ = ["RBF", "Subsampling2D", "scaled_tanh"]


@keras.saving.register_keras_serializable("labkit")
def scaled_tanh(x: Tensor) -> Tensor:
    """Return the paper's squashing function, ``1.7159 tanh(2 x / 3)``, which maps 1 to 1."""
    return 1.7159 * ops.tanh(2 / 3 * x)


@keras.saving.register_keras_serializable("labkit")
class Subsampling2D(Sliding, keras.layers.Layer):
    """LeNet-5's S2 and S4: the sum of each window, times a coefficient, plus a bias.

    Each channel has one trainable coefficient and one bias. The coefficients start at one over the
    number of elements of the window, so that the layer starts as average pooling.

    Args:
        pool_size, strides: an integer or two; strides are the pool size when None.
        activation: the paper's is `scaled_tanh`.
        data_format: "channels_last" or "channels_first".

    Inputs are ``(batch, height, width, channels)``; outputs have the same order of axes and the
    sizes of `labkit.geometry.output_shape`. The weights ``coefficient`` and ``bias`` are
    ``(channels,)`` each.

    >>> layer = Subsampling2D(2)
    >>> layer(keras.ops.ones((1, 28, 28, 6))).shape, layer.count_params()
    (TensorShape([1, 14, 14, 6]), 12)
    """

    rank = 2
    padding = "valid"

    def __init__(
        self,
        pool_size: Sizes = 2,
        strides: Sizes | None = None,
        activation: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.pool_size = as_tuple(pool_size, 2, "pool_size")
        self.strides = as_tuple(pool_size if strides is None else strides, 2, "strides")
        self.activation = keras.activations.get(activation)
        self.data_format = check_data_format(data_format)

    def build(self, input_shape: Shape) -> None:
        self.compute_output_shape(input_shape)
        channels = check_known_channels(self, input_shape)
        start = keras.initializers.Constant(1 / math.prod(self.pool_size))
        self.coefficient = self.add_weight(name="coefficient", shape=(channels,), initializer=start)
        self.bias = self.add_weight(name="bias", shape=(channels,), initializer="zeros")

    def call(self, inputs: Tensor) -> Tensor:
        return self.slide(inputs, self._subsample)

    def _subsample(self, x, window):
        total = sum(shifted(x, window, tap) for tap in np.ndindex(self.pool_size))
        outputs = add_bias(total * ops.cast(self.coefficient, total.dtype), self.bias)
        return self.activation(outputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        check_input_shape(self, input_shape)
        check_output(self, input_shape)
        return output_shape(
            input_shape,
            self.pool_size,
            strides=self.strides,
            padding=self.padding,
            channels=input_shape[-1 if self.data_format == "channels_last" else 1],
            data_format=self.data_format,
        )

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "pool_size": self.pool_size,
            "strides": self.strides,
            "activation": keras.activations.serialize(self.activation),
            "data_format": self.data_format,
        }


@keras.saving.register_keras_serializable("labkit")
class RBF(keras.layers.Layer):
    """LeNet-5's output layer: the squared distance of the input from the code of each class.

    ``y[i] = sum over j of (x[j] - codes[i, j]) ** 2``. The predicted class is the one with the
    *smallest* output. The paper's codes are fixed: drawings of the characters in -1 and 1.

    Args:
        units: the number of classes.
        codes: ``(units, features)``, which are not trained. If None, the codes start as random -1
            and 1 and are trained.

    Inputs are ``(..., features)`` and outputs ``(..., units)``. The weight ``codes`` is ``(units,
    features)``.

    Raises:
        ValueError: there is not one code for each unit, or the inputs have another number of
            features than the codes.

    >>> layer = RBF(2, codes=[[1, 1, -1], [-1, 1, 1]])
    >>> [float(distance) for distance in layer(keras.ops.ones((1, 3)))[0]]
    [4.0, 4.0]
    """

    def __init__(self, units: int, codes: ArrayLike | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        (self.units,) = as_tuple(units, 1, "units")
        self.fixed_codes = None if codes is None else np.asarray(codes, "float32")
        if self.fixed_codes is not None and self.fixed_codes.shape[:-1] != (self.units,):
            raise ValueError(
                f"codes: expected one row for each of {units} units, received shape "
                f"{self.fixed_codes.shape}"
            )

    def build(self, input_shape: Shape) -> None:
        features, fixed = input_shape[-1], self.fixed_codes
        if fixed is not None and fixed.shape[1] != features:
            raise ValueError(
                f"{self.name}: expected inputs of {fixed.shape[1]} features, as the codes "
                f"have, received input shape {tuple(input_shape)}"
            )

        def initializer(shape, dtype=None):
            if fixed is not None:
                return ops.cast(fixed, dtype)
            return ops.sign(keras.random.uniform(shape, -1.0, 1.0, dtype=dtype))

        self.codes = self.add_weight(
            name="codes",
            shape=(self.units, features),
            initializer=initializer,
            trainable=fixed is None,
        )

    def call(self, inputs: Tensor) -> Tensor:
        codes = ops.cast(self.codes, inputs.dtype)
        # (x - c)^2 = x^2 - 2 x c + c^2 needs one matrix product in place of all differences.
        own = ops.sum(ops.square(inputs), axis=-1, keepdims=True)
        return own - 2 * ops.matmul(inputs, ops.transpose(codes)) + ops.sum(codes**2, axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        codes = None if self.fixed_codes is None else self.fixed_codes.tolist()
        return super().get_config() | {"units": self.units, "codes": codes}
