"""Convolution through the Fourier transform, where it is one product for each frequency.

By the convolution theorem the transform of a circular cross-correlation is ``X * conj(K)``. The
input is padded to the kernel's reach, so that nothing wraps around into the outputs that are kept.
The sum over channels is a small matrix product at each frequency (Mathieu, Henaff and LeCun, "Fast
Training of Convolutional Networks through FFTs", 2014). The cost does not depend on the kernel's
size, which is why this pays for large kernels only. With strides all outputs are computed and most
are left out.

It computes in float32 at least. The rounding of an output is relative to the *largest* numbers that
are summed in the transform, not to that output. Each frequency reads every
pixel, so one infinite pixel turns all outputs of its image into NaN.
"""

import math

from keras import ops

from labkit.layers.doubles import at_least_single, matmul
from labkit.layers.implementations import shift
from labkit.layers.signatures import Tensor
from labkit.layers.windows import Window, pad

__all__ = ["convolve"]


def convolve(x: Tensor, kernel: Tensor, window: Window) -> Tensor:
    """Cross-correlate ``x`` with ``kernel``; for shapes see `labkit.layers.implementations`."""
    if x.shape[0] == 0:
        return shift.convolve(x, kernel, window)  # PyTorch cannot transform an empty batch
    dtype, rank, wide = x.dtype, len(window.size), at_least_single(x.dtype)
    filters = kernel.shape[-1]
    images = _spatial_last(ops.cast(pad(x, window), wide), 1)  # (batch, channels, *spatial)
    sizes = tuple(ops.shape(images)[2:])
    kernels = ops.transpose(_dilated(kernel, window), (rank, rank + 1, *range(rank)))
    grown = [(0, n - k) for n, k in zip(sizes, kernels.shape[2:], strict=True)]
    kernels = ops.pad(ops.cast(kernels, wide), [(0, 0), (0, 0), *grown])
    # (frequencies, batch, channels) and (frequencies, channels, filters), each (real, imaginary)
    x_real, x_imag = (_frequencies_first(part) for part in _forward(images, rank))
    k_real, k_imag = (_frequencies_first(part) for part in _forward(kernels, rank))
    # x * conj(k), summed over channels
    real = matmul(x_real, k_real) + matmul(x_imag, k_imag)
    imag = matmul(x_imag, k_real) - matmul(x_real, k_imag)
    frequencies = (*sizes[:-1], sizes[-1] // 2 + 1)
    real, imag = (
        ops.reshape(ops.transpose(part, (1, 2, 0)), (-1, filters, *frequencies))
        for part in (real, imag)
    )
    outputs = _spatial_last(_backward(real, imag, rank, sizes[-1]), -1)
    kept = [
        slice(0, (n - 1) * stride + 1, stride)
        for n, stride in zip(window.output, window.strides, strict=True)
    ]
    return ops.cast(outputs[(slice(None), *kept)], dtype)


def _spatial_last(x, to):
    """Move the channels from the last axis to axis 1 (``to=1``), or back (``to=-1``)."""
    return ops.moveaxis(x, -1, 1) if to == 1 else ops.moveaxis(x, 1, -1)


def _dilated(kernel, window):
    """Put the zeros of the dilation between the taps of ``kernel``."""
    for axis, dilation in enumerate(window.dilation_rate):
        taps = kernel.shape[axis]
        if dilation > 1 and taps > 1:
            kernel = ops.expand_dims(kernel, axis + 1)
            gaps = [(0, 0)] * len(kernel.shape)
            gaps[axis + 1] = (0, dilation - 1)
            shape = list(kernel.shape)
            kernel = ops.pad(kernel, gaps)
            shape[axis : axis + 2] = [taps * dilation]
            kernel = ops.reshape(kernel, shape)
            # there are no zeros after the last tap
            kernel = ops.take(kernel, range((taps - 1) * dilation + 1), axis=axis)
    return kernel


def _frequencies_first(x):
    """Reshape ``(a, b, *frequencies)`` to ``(all frequencies, a, b)``."""
    a, b, *frequencies = ops.shape(x)
    return ops.transpose(ops.reshape(x, (a, b, math.prod(frequencies))), (2, 0, 1))


def _forward(x, rank):
    """Transform the last ``rank`` axes; of the last one only the half that is needed is kept."""
    parts = ops.rfft(x)
    for axis in range(2, 1 + rank):
        parts = _along(axis, parts)
    return parts


def _backward(real, imag, rank, last):
    """Undo `_forward`; ``last`` is the size of the last axis."""
    parts = real, imag
    for axis in range(2, 1 + rank):
        # the inverse is the transform, conjugated before and after, over the number of elements
        real, imag = _along(axis, (parts[0], -parts[1]))
        size = ops.cast(ops.shape(real)[axis], real.dtype)
        parts = real / size, -imag / size
    return ops.irfft(parts, fft_length=last)


def _along(axis, parts):
    """Transform along one axis."""
    real, imag = ops.fft(tuple(ops.swapaxes(part, axis, -1) for part in parts))
    return ops.swapaxes(real, axis, -1), ops.swapaxes(imag, axis, -1)
