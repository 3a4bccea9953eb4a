"""Data that packages carry: shapes, ranges, and what an unknown name is answered."""

import numpy as np
import pytest

from labkit import data


def test_the_digits_are_the_1797_real_ones_in_keras_form():
    (x_train, y_train), (x_test, y_test) = data.load("digits")
    assert len(x_train) + len(x_test) == 1797
    assert x_train.dtype == x_test.dtype == np.uint8
    assert (x_train.min(), x_train.max()) == (0, 255)
    assert set(np.unique(y_train)) == set(np.unique(y_test)) == set(range(10))
    # more than noise: a nearest neighbor in the training set mostly bears the same label
    distances = ((x_test[:100, None].astype(float) - x_train[None]) ** 2).sum((2, 3))
    assert (y_train[distances.argmin(1)] == y_test[:100]).mean() > 0.9


@pytest.mark.parametrize("name", data.PHOTOGRAPHS)
def test_a_photograph_is_real_and_gray_is_between_its_channels(name):
    color, gray = data.photograph(name), data.photograph(name, gray=True)
    assert color.shape == (427, 640, 3)
    assert gray.shape == (427, 640)
    assert color.dtype == gray.dtype == np.uint8
    assert len(np.unique(gray)) > 200
    assert (gray >= color.min(-1)).all()
    assert (gray <= color.max(-1)).all()


def test_every_nth_row_and_column_is_kept():
    full, half = data.photograph("china"), data.photograph("china", every=2)
    np.testing.assert_array_equal(half, full[::2, ::2])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (
            lambda: data.load("minst"),
            "unknown data 'minst': expected one of digits, mnist, fashion_mnist, cifar10, "
            "imagenette; did you mean 'mnist'?",
        ),
        (lambda: data.load("digits", size=28), "size: expected 8 or 32 for the digits"),
        (lambda: data.load("mnist", size=32), "size: only the digits come in two sizes"),
        (lambda: data.textures(0), "count: expected a positive whole number, received 0"),
        (lambda: data.photograph("cat"), "unknown photograph 'cat': expected one of china, flower"),
        (lambda: data.photograph(every=0), "every: expected a positive whole number, received 0"),
        (lambda: data.photograph(every=1.5), "every: expected a positive whole number"),
    ],
)
def test_what_cannot_be_had_is_said(call, says):
    with pytest.raises(ValueError, match=says):
        call()
