"""Layers that Keras does not have, against their formulas; global pooling; the table of auto."""

import doctest
import importlib
import inspect
import pkgutil

import keras
import numpy as np
import pytest
import tensorflow as tf
from layer_gradients import outputs_and_gradients

from labkit import layers
from labkit.layers import auto
from labkit.layers.windows import Window

MODULES = [module.name for module in pkgutil.walk_packages(layers.__path__, "labkit.layers.")]


@pytest.mark.parametrize("name", MODULES)
def test_docs_and_names(name):
    module = importlib.import_module(name)
    assert doctest.testmod(module).failed == 0
    for public in module.__all__:
        thing = getattr(module, public)
        assert not inspect.isfunction(thing) or thing.__doc__, public
        assert not inspect.isclass(thing) or thing.__doc__, public


def test_all_of_keras_names_for_a_layer_exist():
    ours = {layer.builtin: layer for layer in vars(layers).values() if hasattr(layer, "builtin")}
    names = {
        name: ours[builtin]
        for name, builtin in vars(keras.layers).items()
        if inspect.isclass(builtin) and builtin in ours
    }
    assert names["MaxPool2D"] is layers.MaxPooling2D
    assert names["Convolution1DTranspose"] is layers.Conv1DTranspose
    for name, layer in names.items():
        assert getattr(layers, name) is layer
        assert name in layers.__all__


def test_local_response_normalization_is_the_papers(rng):
    x = rng.standard_normal((2, 3, 4, 7), np.float32)
    expected = np.empty_like(x)
    for i in range(7):
        near = x[..., max(0, i - 2) : i + 3]
        expected[..., i] = x[..., i] / (2 + 0.3 * (near**2).sum(-1)) ** 0.75
    layer = layers.LocalResponseNormalization(alpha=0.3)
    np.testing.assert_allclose(layer(x), expected, rtol=1e-5)
    theirs = tf.nn.local_response_normalization(x, depth_radius=2, bias=2, alpha=0.3, beta=0.75)
    np.testing.assert_allclose(layer(x), theirs, rtol=1e-5)
    first = layers.LocalResponseNormalization(alpha=0.3, data_format="channels_first")
    turned = np.moveaxis(np.array(first(np.moveaxis(x, -1, 1))), 1, -1)
    np.testing.assert_allclose(turned, expected, rtol=1e-5)
    with pytest.raises(ValueError, match="size: expected an odd number of channels, received 4"):
        layers.LocalResponseNormalization(4)


def test_local_contrast_normalization_is_the_papers(rng):
    x = rng.standard_normal((2, 6, 5, 2)).astype("float32")
    distance = np.arange(-1, 2)
    weights = np.exp(-(distance[:, None] ** 2 + distance**2) / 2)

    def mean(image):  # over the window inside the image, and over channels
        result = np.zeros(image.shape[:2])
        for i, j in np.ndindex(*result.shape):
            total = weight = 0.0
            for a, b in np.ndindex(3, 3):
                if 0 <= i + a - 1 < image.shape[0] and 0 <= j + b - 1 < image.shape[1]:
                    total += weights[a, b] * image[i + a - 1, j + b - 1].mean()
                    weight += weights[a, b]
            result[i, j] = total / weight
        return result[..., None]

    layer = layers.LocalContrastNormalization(3, sigma=1.0)
    for image, output in zip(x, np.array(layer(x)), strict=True):
        centered = image - mean(image)
        deviation = np.sqrt(mean(centered**2))
        expected = centered / np.maximum(deviation, deviation.mean())
        np.testing.assert_allclose(output, expected, rtol=1e-4, atol=1e-5)


def test_local_contrast_normalization_can_be_learned_through_where_an_image_is_flat(rng):
    x = np.zeros((1, 12, 12, 1), np.float32)
    x[:, :, 6:] = rng.standard_normal((1, 12, 6, 1))
    upstream = rng.standard_normal(x.shape).astype("float32")
    layer = layers.LocalContrastNormalization(3)

    def loss(x):
        return tf.reduce_sum(tf.cast(layer(x), "float64") * upstream)

    with tf.GradientTape() as tape:
        variable = tf.Variable(x)
        found = loss(variable)
    gradient = tape.gradient(found, variable).numpy()
    assert np.isfinite(gradient).all()
    way = np.zeros_like(x)
    way[:, :, 6:] = rng.standard_normal((1, 12, 6, 1))
    slope = (loss(x + 1e-3 * way) - loss(x - 1e-3 * way)) / 2e-3
    assert np.vdot(gradient, way) == pytest.approx(float(slope), rel=0.01)


