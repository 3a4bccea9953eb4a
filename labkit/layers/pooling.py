"""Pooling layers of rank 1, 2 and 3 that can be told how to compute."""

import functools
import math
from itertools import product
from typing import Any

import keras
from keras import ops

from labkit.layers.arguments import check_data_format, check_output, check_pooling
from labkit.layers.doubles import maximum
from labkit.layers.dropin import DropIn
from labkit.layers.implementations.shift import shifted, shifted_back
from labkit.layers.signatures import Shape, Tensor
from labkit.layers.windows import Window, pad, pad_spatial

__all__ = [
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
]


_NARROW = {"int8", "uint8", "int16", "uint16"}  # what sums of few elements overflow


class Pooling(DropIn):
    """What all pooling layers share; the rank is a parameter.

    ``implementation`` is ``"native"``, which asks the backend and is what ``"auto"`` takes, or
    ``"shift"``, which combines one shifted image for each element of the window. ``gradient`` is
    ``"auto"`` or ``"manual"``. Integers are always pooled by the backend.
    """

    implementations = ("native", "shift")

    @classmethod
    def check_arguments(cls, arguments: dict[str, Any]) -> None:
        check_pooling(cls.rank, arguments)

    def check_sizes(self, shape: Shape) -> None:
        super().check_sizes(shape)
        check_output(self, shape)

    def call(self, inputs: Tensor) -> Tensor:
        return self.slide(inputs, self._pool)

    def _pool(self, x, window):
        only_native = self.only_native(x, window)
        shift = self.implementation == "shift" and not only_native
        pool = type(self).shift if shift else self._native
        if self.gradient == "manual" and not only_native:
            pool = _with_gradient(pool, type(self).backward)
        return pool(x, window)

    @staticmethod
    def only_native(x: Tensor, window: Window) -> bool:
        """Return whether only the backend gives what the built-in layer gives.

        So it is for integers: they have no gradients, and each backend has rules of its own about
        which of them it takes.
        """
        return "float" not in keras.backend.standardize_dtype(x.dtype)


class MaxPooling(Pooling):
    """The largest number of each window."""

    def _native(self, x, window):
        return ops.max_pool(x, self.pool_size, self.strides, self.padding, "channels_last")

    @staticmethod
    def shift(x: Tensor, window: Window) -> Tensor:
        """Return the largest of the shifted images at every place."""
        return functools.reduce(maximum, _elements(x, window))

    @staticmethod
    def backward(x: Tensor, window: Window, outputs: Tensor, upstream: Tensor) -> Tensor:
        """Give all of the gradient to the *first* largest element of each window, row by row.

        The built-in layers do so too.
        """
        parts, taken = {}, None
        for tap, element in zip(_taps(window), _elements(x, window), strict=True):
            largest = ops.equal(element, outputs)
            first = largest if taken is None else ops.logical_and(largest, ops.logical_not(taken))
            taken = largest if taken is None else ops.logical_or(taken, largest)
            parts[tap] = ops.where(first, upstream, ops.zeros_like(upstream))
        return shifted_back(parts, window)


class AveragePooling(Pooling):
    """The average of each window, in which padding is not counted, on any backend."""

    def _native(self, x, window):
        uneven = any(before != after for before, after in window.pads)
        if uneven and keras.backend.backend() == "torch" and not self.only_native(x, window):
            # Keras 3.15 pads with copies of the edge there, and counts them (keras#23233).
            return self.shift(x, window)
        if keras.backend.backend() == "jax" and keras.backend.standardize_dtype(x.dtype) in _NARROW:
            # Keras 3.15 adds them up in their own dtype there: four pixels of 200 average 8.
            x = ops.cast(x, "float32")
        return ops.average_pool(x, self.pool_size, self.strides, self.padding, "channels_last")

    @staticmethod
    def shift(x: Tensor, window: Window) -> Tensor:
        """Return the sum of the shifted images over how many of them lie inside the image."""
        padded = pad(x, window)
        total = sum(shifted(padded, window, tap) for tap in _taps(window))
        return total / _counts(x, window)

    @staticmethod
    def backward(x: Tensor, window: Window, outputs: Tensor, upstream: Tensor) -> Tensor:
        """Give an equal share of the gradient to each element of the window."""
        share = upstream / _counts(x, window)
        return shifted_back(dict.fromkeys(_taps(window), share), window)


def _taps(window):
    return product(*map(range, window.kernel_size))


def _elements(x, window):
    """List the elements of the window, for every output; padding is smaller than all else."""
    if window.padding == "valid":
        padded = x
    else:
        inside = pad_spatial(ops.ones_like(x), window.pads)
        lowest = ops.full_like(inside, -math.inf)
        padded = ops.where(ops.cast(inside, "bool"), pad(x, window), lowest)
    return [shifted(padded, window, tap) for tap in _taps(window)]


def _counts(x, window):
    """Count each window's elements in the image: ``(1, *output, 1)``, or one number for all."""
    if window.padding == "valid":
        return math.prod(window.kernel_size)
    ones = pad_spatial(ops.ones_like(x[:1, ..., :1]), window.pads)
    return sum(shifted(ones, window, tap) for tap in _taps(window))


def _with_gradient(pool, backward):
    """Return ``pool`` with ``backward`` for its gradient."""

    def pooled(x, window):
        @ops.custom_gradient
        def forward(x):
            outputs = pool(x, window)

            def gradient(*args, upstream=None):
                return backward(x, window, outputs, args[0] if upstream is None else upstream)

            return outputs, gradient

        return forward(ops.convert_to_tensor(x))

    return pooled


class GlobalPooling(DropIn):
    """What the global pooling layers share: one number for each channel, computed by the backend.

    No window slides here, so there is only one way of computing, ``"native"``.
    """

    gradients = ("auto",)

    @classmethod
    def check_arguments(cls, arguments: dict[str, Any]) -> None:
        check_data_format(arguments["data_format"])


class GlobalMaxPooling(GlobalPooling):
    """The largest number of each channel."""


class GlobalAveragePooling(GlobalPooling):
    """The average of each channel."""


def _make(kind: type[DropIn], rank: int) -> Any:
    """Make the drop-in for Keras's pooling layer of this kind and rank."""
    name = f"{kind.__name__}{rank}D"
    builtin = getattr(keras.layers, name)

    class Layer(kind, builtin, builtin=builtin):  # type: ignore[misc, valid-type, call-arg]
        pass

    Layer.rank = rank
    Layer.__name__ = Layer.__qualname__ = name
    Layer.__doc__ = f"A drop-in for `keras.layers.{name}`: {kind.__doc__}"
    return keras.saving.register_keras_serializable("labkit")(Layer)


MaxPooling1D, MaxPooling2D, MaxPooling3D = (_make(MaxPooling, rank) for rank in (1, 2, 3))
AveragePooling1D, AveragePooling2D, AveragePooling3D = (
    _make(AveragePooling, rank) for rank in (1, 2, 3)
)
GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalMaxPooling3D = (
    _make(GlobalMaxPooling, rank) for rank in (1, 2, 3)
)
GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalAveragePooling3D = (
    _make(GlobalAveragePooling, rank) for rank in (1, 2, 3)
)
