"""The convolution layers replace the built-in ones without any other change."""

import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from labkit import layers
from labkit.layers.implementations import IMPLEMENTATIONS

PAIRS = [
    (layers.Conv1D, keras.layers.Conv1D),
    (layers.Conv2D, keras.layers.Conv2D),
    (layers.Conv3D, keras.layers.Conv3D),
]


@pytest.mark.parametrize(("ours", "builtin"), PAIRS)
def test_every_argument_and_default_is_the_builtins(ours, builtin):
    own = dict(inspect.signature(ours).parameters)
    assert own.pop("implementation").default == "auto"
    assert own.pop("gradient").default == "auto"
    assert own == dict(inspect.signature(builtin).parameters)
    assert issubclass(ours, builtin)


@pytest.mark.parametrize(("ours", "builtin"), PAIRS)
def test_config_and_weights_are_the_builtins(ours, builtin):
    options = {
        "filters": 4,
        "kernel_size": 3,
        "padding": "same",
        "activation": "relu",
        "kernel_regularizer": "l2",
        "bias_initializer": "ones",
        "bias_constraint": "non_neg",
        "groups": 2,
        "name": "c",
        "dtype": "mixed_bfloat16",
    }
    mine, theirs = ours(**options), builtin(**options)
    assert mine.get_config() == theirs.get_config()
    assert type(ours.from_config(theirs.get_config())) is ours
    assert type(builtin.from_config(mine.get_config())) is builtin
    shape = (None, *(6,) * mine.rank, 2)
    mine.build(shape)
    theirs.build(shape)
    assert [(w.path, w.shape, w.dtype) for w in mine.weights] == [
        (w.path, w.shape, w.dtype) for w in theirs.weights
    ]


def test_how_it_computes_is_part_of_the_config():
    layer = layers.Conv2D(4, 3, implementation="matrix", gradient="manual")
    copy = layers.Conv2D.from_config(layer.get_config())
    assert (copy.implementation, copy.gradient) == ("matrix", "manual")


def test_positional_arguments_are_the_builtins(rng):
    x = rng.standard_normal((2, 3, 9, 8), np.float32)
    arguments = (4, 3, (2, 1), "same", "channels_first", 1, 1, "tanh", False, "ones")
    y = layers.Conv2D(*arguments, implementation="matrix")(x)
    assert y.shape == (2, 4, 5, 8)
    # the built-in cannot compute channels first on a CPU, so: the same, transposed
    swapped = keras.layers.Conv2D(*arguments[:4], "channels_last", *arguments[5:])
    expected = np.moveaxis(swapped(np.moveaxis(x, 1, -1)).numpy(), -1, 1)
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-5)


class KerasBody(layers.Conv2D):
    """A user's subclass: Keras's own body of the hook, and a note of what it received."""

    def convolution_op(self, inputs, kernel):
        self.received = tuple(inputs.shape)
        return ops.conv(
            inputs,
            kernel,
            strides=list(self.strides),
            padding=self.padding,
            dilation_rate=self.dilation_rate,
            data_format=self.data_format,
        )


class OursDoubled(layers.Conv2D):
    """A user's subclass that calls our body with another input."""

    def convolution_op(self, inputs, kernel):
        self.received = tuple(inputs.shape)
        return super().convolution_op(2 * inputs, kernel) / 2


