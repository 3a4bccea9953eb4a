"""Real data for the labs, offline: what the installed packages carry, as Keras users expect it.

Only NumPy and scikit-learn; nothing is downloaded.
"""

import numpy as np

__all__ = ["PHOTOGRAPHS", "load", "photograph"]

PHOTOGRAPHS = ("china", "flower")


def load(name="digits"):
    """Labeled images as ``(x_train, y_train), (x_test, y_test)``, the form of ``keras.datasets``.

    ``"digits"`` are the 1,797 handwritten digits that scikit-learn carries (Alpaydin and Kaynak,
    *Optical Recognition of Handwritten Digits*, UCI, 1998): ``x`` is uint8 ``(image, height=8,
    width=8)``, 0 for paper and 255 for ink (the source's 0 to 16, stretched), ``y`` is int64
    ``(image,)``. The last fifth, in the source's order, is the test set.

    Raises:
        ValueError: the name is unknown.

    >>> (x_train, y_train), (x_test, y_test) = load("digits")
    >>> x_train.shape, y_train.shape, x_test.shape
    ((1437, 8, 8), (1437,), (360, 8, 8))
    """
    if name != "digits":
        raise ValueError(f"unknown data {name!r}: what labkit carries is 'digits'")
    from sklearn.datasets import load_digits

    digits = load_digits()
    x = np.round(digits.images * (255 / 16)).astype(np.uint8)
    y = digits.target.astype(np.int64)
    split = len(x) * 4 // 5
    return (x[:split], y[:split]), (x[split:], y[split:])


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
