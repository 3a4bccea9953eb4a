"""Layers are tested with TensorFlow, quiet and on one core, unless a test says otherwise."""

import numpy as np
import pytest


@pytest.fixture
def rng():
    return np.random.default_rng(20)
