"""Convolution as a sum of shifted images: one product with a small matrix for each tap.

Tap ``a`` of the kernel meets the image shifted by ``a``; every stride-th pixel of it is multiplied
by that tap's matrix ``kernel[a]``, channels to filters, and all taps are added up. Nothing is
copied but the slices, so it needs little memory; but it reads the image once for each tap.
"""

from itertools import product

from keras import ops

from labkit.layers.doubles import matmul
from labkit.layers.windows import add_at, cut, pad, padded_size

__all__ = ["convolve", "shifted", "shifted_back"]


def convolve(x, kernel, window):
    """Cross-correlate ``x`` ``(batch, *spatial, channels)`` with ``kernel``.

    ``kernel`` is ``(*kernel_size, channels, filters)``, ``window`` says where it goes; returns
    ``(batch, *output, filters)``.
    """
    padded = pad(x, window)
    result = 0
    for tap in product(*map(range, window.kernel_size)):
        result = result + matmul(shifted(padded, window, tap), kernel[tap])
    return result


def shifted(padded, window, tap):
    """What ``tap`` reads of the padded input, for every output: ``(batch, *output, channels)``."""
    starts = [a * d for a, d in zip(tap, window.dilation_rate, strict=True)]
    return cut(padded, starts, window.output, window.strides)


def shifted_back(parts, window):
    """The transpose of `shifted`: every part added where its tap had read.

    ``parts`` maps each tap to ``(batch, *output, channels)``; returns ``(batch, *size, channels)``.

    A tap reads the padded input at ``n * stride + a * dilation``. Taps for which this leaves the
    same remainder by the stride read the same comb of positions, shifted by whole strides: they are
    added up on the comb, and at the end the combs, one for each remainder, are put between each
    other.
    """
    teeth = [(n + s - 1) // s for n, s in zip(padded_size(window), window.strides, strict=True)]
    combs = {}
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
    """Put combs of positions, by their remainders, between each other."""
    if len(combs) == 1 and max(strides) == 1:
        (comb,) = combs.values()
        return comb
    empty = ops.zeros_like(next(iter(combs.values())))
    batch, *teeth, channels = ops.shape(empty)

    def stacked(remainders):
        axis = len(remainders)
        if axis == len(strides):
            return combs.get(remainders, empty)
        # the remainder becomes the axis after the teeth's: position = tooth * stride + remainder
        return ops.stack([stacked((*remainders, r)) for r in range(strides[axis])], axis=axis + 2)

    sizes = [n * s for n, s in zip(teeth, strides, strict=True)]
    return ops.reshape(stacked(()), (batch, *sizes, channels))
