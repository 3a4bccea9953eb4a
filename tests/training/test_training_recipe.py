"""Recipes are plain data, and say what is wrong with them."""

import dataclasses
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.training import RECIPES, Recipe
from labkit.training.pipeline import plan
from labkit.training.recipes import named


@pytest.mark.parametrize("name", RECIPES)
def test_every_named_recipe_goes_to_json_and_back(name):
    text = RECIPES[name].to_json()
    assert Recipe.from_json(text) == RECIPES[name]
    assert isinstance(json.loads(text), dict)
    assert Recipe.from_json(text).fingerprint == RECIPES[name].fingerprint


def test_json_names_only_what_differs_from_the_default():
    assert Recipe.from_json('{"epochs": 3}') == Recipe(epochs=3)


def test_fingerprints_tell_recipes_apart():
    found = {recipe.fingerprint for recipe in RECIPES.values()}
    assert len(found) == len(RECIPES)
    assert Recipe(seed=1).fingerprint != Recipe().fingerprint


def test_a_recipe_cannot_be_changed_but_copied():
    recipe = Recipe()
    with pytest.raises(dataclasses.FrozenInstanceError):
        recipe.epochs = 3
    assert recipe.but(epochs=3) == Recipe(epochs=3)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"optimizer": "adan"},
            "optimizer: expected one of adam, adamw, sgd, received 'adan'. Did you mean 'adam'?",
        ),
        (
            {"schedule": "cosin"},
            "schedule: expected one of constant, cosine, drops, received 'cosin'. Did you mean "
            "'cosine'?",
        ),
        (
            {"learningrate": 0.1},
            "received 'learningrate'. Did you mean 'learning_rate'?",
        ),
        ({"epochs": 0}, "epochs: expected a whole number of at least 1, received 0"),
        ({"epochs": 2.0}, "epochs: expected a whole number of at least 1, received 2.0"),
        ({"batch": True}, "batch: expected a whole number of at least 1, received True"),
        ({"learning_rate": 0}, "learning_rate: expected a number above 0, received 0"),
        (
            {"learning_rate": float("nan")},
            "learning_rate: expected a number above 0, received nan",
        ),
        (
            {"learning_rate": float("inf")},
            "learning_rate: expected a number above 0, received inf",
        ),
        (
            {"label_smoothing": 1.5},
            "label_smoothing: expected a number of at least 0 and at most 1, received 1.5",
        ),
        (
            {"epochs": 2, "warmup": 3},
            "warmup: expected a number of at least 0 and at most 2, received 3",
        ),
        ({"momentum": 0.9}, "momentum: only sgd has one, received 0.9"),
        ({"weight_decay": 0.1}, "weight_decay: adam has none, received 0.1: choose adamw"),
        (
            {"augmentation": [{"name": "shfit", "pixels": 2}]},
            "augmentation: expected one of shift, flip, affine, elastic, received 'shfit'. Did you "
            "mean 'shift'?",
        ),
        (
            {"augmentation": [{"name": "elastic", "sigmas": 2}]},
            "augmentation elastic: expected alpha, sigma, share as options, received 'sigmas'. Did "
            "you mean 'sigma'?",
        ),
        (
            {"augmentation": [{"name": "elastic", "sigma": 0}]},
            "augmentation elastic, sigma: expected a number above 0, received 0",
        ),
        (
            {"augmentation": [{"name": "affine", "share": 1.5}]},
            "augmentation affine, share: expected a number of at least 0 and at most 1, received",
        ),
        ({"augmentation": None}, "augmentation: expected a list, received None"),
        ({"augmentation": "shift"}, "augmentation: expected a list, received 'shift'"),
        ({"augmentation": ["shift"]}, "augmentation: expected {\"name\": …}, received 'shift'"),
        (
            {"schedule": "drops"},
            "drops: go with schedule 'drops', received () and schedule 'drops'",
        ),
        (
            {"schedule": "drops", "drops": [(3, 0.1), (2, 0.01)]},
            "drops: expected rising epochs, received [(3, 0.1), (2, 0.01)]",
        ),
        (
            {"schedule": "drops", "drops": [3]},
            "drops: expected pairs (epoch, learning rate), received [3]",
        ),
        ({"jit": "yes"}, "jit: expected true, false or null, received 'yes'"),
    ],
)
def test_what_is_wrong_is_said(changes, text):
    with pytest.raises(ValueError, match=re.escape(text)):
        Recipe().but(**changes)


def test_text_that_is_no_recipe_is_refused():
    with pytest.raises(ValueError, match=r"recipe: expected JSON, received '\{epochs'"):
        Recipe.from_json("{epochs")
    with pytest.raises(ValueError, match=r"recipe: expected an object, received '\[1\]'"):
        Recipe.from_json("[1]")
    with pytest.raises(ValueError, match="Did you mean 'digits'"):
        named("digit")


@given(st.integers(1, 70_000), st.integers(1, 300), st.integers(1, 40))
def test_an_epoch_is_whole_executions_of_whole_batches(images, batch, wanted):
    size, steps, chunk = plan(images, batch, wanted)
    assert size <= batch
    assert 1 <= chunk <= wanted
    assert steps % chunk == 0
    assert size * steps <= images
    left_out = images - size * steps
    assert left_out < size * chunk  # less than one more execution
