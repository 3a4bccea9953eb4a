"""``labkit train``: what it says, what it leaves, how it ends."""

import csv
import importlib
import json

import keras
import numpy as np
import pytest
from click.testing import CliRunner
from training_examples import images, network

from labkit import training
from labkit.cli import main
from labkit.training.recipes import named


@pytest.fixture
def labkit(tmp_path, monkeypatch):
    """The command, in a folder of its own, with a small network for LeNet-5 and small data."""
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module("labkit.cli.train")  # `labkit.cli.train` is the command
    monkeypatch.setattr(module, "_data", lambda name: (images(), "made here"))
    monkeypatch.setattr(module, "_builder", lambda name, options, arrays: network(**options))
    return lambda *arguments: CliRunner().invoke(main, ["train", *arguments])


def test_it_trains_and_says_how_good_it_is_and_where_it_lies(labkit, tmp_path):
    changes = "--epochs", "2", "--batch", "16", "--seed", "3", "--precision", "float32"
    done = labkit("lenet5", "--data", "digits", *changes)
    assert done.exit_code == 0, done.output
    assert done.output.startswith("digits: made here.\nTraining on the CPU (")
    folder = tmp_path / "trained" / "lenet5-digits-digits"
    rows = list(csv.DictReader((folder / "history.csv").read_text().splitlines()))
    said = done.output.splitlines()[-1]
    right = float(rows[-1]["val_accuracy"])
    assert said.startswith(
        f"lenet5 on digits: {right:.2%} of the held-out images are right after 2"
    )
    assert said.endswith("saved in trained/lenet5-digits-digits.")
    recipe = training.Recipe.from_json((folder / "recipe.json").read_text())
    changed = {"epochs": 2, "batch": 16, "seed": 3, "precision": "float32", "warmup": 0.2}
    assert recipe == named("digits").but(**changed)
    model = keras.saving.load_model(folder / "model.keras")
    prepare = training.Preparation.from_json((folder / "preparation.json").read_text())
    _, (x, y) = images()
    assert np.mean(model.predict(prepare(x), verbose=0).argmax(1) == y) == pytest.approx(right)


@pytest.mark.parametrize("text", ["", "[1]", "{}", '{"size": [8, 8, 1], "how": "padded"}'])
def test_a_preparation_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match="expected JSON with size, how, mean, deviation, received"):
        training.Preparation.from_json(text)


def test_it_goes_on_unless_told_to_begin_anew(labkit):
    arguments = ("lenet5", "--epochs", "2", "--batch", "16", "--option", "dropout=0.1")
    assert labkit(*arguments).exit_code == 0
    assert "Going on after epoch 2" in labkit(*arguments).output
    other = labkit(*arguments, "--seed", "1")
    assert other.exit_code == 1
    assert "(seed 0 there, 1 here)" in other.output
    assert "--fresh" in other.output
    fresh = labkit(*arguments, "--seed", "1", "--fresh")
    assert fresh.exit_code == 0
    assert "Going on" not in fresh.output


@pytest.mark.parametrize(
    ("name", "data", "recipe"),
    [
        ("lenet5", "fashion-mnist", "mnist"),
        ("alexnet-cifar", "cifar10", "cifar10"),
        ("alexnet", "imagenette", "imagenette"),
        ("zfnet", "textures", "alexnet-smoke"),
        ("alexnet", "digits", "alexnet-smoke"),
    ],
)
def test_where_no_recipe_is_named_network_and_data_choose(labkit, tmp_path, name, data, recipe):
    done = labkit(name, "--data", data, "--epochs", "1", "--batch", "16")
    assert done.exit_code == 0, done.output
    text = (tmp_path / "trained" / f"{name}-{data}-{recipe}" / "recipe.json").read_text()
    used = training.Recipe.from_json(text)
    assert used == named(recipe).but(epochs=1, batch=16, warmup=used.warmup)


def test_quiet_leaves_one_line(labkit):
    done = labkit("lenet5", "--epochs", "1", "--quiet")
    assert len(done.output.splitlines()) == 1


def test_a_recipe_may_come_from_a_file(labkit, tmp_path):
    (tmp_path / "mine.json").write_text(json.dumps({"epochs": 1, "batch": 8}))
    done = labkit("lenet5", "--recipe", "mine.json")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "trained" / "lenet5-digits-mine" / "model.keras").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["lenet6"], 2, "'lenet6' is not one of 'lenet5'"),
        (["Alexnet-cfar"], 2, "Did you mean 'alexnet-cifar'?"),
        (["lenet5", "--option", "dropout"], 2, "expected NAME=VALUE, received 'dropout'"),
        (["lenet5", "--recipe", "digit"], 1, "Did you mean 'digits'?"),
        (["lenet5", "--recipe", "no.json"], 1, "No such file"),
        (["lenet5", "--precision", "bf16"], 1, "precision: expected"),
        (["lenet5", "--device", "gpu:7"], 1, "device: expected one of cpu:0, or 'all'"),
    ],
)
def test_what_cannot_be_is_said(labkit, arguments, code, text):
    done = labkit(*arguments)
    assert done.exit_code == code
    assert text in done.output


def test_stopped_by_the_user_it_says_how_to_go_on(labkit, monkeypatch):
    def stop(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "fit", stop)
    done = labkit("lenet5")
    assert done.exit_code == 130
    assert "The same command goes on after the last whole epoch" in done.output


def test_unknown_data_is_said():
    done = CliRunner().invoke(main, ["train", "lenet5", "--data", "digts"])
    assert done.exit_code == 1
    assert "digts" in done.output


def test_textures_are_generated_and_a_fifth_of_each_class_is_held_out():
    module = importlib.import_module("labkit.cli.train")
    ((x, y), (x_test, y_test)), found = module._data("textures")
    assert found == "generated"
    assert x.shape == (1600, 64, 64, 3)
    assert x_test.shape == (400, 64, 64, 3)
    assert np.bincount(y).tolist() == [200] * 8
    assert np.bincount(y_test).tolist() == [50] * 8
