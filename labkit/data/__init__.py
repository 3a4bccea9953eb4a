"""Data for the labs: by name, by seed, verified; offline unless something must be fetched."""

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
