"""Pooling layers of rank 1, 2 and 3 that can say how they compute."""

import functools
import math
from itertools import product

import keras
from keras import ops

from labkit.layers.arguments import check_data_format, check_output, check_pooling
from labkit.layers.doubles import maximum
from labkit.layers.dropin import DropIn
from labkit.layers.implementations.shift import shifted, shifted_back
from labkit.layers.signatures import Shape, Tensor
from labkit.layers.windows import pad, pad_spatial

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


class Pooling(DropIn):
    """What all pooling layers share; rank is a parameter.

    ``implementation`` is ``"native"`` (the backend's; what ``"auto"`` takes) or ``"shift"``: one
    shifted image for each place in the window. ``gradient`` is ``"auto"`` or ``"manual"``.
    """

    implementations = ("native", "shift")

    @classmethod
    def check_arguments(cls, arguments):
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
    def only_native(x, window):
        """Whether nothing else gives what the built-in gives.

        Integers have no gradients, and each backend has its own rules for which of them it takes.
        """
        return "float" not in keras.backend.standardize_dtype(x.dtype)


class MaxPooling(Pooling):
    """The largest of each window."""

    def _native(self, x, window):
        return ops.max_pool(x, self.pool_size, self.strides, self.padding, "channels_last")

    @staticmethod
    def shift(x, window):
        """The largest of the shifted images, place by place."""
        return functools.reduce(maximum, _seen(x, window))

    @staticmethod
    def backward(x, window, outputs, upstream):
        """All of the gradient to the *first* largest of each window, row by row, as built-in."""
        parts, found = {}, None
        for tap, seen in zip(_taps(window), _seen(x, window), strict=True):
            here = ops.equal(seen, outputs)
            first = here if found is None else ops.logical_and(here, ops.logical_not(found))
            found = here if found is None else ops.logical_or(found, here)
            parts[tap] = ops.where(first, upstream, ops.zeros_like(upstream))
        return shifted_back(parts, window)


class AveragePooling(Pooling):
    """The average of each window; padding is not counted."""

    def _native(self, x, window):
        uneven = any(before != after for before, after in window.pads)
        if uneven and keras.backend.backend() == "torch" and not self.only_native(x, window):
            # Keras 3.15 pads with copies of the edge there, and counts them (keras#23233).
            return self.shift(x, window)
        return ops.average_pool(x, self.pool_size, self.strides, self.padding, "channels_last")

    @staticmethod
    def shift(x, window):
        """The sum of the shifted images over how many of them are there, place by place."""
        padded = pad(x, window)
        total = sum(shifted(padded, window, tap) for tap in _taps(window))
        return total / _counts(x, window)

    @staticmethod
    def backward(x, window, outputs, upstream):
        """An equal share for each element of the window."""
        share = upstream / _counts(x, window)
        return shifted_back(dict.fromkeys(_taps(window), share), window)


def _taps(window):
    return product(*map(range, window.kernel_size))


def _seen(x, window):
    """What each place of the window sees, for every output; nothing is smaller than padding."""
    if window.padding == "valid":
        padded = x
    else:
        inside = pad_spatial(ops.ones_like(x), window.pads)
        lowest = ops.full_like(inside, -math.inf)
        padded = ops.where(ops.cast(inside, "bool"), pad(x, window), lowest)
    return [shifted(padded, window, tap) for tap in _taps(window)]


def _counts(x, window):
    """How many elements of each window lie in the image: ``(1, *output, 1)``, or their number."""
    if window.padding == "valid":
        return math.prod(window.kernel_size)
    ones = pad_spatial(ops.ones_like(x[:1, ..., :1]), window.pads)
    return sum(shifted(ones, window, tap) for tap in _taps(window))


def _with_gradient(pool, backward):
    """``pool``, differentiated by hand."""

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
    """What the global pooling layers share: one number for each channel, by the backend's own sum.

    There is no window that slides, so there is one way of computing only: ``"native"``.
    """

    gradients = ("auto",)

    @classmethod
    def check_arguments(cls, arguments):
        check_data_format(arguments["data_format"])


class GlobalMaxPooling(GlobalPooling):
    """The largest of each channel."""


class GlobalAveragePooling(GlobalPooling):
    """The average of each channel."""


def _make(kind, rank):
    """The drop-in for Keras's pooling layer of this kind and rank."""
    name = f"{kind.__name__}{rank}D"
    builtin = getattr(keras.layers, name)

    class Layer(kind, builtin, builtin=builtin):
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
