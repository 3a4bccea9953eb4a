"""The networks against their papers: every number, equal weights under both kinds of layers."""

import itertools
import math

import keras
import numpy as np
import pytest

from labkit import models


@pytest.fixture(scope="module")
def published():
    keras.utils.set_random_seed(1)
    return models.lenet5_1998()


@pytest.fixture(scope="module")
def alexnet():
    return models.alexnet()


def trainable(model):
    return sum(math.prod(weight.shape) for weight in model.trainable_weights)


def by_layer(model):
    report = models.reconcile(model)
    return {row.name: row for row in report.rows}


def test_lenet_is_the_papers(published):
    rows = by_layer(published)
    assert [rows[name].parameters for name in ("c1", "s2", "c3", "s4", "c5", "f6")] == [
        156,
        12,
        1516,
        32,
        48120,
        10164,
    ]
    assert trainable(published) == models.reconcile(published).parameters == 60_000
    # "340,908 connections, but only 60,000 trainable free parameters"
    assert sum(row.connections for row in rows.values()) == 340_908
    assert not any(row.differs for row in rows.values())


def test_lenet_as_built_today_differs_as_its_notes_say():
    model = models.lenet5()
    rows = by_layer(model)
    assert model.count_params() == 61_706 == 60_000 + 900 - 44 + 850
    assert [name for name, row in rows.items() if row.differs] == ["s2", "c3", "s4"]
    assert all(rows[name].note for name, row in rows.items() if row.differs)


def test_alexnet_with_and_without_groups(alexnet):
    rows = by_layer(alexnet)
    assert alexnet.count_params() == 60_965_224
    assert rows["conv1"].units == 55 * 55 * 96
    assert [name for name, row in rows.items() if row.differs] == ["conv1"]
    assert "227" in rows["conv1"].note
    assert "≠ 253,440 units" in str(models.reconcile(alexnet))
    del rows
    keras.utils.clear_session(free_memory=False)
    # only the grouped layers grow: their kernels read all channels
    assert 62_378_344 - 60_965_224 == 25 * 48 * 256 + 9 * 192 * 384 + 9 * 192 * 256
    assert models.alexnet(groups=1).count_params() == 62_378_344


def test_zfnet_has_the_sizes_of_figure_3():
    model = models.zfnet()
    rows = by_layer(model)
    assert model.count_params() == 62_357_608
    names = ("conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5")
    assert [rows[name].output_shape[0] for name in names] == [110, 55, 26, 13, 13, 13, 13, 6]
    assert not any(row.differs for row in rows.values())


def test_receptive_fields_are_what_the_gradient_reaches():
    model = models.lenet5(pooling="average")
    images = np.random.default_rng(0).standard_normal((1, 32, 32, 1)).astype("float32")
    import tensorflow as tf

    for name in ("c1", "s2", "c3", "s4"):
        part = keras.Model(model.inputs, model.get_layer(name).output)
        x = tf.constant(images)
        with tf.GradientTape() as tape:
            tape.watch(x)
            unit = part(x)[0, 1, 2, 0]
        rows, columns = np.nonzero(tape.gradient(unit, x)[0, ..., 0])
        sees = by_layer(model)[name].receptive_field
        assert np.ptp(rows) + 1 == np.ptp(columns) + 1 == sees


@pytest.mark.parametrize(
    ("network", "size"),
    [
        (lambda **o: models.lenet5(**o), 32),
        (lambda **o: models.lenet5_1998(**o), 32),
        (lambda **o: models.alexnet_cifar(**o), 32),
        (lambda **o: models.alexnet((67, 67, 3), 5, **o), 67),
        (lambda **o: models.zfnet((63, 63, 3), 5, **o), 63),
    ],
    ids=["lenet5", "lenet5_1998", "alexnet_cifar", "alexnet", "zfnet"],
)
def test_labkits_layers_and_kerass_agree_with_equal_weights(network, size):
    ours, theirs = network(layers="labkit"), network(layers="keras")
    assert [w.shape for w in ours.get_weights()] == [w.shape for w in theirs.get_weights()]
    theirs.set_weights(ours.get_weights())
    channels = ours.input_shape[-1]
    images = np.random.default_rng(2).random((2, size, size, channels), np.float32)
    got, want = (np.asarray(model(images)) for model in (ours, theirs))
    np.testing.assert_allclose(got, want, atol=1e-5 * max(1, np.abs(want).max()))


