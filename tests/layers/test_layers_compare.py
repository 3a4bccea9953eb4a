"""The report about a layer says what differs and where."""

import keras
import numpy as np
import pytest
from keras import ops

from labkit import layers


class Wrong(keras.layers.Conv2D):
    """A layer with the fault that its attribute names."""

    fault = None

    def call(self, inputs):
        outputs = super().call(inputs)
        if self.fault == "one pixel":
            mask = np.zeros(outputs.shape, "float32")
            mask[1, 2, 3, 0] = 1
            outputs = outputs + mask
        if self.fault == "gradient":
            outputs = outputs + 0.1 * (self.bias - ops.stop_gradient(self.bias))
        if self.fault == "dtype":
            outputs = ops.cast(outputs, "float16")
        return outputs


@pytest.fixture
def x(rng):
    return rng.standard_normal((2, 7, 6, 3), np.float32)


def _lines(comparison):
    return {finding.what: finding for finding in comparison.findings}


@pytest.mark.parametrize("implementation", ["auto", "matrix", "im2col"])
def test_ours_is_the_same(x, implementation):
    mine = layers.Conv2D(4, 3, implementation=implementation, gradient="manual")
    comparison = layers.compare(mine, keras.layers.Conv2D(4, 3), x)
    assert comparison, str(comparison)
    assert list(_lines(comparison)) == [
        "weights",
        "outputs",
        "dtype",
        "output shape",
        "gradient of the input",
        "gradient of kernel",
        "gradient of bias",
        "saved and loaded",
    ]


@pytest.mark.parametrize(
    ("fault", "what", "text"),
    [
        ("one pixel", "outputs", "largest difference 1 at (1, 2, 3, 0): "),
        ("gradient", "gradient of bias", "largest difference "),
        ("dtype", "dtype", "expected float32, received float16"),
    ],
)
def test_a_fault_is_found(x, fault, what, text):
    mine = Wrong(4, 3)
    mine.fault = fault
    comparison = layers.compare(mine, keras.layers.Conv2D(4, 3), x)
    assert not comparison
    assert not _lines(comparison)[what].same
    assert _lines(comparison)[what].text.startswith(text)
    assert f"NO  {what}" in str(comparison)


def test_other_weights_end_it(x):
    comparison = layers.compare(layers.Conv2D(4, 3), keras.layers.Conv2D(4, 5), x)
    (finding,) = comparison.findings
    assert finding.text.startswith("expected kernel (5, 5, 3, 4), bias (4,); received kernel (3, 3")


def test_the_report_is_safe_html(x):
    comparison = layers.compare(layers.MaxPooling2D(2), keras.layers.MaxPooling2D(2), x)
    assert comparison
    assert comparison._repr_html_().startswith("<pre>ok")


def test_a_class_is_no_layer(x):
    with pytest.raises(TypeError, match="mine: expected a Keras layer, an object, received <class"):
        layers.compare(layers.Conv2D, keras.layers.Conv2D(4, 3), x)
