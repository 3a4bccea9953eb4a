"""Killed and resumed: the same numbers, from whole checkpoints of the same recipe alone."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from training_examples import RECIPE, images, network

from labkit import training
from labkit.training import compiling

HERE = Path(__file__).parent


def run(folder, kill_at):
    return subprocess.run(
        [sys.executable, HERE / "training_killed.py", folder, str(kill_at)],
        capture_output=True,
        text=True,
        cwd=HERE,
        env={**os.environ, "PYTHONPATH": str(HERE.parent.parent)},
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder with a finished training, and its history."""
    folder = tmp_path_factory.mktemp("finished")
    return folder, training.fit(network(), images(), RECIPE, folder=folder, quiet=True)


@pytest.fixture
def whole(finished):
    """The history of a training that ran through."""
    return finished[1]


@pytest.fixture
def folder(finished, tmp_path):
    """A copy of the folder of a finished training."""
    return shutil.copytree(finished[0], tmp_path / "copy")


def test_killed_in_an_epoch_and_resumed_it_has_the_history_of_one_that_ran_through(
    tmp_path, whole, capsys
):
    killed = run(tmp_path, kill_at=3)  # two executions an epoch: this is in the middle of epoch 2
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert [path.name for path in tmp_path.glob("*.npz")] == ["epoch-00001.npz"]
    keras.utils.set_random_seed(os.getpid())  # this process brings no state that would help
    resumed = training.fit(network(), images(), RECIPE, folder=tmp_path)
    assert f"Going on after epoch 1, from {tmp_path}." in capsys.readouterr().out
    assert resumed.numbers == whole.numbers
    for one, other in zip(resumed.model.weights, whole.model.weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_newest_two_checkpoints_are_kept_and_the_history_written(folder):
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["epoch-00003.npz", "epoch-00004.npz", "history.csv"]


def test_a_finished_training_is_not_begun_again(folder, whole):
    again = training.fit(network(), images(), RECIPE, folder=folder, quiet=True)
    assert again.numbers == whole.numbers
    for one, other in zip(again.model.weights, whole.model.weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_finished_training_goes_on_with_more_epochs(tmp_path):
    recipe = RECIPE.but(schedule="constant", epochs=1)
    training.fit(network(), images(), recipe, folder=tmp_path, quiet=True)
    longer = recipe.but(epochs=3)
    history = training.fit(network(), images(), longer, folder=tmp_path, quiet=True)
    # at a rate that does not depend on the number of epochs, as if it had run through
    assert history.numbers == training.fit(network(), images(), longer, quiet=True).numbers
    with pytest.raises(ValueError, match="epochs 3 there, 1 here"):
        training.fit(network(), images(), recipe, folder=tmp_path, quiet=True)
    with pytest.raises(ValueError, match=r"epochs 3 there, 4 here, seed 5 there, 6 here"):
        training.fit(network(), images(), longer.but(epochs=4, seed=6), folder=tmp_path, quiet=True)


def test_a_training_that_is_not_finished_does_not_change_its_epochs(folder):
    (folder / "epoch-00004.npz").unlink()
    with pytest.raises(ValueError, match="epochs 4 there, 5 here"):
        training.fit(network(), images(), RECIPE.but(epochs=5), folder=folder, quiet=True)


def test_further_epochs_have_the_rates_of_the_longer_recipe(folder):
    longer = RECIPE.but(epochs=6)
    history = training.fit(network(), images(), longer, folder=folder, quiet=True)
    rate = compiling.rate_at(longer, 6)
    assert history["rate"][4:] == pytest.approx([rate(29), rate(35)])
    assert history["epoch"] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "text"])
def test_a_damaged_checkpoint_is_named_and_the_one_before_it_taken(folder, whole, damage, capsys):
    newest = folder / "epoch-00004.npz"
    data = bytearray(newest.read_bytes())
    if damage == "flip":
        data[len(data) // 2] ^= 1
    newest.write_bytes(
        {"cut": data[: len(data) // 2], "flip": data, "empty": b"", "text": b"hello"}[damage]
    )
    history = training.fit(network(), images(), RECIPE, folder=folder)
    said = capsys.readouterr().out
    assert "epoch-00004.npz is damaged (" in said
    assert "going back to the checkpoint before it" in said
    assert "Going on after epoch 3" in said
    assert history.numbers == whole.numbers  # the epoch that was lost, run again


@pytest.mark.parametrize(
    ("changes", "build", "data", "text"),
    [
        (
            {"learning_rate": 0.02},
            network(),
            images(),
            "expected a checkpoint of this recipe, received one of another (learning_rate 0.01 "
            "there, 0.02 here)",
        ),
        ({}, network(), images(seed=1), "expected a checkpoint of this data, received one of"),
        ({}, network(dropout=0.5), images(), "expected a checkpoint of this model, received one"),
    ],
)
def test_what_belongs_to_another_training_is_refused(folder, changes, build, data, text):
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(ValueError, match="begin anew here") as caught:
        training.fit(build, data, RECIPE.but(**changes), folder=folder, quiet=True)
    assert text in str(caught.value)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("resume", [True, False])
def test_what_a_kill_left_of_a_checkpoint_is_removed(folder, resume):
    left = folder / ".epoch-00005.npz.abc.part"
    left.write_bytes(b"half")
    training.fit(network(), images(), RECIPE, folder=folder, resume=resume, quiet=True)
    assert not left.exists()


def test_one_may_begin_anew(folder):
    new = RECIPE.but(epochs=1)
    history = training.fit(network(), images(), new, folder=folder, resume=False, quiet=True)
    assert history["epoch"] == [1]
    assert [path.name for path in folder.glob("*.npz")] == ["epoch-00001.npz"]


def test_a_folder_that_cannot_be_written_to_is_refused_before_the_first_epoch(tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match=r"folder: expected one that checkpoints can be written to"):
        training.fit(network(), images(), RECIPE, folder=tmp_path / "file" / "folder")
    assert "epoch" not in capsys.readouterr().out


def test_a_full_disk_is_said(tmp_path, monkeypatch):
    def full(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("labkit.training.checkpoint.write_atomically", full)
    with pytest.raises(OSError, match=r"the checkpoint of epoch 1 could not be written.*No space"):
        training.fit(network(), images(), RECIPE, folder=tmp_path, quiet=True)
