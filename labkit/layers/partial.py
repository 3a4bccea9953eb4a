"""A convolution whose filters read only some of the channels (LeCun et al., 1998, Table I)."""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike, NDArray

from labkit.geometry import Sizes
from labkit.layers import auto
from labkit.layers.arguments import (
    check_channels,
    check_choice,
    check_convolution,
    check_data_format,
    check_input_shape,
    check_output,
)
from labkit.layers.bias import add_bias
from labkit.layers.dropin import GRADIENTS
from labkit.layers.implementations import IMPLEMENTATIONS, check_supported
from labkit.layers.manual import differentiated
from labkit.layers.signatures import Shape, Tensor
from labkit.layers.sliding import Sliding
from labkit.layers.windows import output_shape

__all__ = ["LENET_C3", "PartialConv2D"]

# Table I of the paper: which of the six maps of S2 (rows) each map of C3 (columns) reads.
LENET_C3 = tuple(
    tuple(character == "X" for character in row)
    for row in (
        "X...XXX..XXXX.XX",
        "XX...XXX..XXXX.X",
        "XXX...XXX..X.XXX",
        ".XXX..XXXX..X.XX",
        "..XXX..XXXX.XX.X",
        "...XXX..XXXX.XXX",
    )
)


@keras.saving.register_keras_serializable("labkit")
class PartialConv2D(Sliding, keras.layers.Layer):
    """A convolution whose filters read only some of the channels: LeNet-5's C3.

    Only the connected kernels exist: the weight ``kernel`` is ``(height, width, connections)``, in
    the table's row-major order, so that C3 has the paper's 1,516 trainable numbers. To compute,
    they are put into an ordinary kernel with zeros for the missing connections.

    Args:
        table: which channels (rows) each filter (columns) reads: booleans ``(channels, filters)``;
            `LENET_C3` is the paper's.
        kernel_size, strides, padding, activation, use_bias, kernel_initializer, bias_initializer,
        data_format, implementation, gradient: those of `labkit.layers.Conv2D`.

    Raises:
        ValueError: the table is no matrix, or has a channel or filter without any connection; or
            the inputs have another number of channels than the table has rows.

    >>> layer = PartialConv2D(LENET_C3, 5)
    >>> layer(keras.ops.ones((1, 14, 14, 6))).shape, layer.count_params()
    (TensorShape([1, 10, 10, 16]), 1516)
    """

    rank = 2
    dilation_rate = (1, 1)

    def __init__(
        self,
        table: ArrayLike,
        kernel_size: Sizes,
        strides: Sizes = 1,
        padding: str = "valid",
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        data_format: str | None = None,
        implementation: str = "auto",
        gradient: str = "auto",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.table = _connection_table(table)
        arguments: dict[str, Any] = {
            "kernel_size": kernel_size,
            "strides": strides,
            "padding": padding,
        }
        arguments |= {"dilation_rate": 1, "data_format": data_format, "activation": activation}
        arguments |= {
            "kernel_initializer": kernel_initializer,
            "bias_initializer": bias_initializer,
        }
        sizes = check_convolution(2, arguments, paddings=("valid", "same"))
        self.implementation = check_choice(
            implementation, ("auto", *IMPLEMENTATIONS), "implementation"
        )
        check_supported(implementation, sizes)
        self.gradient = check_choice(gradient, GRADIENTS, "gradient")
        self.kernel_size, self.strides = sizes["kernel_size"], sizes["strides"]
        self.padding = padding.lower()
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.data_format = check_data_format(data_format)

    def build(self, input_shape: Shape) -> None:
        self.compute_output_shape(input_shape)
        check_channels(self, input_shape, len(self.table))
        connected = np.flatnonzero(self.table)
        whole = (*self.kernel_size, *self.table.shape)

        def initializer(shape, dtype=None):
            # A full kernel is drawn, because initializers scale by the kernel's whole shape.
            drawn = self.kernel_initializer(whole, dtype=dtype)
            return ops.take(ops.reshape(drawn, (*self.kernel_size, -1)), connected, axis=-1)

        self.kernel = self.add_weight(
            name="kernel", shape=(*self.kernel_size, len(connected)), initializer=initializer
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=self.table.shape[1:], initializer=self.bias_initializer
            )

    def full_kernel(self) -> Tensor:
        """Return the ordinary kernel, ``(*kernel_size, channels, filters)``, with its zeros."""
        kernel = ops.cast(self.kernel, self.compute_dtype)
        # A zero is added after the last connection, for the missing ones to point at.
        kernel = ops.pad(kernel, ((0, 0), (0, 0), (0, 1)))
        number = np.where(self.table, np.cumsum(self.table).reshape(self.table.shape) - 1, -1)
        return ops.take(kernel, number % kernel.shape[-1], axis=-1)

    def call(self, inputs: Tensor) -> Tensor:
        return self.slide(inputs, self._convolve)

    def _convolve(self, x, window):
        kernel, name = self.full_kernel(), self.implementation
        if name == "auto":
            name = auto.choose(kernel.shape, window, groups=1)
        outputs = differentiated(IMPLEMENTATIONS[name], self.gradient)(x, kernel, window)
        return self.activation(add_bias(outputs, self.bias) if self.use_bias else outputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        check_input_shape(self, input_shape)
        check_output(self, input_shape)
        return output_shape(
            input_shape,
            self.kernel_size,
            strides=self.strides,
            padding=self.padding,
            channels=self.table.shape[1],
            data_format=self.data_format,
        )

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "table": self.table.tolist(),
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
            "data_format": self.data_format,
            "implementation": self.implementation,
            "gradient": self.gradient,
        }


def _connection_table(table: ArrayLike) -> NDArray[np.bool_]:
    """Return the table as a matrix of booleans in which every channel and filter is connected."""
    table = np.asarray(table)
    if table.ndim != 2 or table.dtype.kind not in "biuf" or not np.isin(table, (0, 1)).all():
        raise ValueError(
            "table: expected a matrix of booleans, (channels, filters), received shape "
            f"{table.shape} and dtype {table.dtype}"
        )
    table = table.astype(bool)
    for axis, name in ((1, "channel"), (0, "filter")):
        unconnected = np.flatnonzero(~table.any(axis=axis))
        if len(unconnected):
            raise ValueError(
                f"table: expected every {name} to be connected, received one of shape "
                f"{table.shape} where {name} {unconnected[0]} is not: it would be of no use"
            )
    return table
