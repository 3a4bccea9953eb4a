"""Data that installed packages contain: scikit-learn's real digits and its two photographs."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["PHOTOGRAPHS", "digits", "photograph"]

PHOTOGRAPHS = ("china", "flower")


def digits(size: int = 8) -> dict[str, NDArray[Any]]:
    """Return the 1,797 digits: ``{"x_train": ..., ...}``, uint8, 0 for paper and 255 for ink.

    Args:
        size: 8 for the images as they are, or 32 for LeNet-5's input: enlarged to 28 by 28 with
            cubic splines, with two pixels of paper around.

    Raises:
        ValueError: ``size`` is neither.
    """
    if size not in (8, 32):
        raise ValueError(f"size: expected 8 or 32 for the digits, received {size!r}")
    from sklearn.datasets import load_digits

    source = load_digits()
    x, y = source.images * (255 / 16), source.target.astype(np.int64)
    if size == 32:
        from scipy import ndimage

        x = ndimage.zoom(x, (1, 3.5, 3.5), order=3, grid_mode=True, mode="nearest")
        x = np.pad(np.clip(x, 0, 255), ((0, 0), (2, 2), (2, 2)))
    x, split = np.round(x).astype(np.uint8), len(x) * 4 // 5
    return {"x_train": x[:split], "y_train": y[:split], "x_test": x[split:], "y_test": y[split:]}


def photograph(name: str = "china", *, gray: bool = False, every: int = 1) -> NDArray[np.uint8]:
    """Return a real photograph, which scikit-learn contains under CC BY.

    Args:
        name: ``"china"`` (a temple roof) or ``"flower"`` (a dahlia), both 427 by 640 pixels.
        gray: return the luminance of ITU-R BT.601, rounded.
        every: n keeps each n-th row and column.

    Returns:
        uint8 ``(height, width, channel=3)``, or ``(height, width)`` when gray.

    Raises:
        ValueError: the name is unknown, or ``every`` is not a positive whole number.

    >>> photograph("flower").shape, photograph("china", gray=True, every=4).shape
    ((427, 640, 3), (107, 160))
    """
    if name not in PHOTOGRAPHS:
        raise ValueError(f"unknown photograph {name!r}: expected one of {', '.join(PHOTOGRAPHS)}")
    if not isinstance(every, int) or every < 1:
        raise ValueError(f"every: expected a positive whole number, received {every!r}")
    from sklearn.datasets import load_sample_image

    image = load_sample_image(f"{name}.jpg")[::every, ::every]
    if gray:
        image = np.round(image @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    return image
