"""Augmentation layers: laws that hold for any draw, and life in pipelines and saved models."""

import keras
import numpy as np
import pytest

from labkit.training import ElasticDistortion, RandomAffine, RandomShift

IMAGES = np.random.default_rng(3).random((6, 12, 10, 2)).astype("float32")
LAYERS = {
    "shift": lambda **more: RandomShift(3, **more),
    "affine": lambda **more: RandomAffine(rotation=20, scale=0.1, shear=0.1, shift=0.1, **more),
    "elastic": lambda **more: ElasticDistortion(alpha=8, sigma=2, **more),
}
each = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)


def bent(layer, images=IMAGES, **options):
    return np.asarray(layer(images, **options))


@each
def test_the_same_seed_bends_alike_another_seed_and_the_next_call_do_not(make):
    layer = make(seed=5)
    first, second = bent(layer), bent(layer)
    np.testing.assert_array_equal(bent(make(seed=5)), first)
    assert first.shape == IMAGES.shape
    assert np.abs(first - IMAGES).max() > 0.1
    assert np.abs(first - second).max() > 0.1
    assert np.abs(first - bent(make(seed=6))).max() > 0.1


@each
def test_outside_training_nothing_happens(make):
    np.testing.assert_array_equal(bent(make(seed=5), training=False), IMAGES)
    model = keras.Sequential([keras.Input(IMAGES.shape[1:]), make(seed=5)])
    np.testing.assert_array_equal(model.predict(IMAGES, verbose=0), IMAGES)


def test_a_shift_is_some_whole_number_of_pixels_within_its_bound():
    seen = set()
    padded = np.pad(IMAGES, [(0, 0), (3, 3), (3, 3), (0, 0)])
    layer = RandomShift(3, seed=1)
    for moved in [bent(layer) for _ in range(8)]:
        for number, image in enumerate(moved):
            places = [
                (down, right)
                for down in range(7)
                for right in range(7)
                if np.array_equal(padded[number, down : down + 12, right : right + 10], image)
            ]
            assert len(places) == 1
            seen.update(places)
    assert len(seen) > 20
    assert {place for pair in seen for place in pair} == set(range(7))


@pytest.mark.parametrize("layer", [RandomAffine(), RandomShift(0), ElasticDistortion(alpha=0)])
def test_without_an_amount_images_stay(layer):
    np.testing.assert_allclose(bent(layer), IMAGES, atol=1e-6)


def test_an_elastic_field_is_smooth_and_moves_by_what_alpha_says():
    """Of a ramp, the distortion shows the displacement itself."""
    ramp = np.broadcast_to(np.arange(48, dtype="float32")[:, None, None], (1, 48, 48, 1))
    field = bent(ElasticDistortion(alpha=34, sigma=4, seed=2), ramp)[0, 14:34, 14:34, 0]
    field = field - np.arange(14, 34)[:, None]
    # smoothing by a Gaussian in two dimensions leaves 1 / (2 sigma sqrt(pi)) of the deviation
    expected = 34 / np.sqrt(3) / (2 * 4 * np.sqrt(np.pi))
    assert 0.4 * expected < field.std() + abs(field.mean()) < 2.5 * expected
    assert np.abs(np.diff(field, axis=1)).max() < expected  # neighbors differ by a fifth of it


@each
def test_in_a_pipeline_every_batch_is_bent_anew(make):
    import tensorflow as tf

    layer = make(seed=4)
    data = tf.data.Dataset.from_tensors(IMAGES).repeat(3).map(layer)
    batches = list(data.as_numpy_iterator())
    assert len({batch.tobytes() for batch in batches}) == 3


@each
def test_saved_and_loaded_with_its_options(make, tmp_path):
    model = keras.Sequential([keras.Input(IMAGES.shape[1:]), make(seed=7)])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras").layers[-1]
    assert loaded.get_config() == model.layers[-1].get_config()
    np.testing.assert_array_equal(bent(loaded), bent(make(seed=7)))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: RandomShift(-1), "pixels of at least 0, received -1"),
        (
            lambda: RandomAffine(scale="1"),
            "scale of at least 0, received .1.",
        ),
        (
            lambda: ElasticDistortion(sigma=0),
            "ElasticDistortion: expected sigma above 0, received 0",
        ),
    ],
)
def test_what_cannot_be_is_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()
