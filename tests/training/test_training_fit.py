"""Training: it learns, it repeats itself, it says what goes wrong."""

import csv
import io
import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from training_examples import RECIPE, images, network

from labkit import training
from labkit.models import memory_estimate
from labkit.training import compiling, pipeline
from labkit.training.augment import augmentation
from labkit.training.explain import is_out_of_memory, memory_available, out_of_memory, too_large
from labkit.training.preparation import prepare


@pytest.fixture(scope="module")
def trained():
    return training.fit(network(), images(), RECIPE, quiet=True)


def test_it_learns_and_keeps_a_history(trained):
    assert trained["epoch"] == [1, 2, 3, 4]
    assert trained["loss"][-1] < trained["loss"][0]
    assert trained["val_accuracy"][-1] > 0.9  # chance is 0.25
    (_, _), (x, y) = images()
    scores = trained.model.predict(trained.preparation(x), verbose=0)
    assert np.mean(scores.argmax(1) == y) == pytest.approx(trained["val_accuracy"][-1])


def test_the_same_recipe_gives_the_same_numbers(trained):
    again = training.fit(network(), images(), RECIPE, quiet=True)
    assert again.numbers == trained.numbers
    for one, other in zip(again.model.weights, trained.model.weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_another_seed_gives_others(trained):
    other = training.fit(network(), images(), RECIPE.but(seed=6, epochs=1, warmup=0), quiet=True)
    assert other["loss"][0] != trained["loss"][0]


def test_the_history_as_table_csv_and_picture(trained):
    rows = list(csv.DictReader(io.StringIO(trained.to_csv())))
    assert [float(row["val_loss"]) for row in rows] == trained["val_loss"]
    assert repr(trained).splitlines()[0].split() == trained.columns
    assert len(repr(trained).splitlines()) == 5
    assert trained._repr_html_().count("<tr>") == 5
    figure = trained.plot("loss")
    drawn = [line.get_ydata().tolist() for line in figure.axes[0].lines]
    assert drawn == [trained["loss"], trained["val_loss"]]
    with pytest.raises(ValueError, match="what: expected a column of the history"):
        trained.plot("weight")


def test_it_says_where_it_runs_and_each_epoch(capsys):
    training.fit(network(), images(), RECIPE.but(epochs=1))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Training on the CPU (")
    assert lines[0].endswith("float32, Keras on tensorflow.")
    assert lines[1].startswith("epoch 1 of 1: accuracy 0.")
    assert len(lines) == 2


def test_quiet_is_quiet(capsys):
    training.fit(network(), images(), RECIPE.but(epochs=1), quiet=True)
    assert capsys.readouterr() == ("", "")


def test_a_loss_that_is_no_number_stops_with_an_explanation():
    (x, y), test = images()
    x = x.astype("float32") / 255
    x[50] = np.nan

    def linear():  # max pooling may swallow what is no number
        layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(4)]
        return keras.Sequential(layers)

    with pytest.raises(training.Diverged) as caught:
        training.fit(linear, ((x, y), test), RECIPE.but(inputs="unit"), quiet=True)
    text = str(caught.value)
    assert text.startswith("The loss became NaN in epoch 1, steps ")
    assert "Try a learning rate of 0.001" in text
    assert "look for NaN in the images" in text


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_test_images_that_are_no_numbers_are_refused_and_the_first_is_named(value):
    train, (x, y) = images()
    x = x.astype("float32") / 255
    x[[7, 30], 0, 0] = value
    text = "x_test: expected finite numbers, received NaN or infinity in 2 of 40 images, first in "
    with pytest.raises(ValueError, match=f"^{text}image 7$"):
        training.fit(network(), (train, (x, y)), RECIPE, quiet=True)


def test_a_loss_beyond_all_numbers_stops_too():
    wild = RECIPE.but(optimizer="sgd", learning_rate=1e30, warmup=0, label_smoothing=0)
    with pytest.raises(
        training.Diverged, match=r"Try a learning rate of 1e\+29, or a warm-up of one"
    ):
        training.fit(network(), images(), wild, quiet=True)


def test_out_of_memory_names_a_batch_to_try():
    def build():
        model = network()()

        def call(*arguments, **options):
            raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")

        model.call = call
        return model

    with pytest.raises(MemoryError) as caught:
        training.fit(build, images(), RECIPE, quiet=True)
    assert str(caught.value).startswith(
        "cpu:0 ran out of memory with batches of 16 images of 8 x 8 x 1. Try batch 8, then 4: "
    )


def test_which_errors_mean_out_of_memory():
    class XlaRuntimeError(RuntimeError):
        pass

    assert is_out_of_memory(XlaRuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 8 bytes"))
    assert not is_out_of_memory(XlaRuntimeError("INVALID_ARGUMENT: shapes"))
    assert not is_out_of_memory(ValueError("RESOURCE_EXHAUSTED"))
    assert "Try batch 64, then 32" in out_of_memory(100, (2, 2, 1), "gpu:0")
    assert "with a single image of 2 x 2 x 1" in out_of_memory(1, (2, 2, 1), "gpu:0")


def test_a_batch_that_a_cpu_may_not_hold_is_said_before(monkeypatch, capsys):
    assert memory_available() is None or memory_available() > 2**20
    need = memory_estimate(network()(), 16, slots=2)
    spare = need["total"] - need["activations"] // 2  # half of the batch fits
    text = too_large(network()(), RECIPE, 16, spare)
    assert text.startswith("Batches of 16 images may need 0.0 GiB, and 0.0 GiB are free: if the")
    assert text.endswith("try batch 8.")
    assert too_large(network()(), RECIPE, 16, need["total"]) is None
    assert too_large(network()(), RECIPE, 16, None) is None
    monkeypatch.setattr("labkit.training.fitting.memory_available", lambda: spare)
    training.fit(network(), images(), RECIPE.but(epochs=1))
    assert text in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ([1, 2, 3], "data: expected (x_train, y_train), (x_test, y_test)"),
        (
            ((np.zeros((3, 8, 8)), np.zeros(2, int)), (np.zeros((1, 8, 8)), np.zeros(1, int))),
            "y_train: expected whole numbers of shape (3,), one for each image of x_train "
            "(3, 8, 8), received shape (2,), dtype int64",
        ),
        (
            ((np.zeros((3, 8, 8)), np.zeros(3, int)), (np.zeros((1, 8, 8)), np.full(1, 7))),
            "labels: expected 0 to 3, the model has 4 outputs, received 7 to 7",
        ),
        (
            ((np.zeros((3, 8, 8)), np.array([0, 1, 2**32])), (np.zeros((1, 8, 8)), [0])),
            "y_train: expected class numbers, from 0 up to the model's outputs, received 0 to "
            "4294967296",
        ),
        (
            ((np.zeros((3, 8, 8)), np.zeros(3, int)), (np.zeros((1, 8, 8)), [-1])),
            "y_test: expected class numbers, from 0 up to the model's outputs, received -1 to -1",
        ),
        (
            ((np.zeros((3, 8, 8, 3)), np.zeros(3, int)), (np.zeros((1, 8, 8)), np.zeros(1, int))),
            "images: expected 1 channels, what the model takes",
        ),
    ],
)
def test_data_that_cannot_be_is_refused(data, text):
    with pytest.raises(ValueError, match=re.escape(text)):
        training.fit(network(), data, RECIPE, quiet=True)


