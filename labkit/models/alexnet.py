"""AlexNet: A. Krizhevsky, I. Sutskever and G. Hinton, *ImageNet classification with deep
convolutional neural networks*, NIPS 2012.
"""

import types
from typing import Any

import keras

from labkit.layers import LocalResponseNormalization
from labkit.models.kit import kit

__all__ = ["alexnet", "alexnet_cifar"]


def alexnet(
    input_shape: tuple[int, int, int] = (227, 227, 3),
    classes: int = 1000,
    *,
    groups: int = 2,
    dropout: float = 0.5,
    layers: str = "labkit",
    **options: Any,
) -> keras.Model:
    """Build AlexNet as published: two groups, response normalization, overlapping pooling, dropout.

    It has 60,965,224 parameters; 62,378,344 with ``groups=1``. The paper gives an input of 224 by
    224, from which 11 by 11 kernels with stride 4 do not make its 55 by 55 maps; from 227 by 227
    they do. The initial weights are normal with standard deviation 0.01, and the initial biases are
    1 in conv2, conv4, conv5 and the hidden dense layers (section 5).

    Args:
        input_shape: ``(height, width, channels)``, 67 pixels or more on each side.
        classes: the number of logits.
        groups: of conv2, conv4 and conv5 (the paper's two GPUs).
        dropout: the fraction of units dropped in the two hidden dense layers.
        layers: "labkit" or "keras", for convolutions and pooling; the normalization is labkit's.
        options: ``implementation=`` and ``gradient=`` of labkit's convolutions.

    Returns:
        A Keras model from ``(batch, *input_shape)`` to logits ``(batch, classes)``.

    >>> alexnet(input_shape=(67, 67, 3), classes=8).output_shape
    (None, 8)
    """
    use = kit(layers, **options)
    inputs = keras.Input(input_shape, name="input")
    x = _convolution(use, 96, 11, "conv1", strides=4, padding="valid")(inputs)
    x = LocalResponseNormalization(name="norm1")(x)
    x = use.MaxPooling2D(3, 2, name="pool1")(x)
    x = _convolution(use, 256, 5, "conv2", groups=groups, first_bias="ones")(x)
    x = LocalResponseNormalization(name="norm2")(x)
    x = use.MaxPooling2D(3, 2, name="pool2")(x)
    x = _convolution(use, 384, 3, "conv3")(x)
    x = _convolution(use, 384, 3, "conv4", groups=groups, first_bias="ones")(x)
    x = _convolution(use, 256, 3, "conv5", groups=groups, first_bias="ones")(x)
    x = use.MaxPooling2D(3, 2, name="pool5")(x)
    x = keras.layers.Flatten(name="flatten")(x)
    for name in ("6", "7"):
        x = _dense(4096, f"fc{name}", activation="relu", first_bias="ones")(x)
        x = keras.layers.Dropout(dropout, name=f"dropout{name}")(x)
    return keras.Model(inputs, _dense(classes, "fc8")(x), name="alexnet")


def alexnet_cifar(
    input_shape: tuple[int, int, int] = (32, 32, 3),
    classes: int = 10,
    *,
    groups: int = 2,
    dropout: float = 0.5,
    map_dropout: float = 0.25,
    layers: str = "labkit",
    **options: Any,
) -> keras.Model:
    """Build a small AlexNet for images of 32 by 32 pixels.

    It has the parts of the paper's network (five convolutions, two groups, response normalization,
    overlapping pooling, dropout), with smaller kernels, no stride in conv1 and fewer maps, as in
    Krizhevsky's own CIFAR-10 networks (cuda-convnet, 2011). The initial weights are He's, since
    with a standard deviation of 0.01 a network of this width does not learn for many epochs.

    Args:
        map_dropout: the fraction of values dropped from the maps after each pooling (Srivastava et
            al., 2014, section 6.1.2). Without it the network overfits CIFAR-10 within a few epochs.

    The other arguments and the result are those of :func:`alexnet`.

    >>> alexnet_cifar().output_shape
    (None, 10)
    """
    use = kit(layers, **options)
    he = {"first": "he_normal"}
    inputs = keras.Input(input_shape, name="input")
    x = _convolution(use, 64, 5, "conv1", **he)(inputs)
    x = LocalResponseNormalization(name="norm1")(x)
    x = use.MaxPooling2D(3, 2, name="pool1")(x)
    x = keras.layers.Dropout(map_dropout, name="dropout1")(x)
    x = _convolution(use, 128, 5, "conv2", groups=groups, **he)(x)
    x = LocalResponseNormalization(name="norm2")(x)
    x = use.MaxPooling2D(3, 2, name="pool2")(x)
    x = keras.layers.Dropout(map_dropout, name="dropout2")(x)
    x = _convolution(use, 192, 3, "conv3", **he)(x)
    x = _convolution(use, 192, 3, "conv4", groups=groups, **he)(x)
    x = _convolution(use, 128, 3, "conv5", groups=groups, **he)(x)
    x = use.MaxPooling2D(3, 2, name="pool5")(x)
    x = keras.layers.Flatten(name="flatten")(x)
    x = keras.layers.Dropout(map_dropout, name="dropout5")(x)
    x = _dense(512, "fc6", activation="relu", **he)(x)
    x = keras.layers.Dropout(dropout, name="dropout6")(x)
    return keras.Model(inputs, _dense(classes, "fc8", **he)(x), name="alexnet_cifar")


def _first(first: str) -> Any:
    """Return the initializer of weights, where "paper" is AlexNet's."""
    return keras.initializers.RandomNormal(stddev=0.01) if first == "paper" else first


def _convolution(
    use: types.SimpleNamespace,
    filters: int,
    size: int,
    name: str,
    *,
    padding: str = "same",
    first: str = "paper",
    first_bias: str = "zeros",
    **kwargs: Any,
) -> Any:
    """Build a convolution with ReLU."""
    return use.Conv2D(
        filters,
        size,
        padding=padding,
        activation="relu",
        kernel_initializer=_first(first),
        bias_initializer=first_bias,
        name=name,
        **kwargs,
    )


def _dense(
    units: int,
    name: str,
    *,
    first: str = "paper",
    first_bias: str = "zeros",
    activation: str | None = None,
) -> keras.layers.Layer:
    """Build a dense layer."""
    return keras.layers.Dense(
        units,
        activation=activation,
        kernel_initializer=_first(first),
        bias_initializer=first_bias,
        name=name,
    )