@pytest.mark.parametrize("conv", [KerasBody, OursDoubled])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_the_hook_for_users_receives_the_inputs_as_they_came(rng, conv, data_format):
    shape = (2, 7, 6, 3) if data_format == "channels_last" else (2, 3, 7, 6)
    x = rng.standard_normal(shape, np.float32)
    layer = conv(4, 3, strides=2, bias_initializer="normal", data_format=data_format)
    plain = layers.Conv2D.from_config(layer.get_config())
    plain.build(x.shape)
    layer.build(x.shape)
    layer.set_weights(plain.get_weights())
    # compiled by XLA, which can convolve channels first on a CPU
    outputs = tf.function(layer, jit_compile=True)(x)
    assert layer.received == shape
    assert outputs.shape == layer.compute_output_shape(shape)
    np.testing.assert_allclose(outputs, plain(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("extra", [{}, {"implementation": "banded", "gradient": "manual"}])
def test_keras_files_load_across_both(tmp_path, rng, extra):
    x = rng.standard_normal((2, 8, 8, 3), np.float32)
    mine, theirs = _model(layers.Conv2D, **extra), _model(keras.layers.Conv2D)
    mine.save(tmp_path / "mine.keras")
    theirs.save(tmp_path / "theirs.keras")
    again = keras.saving.load_model(tmp_path / "mine.keras")
    assert type(again.layers[0]) is layers.Conv2D
    assert again.layers[0].get_config() == mine.layers[0].get_config()
    np.testing.assert_array_equal(again(x), mine(x))
    # across: the weights of either file go into the other model
    expected = mine(x), theirs(x)
    theirs.load_weights(tmp_path / "mine.keras")
    mine.load_weights(tmp_path / "theirs.keras")
    np.testing.assert_allclose(theirs(x), expected[0], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(mine(x), expected[1], rtol=1e-5, atol=1e-6)


def test_weights_files_load_across_both(tmp_path):
    mine, theirs = _model(layers.Conv2D), _model(keras.layers.Conv2D)
    mine.save_weights(tmp_path / "mine.weights.h5")
    theirs.load_weights(tmp_path / "mine.weights.h5")
    for a, b in zip(mine.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_file_of_ours_opens_without_labkit(tmp_path, rng, monkeypatch):
    x = rng.standard_normal((2, 8, 8, 3), np.float32)
    mine = _model(layers.Conv2D)
    mine.save(tmp_path / "mine.keras")
    monkeypatch.delitem(keras.saving.get_custom_objects(), "labkit>Conv2D")
    names = {"labkit>Conv2D": keras.layers.Conv2D}
    theirs = keras.saving.load_model(tmp_path / "mine.keras", custom_objects=names)
    assert type(theirs.layers[0]) is keras.layers.Conv2D
    np.testing.assert_allclose(theirs(x), mine(x), rtol=1e-5, atol=1e-6)


def _model(conv, **options):
    return keras.Sequential(
        [keras.Input((8, 8, 3)), conv(4, 3, activation="relu", **options), keras.layers.Flatten()]
    )


def test_symbolic_shapes():
    layer = layers.Conv2D(4, 3, strides=2, padding="same", implementation="matrix")
    assert layer(keras.Input((None, None, 3))).shape == (None, None, None, 4)
    assert layer(keras.Input((9, None, 3), batch_size=5)).shape == (5, 5, None, 4)
    assert layer.compute_output_shape((None, 9, 8, 3)) == (None, 5, 4, 4)


@pytest.mark.parametrize("gradient", ["auto", "manual"])
@pytest.mark.parametrize("name", [name for name in IMPLEMENTATIONS if name != "sparse"])
def test_sizes_that_a_graph_learns_only_when_it_runs(rng, name, gradient):
    strides = 1 if name == "winograd" else 2
    how = {"implementation": name, "gradient": gradient}
    layer = layers.Conv2D(4, 3, strides=strides, padding="same", **how)
    layer.build((None, None, None, 3))
    native = layers.Conv2D.from_config(layer.get_config() | {"implementation": "native"})
    native.build((None, None, None, 3))
    native.set_weights(layer.get_weights())

    @tf.function(input_signature=[tf.TensorSpec((None, None, None, 3))])
    def gradients(x):
        results = []
        for each in (layer, native):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = each(x)
                loss = tf.reduce_sum(tf.sin(y))
            results.append((y, *tape.gradient(loss, [x, *each.trainable_variables])))
        return results

    for size in ((7, 10), (4, 5)):
        for a, b in zip(*gradients(rng.standard_normal((2, *size, 3), np.float32)), strict=True):
            np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-5)


def test_the_sparse_matrix_needs_known_sizes():
    layer = layers.Conv2D(4, 3, implementation="sparse")

    @tf.function(input_signature=[tf.TensorSpec((None, None, None, 3))])
    def run(x):
        return layer(x)

    with pytest.raises(ValueError, match="sparse: expected known spatial sizes, received an input"):
        run(np.zeros((1, 5, 5, 3), np.float32))


@pytest.mark.parametrize("backend", ["numpy", "openvino"])
def test_the_sparse_matrix_needs_a_backend_with_sparse_products(monkeypatch, rng, backend):
    layer = layers.Conv2D(4, 3, implementation="sparse")
    x = rng.standard_normal((1, 5, 5, 3), np.float32)
    layer.build(x.shape)
    monkeypatch.setattr(keras.backend, "backend", lambda: backend)
    text = (
        f"sparse: expected the backend tensorflow, jax or torch, .*received the backend {backend}"
    )
    with pytest.raises(NotImplementedError, match=text):
        layer.convolution_op(x, layer.kernel)


def test_lora_trains_what_it_should(rng):
    layer = layers.Conv2D(4, 3, implementation="matrix", gradient="manual")
    layer.build((None, 6, 6, 2))
    layer.enable_lora(2)
    x = tf.constant(rng.standard_normal((2, 6, 6, 2), np.float32))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(x) ** 2)
    names = [variable.name for variable in layer.trainable_variables]
    gradients = tape.gradient(loss, layer.trainable_variables)
    assert names == ["bias", "lora_kernel_a", "lora_kernel_b"]
    assert np.abs(gradients[2]).max() > 0


def test_large_matrices_become_sparse_and_larger_ones_are_refused(monkeypatch, rng):
    from labkit.layers.implementations import matrix, sparse

    x = rng.standard_normal((1, 6, 6, 2), np.float32)
    layer = layers.Conv2D(3, 3, implementation="matrix")
    expected = layer(x)
    monkeypatch.setattr(matrix, "DENSE_LIMIT", 100)
    np.testing.assert_allclose(layer(x), expected, rtol=1e-5, atol=1e-6)
    monkeypatch.setattr(sparse, "SPARSE_LIMIT", 100)
    with pytest.raises(ValueError, match="expected a matrix of at most 100 entries, received one"):
        layer(x)
