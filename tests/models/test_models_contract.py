"""What every network of labkit.models does: it is saved, cloned, trained, and built in half
precision; and what reconcile says of networks without a paper."""

import itertools

import keras
import numpy as np
import pytest
from matplotlib.patches import Rectangle

from labkit import models, plots

NETWORKS = {
    "lenet5": models.lenet5,
    "lenet5_max_relu": lambda **o: models.lenet5(activation="relu", pooling="max", **o),
    "lenet5_1998": models.lenet5_1998,
    "alexnet_cifar": models.alexnet_cifar,
    "alexnet": lambda **o: models.alexnet((67, 67, 3), 10, **o),
    "zfnet": lambda **o: models.zfnet((63, 63, 3), 10, **o),
}
KINDS = ("labkit", "keras")
L = keras.layers


@pytest.fixture(params=NETWORKS)
def network(request):
    keras.utils.set_random_seed(7)
    return NETWORKS[request.param]


def batch_for(model, count=4):
    rng = np.random.default_rng(8)
    return rng.random((count, *model.input_shape[1:]), np.float32), rng.integers(0, 10, count)


def loss_of(model):
    published = model.name == "lenet5_1998"
    return (
        models.map_loss
        if published
        else keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )


@pytest.mark.parametrize("layers", KINDS)
def test_saved_and_loaded_it_answers_the_same(network, layers, tmp_path):
    model = network(layers=layers)
    images, _ = batch_for(model)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]
    np.testing.assert_array_equal(np.asarray(again(images)), np.asarray(model(images)))


def test_a_clone_with_its_weights_is_the_same_network(network):
    model = network()
    images, _ = batch_for(model)
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(np.asarray(clone(images)), np.asarray(model(images)))


@pytest.mark.parametrize("layers", KINDS)
def test_a_train_step_moves_every_trainable_weight_and_no_other(network, layers):
    model = network(layers=layers)
    model.compile(keras.optimizers.SGD(0.01), loss_of(model))
    before = model.get_weights()
    assert np.isfinite(model.train_on_batch(*batch_for(model)))
    trained = {id(weight) for weight in model.trainable_weights}
    for weight, old in zip(model.weights, before, strict=True):
        assert (id(weight) in trained) == (np.asarray(weight) != old).any(), weight.path


@pytest.mark.parametrize("precision", ["mixed_float16", "mixed_bfloat16"])
def test_in_mixed_precision_it_keeps_full_weights_and_halves_maps(network, precision):
    keras.config.set_dtype_policy(precision)
    try:
        model = network()
    finally:
        keras.config.set_dtype_policy("float32")
    images, labels = batch_for(model)
    assert {weight.dtype for weight in model.trainable_weights} == {"float32"}
    assert model.output.dtype == precision.removeprefix("mixed_")
    full = network()
    full.set_weights(model.get_weights())
    want = np.asarray(full(images))
    got = np.asarray(keras.ops.cast(model(images), "float32"))
    np.testing.assert_allclose(got, want, atol=0.05 * np.abs(want).max())
    model.compile(keras.optimizers.SGD(1e-4), loss_of(model))
    assert np.isfinite(model.train_on_batch(images, labels))


@pytest.mark.parametrize(
    ("build", "ones", "everywhere"),
    [
        (models.alexnet, {"conv2", "conv4", "conv5", "fc6", "fc7"}, True),
        (models.zfnet, set(), True),
        (models.alexnet_cifar, set(), False),
    ],
)
def test_first_weights_are_the_papers(build, ones, everywhere):
    keras.utils.set_random_seed(9)
    model = build((67, 67, 3), 40)
    held = [layer for layer in model.layers if layer.weights]
    assert {layer.name for layer in held if np.all(layer.bias == 1)} == ones
    assert all(np.all(layer.bias == (layer.name in ones)) for layer in held)
    for layer in held:
        deviation = np.asarray(layer.kernel).std()
        fan_in = layer.kernel.shape[-2] * np.prod(layer.kernel.shape[:-2])
        want = 0.01 if everywhere else np.sqrt(2 / fan_in)
        assert deviation == pytest.approx(want, rel=0.05), layer.name


def counted(*layers, shape=(9, 9, 2)):
    report = models.reconcile(keras.Sequential([keras.Input(shape), *layers]))
    return report, [(r.parameters, r.connections, r.multiply_adds) for r in report.rows]


def test_parameters_of_every_kind_of_layer_are_in_the_sum():
    report, rows = counted(L.Conv2D(3, 3, use_bias=False), L.BatchNormalization(), L.Dense(2))
    assert report.parameters == 54 + 6 + 8
    assert rows[1] == (6, None, None)
    assert str(report).splitlines()[3].split()[-4:] == ["6", "–", "–", "3"]
    inner = models.lenet5()
    around = keras.Input((32, 32, 1))
    report = models.reconcile(keras.Model(around, inner(L.Rescaling(2.0)(around))))
    assert report.parameters == 61_706
    memory = models.memory_estimate(keras.Model(around, inner(around)), 1)
    assert memory["parameters"] == 4 * 61_706


def test_other_kinds_of_windows():
    assert counted(L.GlobalAveragePooling2D())[1] == [(0, 9 * 9 * 2, 0)]
    # 2 x 9 weights on their own, then 2 x 3 between channels, and 3 biases, at 7 x 7 places
    assert counted(L.SeparableConv2D(3, 3))[1] == [(27, 49 * 27, 49 * 24)]
    # transposed: each of 81 places is spread by all weights, onto 19 x 19 places with a bias
    transposed = counted(L.Conv2DTranspose(3, 3, strides=2))[1]
    assert transposed == [(57, 81 * 54 + 19 * 19 * 3, 81 * 54)]
    assert counted(L.Conv1D(3, 3, padding="causal"), shape=(9, 2))[1] == [(21, 9 * 21, 9 * 18)]


