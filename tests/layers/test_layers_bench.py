"""The benchmark of layers times a whole train step."""

import numpy as np
import pytest

from labkit import layers
from labkit.bench.steps import train_step


@pytest.mark.parametrize("first", [True, False])
def test_a_step_makes_outputs_and_gradients_and_moves_the_weights(rng, first):
    x = rng.standard_normal((2, 6, 5, 3), np.float32)
    layer = layers.Conv2D(4, 3)
    layer.build(x.shape)
    before = layer.get_weights()
    outputs, gradient = train_step(layer, x, first)()
    # Outputs that are not returned are left out of the graph, and the step would be too quick.
    assert outputs.shape == (0, 4, 3, 4)
    assert gradient.shape == ((0,) if first else (0, 6, 5, 3))  # the bias, or the input's
    for old, new in zip(before, layer.get_weights(), strict=True):
        assert np.abs(new - old).max() > 0