def two_outputs():
    inputs = keras.Input((8, 8, 1))
    flat = keras.layers.Flatten()(inputs)
    return keras.Model(inputs, [keras.layers.Dense(4)(flat), keras.layers.Dense(2)(flat)], name="m")


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (None, "model: expected a Keras model, or a function that builds one, received None"),
        (lambda: 3, "model: expected a Keras model, or a function that builds one, received 3"),
        (
            two_outputs,
            "model: expected a Sequential or functional model with one input and one output of "
            "shape (image, class), received 'm' with inputs [(None, 8, 8, 1)] and outputs "
            "[(None, 4), (None, 2)]",
        ),
        (
            lambda: keras.Sequential([keras.Input((8, 8, 1)), keras.layers.ReLU()], name="m"),
            "model: expected a Sequential or functional model with one input and one output of "
            "shape (image, class), received 'm' with inputs [(None, 8, 8, 1)] and outputs "
            "[(None, 8, 8, 1)]",
        ),
    ],
)
def test_a_model_that_cannot_be_trained_is_refused(model, text):
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        training.fit(model, images(), RECIPE, quiet=True)


def test_a_device_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="device: expected one of cpu:0, or 'all', received 'gpu'"):
        training.fit(network(), images(), RECIPE, device="gpu", quiet=True)
    with pytest.raises(ValueError, match="mixed_float16 is for GPUs"):
        training.fit(network(), images(), RECIPE.but(precision="mixed_float16"), quiet=True)


def test_a_cpu_trains_in_bfloat16_when_asked_to():
    recipe = RECIPE.but(precision="mixed_bfloat16")
    history = training.fit(network(), images(), recipe, quiet=True)
    assert {layer.compute_dtype for layer in history.model.layers} == {"bfloat16"}
    assert np.isfinite(history["loss"]).all()


# ---- the pipeline