def sees(*layers, shape=(9, 12, 2)):
    report, _ = counted(*layers, shape=shape)
    return [row.receptive_field for row in report.rows]


def test_what_is_seen_along_both_axes_and_where_it_is_not_known():
    assert sees(L.Conv2D(1, (3, 5), strides=(1, 2)), L.Conv2D(1, (2, 3))) == [(3, 5), (4, 9)]
    assert sees(L.ZeroPadding2D(((1, 0), (2, 2))), L.Conv2D(1, 3), L.MaxPooling2D()) == [3, 4]
    assert sees(L.Conv2D(1, 3), L.GlobalMaxPooling2D(), L.Dense(1)) == [3, "all", "all"]
    assert sees(L.Conv2D(1, 3), L.UpSampling2D(), L.Conv2D(1, 3)) == [3, None]
    inputs = keras.Input((9, 9, 1))
    near = L.Conv2D(1, 3, padding="same")(inputs)
    both = L.Add()([near, L.Conv2D(1, 5, padding="same", name="far")(inputs)])
    report = models.reconcile(keras.Model(inputs, L.Conv2D(1, 3, name="last")(both)))
    found = {row.name: row.receptive_field for row in report.rows}
    assert found["far"] is found["last"] is None


def test_the_papers_figures_stand_only_beside_the_papers_network():
    assert "the paper" in models.reconcile(models.lenet5()).to_rows()[0]
    small = models.reconcile(models.alexnet((67, 67, 3), 8))
    assert not small.source
    assert all(len(line) == 6 for line in small.to_rows())
    assert "paper" not in str(small)
    assert "paper" not in small._repr_html_()
    # a network of this name that is none of this paper is found out
    inputs = keras.Input((32, 32, 1))
    outputs = L.Conv2D(5, 5, name="c1")(inputs)
    wrong = models.reconcile(keras.Model(inputs, outputs, name="lenet5_1998"))
    assert wrong.rows[0].differs == ["parameters", "connections"]
    assert wrong.to_rows()[-1][-1] == "≠ 60,000 parameters, 340,908 connections"


def test_a_way_back_needs_a_chain_and_a_channel():
    inputs = keras.Input((9, 9, 1))
    one = L.Conv2D(2, 3, padding="same", name="one")(inputs)
    two = L.Conv2D(2, 5, padding="same", name="two")(inputs)
    model = keras.Model(inputs, L.Concatenate()([one, two]))
    image = np.ones((9, 9, 1), np.float32)
    first, second = (layer.name for layer in model.layers[1:3])
    text = f"a chain of layers up to '{second}', but {second} does not read {first}"
    with pytest.raises(ValueError, match=text):
        models.deconvnet(model, image, second, 0)
    model = keras.Sequential([keras.Input((9, 9, 1)), L.Conv2D(2, 3, name="c")])
    with pytest.raises(ValueError, match=r"received channel 2 of 'c', which puts out \(7, 7, 2\)"):
        models.deconvnet(model, image, "c", 2)


def test_the_way_back_in_half_precision_is_nearly_that_in_full():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        half = models.alexnet_cifar()
    finally:
        keras.config.set_dtype_policy("float32")
    full = models.alexnet_cifar()
    full.set_weights(half.get_weights())
    image = np.random.default_rng(1).random((32, 32, 3), np.float32)
    got, want = (models.deconvnet(m, image, "conv2", 3, at=(7, 8)) for m in (half, full))
    assert got.dtype == np.float32
    assert np.abs(got - want).mean() < 0.1 * np.abs(want).mean()


def test_the_drawing_has_every_layer_with_its_size():
    model = models.lenet5_1998()
    axes = plots.architecture(model).axes[0]
    labels = dict(text.get_text().split("\n") for text in axes.texts)
    assert labels == {
        "input": "1 @ 32 × 32",
        "c1": "6 @ 28 × 28",
        "s2": "6 @ 14 × 14",
        "c3": "16 @ 10 × 10",
        "s4": "16 @ 5 × 5",
        "c5": "120 @ 1 × 1",
        "f6": "84",
        "output": "10",
    }
    blocks = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert len(blocks) == 1 + 6 + 6 + 8 + 8 + 8 + 1 + 1
    # a side of half the pixels is drawn as 1 / sqrt(2); S2 and S4 have a color of their own
    assert blocks[7].get_height() / blocks[1].get_height() == pytest.approx(np.sqrt(14 / 28))
    assert blocks[7].get_facecolor() == blocks[21].get_facecolor() != blocks[1].get_facecolor()
    with pytest.raises(
        ValueError, match=r"c1: expected \(height, width, channels\), or \(units,\)"
    ):
        plots.architecture({"input": (4, 4, 1), "c1": (None, 4, 1)})


def test_no_label_of_the_drawing_is_cut_off_or_lies_on_another():
    figure = plots.architecture(models.zfnet((224, 224, 3), 10))
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    page = figure.bbox
    assert all(page.x0 <= b.x0 and b.x1 <= page.x1 and page.y0 <= b.y0 for b in boxes)
    assert not any(a.overlaps(b) for a, b in itertools.pairwise(boxes))