def test_subsampling_is_the_papers(rng):
    x = rng.standard_normal((2, 6, 5, 3), np.float32)
    layer = layers.Subsampling2D(2, activation=layers.scaled_tanh)
    layer.build(x.shape)
    coefficient, bias = rng.standard_normal((2, 3)).astype("float32")
    layer.set_weights([coefficient, bias])
    total = x[:, :, :4].reshape(2, 3, 2, 2, 2, 3).sum((2, 4))
    expected = 1.7159 * np.tanh(2 / 3 * (coefficient * total + bias))
    np.testing.assert_allclose(layer(x), expected, rtol=1e-5, atol=1e-6)
    assert layer.compute_output_shape((None, None, 5, 3)) == (None, None, 2, 3)
    assert np.abs(outputs_and_gradients(layer, x)[2]).min() > 0


@pytest.mark.parametrize("gradient", ["auto", "manual"])
def test_a_partial_convolution_is_a_full_one_with_zeros(rng, gradient):
    x = rng.standard_normal((2, 14, 14, 6), np.float32)
    layer = layers.PartialConv2D(layers.LENET_C3, 5, gradient=gradient)
    layer.build(x.shape)
    full = np.array(layer.full_kernel())
    table = np.array(layers.LENET_C3)
    assert (full[:, :, ~table] == 0).all()
    assert (full[:, :, table] != 0).all()
    assert layer.count_params() == 1516  # the paper's number
    assert [int(n) for n in table.sum(0)] == [3] * 6 + [4] * 9 + [6]
    builtin = keras.layers.Conv2D(16, 5)
    builtin.build(x.shape)
    builtin.set_weights([full, layer.get_weights()[1]])
    mine, theirs = outputs_and_gradients(layer, x), outputs_and_gradients(builtin, x)
    theirs[2] = theirs[2][:, :, table]
    for a, b in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)


def test_errors_about_tables():
    with pytest.raises(ValueError, match=r"table: expected a matrix of booleans.*shape \(3,\)"):
        layers.PartialConv2D([1, 0, 1], 3)
    with pytest.raises(ValueError, match="where filter 1 is not: it would be of no use"):
        layers.PartialConv2D([[1, 0], [1, 0]], 3)
    with pytest.raises(ValueError, match="p: expected 2 channels on axis -1, received 3: input"):
        layers.PartialConv2D([[1, 0], [1, 1]], 3, name="p").build((None, 5, 5, 3))


def test_distances_to_codes(rng):
    codes = rng.choice([-1.0, 1.0], (10, 84)).astype("float32")
    x = rng.standard_normal((4, 84), np.float32)
    layer = layers.RBF(10, codes=codes)
    expected = ((x[:, None] - codes) ** 2).sum(-1)
    np.testing.assert_allclose(layer(x), expected, rtol=1e-5)
    assert layer.count_params() == 840
    assert not layer.trainable_weights
    free = layers.RBF(10)
    free.build((None, 84))
    assert set(np.unique(free.get_weights()[0])) == {-1, 1}
    with pytest.raises(ValueError, match="expected one row for each of 3 units, received shape"):
        layers.RBF(3, codes=codes)


OTHERS = [
    layers.LocalResponseNormalization(3, alpha=0.1),
    layers.LocalContrastNormalization(3),
    layers.Subsampling2D(2, activation=layers.scaled_tanh),
    layers.PartialConv2D([[True, False], [True, True], [False, True]], 3, padding="same"),
    layers.RBF(2, codes=[[1, -1, 1], [1, 1, 1]]),
]


