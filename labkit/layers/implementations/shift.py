"""Convolution as a sum of shifted images: one product with a small matrix for each tap.

Tap ``a`` of the kernel reads the image shifted by ``a``: every stride-th pixel of it is multiplied
by that tap's matrix ``kernel[a]``, from channels to filters, and the products of all taps are
added. Only slices are copied, so this needs little memory, but it reads the image once for each
tap.
"""

from collections.abc import Mapping
from itertools import product

from keras import ops

from labkit.layers.doubles import matmul
from labkit.layers.signatures import Tensor
from labkit.layers.windows import Window, add_at, cut, pad, padded_size

__all__ = ["convolve", "shifted", "shifted_back"]


def convolve(x: Tensor, kernel: Tensor, window: Window) -> Tensor:
    """Cross-correlate ``x`` with ``kernel``; for shapes see `labkit.layers.implementations`."""
    padded = pad(x, window)
    result = 0
    for tap in product(*map(range, window.kernel_size)):
        result = result + matmul(shifted(padded, window, tap), kernel[tap])
    return result


def shifted(padded: Tensor, window: Window, tap: tuple[int, ...]) -> Tensor:
    """Return what ``tap`` reads of the padded input: ``(batch, *output, channels)``."""
    starts = [a * d for a, d in zip(tap, window.dilation_rate, strict=True)]
    return cut(padded, starts, window.output, window.strides)


def shifted_back(parts: Mapping[tuple[int, ...], Tensor], window: Window) -> Tensor:
    """Apply the transpose of `shifted`: add every part where its tap had read.

    A tap reads the padded input at ``n * stride + a * dilation``. Taps for which this leaves the
    same remainder by the stride read the same comb of positions, shifted by whole strides. They are
    added on that comb, and at the end the combs, one for each remainder, are interleaved.

    Args:
        parts: for each tap ``(batch, *output, channels)``.
        window: where the kernel goes.

    Returns:
        ``(batch, *size, channels)``.
    """
    teeth = [(n + s - 1) // s for n, s in zip(padded_size(window), window.strides, strict=True)]
    combs: dict[tuple[int, ...], Tensor] = {}
    for tap, part in parts.items():
        reads = [a * d for a, d in zip(tap, window.dilation_rate, strict=True)]
        remainders = tuple(r % s for r, s in zip(reads, window.strides, strict=True))
        skipped = (r // s for r, s in zip(reads, window.strides, strict=True))
        batch, *_, channels = ops.shape(part)
        starts, shape = (0, *skipped, 0), (batch, *teeth, channels)
        combs[remainders] = add_at(combs.get(remainders), part, starts, shape)
    whole = _interleave(combs, window.strides)
    return cut(whole, [before for before, _ in window.pads], window.size, (1,))


def _interleave(combs, strides):
    """Interleave the combs of positions; ``combs`` maps remainders by the strides to combs."""
    if len(combs) == 1 and max(strides) == 1:
        (comb,) = combs.values()
        return comb
    empty = ops.zeros_like(next(iter(combs.values())))
    batch, *teeth, channels = ops.shape(empty)

    def stacked(remainders):
        axis = len(remainders)
        if axis == len(strides):
            return combs.get(remainders, empty)
        # The remainders become the axis after the teeth: position = tooth * stride + remainder.
        return ops.stack([stacked((*remainders, r)) for r in range(strides[axis])], axis=axis + 2)

    sizes = [n * s for n, s in zip(teeth, strides, strict=True)]
    return ops.reshape(stacked(()), (batch, *sizes, channels))
