"""TensorFlow's start-up notes stay away, and come back when something is wrong."""

import os
import subprocess
import sys

import pytest

from labkit import quiet


def test_keras_starts_without_a_word():
    code = "from labkit.quiet import import_keras; print(import_keras().__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "keras\n", "")


def test_notes_from_later_on_are_silenced_as_they_are_for_the_references(monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    with quiet.held_back():
        pass
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "3"


def test_what_washeld_back_is_shown_when_the_start_fails(capfd):
    def fail():
        os.write(2, b"the driver says no\n")
        raise ImportError("no backend")

    with pytest.raises(ImportError, match="no backend"), quiet.held_back():
        fail()
    assert "the driver says no" in capfd.readouterr().err


def test_afterwards_stderr_is_as_it_was(capfd):
    with quiet.held_back():
        os.write(2, b"noise\n")
    os.write(2, b"signal\n")
    assert capfd.readouterr().err == "signal\n"