def test_options_reach_the_convolutions():
    model = models.lenet5(implementation="im2col", gradient="manual")
    assert model.get_layer("c3").implementation == "im2col"
    with pytest.raises(ValueError, match="Keras's layers know no implementation"):
        models.lenet5(layers="keras", implementation="im2col")
    with pytest.raises(ValueError, match='expected "labkit" or "keras", received \'torch\''):
        models.lenet5(layers="torch")
    with pytest.raises(ValueError, match='pooling: expected "average" or "max", received \'sum\''):
        models.lenet5(pooling="sum")
    with pytest.raises(ValueError, match=r"width: expected a positive whole number, received 0\.5"):
        models.lenet5(width=0.5)


def test_a_wider_lenet_is_counted_without_the_paper():
    report = models.reconcile(models.lenet5(width=2))
    maps = {row.name: row.output_shape[-1] for row in report.rows}
    assert maps == {"c1": 12, "s2": 12, "c3": 32, "s4": 32, "c5": 240, "f6": 168, "output": 10}
    assert report.parameters == 12 * 26 + 32 * 301 + 240 * 801 + 168 * 241 + 10 * 169
    assert not report.source


def test_the_codes_are_apart():
    assert models.CODES.shape == (10, 84)
    distances = [(a != b).sum() for a, b in itertools.combinations(models.CODES, 2)]
    assert min(distances) >= 5


def test_map_loss_is_equation_9():
    rng = np.random.default_rng(3)
    distances, labels = rng.uniform(0, 30, (6, 10)), rng.integers(0, 10, 6)
    right = distances[np.arange(6), labels]
    want = right + np.log(np.exp(-0.5) + np.exp(-distances).sum(1))
    for shape in ((6,), (6, 1)):
        got = models.map_loss(labels.reshape(shape), distances.astype("float32"), j=0.5)
        np.testing.assert_allclose(np.asarray(got), want, rtol=1e-5)
    accuracy = models.NearestCodeAccuracy()
    accuracy.update_state(distances.argmin(1), distances)
    assert float(accuracy.result()) == 1


def test_the_published_network_learns_and_survives_saving(published, tmp_path):
    rng = np.random.default_rng(4)
    labels = np.arange(20) % 10
    images = np.full((20, 32, 32, 1), -0.1, "float32")
    for image, label in zip(images, labels, strict=True):  # a bar, each class at its own place
        image[3 + 2 * label : 7 + 2 * label, 6 + rng.integers(3) : 24] = 1.175
    model = keras.models.clone_model(published)
    model.compile(
        keras.optimizers.Adam(3e-3), models.map_loss, metrics=[models.NearestCodeAccuracy()]
    )
    before = model.evaluate(images, labels, verbose=0)
    model.fit(images, labels, epochs=80, batch_size=20, verbose=0)
    after = model.evaluate(images, labels, verbose=0)
    assert after[0] < before[0] / 2
    assert after[1] > 0.9
    model.save(tmp_path / "lenet.keras")
    again = keras.saving.load_model(tmp_path / "lenet.keras")
    np.testing.assert_array_equal(np.asarray(again(images)), np.asarray(model(images)))


def test_memory_is_counted_before_anything_runs():
    model = models.lenet5()
    maps = 1024 + 4704 + 1176 + 1600 + 400 + 400 + 120 + 84 + 10
    found = models.memory_estimate(model, 7, slots=2, bytes_per_number=2)
    assert found["activations"] == 2 * 2 * 7 * maps
    assert found["parameters"] == found["gradients"] == 2 * 61_706
    assert found["optimizer"] == 2 * found["parameters"]
    assert found["total"] == sum(value for name, value in found.items() if name != "total")


def test_a_model_without_sizes_cannot_be_counted():
    model = keras.Sequential([keras.Input((None, None, 1)), keras.layers.Conv2D(2, 3)])
    with pytest.raises(ValueError, match=r"a fixed input size, received \(None, None, None, 1\)"):
        models.reconcile(model)


def test_any_model_can_be_counted():
    inputs = keras.Input((9, 9, 2))
    x = keras.layers.DepthwiseConv2D(3, strides=2, padding="same", name="d")(inputs)
    model = keras.Model(inputs, keras.layers.Conv2D(4, 3, dilation_rate=2, name="c")(x))
    rows = by_layer(model)
    assert (rows["d"].connections, rows["d"].parameters) == (5 * 5 * 2 * (9 + 1), 20)
    assert (rows["c"].receptive_field, rows["c"].connections) == (11, 4 * (9 * 2 + 1))
    assert rows["c"].paper == {}
    assert "<table>" in models.reconcile(model)._repr_html_()
