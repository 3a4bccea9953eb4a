"""Occlusion maps and the deconvnet, on networks small enough to know the answer."""

import keras
import numpy as np
import pytest

from labkit import models


@pytest.fixture
def image():
    return np.random.default_rng(0).random((9, 8, 2), np.float32)


def test_an_occlusion_map_is_the_probability_square_by_square(image):
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [keras.Input(image.shape), keras.layers.Flatten(), keras.layers.Dense(3)]
    )
    found = models.occlusion_map(model, image, 1, size=3, stride=2, fill=0.25, batch=5)
    assert found.shape == (4, 3)
    for i, j in np.ndindex(4, 3):
        covered = image.copy()
        covered[2 * i : 2 * i + 3, 2 * j : 2 * j + 3] = 0.25
        powers = np.exp(np.asarray(model(covered[None]))[0].astype(float))
        assert found[i, j] == pytest.approx(powers[1] / powers.sum(), abs=1e-6)
    with pytest.raises(ValueError, match="a square of 1 to 8 pixels and a positive stride"):
        models.occlusion_map(model, image, 1, size=9)


def network(*layers):
    return keras.Sequential([keras.Input((9, 8, 2)), *layers])


def test_back_through_a_convolution_is_its_transpose(image):
    keras.utils.set_random_seed(4)
    model = network(keras.layers.Conv2D(3, 3, activation="relu", name="c"))
    kernel = model.get_weights()[0]
    answers = np.asarray(model(image[None]))[0]
    found = models.deconvnet(model, image, "c", 2)
    i, j = np.unravel_index(answers[..., 2].argmax(), answers.shape[:2])
    want = np.zeros_like(image)
    want[i : i + 3, j : j + 3] = answers[i, j, 2] * kernel[..., 2]
    np.testing.assert_allclose(found, want, atol=1e-6)


def test_a_switch_sends_back_to_where_the_maximum_was(image):
    model = network(keras.layers.MaxPooling2D(2, name="p"))
    found = models.deconvnet(model, image, "p", 1, at=(1, 2))
    window = image[2:4, 4:6, 1]
    want = np.zeros_like(image)
    i, j = np.unravel_index(window.argmax(), (2, 2))
    want[2 + i, 4 + j, 1] = window.max()
    np.testing.assert_array_equal(found, want)


def test_what_comes_back_lies_in_the_receptive_field():
    keras.utils.set_random_seed(5)
    model = models.alexnet_cifar(groups=2)
    picture = np.random.default_rng(6).random((32, 32, 3), np.float32)
    found = models.deconvnet(model, picture, "conv2", 7, at=(8, 8))
    rows, columns, _ = np.nonzero(found)
    sees = {row.name: row.receptive_field for row in models.reconcile(model).rows}["conv2"]
    assert 1 < np.ptp(rows) + 1 <= sees
    assert 1 < np.ptp(columns) + 1 <= sees


def test_layers_without_a_way_back_are_refused(image):
    model = network(keras.layers.Flatten(name="f"), keras.layers.Dense(2, name="d"))
    with pytest.raises(ValueError, match=r"on the way, received a Flatten \(f\)"):
        models.deconvnet(model, image, "f", 0)
    with pytest.raises(ValueError, match="no layer 'conv9'; the model has f, d"):
        models.deconvnet(model, image, "conv9", 0)


def test_maps_are_those_of_the_named_layers(image):
    model = network(keras.layers.Conv2D(3, 3, name="c"), keras.layers.MaxPooling2D(2, name="p"))
    assert models.maps_of(model, image[None], ["c"])["c"].shape == (1, 7, 6, 3)
    found = models.maps_of(model, image[None], ["c", "p"])
    assert {name: value.shape for name, value in found.items()} == {
        "c": (1, 7, 6, 3),
        "p": (1, 3, 3, 3),
    }
