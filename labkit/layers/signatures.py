"""The types that the layers' signatures are written in."""

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

from labkit.layers.windows import Window

__all__ = ["Backward", "Convolve", "Implementation", "Shape", "Tensor"]

# A tensor of whichever backend Keras runs on; Keras itself has no type for it.
Tensor: TypeAlias = Any

# A shape, with None for a size that is not known yet.
Shape: TypeAlias = tuple[int | None, ...]

# From the gradient of the outputs to the gradients of the input and of the kernel.
Backward: TypeAlias = Callable[[Tensor], tuple[Tensor, Tensor]]

# From input, kernel and window to the outputs; inputs and outputs are channels last.
Convolve: TypeAlias = Callable[[Tensor, Tensor, Window], Tensor]


class Implementation(Protocol):
    """One way of computing a convolution: a module or a namespace with this function.

    It may also have ``gradient(x, kernel, window, upstream)``, or ``convolve_with_gradient(x,
    kernel, window)``, which returns the outputs and a `Backward`: see `labkit.layers.manual`.
    """

    def convolve(self, x: Tensor, kernel: Tensor, window: Window, /) -> Tensor:
        """Convolve ``x`` with ``kernel``."""
