"""Data for the labs: real images by name, verified, and generated data by seed.

Nothing needs a network, except to download a dataset that is not on this machine yet.
"""

from labkit.data.embedded import PHOTOGRAPHS, photograph
from labkit.data.generators import SHAPES, TEXTURES, motion, textures, volumes
from labkit.data.loading import Datasheet, describe, load, where
from labkit.data.registry import names
from labkit.data.sources import DataError

__all__ = [
    "PHOTOGRAPHS",
    "SHAPES",
    "TEXTURES",
    "DataError",
    "Datasheet",
    "describe",
    "load",
    "motion",
    "names",
    "photograph",
    "textures",
    "volumes",
    "where",
]
