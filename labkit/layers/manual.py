"""labkit's own backward pass of a convolution, in place of the backend's.

With ``y[n] = sum over taps a of x[n * stride + a * dilation] kernel[a]``, channels and filters
understood as vectors and ``kernel[a]`` as a matrix:

- the kernel's gradient is a convolution too: ``d kernel[a] = sum over n of x[n * stride + a *
  dilation]^T dy[n]``, what tap ``a`` read times what came back for it;
- the input's is the transposed convolution: ``dy[n] kernel[a]^T``, added back where tap ``a`` read.

`keras.ops.custom_gradient` puts this in the place of automatic differentiation. The weights go in
as tensors: a Keras variable captured by the function would train on TensorFlow and JAX and
silently not on PyTorch.
"""

import functools
from itertools import product

from keras import ops

from labkit.layers.doubles import matmul
from labkit.layers.implementations.shift import shifted, shifted_back
from labkit.layers.windows import pad

__all__ = ["with_manual_gradient"]


def with_manual_gradient(implementation):
    """The module's ``convolve``, differentiated by hand.

    An implementation that does better than the general rule has a ``gradient`` of its own, or, if
    it can use again what it computed, ``convolve_with_gradient``.
    """

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
                return gradient(args[0] if upstream is None else upstream)

            return outputs, backward

        return forward(ops.convert_to_tensor(x), kernel)

    return convolve


def convolution_gradient(x, kernel, window, upstream):
    """Gradients of ``x`` and of ``kernel``, from ``upstream``, ``(batch, *output, filters)``."""
    padded = pad(x, window)
    channels, filters = kernel.shape[-2:]
    rows = ops.reshape(upstream, (-1, filters))
    d_taps, parts = [], {}
    for tap in product(*map(range, window.kernel_size)):
        read = ops.reshape(shifted(padded, window, tap), (-1, channels))
        d_taps.append(matmul(ops.transpose(read), rows))
        parts[tap] = matmul(upstream, ops.transpose(kernel[tap]))
    return shifted_back(parts, window), ops.reshape(ops.stack(d_taps), kernel.shape)
