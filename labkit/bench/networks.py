"""`labkit bench layers --networks`: whole networks with our layers and with the built-in ones."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from labkit import layers
from labkit.bench.measure import interleaved
from labkit.bench.steps import train_step

__all__ = ["NETWORKS", "alexnet", "lenet", "run"]


def lenet(conv: Callable[..., Any]) -> Any:
    """Build a network of LeNet-5's sizes for 32x32x1 inputs, with average pooling and a dense end.

    Args:
        conv: makes a convolution layer.
    """
    pool = keras.layers.AveragePooling2D
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            conv(6, 5, activation="tanh"),
            pool(2),
            conv(16, 5, activation="tanh"),
            pool(2),
            conv(120, 5, activation="tanh"),
            keras.layers.Flatten(),
            keras.layers.Dense(84, activation="tanh"),
            keras.layers.Dense(10),
        ]
    )


def alexnet(conv: Callable[..., Any]) -> Any:
    """Build a network of AlexNet's sizes for 227x227x3 inputs, without groups and normalization.

    Args:
        conv: makes a convolution layer.
    """
    pool = keras.layers.MaxPooling2D
    return keras.Sequential(
        [
            keras.Input((227, 227, 3)),
            conv(96, 11, strides=4, activation="relu"),
            pool(3, 2),
            conv(256, 5, padding="same", activation="relu"),
            pool(3, 2),
            conv(384, 3, padding="same", activation="relu"),
            conv(384, 3, padding="same", activation="relu"),
            conv(256, 3, padding="same", activation="relu"),
            pool(3, 2),
            keras.layers.Flatten(),
            keras.layers.Dense(4096, activation="relu"),
            keras.layers.Dense(4096, activation="relu"),
            keras.layers.Dense(1000),
        ]
    )


# name, network, batch size, implementation, gradient
NETWORKS = (
    ("LeNet-5", lenet, 128, "auto", "auto"),
    ("LeNet-5", lenet, 128, "banded", "auto"),
    ("AlexNet", alexnet, 32, "im2col", "manual"),
)


def run(
    networks: Sequence[tuple[str, Callable[..., Any], int, str, str]] = NETWORKS,
    *,
    seconds: float = 20.0,
    echo: Callable[[str], Any] = print,
) -> dict[str, float]:
    """Time the train step of whole networks, in turns with the same networks of built-in layers.

    Returns:
        By description, the median ratio of our time to the built-in's.
    """
    ratios = {}
    for name, network, batch, implementation, gradient in networks:

        def ours(*arguments, how=(implementation, gradient), **options):
            return layers.Conv2D(*arguments, **options, implementation=how[0], gradient=how[1])

        steps = {}
        for label, conv in (("built-in", keras.layers.Conv2D), ("ours", ours)):
            model = network(conv)
            x = np.random.default_rng(0).standard_normal(
                (batch, *model.input_shape[1:]), np.float32
            )
            steps[label] = train_step(model, x, first=True)
            steps[label]()
        measured = interleaved(steps, seconds=seconds, rounds=(5, 200))
        label = f"{name}, batch {batch}, {implementation}, gradient {gradient}"
        ratios[label] = round(measured["ours"][1], 2)
        rates = [batch / measured[which][0] for which in ("built-in", "ours")]
        echo(f"{label}: {ratios[label]:.2f} ({rates[0]:.0f} and {rates[1]:.0f} samples/s)")
    return ratios
