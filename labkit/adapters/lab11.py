"""Adapter of lab 11: occlusion_map with a network that everybody can compute."""

import numpy as np

__all__ = ["occlusion_map", "scorer"]


def scorer(weights):
    """Return a network of one unit: a function from an image to the sum of weights * image."""
    return lambda image: float((np.asarray(image, float) * weights).sum())


def occlusion_map(answer, weights, image, size, stride, fill):
    """Call the student's occlusion_map with the network of these weights."""
    return answer(scorer(weights), image, size, stride, fill)
