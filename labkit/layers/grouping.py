"""One convolution for each group of channels.

A group's filters see only the group's channels, so a grouped convolution is as many convolutions
side by side. Calling the implementation once for each is also the quickest way on a CPU: the
backend's own grouped gradient is many times slower than its ungrouped one.
"""

from keras import ops

__all__ = ["by_groups"]


def by_groups(convolve, x, kernel, window, groups):
    """``convolve`` group by group, the outputs side by side.

    ``x`` is ``(batch, *spatial, channels)``, ``kernel`` ``(*kernel_size, channels / groups,
    filters)``.
    """
    if groups == 1:
        return convolve(x, kernel, window)
    groups = int(groups)  # a NumPy integer would be taken for an array of where to split
    inputs, kernels = ops.split(x, groups, axis=-1), ops.split(kernel, groups, axis=-1)
    outputs = [convolve(*pair, window) for pair in zip(inputs, kernels, strict=True)]
    return ops.concatenate(outputs, axis=-1)
