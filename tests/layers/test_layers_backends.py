"""The contract again on JAX and on PyTorch, each in an interpreter of its own.

A backend is chosen at import. `pytest -m jax` and `pytest -m torch` select them; PyTorch is no
dependency of labkit's, so its tests run where somebody installed it.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

CONTRACT = Path(__file__).with_name("test_layers_contract.py")
BACKENDS = [
    pytest.param("jax", marks=pytest.mark.jax),
    pytest.param(
        "torch",
        marks=[
            pytest.mark.torch,
            pytest.mark.skipif(
                importlib.util.find_spec("torch") is None,
                reason="PyTorch is not installed: pip install torch, and the contract runs on it",
            ),
        ],
    ),
]


HEART = "1-Conv2D or 3-Conv2D or 6-Conv2D or ties"
# XLA at its least thorough compiles in two thirds of the time; the heart is compiled as ever
QUICKLY = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"


def _run(backend, *arguments, **variables):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(CONTRACT)]
    done = subprocess.run(
        [*command, *arguments],
        env={**os.environ, "KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu", **variables},
        capture_output=True,
        text=True,
        timeout=880,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "passed" in done.stdout


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.slow
@pytest.mark.timeout(900)  # JAX compiles for minutes, on a busy machine for many
def test_the_rest_of_the_contract(backend):
    _run(backend, "-k", f"not ({HEART})", XLA_FLAGS=QUICKLY)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_heart_of_the_contract(backend):
    _run(backend, "-k", HEART)
