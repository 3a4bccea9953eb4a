"""Adding the bias to the outputs of a layer."""

import math

from keras import ops

from labkit.layers.signatures import Tensor
from labkit.layers.windows import is_known

__all__ = ["add_bias"]

# Outputs of one image; below, a fused sum is quicker (`labkit bench layers`).
LARGE = 2**15


def add_bias(outputs: Tensor, bias: Tensor, fused: bool = False) -> Tensor:
    """Add the bias to the outputs, a row of the image at a time.

    The bias, repeated for every pixel of a row, is added to whole rows. The sum is the same, but
    its gradient, a sum over all pixels, reads memory in long rows; adding ``filters`` numbers at a
    time would take a CPU several times as long.

    Args:
        outputs: ``(batch, *spatial, filters)``.
        bias: ``(filters,)``.
        fused: whether the outputs come from the backend's own convolution. The backend fuses that
            with a plain sum, which is quicker where the outputs are small.

    Returns:
        ``(batch, *spatial, filters)``, of the outputs' dtype.
    """
    *outer, width, filters = ops.shape(outputs)
    bias = ops.cast(bias, outputs.dtype)
    image = (*outer[1:], width, filters)
    small = is_known(*image) and math.prod(image) < LARGE
    if (fused and small) or not is_known(width, filters):
        return ops.add(outputs, bias)
    rows = ops.reshape(outputs, (*outer, width * filters))
    return ops.reshape(ops.add(rows, ops.tile(bias, width)), (*outer, width, filters))
