"""Training on real digits gives the same results as with the built-in layer, step by step."""

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits

from labkit import layers
from labkit.layers.implementations import IMPLEMENTATIONS


@pytest.fixture(scope="module")
def digits():
    images, labels = load_digits(return_X_y=True)
    return images.reshape(-1, 8, 8, 1).astype("float32")[:512] / 16, labels[:512]


def _network(conv, **options):
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            # not relu: blank corners give its kink, 0, or 1e-8, as each way of computing rounds
            conv(6, 3, padding="same", activation="tanh", **options),
            conv(8, 3, activation="tanh", **options),
            keras.layers.Flatten(),
            keras.layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), loss, metrics=["accuracy"])
    return model


@pytest.fixture(scope="module")
def builtin(digits):
    """Return the first weights, and the history and the weights after 12 steps of the built-in."""
    keras.utils.set_random_seed(3)
    model = _network(keras.layers.Conv2D)
    start = model.get_weights()
    history = model.fit(*digits, batch_size=128, epochs=3, shuffle=False, verbose=0)
    return start, history.history, model.get_weights()


@pytest.mark.parametrize("gradient", ["auto", "manual"])
@pytest.mark.parametrize("name", ["auto", *IMPLEMENTATIONS])
def test_training_goes_the_builtins_way(digits, builtin, name, gradient):
    start, history, end = builtin
    model = _network(layers.Conv2D, implementation=name, gradient=gradient)
    model.set_weights(start)
    mine = model.fit(*digits, batch_size=128, epochs=3, shuffle=False, verbose=0).history
    np.testing.assert_allclose(mine["loss"], history["loss"], rtol=1e-4)
    assert mine["loss"][-1] < 0.8 * mine["loss"][0]
    for a, b in zip(model.get_weights(), end, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)


def test_the_same_seed_is_the_same_start():
    """Replacing `Conv2D` does not change what is drawn at random after it, either."""
    starts = []
    for layer in (keras.layers.Conv2D, layers.Conv2D):
        keras.utils.set_random_seed(3)
        starts.append(_network(layer).get_weights())
    for a, b in zip(*starts, strict=True):
        np.testing.assert_array_equal(a, b)
