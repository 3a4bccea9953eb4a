"""Adapters of lab 06: the functions that is_linear and unchanged are asked about, by name.

Functions do not travel to another process, so a case holds a name, and the function is looked up
here. The tables are in alphabetical order, which says nothing about what is linear.
"""

import numpy as np

__all__ = ["IMAGE_FUNCTIONS", "MAPS", "is_linear", "unchanged"]


def windows(x, size=2):
    """Return the windows of x, each in a row: shape (height // size, width // size, size**2)."""
    rows, columns = x.shape[0] // size, x.shape[1] // size
    tiles = np.asarray(x, float)[: rows * size, : columns * size]
    tiles = tiles.reshape(rows, size, columns, size)
    return np.moveaxis(tiles, 2, 1).reshape(rows, columns, -1)


def difference(x):
    """Convolve the rows of x with the kernel (1, -2, 0.3), which no float holds exactly."""
    x = np.asarray(x, float)
    return x[:, :-2] - 2 * x[:, 1:-1] + 0.3 * x[:, 2:]


#: what is_linear is asked about: functions of one image (height, width)
MAPS = {
    "ReLU": lambda x: np.maximum(np.asarray(x, float), 0),
    "ReLU on the right half": lambda x: np.concatenate(
        [x[:, : x.shape[1] // 2], np.maximum(x[:, x.shape[1] // 2 :], 0)], axis=1
    ),
    "absolute value": np.abs,
    "average pooling": lambda x: windows(x).mean(-1),
    "average pooling plus 1": lambda x: windows(x).mean(-1) + 1,
    "average pooling, 3 x 3": lambda x: windows(x, 3).mean(-1),
    "average pooling, 3 x 3, rounded to tenths": lambda x: windows(x, 3).mean(-1).round(1),
    "convolution": difference,
    "convolution, then average pooling": lambda x: windows(difference(x)).mean(-1),
    "convolution, then max pooling": lambda x: windows(difference(x)).max(-1),
    "cubes": lambda x: np.asarray(x, float) ** 3,
    "every second pixel": lambda x: np.array(x, float)[::2, ::2],
    "global average pooling": lambda x: np.mean(x, keepdims=True),
    "max pooling": lambda x: windows(x).max(-1),
    "median pooling, 3 x 3": lambda x: np.median(windows(x, 3), -1),
    "min pooling": lambda x: windows(x).min(-1),
    "padding with zeros": lambda x: np.pad(np.asarray(x, float), 1),
    "root of the sum of squares": lambda x: np.sqrt((windows(x) ** 2).sum(-1)),
    "sorting the pixels": lambda x: np.sort(np.asarray(x, float), axis=None),
    "squares": lambda x: np.square(np.asarray(x, float)),
    "times zero": lambda x: np.zeros_like(x, float),
    "turning upside down": lambda x: np.array(x, float)[::-1],
    "variance of each window": lambda x: windows(x).var(-1),
}


def is_linear(answer, name, shape):
    """Call the student's is_linear with the function of that name."""
    return answer(MAPS[name], shape)


def pooled(reduce, size, stride):
    """Return a function that pools images (batch, height, width) with `reduce`."""

    def pool(images):
        images = np.asarray(images, float)
        views = np.lib.stride_tricks.sliding_window_view(images, (size, size), axis=(1, 2))
        return reduce(views[:, ::stride, ::stride], axis=(3, 4))

    return pool


#: what unchanged is asked about: functions of images (batch, height, width)
IMAGE_FUNCTIONS = {
    "average pooling, 2 x 2": pooled(np.mean, 2, 2),
    "differences of neighbors": lambda images: np.diff(np.asarray(images, float), axis=2),
    "global average pooling": lambda images: np.mean(images, axis=(1, 2)),
    "global max pooling": lambda images: np.max(images, axis=(1, 2)),
    "max pooling, 2 x 2": pooled(np.max, 2, 2),
    "max pooling, 3 x 3, stride 1": pooled(np.max, 3, 1),
    "the pixels": lambda images: np.array(images, float),
}


def unchanged(answer, name, images, shift):
    """Call the student's unchanged with the function of that name."""
    return answer(IMAGE_FUNCTIONS[name], images, shift)
