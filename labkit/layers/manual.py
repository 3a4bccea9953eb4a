"""labkit's own backward pass of a convolution, in place of the backend's.

With ``y[n] = sum over taps a of x[n * stride + a * dilation] kernel[a]``, where an entry of ``x``
or ``y`` is a vector of channels or filters and ``kernel[a]`` a matrix:

- the kernel's gradient is a convolution too: ``d kernel[a] = sum over n of x[n * stride + a *
  dilation]^T dy[n]``, what tap ``a`` read times the gradient of the output that it went into;
- the input's gradient is the transposed convolution: ``dy[n] kernel[a]^T``, added where tap ``a``
  had read.

`keras.ops.custom_gradient` puts this in the place of automatic differentiation. The weights are
passed in as tensors: a Keras variable that the function captured would train on TensorFlow and JAX
and silently stay as it is on PyTorch. Second derivatives are right too.
"""

import functools
from itertools import product
from typing import Any

import keras
from keras import ops

from labkit.layers.doubles import matmul
from labkit.layers.implementations.shift import shifted, shifted_back
from labkit.layers.signatures import Convolve, Tensor
from labkit.layers.windows import Window, pad

__all__ = ["convolution_gradient", "differentiated"]


def differentiated(implementation: Any, gradient: str) -> Convolve:
    """Return the implementation's ``convolve``, differentiated as a layer's ``gradient`` says.

    Args:
        implementation: an `labkit.layers.signatures.Implementation`. For "manual" its own
            ``convolve_with_gradient`` is used, which can reuse what the forward pass computed, or
            else its own ``gradient``, or else `convolution_gradient`.
        gradient: "auto", where the backend differentiates, or "manual".
    """
    if gradient == "auto":
        return implementation.convolve

    def convolve(x, kernel, window):
        @ops.custom_gradient
        def forward(x, kernel):
            if hasattr(implementation, "convolve_with_gradient"):
                outputs, gradient = implementation.convolve_with_gradient(x, kernel, window)
            else:
                outputs = implementation.convolve(x, kernel, window)
                rule = getattr(implementation, "gradient", convolution_gradient)
                gradient = functools.partial(rule, x, kernel, window)

            def backward(*args, upstream=None):
                upstream = args[0] if upstream is None else upstream
                if _records_backward() and hasattr(implementation, "convolve_with_gradient"):
                    # What the forward pass kept are constants here, and would stay constants.
                    _, again = implementation.convolve_with_gradient(x, kernel, window)
                    return again(upstream)
                return gradient(upstream)

            return outputs, backward

        return forward(ops.convert_to_tensor(x), kernel)

    return convolve


def _records_backward():
    """Return whether PyTorch is recording the backward pass, to differentiate it once more.

    PyTorch runs the forward pass of a custom gradient without recording it. (TensorFlow and JAX
    record or trace it, so that what it keeps can be differentiated.)
    """
    if keras.backend.backend() != "torch":
        return False
    import torch

    return torch.is_grad_enabled()


def convolution_gradient(
    x: Tensor, kernel: Tensor, window: Window, upstream: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the gradients of ``x`` and ``kernel``, from that of the outputs, ``upstream``."""
    padded = pad(x, window)
    channels, filters = kernel.shape[-2:]
    rows = ops.reshape(upstream, (-1, filters))
    d_taps, parts = [], {}
    for tap in product(*map(range, window.kernel_size)):
        read = ops.reshape(shifted(padded, window, tap), (-1, channels))
        d_taps.append(matmul(ops.transpose(read), rows))
        parts[tap] = matmul(upstream, ops.transpose(kernel[tap]))
    return shifted_back(parts, window), ops.reshape(ops.stack(d_taps), kernel.shape)
