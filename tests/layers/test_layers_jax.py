"""The contract again on JAX, in an interpreter of its own: a backend is chosen at import."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONTRACT = Path(__file__).with_name("test_layers_contract.py")


def _run(*arguments):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(CONTRACT)]
    return subprocess.run(
        [*command, *arguments],
        env={**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        timeout=280,
    )


@pytest.mark.jax
@pytest.mark.slow
def test_the_whole_contract_on_jax():
    done = _run()
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "passed" in done.stdout


@pytest.mark.jax
def test_the_heart_of_the_contract_on_jax():
    done = _run("-k", "1-Conv2D or 3-Conv2D or 6-Conv2D or ties")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "passed" in done.stdout
