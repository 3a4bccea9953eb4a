"""The roofline: operations and bytes against counts by hand."""

import pytest

from labkit import plots
from labkit.bench import roofline


@pytest.fixture(scope="module")
def network():
    import keras

    return keras.Sequential(
        [
            keras.Input((6, 8, 2)),
            keras.layers.Conv2D(3, 3, name="conv"),
            keras.layers.Flatten(),
            keras.layers.Dense(5, name="dense"),
        ]
    )


def test_operations_for_each_byte(network):
    found = roofline.points(network, 7, seconds=0.01)
    assert list(found) == ["conv", "dense"]
    outputs, weights = 4 * 6 * 3, 3 * 3 * 2 * 3
    moved = 4 * (7 * (6 * 8 * 2 + outputs) + weights + 3)
    assert found["conv"].intensity == pytest.approx(2 * 7 * 4 * 6 * weights / moved)
    moved = 4 * (7 * (outputs + 5) + 5 * outputs + 5)
    assert found["dense"].intensity == pytest.approx(2 * 7 * 5 * outputs / moved)
    assert all(point.flops > 0 for point in found.values())


def test_a_batch_uses_every_weight_again(network):
    alone, together = (roofline.points(network, batch, seconds=0.01) for batch in (1, 64))
    assert together["dense"].intensity > 5 * alone["dense"].intensity


def test_a_roof_rises_and_then_is_level():
    limits = roofline.limits(side=64, megabytes=1, rounds=2)
    assert min(limits) > 0
    ridge = limits.flops / limits.bytes
    assert limits.roof(ridge / 2) == pytest.approx(limits.flops / 2)
    assert limits.roof(ridge * 10) == limits.flops


def test_the_picture_names_every_layer_and_tells_kinds_apart():
    points = {"conv1": (100.0, 5e10), "fc6": (0.01, 1e9)}
    axes = plots.roofline(points, (1e11, 1e10)).axes[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["conv1", "fc6"]
    drawn = {line.get_label(): line for line in axes.lines}
    assert drawn["fc6"].get_markerfacecolor() == "white" != drawn["conv1"].get_markerfacecolor()
    assert axes.get_xlim()[0] < 0.01  # nothing falls off the edge


def test_sizes_must_be_fixed():
    import keras

    open_sized = keras.Sequential([keras.Input((None, None, 3)), keras.layers.Conv2D(2, 3)])
    with pytest.raises(ValueError, match="expected a model with a fixed input size"):
        roofline.points(open_sized, 1)
