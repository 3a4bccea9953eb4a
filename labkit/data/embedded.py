"""What the installed packages carry: the real digits of scikit-learn, and its two photographs."""

import numpy as np

__all__ = ["PHOTOGRAPHS", "digits", "photograph"]

PHOTOGRAPHS = ("china", "flower")


def digits(size=8):
    """The 1,797 digits, ``{"x_train": ..., ...}``: uint8, 0 for paper and 255 for ink.

    ``size`` 8 is the source; 32 is LeNet-5's: enlarged to 28 by 28 with cubic splines, and two
    pixels of paper around.

    Raises:
        ValueError: another size.
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


def photograph(name="china", *, gray=False, every=1):
    """A real photograph: uint8 ``(height, width, channel=3)``, or ``(height, width)`` when gray.

    ``"china"`` (a temple roof) and ``"flower"`` (a dahlia) come with scikit-learn under CC BY,
    both 427 by 640 pixels. Gray is the luminance of ITU-R BT.601, rounded. ``every=n`` keeps each
    n-th row and column.

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
