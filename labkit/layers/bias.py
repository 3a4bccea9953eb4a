"""Adding the bias."""

import math

from keras import ops

from labkit.layers.windows import is_known

__all__ = ["add_bias"]


LARGE = 2**15  # outputs of one image: below, what is fused is quicker (labkit bench layers)


def add_bias(outputs, bias, fused=False):
    """``outputs`` ``(batch, *spatial, filters)`` plus ``bias`` ``(filters,)``.

    A row of the image at a time: the bias, repeated for every pixel of a row, is added to whole
    rows. It is the same sum; but its gradient, a sum over all pixels, goes through memory in long
    rows, where adding ``filters`` numbers at a time would take a CPU several times as long.

    A backend's own convolution is ``fused`` with a plain sum, which pays where outputs are small.
    """
    *outer, width, filters = ops.shape(outputs)
    bias = ops.cast(bias, outputs.dtype)
    image = (*outer[1:], width, filters)
    small = is_known(*image) and math.prod(image) < LARGE
    if (fused and small) or not is_known(width, filters):
        return ops.add(outputs, bias)
    rows = ops.reshape(outputs, (*outer, width * filters))
    return ops.reshape(ops.add(rows, ops.tile(bias, width)), (*outer, width, filters))
