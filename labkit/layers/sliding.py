"""The one place where layers handle ``data_format`` and place their window.

Everything below a layer's ``call`` computes with the channels on the last axis and is told where
the window goes. `Sliding.slide` prepares both and undoes the first for the outputs.
"""

from collections.abc import Callable
from typing import Any

from keras import ops

from labkit.layers.signatures import Tensor
from labkit.layers.windows import Window, window_of

__all__ = ["Sliding", "in_channels_last"]


def in_channels_last(
    inputs: Tensor, data_format: str, compute: Callable[[Tensor], Tensor]
) -> Tensor:
    """Return ``compute(inputs)`` for a function that only knows channels last.

    With ``data_format="channels_first"`` the channels are moved from axis 1 to the last axis before
    the call, and back to axis 1 in what it returns.
    """
    if data_format == "channels_last":
        return compute(inputs)
    return ops.moveaxis(compute(ops.moveaxis(inputs, 1, -1)), -1, 1)


class Sliding:
    """A mixin for layers whose window slides over ``rank`` spatial axes.

    The layer has ``strides``, ``padding``, ``data_format`` and either ``kernel_size`` (with
    ``dilation_rate``) or ``pool_size``. All sizes are tuples with one integer for each axis.
    """

    rank: int
    strides: tuple[int, ...]
    padding: str
    data_format: str

    def slide(self, inputs: Tensor, compute: Callable[[Tensor, Window], Tensor]) -> Tensor:
        """Return ``compute(x, window)`` in the layer's data format.

        ``x`` is the input with its channels on the last axis; ``compute`` returns the outputs in
        the same order, ``(batch, *spatial, channels)``.
        """
        return in_channels_last(inputs, self.data_format, lambda x: compute(x, self.window_over(x)))

    def window_over(self, x: Tensor) -> Window:
        """Return the layer's window over ``x``, ``(batch, *spatial, channels)``."""
        return window_of(
            x,
            self.window_size,
            strides=self.strides,
            padding=self.padding,
            dilation_rate=self.window_dilation,
        )

    @property
    def window_size(self) -> tuple[int, ...]:
        """The size of the kernel or of the pooling window."""
        layer: Any = self
        return layer.kernel_size if hasattr(self, "kernel_size") else layer.pool_size

    @property
    def window_dilation(self) -> tuple[int, ...]:
        """The distance between the elements that the window reads."""
        return getattr(self, "dilation_rate", (1,) * self.rank)
