"""ZFNet: M. Zeiler and R. Fergus, *Visualizing and understanding convolutional networks*, ECCV
2014.
"""

from typing import Any

import keras

from labkit.layers import LocalResponseNormalization
from labkit.models.kit import kit

__all__ = ["zfnet"]


def zfnet(
    input_shape: tuple[int, int, int] = (224, 224, 3),
    classes: int = 1000,
    *,
    dropout: float = 0.5,
    layers: str = "labkit",
    **options: Any,
) -> keras.Model:
    """Build ZFNet: AlexNet with smaller first kernels, 7 by 7 with stride 2; 62,357,608 parameters.

    The paper's figure 3 gives maps of 110, 55, 26, 13, 13, 13, 13 and 6 pixels. They need one zero
    around the image for conv1, and one more row and column after the maps that pool1 and pool2
    read. After both pooling layers the paper normalizes contrast "across feature maps"; here that
    is AlexNet's response normalization.

    Args:
        input_shape: ``(height, width, channels)``, 31 pixels or more on each side.
        classes: the number of logits.
        dropout: the fraction of units dropped in the two hidden dense layers.
        layers: "labkit" or "keras", for convolutions and pooling; the normalization is labkit's.
        options: ``implementation=`` and ``gradient=`` of labkit's convolutions.

    Returns:
        A Keras model from ``(batch, *input_shape)`` to logits ``(batch, classes)``.

    >>> zfnet(input_shape=(64, 64, 3), classes=5).output_shape
    (None, 5)
    """
    use = kit(layers, **options)
    first = {"kernel_initializer": keras.initializers.RandomNormal(stddev=0.01)}
    inputs = keras.Input(input_shape, name="input")
    x = keras.layers.ZeroPadding2D(1, name="pad1")(inputs)
    x = use.Conv2D(96, 7, strides=2, activation="relu", name="conv1", **first)(x)
    x = use.MaxPooling2D(3, 2, padding="same", name="pool1")(x)
    x = LocalResponseNormalization(name="norm1")(x)
    x = use.Conv2D(256, 5, strides=2, activation="relu", name="conv2", **first)(x)
    x = use.MaxPooling2D(3, 2, padding="same", name="pool2")(x)
    x = LocalResponseNormalization(name="norm2")(x)
    for number, filters in ((3, 384), (4, 384), (5, 256)):
        name = f"conv{number}"
        x = use.Conv2D(filters, 3, padding="same", activation="relu", name=name, **first)(x)
    x = use.MaxPooling2D(3, 2, name="pool5")(x)
    x = keras.layers.Flatten(name="flatten")(x)
    for number in (6, 7):
        x = keras.layers.Dense(4096, activation="relu", name=f"fc{number}", **first)(x)
        x = keras.layers.Dropout(dropout, name=f"dropout{number}")(x)
    outputs = keras.layers.Dense(classes, name="fc8", **first)(x)
    return keras.Model(inputs, outputs, name="zfnet")
