"""Train on one device, on two logical CPU devices, or as one of two processes; print the numbers.

Arguments: one or more of "one" and "two", each of which prints a line; or "part" with TF_CONFIG in
the environment, and a folder for checkpoints.
"""

import json
import os
import sys

how, *more = sys.argv[1:]
if os.environ["KERAS_BACKEND"] == "tensorflow" and how != "part":
    import tensorflow as tf

    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
    )

from training_examples import RECIPE, images, network  # noqa: E402 - starts the devices

from labkit import training  # noqa: E402


def train(device=None, folder=None):
    history = training.fit(
        network(dropout=0),
        images(test=41),  # an odd number: the last is nobody's half
        RECIPE.but(augmentation=(), epochs=2),
        device=device,
        folder=folder,
        quiet=True,
    )
    weights = [float(abs(each.numpy()).sum()) for each in history.model.trainable_weights]
    print(json.dumps([history.device, history.numbers, weights]))


if how == "part":
    train(folder=more[0])
else:
    for name in (how, *more):
        train(device="all" if name == "two" else None)
