"""The sizes of a transposed convolution, by Keras's conventions."""

from labkit.geometry.arguments import as_tuple, known
from labkit.geometry.sliding import rank_of
from labkit.geometry.types import Padding, Pads, Shape, Sizes

__all__ = ["transpose_output_shape", "transpose_pad_amounts"]


def transpose_output_shape(
    spatial: Sizes,
    kernel_size: Sizes,
    *,
    strides: Sizes = 1,
    padding: Padding = "valid",
    output_padding: Sizes | None = None,
    dilation_rate: Sizes = 1,
) -> Shape:
    """Return the output's spatial shape of a transposed convolution, by Keras's conventions.

    With ``extent = (kernel_size - 1) * dilation_rate + 1``, along each axis

    - "valid": ``(size - 1) * stride + max(extent, stride)``, or with ``output_padding``
      ``(size - 1) * stride + extent + output_padding``;
    - "same": ``size * stride``, or ``(size - 1) * stride + extent % 2 + output_padding``.

    Raises:
        ValueError: an argument has the wrong type, rank or sign, the padding is neither "valid"
            nor "same", or ``output_padding`` is not smaller than the stride.

    >>> transpose_output_shape((4, 4), 3, strides=2), transpose_output_shape(4, 2, strides=3)
    ((9, 9), (12,))
    >>> transpose_output_shape(4, 3, strides=2, padding="same")
    (8,)
    >>> transpose_output_shape(4, 3, strides=2, padding="same", output_padding=0)
    (7,)
    """
    return _transpose(spatial, kernel_size, strides, padding, output_padding, dilation_rate)[0]


def transpose_pad_amounts(
    spatial: Sizes,
    kernel_size: Sizes,
    *,
    strides: Sizes = 1,
    padding: Padding = "valid",
    output_padding: Sizes | None = None,
    dilation_rate: Sizes = 1,
) -> Pads:
    """Return the padding of the convolution whose transpose a transposed convolution is.

    A transposed convolution from ``spatial`` to ``large = transpose_output_shape(...)`` is the
    transpose of the convolution from ``large`` to ``spatial`` with the same kernel and strides and
    this explicit padding, ``((before, after), ...)``.

    Raises:
        ValueError: as :func:`transpose_output_shape`.

    >>> pads = transpose_pad_amounts(4, 3, strides=2, padding="same")
    >>> from labkit.geometry import output_shape
    >>> pads, output_shape(8, 3, strides=2, padding=pads)
    (((0, 1),), (4,))
    """
    return _transpose(spatial, kernel_size, strides, padding, output_padding, dilation_rate)[1]


def _transpose(
    spatial: Sizes,
    kernel_size: Sizes,
    strides: Sizes,
    padding: Padding,
    output_padding: Sizes | None,
    dilation_rate: Sizes,
) -> tuple[Shape, Pads]:
    """Compute the output's spatial shape and the padding of the convolution underneath."""
    rank = rank_of(spatial, kernel_size)
    spatial = as_tuple(spatial, rank, "spatial")
    kernel_size = as_tuple(kernel_size, rank, "kernel_size")
    strides = as_tuple(strides, rank, "strides")
    dilation_rate = as_tuple(dilation_rate, rank, "dilation_rate")
    same = known(padding, ("valid", "same")) == "same"
    extra: tuple[int | None, ...] = (None,) * rank
    if output_padding is not None:
        amounts = extra = as_tuple(output_padding, rank, "output_padding", minimum=0)
        if any(e >= s for e, s in zip(amounts, strides, strict=True)):
            raise ValueError(
                "output_padding: expected less than the stride on every axis, received "
                f"{extra} with strides {strides}: a whole stride more is one more input"
            )
    shape, pads = [], []
    for n, k, s, d, e in zip(spatial, kernel_size, strides, dilation_rate, extra, strict=True):
        extent = (k - 1) * d + 1
        if e is None:
            size = n * s if same else (n - 1) * s + max(extent, s)
        else:
            size = (n - 1) * s + (extent % 2 if same else extent) + e
        if size < 1:
            raise ValueError(
                f"output_padding: expected an output of at least one element, received spatial "
                f"shape {spatial} with kernel_size {kernel_size}, strides {strides}, padding "
                f"{padding!r} and output_padding {output_padding}: the output would have {size}"
            )
        total = max((n - 1) * s + extent - size, 0)
        before = total // 2 if same else 0
        shape.append(size)
        pads.append((before, total - before))
    return tuple(shape), tuple(pads)