def batches(recipe, first=0, part=(0, 1)):
    (x, y), _ = images()
    preparation = prepare(x, (None, 8, 8, 1), recipe.inputs)
    dataset = pipeline.training_batches(
        preparation.sized(x), y, recipe, preparation, first=first, steps=6, batch=16, part=part
    )
    return list(dataset.as_numpy_iterator())


def test_an_epoch_holds_every_image_once_in_another_order_each_time():
    recipe = RECIPE.but(augmentation=())
    found = [np.concatenate([x for x, _ in batches(recipe)[6 * e : 6 * e + 6]]) for e in (0, 1)]
    (x, _), _ = images()
    wanted = np.sort(prepare(x, (None, 8, 8, 1)).__call__(x).reshape(96, -1), axis=0)
    for epoch in found:
        np.testing.assert_array_equal(np.sort(epoch.reshape(96, -1), axis=0), wanted)
    assert not np.array_equal(*found)


def test_a_later_epoch_is_the_same_whether_those_before_it_ran():
    whole, rest = batches(RECIPE), batches(RECIPE, first=2)
    for (x, y), (x_, y_) in zip(whole[12:], rest, strict=True):
        np.testing.assert_array_equal(x, x_)
        np.testing.assert_array_equal(y, y_)


def test_parts_of_a_batch_are_the_batch():
    recipe = RECIPE.but(augmentation=())
    parts = [batches(recipe, part=(i, 2)) for i in (0, 1)]
    for (x, y), (x0, y0), (x1, y1) in zip(batches(recipe), *parts, strict=True):
        np.testing.assert_array_equal(x, np.concatenate([x0, x1]))
        np.testing.assert_array_equal(y, np.concatenate([y0, y1]))


def test_shifts_move_whole_images_by_whole_pixels_with_zeros_behind_them():
    x = np.random.default_rng(0).random((50, 6, 5, 2), np.float32)
    shifted = augmentation(({"name": "shift", "pixels": 2},))(tf.constant(x), [1, 2]).numpy()
    padded = np.pad(x, [(0, 0), (2, 2), (2, 2), (0, 0)])
    found = set()
    for image, around in zip(shifted, padded, strict=True):
        moves = [
            (i, j)
            for i in range(5)
            for j in range(5)
            if np.array_equal(image, around[i : i + 6, j : j + 5])
        ]
        assert len(moves) == 1
        found.add(moves[0])
    assert len(found) > 15  # of 25


def test_affine_maps_are_what_scipy_says_of_the_same_numbers():
    x = np.zeros((40, 21, 21, 1), np.float32)
    x[:, 4:9, 3:12] = 1
    moved = augmentation(({"name": "affine", "rotation": 30, "scale": 0.2},))(x, [3, 4]).numpy()
    # around the middle, areas go with the square of the scale and the middle of mass turns
    rows, columns = np.mgrid[-10:11, -10:11]
    mass = moved[..., 0].sum(axis=(1, 2))
    assert 45 * 0.8**2 * 0.9 < mass.min() < 45 * 0.9 < 45 * 1.1 < mass.max() < 45 * 1.2**2 * 1.1
    middle = np.stack([(moved[..., 0] * axis).sum((1, 2)) / mass for axis in (rows, columns)], -1)
    before = np.array([-4, -3])
    scale = np.sqrt(mass / 45)
    np.testing.assert_allclose(np.hypot(*middle.T), 5 * scale, rtol=0.05)
    turned = np.degrees(np.arctan2(*middle.T) - np.arctan2(*before))
    assert -31 < turned.min() < -15
    assert 15 < turned.max() < 31


def test_elastic_distortions_move_neighbors_alike_and_are_those_of_scipy():
    from scipy.ndimage import gaussian_filter, map_coordinates

    x = np.random.default_rng(0).random((3, 29, 29, 1), np.float32)
    ours = augmentation(({"name": "elastic", "alpha": 34, "sigma": 4},))(tf.constant(x), [5, 6])
    seed = tf.random.fold_in([5, 6], 0)
    noise = tf.random.stateless_uniform((2, 3, 29, 29), seed, -1.0, 1.0).numpy()
    for image, *fields, found in zip(x, *noise, ours.numpy(), strict=True):
        smooth = [34 * gaussian_filter(each, 4, mode="constant", truncate=3) for each in fields]
        wanted = map_coordinates(
            image[..., 0], np.mgrid[:29, :29] + np.stack(smooth), order=1, mode="grid-constant"
        )
        np.testing.assert_allclose(found[..., 0], wanted, atol=1e-4)
        assert 0.5 < np.abs(smooth).max() < 12


