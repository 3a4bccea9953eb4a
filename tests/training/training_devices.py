"""Train on one device, on two logical CPU devices, or as one of two processes; print the numbers.

Arguments: "one", "two", or "part" with TF_CONFIG in the environment.
"""

import json
import os
import sys

how = sys.argv[1]
if os.environ["KERAS_BACKEND"] == "tensorflow" and how != "part":
    import tensorflow as tf

    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
    )

from training_examples import RECIPE, images, network  # noqa: E402 - starts the devices

from labkit import training  # noqa: E402

history = training.fit(
    network(dropout=0),
    images(test=41),  # an odd number: the last is nobody's half
    RECIPE.but(augmentation=(), epochs=2),
    device="all" if how == "two" else None,
    folder=sys.argv[2] if len(sys.argv) > 2 else None,
    quiet=True,
)
weights = [float(abs(each.numpy()).sum()) for each in history.model.trainable_weights]
print(json.dumps([history.device, history.numbers, weights]))
