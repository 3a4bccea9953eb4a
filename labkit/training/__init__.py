"""Training: from a model, data and a recipe to a history.

>>> from labkit.training import RECIPES
>>> RECIPES["digits"].batch
64
"""

from labkit.training.augment_layers import ElasticDistortion, RandomAffine, RandomShift
from labkit.training.explain import Diverged
from labkit.training.fitting import fit
from labkit.training.history import History
from labkit.training.preparation import Preparation
from labkit.training.recipe import Recipe
from labkit.training.recipes import RECIPES

__all__ = [
    "RECIPES",
    "Diverged",
    "ElasticDistortion",
    "History",
    "Preparation",
    "RandomAffine",
    "RandomShift",
    "Recipe",
    "fit",
]