@pytest.mark.parametrize("layer", OTHERS, ids=lambda layer: type(layer).__name__)
def test_layers_of_our_own_are_saved(layer, rng, tmp_path):
    x = rng.standard_normal((2, 8, 8, 3), np.float32)
    model = keras.Sequential([keras.Input((8, 8, 3)), layer])
    expected = model(x)
    assert expected.shape == tuple(layer.compute_output_shape(x.shape))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again(x), expected)
    assert again.layers[0].get_config() == layer.get_config()


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", ["Max", "Average"])
def test_global_pooling_is_the_builtins(kind, rank, rng):
    name = f"Global{kind}Pooling{rank}D"
    x = rng.standard_normal((2, *(4, 3, 5)[:rank], 3), np.float32)
    for options in ({}, {"keepdims": True}, {"data_format": "channels_first"}):
        ours, builtin = getattr(layers, name)(**options), getattr(keras.layers, name)(**options)
        np.testing.assert_array_equal(ours(x), builtin(x))
        assert ours.get_config() | {"name": 0} == builtin.get_config() | {"name": 0}
    with pytest.raises(ValueError, match=f"expected an input of {rank + 2} axes, "):
        getattr(layers, name)()(np.zeros((2, 3), np.float32))


def test_pooling_errors():
    with pytest.raises(ValueError, match="pool_size: expected an integer or a tuple of 2, one for"):
        layers.MaxPooling2D((2, 2, 2))
    with pytest.raises(ValueError, match="strides: expected integers of at least 1, received 0"):
        layers.AveragePooling2D(2, strides=0)
    with pytest.raises(ValueError, match=r"p: input shape \(1, 2, 2, 1\): pool_size: expected a w"):
        layers.MaxPooling2D(3, name="p")(np.zeros((1, 2, 2, 1), np.float32))
    with pytest.raises(ValueError, match="output_padding: expected less than strides on every"):
        layers.Conv2DTranspose(4, 3, strides=2, output_padding=2)


def _window(output):
    return Window((9, 9), (3, 3), (1, 1), (1, 1), "valid", ((0, 0),) * 2, output)


def test_auto_takes_the_best_of_the_nearest(monkeypatch):
    exact, sizes = auto.features("conv", (3, 3, 8, 8), (7, 7), (1, 1), 1)
    train = {"8": {"native": 1.0, "banded": 0.5}, "64": {"native": 1.0, "banded": 0.9}}
    near = {"exact": exact, "sizes": sizes, "best": auto.best(train)}
    far = {"exact": exact, "sizes": [s * 1000 for s in sizes], "best": "im2col"}
    monkeypatch.setattr(auto, "table", lambda backend: [far, near])
    assert auto.choose((3, 3, 8, 8), _window((7, 7)), 1) == "banded"
    assert auto.choose((3, 3, 8, 8), _window((7, 7)), 2) == "native"  # no grouped one was measured
    assert auto.choose((3, 3, 800, 800), _window((7, 7)), 1) == "native"  # far from both


def test_one_lucky_batch_size_does_not_win():
    train = {"8": {"native": 1.0, "banded": 0.2}, "64": {"native": 1.0, "banded": 0.97}}
    assert auto.best(train) == "native"
    assert auto.best({"8": {"native": None, "banded": None}}) == "native"


@pytest.mark.parametrize("layer", [layers.Subsampling2D, layers.LocalResponseNormalization])
def test_names_in_capitals_are_keras_to_take(layer):
    assert layer(data_format="Channels_First").data_format == "channels_first"
    partial = layers.PartialConv2D([[1]], 3, padding="SAME", data_format="Channels_First")
    assert (partial.padding, partial.data_format) == ("same", "channels_first")
    assert layers.Conv2D(1, 3, padding="SAME").padding == "same"
    with pytest.raises(ValueError, match=r"data_format: expected one of .*, received 'NHWC'"):
        layer(data_format="NHWC")


def test_a_partial_convolution_takes_the_quickest(rng):
    x = rng.standard_normal((2, 6, 6, 2), np.float32)
    table = [[1, 0, 1], [1, 1, 0]]
    auto_, shift = (layers.PartialConv2D(table, 3, implementation=i) for i in ("auto", "shift"))
    shift.build(x.shape)
    auto_.build(x.shape)
    auto_.set_weights(shift.get_weights())
    np.testing.assert_allclose(auto_(x), shift(x), rtol=1e-5, atol=1e-6)
    assert layers.PartialConv2D(table, 3).get_config()["implementation"] == "auto"