@pytest.mark.parametrize("kind", [{"name": "affine", "rotation": 30}, {"name": "elastic"}])
def test_a_share_of_images_is_bent_and_the_rest_is_as_sharp_as_it_was(kind):
    x = np.random.default_rng(0).random((400, 9, 9, 1), np.float32)

    def bent(**more):
        return augmentation([kind | more])(tf.constant(x), [1, 2]).numpy()

    some = bent(share=0.75)
    same = (some == x).all(axis=(1, 2, 3))
    assert 70 < same.sum() < 130
    np.testing.assert_array_equal(some[~same], bent()[~same])
    np.testing.assert_array_equal(bent(share=0), x)


def test_flips_are_of_whole_images_and_of_about_half():
    x = np.random.default_rng(0).random((200, 3, 4, 2), np.float32)
    y = augmentation(({"name": "flip"},))(tf.constant(x), [1, 2]).numpy()
    same = (y == x).all(axis=(1, 2, 3))
    mirrored = (y == x[:, :, ::-1]).all(axis=(1, 2, 3))
    assert (same ^ mirrored).all()
    assert 70 < mirrored.sum() < 130


def test_images_become_what_the_network_takes():
    x = np.random.default_rng(0).integers(0, 256, (200, 28, 28)).astype(np.uint8)
    preparation = prepare(x, (None, 32, 32, 1))
    assert preparation.how == "padded"
    y = preparation(x)
    assert (y.shape, y.dtype) == ((200, 32, 32, 1), np.float32)
    assert y.mean() == pytest.approx(0, abs=1e-5)
    assert y.std() == pytest.approx(1, abs=1e-5)
    lenet = prepare(x, (None, 32, 32, 1), "lenet")
    assert lenet(x).min() == pytest.approx(-0.1)
    assert lenet(np.full((1, 32, 32), 255, np.uint8)).max() == pytest.approx(1.175)
    assert prepare(x, (None, 64, 64, 1)).how == "resized"
    np.testing.assert_array_equal(lenet(x.astype(np.int64)), lenet(x))
    with pytest.raises(ValueError, match="floats from 0 to 1, received int64 from 0 to 510"):
        lenet(x.astype(np.int64) * 2)


def test_a_warning_says_that_images_of_another_aspect_are_stretched():
    x = np.zeros((3, 40, 80), np.uint8)
    text = (
        "images of 40 x 80 pixels are resized to 32 x 32, which makes what they show 2 times as "
        "high: crop or pad them first to keep its proportions"
    )
    with pytest.warns(UserWarning, match=f"^{text}$"):
        preparation = prepare(x, (None, 32, 32, 1))
    with pytest.warns(UserWarning, match="5 times as wide"):
        assert preparation(np.zeros((2, 50, 10), np.uint8)).shape == (2, 32, 32, 1)
    prepare(np.zeros((3, 67, 101, 3), np.uint8), (None, 33, 50, 3))  # rounding, no more


def test_large_images_are_prepared_in_pieces_as_they_are_whole(monkeypatch):
    x = np.random.default_rng(0).integers(0, 256, (7, 9, 9), np.uint8)
    whole = prepare(x, (None, 20, 20, 1))
    y = whole(x)
    monkeypatch.setattr("labkit.training.preparation.CHUNK", 800)  # two images
    pieces = prepare(x, (None, 20, 20, 1))
    assert pieces.mean == pytest.approx(whole.mean)
    assert pieces.deviation == pytest.approx(whole.deviation)
    np.testing.assert_array_equal(whole(x), y)
    assert whole(x[:0]).shape == (0, 20, 20, 1)


# ---- schedules, against their formulas


def test_cosine_with_warm_up():
    rate = compiling.rate_at(training.Recipe(epochs=10, learning_rate=0.5, warmup=2), 100)
    assert rate(100) == pytest.approx(0.25)
    assert rate(200) == pytest.approx(0.5)
    assert rate(600) == pytest.approx(0.25)
    assert rate(1000) == pytest.approx(0, abs=1e-7)


def test_drops():
    recipe = training.Recipe(
        learning_rate=0.4, schedule="drops", drops=((2, 0.2), (5, 0.1)), warmup=1
    )
    rate = compiling.rate_at(recipe, 10)
    found = [rate(step) for step in (4, 9, 19, 20, 49, 50, 99)]
    assert found == pytest.approx([0.2, 0.4, 0.4, 0.2, 0.2, 0.1, 0.1])


def test_label_smoothing_is_what_keras_says_it_is():
    rng = np.random.default_rng(0)
    scores, y = rng.standard_normal((20, 5)).astype("float32"), rng.integers(0, 5, 20)
    ours = compiling.Crossentropy(label_smoothing=0.2)(y, scores)
    theirs = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.2)(
        np.eye(5)[y], scores
    )
    assert float(ours) == pytest.approx(float(theirs), rel=1e-6)
