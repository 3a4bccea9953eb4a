"""A small network with dropout and small data, for the tests of training."""

import keras
import numpy as np

from labkit.training import Recipe


def network(dropout=0.2, classes=4):
    """A function that builds a small convolutional network for 8x8 images."""

    def build():
        return keras.Sequential(
            [
                keras.Input((8, 8, 1)),
                keras.layers.Conv2D(4, 3, activation="relu"),
                keras.layers.MaxPooling2D(2),
                keras.layers.Flatten(),
                keras.layers.Dropout(dropout),
                keras.layers.Dense(classes),
            ]
        )

    return build


def images(count=96, test=40, seed=0):
    """Bars in four places under noise, learned in an epoch or two."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 4, count + test)
    x = rng.integers(0, 80, (count + test, 8, 8))
    for image, label in zip(x, y, strict=True):
        image[2 * label : 2 * label + 2] += 150
    x = x.astype(np.uint8)
    return (x[:count], y[:count]), (x[count:], y[count:])


RECIPE = Recipe(
    epochs=4,
    batch=16,
    learning_rate=0.01,
    warmup=0.5,
    label_smoothing=0.1,
    augmentation=({"name": "shift", "pixels": 1},),
    steps_per_execution=3,
    seed=5,
)
