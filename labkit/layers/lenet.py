"""What LeNet-5 has that nobody has any more (LeCun, Bottou, Bengio and Haffner, 1998).

Subsampling with trainable coefficients, and radial basis functions for outputs. (Its convolution
with a table of connections is in :mod:`labkit.layers.partial`.)
"""

import math

import keras
import numpy as np
from keras import ops

from labkit.geometry import as_tuple
from labkit.layers.arguments import (
    check_data_format,
    check_input_shape,
    check_known_channels,
    check_output,
)
from labkit.layers.bias import add_bias
from labkit.layers.implementations.shift import shifted
from labkit.layers.signatures import Tensor
from labkit.layers.sliding import Sliding
from labkit.layers.windows import output_shape

__all__ = ["RBF", "Subsampling2D", "scaled_tanh"]


@keras.saving.register_keras_serializable("labkit")
def scaled_tanh(x):
    """The paper's squashing function, ``1.7159 tanh(2 x / 3)``: it takes 1 to 1 and -1 to -1."""
    return 1.7159 * ops.tanh(2 / 3 * x)


@keras.saving.register_keras_serializable("labkit")
class Subsampling2D(Sliding, keras.layers.Layer):
    """LeNet-5's S2 and S4: the sum of each window, times a coefficient, plus a bias.

    One trainable coefficient and bias for each channel. The coefficients begin at one over the
    window's size, where the layer is average pooling.

    Args:
        pool_size, strides: an int or two; strides are the pool size when None.
        activation: the paper's is `scaled_tanh`.
        data_format: "channels_last" or "channels_first".

    Inputs ``(batch, height, width, channels)``, outputs likewise, with the sizes of
    `labkit.geometry.output_shape`; weights ``coefficient`` and ``bias``, ``(channels,)`` each.

    >>> layer = Subsampling2D(2)
    >>> layer(keras.ops.ones((1, 28, 28, 6))).shape, layer.count_params()
    (TensorShape([1, 14, 14, 6]), 12)
    """

    rank = 2
    padding = "valid"

    def __init__(self, pool_size=2, strides=None, activation=None, data_format=None, **kwargs):
        super().__init__(**kwargs)
        self.pool_size = as_tuple(pool_size, 2, "pool_size")
        self.strides = as_tuple(pool_size if strides is None else strides, 2, "strides")
        self.activation = keras.activations.get(activation)
        self.data_format = check_data_format(data_format)

    def build(self, input_shape):
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

    def compute_output_shape(self, input_shape):
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

    def get_config(self):
        return super().get_config() | {
            "pool_size": self.pool_size,
            "strides": self.strides,
            "activation": keras.activations.serialize(self.activation),
            "data_format": self.data_format,
        }


@keras.saving.register_keras_serializable("labkit")
class RBF(keras.layers.Layer):
    """LeNet-5's outputs: the squared distance of the input from the code of each class.

    ``y[i] = sum over j of (x[j] - codes[i, j]) ** 2``: small means near, so the class is the
    *smallest* output. The paper's codes are drawings of the characters, -1 and 1, and fixed.

    Args:
        units: the number of classes.
        codes: ``(units, features)``, which then do not train; random -1 and 1, trainable, if None.

    Inputs ``(..., features)``, outputs ``(..., units)``; weight ``codes``, ``(units, features)``.

    >>> layer = RBF(2, codes=[[1, 1, -1], [-1, 1, 1]])
    >>> [float(distance) for distance in layer(keras.ops.ones((1, 3)))[0]]
    [4.0, 4.0]
    """

    def __init__(self, units, codes=None, **kwargs):
        super().__init__(**kwargs)
        (self.units,) = as_tuple(units, 1, "units")
        self.given = None if codes is None else np.asarray(codes, "float32")
        if codes is not None and (self.given.ndim != 2 or len(self.given) != units):
            raise ValueError(
                f"codes: expected one row for each of {units} units, received shape "
                f"{self.given.shape}"
            )

    def build(self, input_shape):
        features = input_shape[-1]
        shape = (self.units, features)
        if self.given is not None and self.given.shape[1] != features:
            raise ValueError(
                f"{self.name}: expected inputs of {self.given.shape[1]} features, as the codes "
                f"have, received input shape {tuple(input_shape)}"
            )

        def initializer(shape, dtype=None):
            if self.given is not None:
                return ops.cast(self.given, dtype)
            return ops.sign(keras.random.uniform(shape, -1.0, 1.0, dtype=dtype))

        trainable = self.given is None
        self.codes = self.add_weight(
            name="codes", shape=shape, initializer=initializer, trainable=trainable
        )

    def call(self, inputs):
        codes = ops.cast(self.codes, inputs.dtype)
        # (x - c)^2 = x^2 - 2 x c + c^2: a matrix product in place of all differences
        own = ops.sum(ops.square(inputs), axis=-1, keepdims=True)
        return own - 2 * ops.matmul(inputs, ops.transpose(codes)) + ops.sum(codes**2, axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

    def get_config(self):
        given = None if self.given is None else self.given.tolist()
        return super().get_config() | {"units": self.units, "codes": given}
