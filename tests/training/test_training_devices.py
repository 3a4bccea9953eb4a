"""Several devices and several processes compute what one computes."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from training_examples import RECIPE, images, network

from labkit import training

HERE = Path(__file__).parent


def start(*arguments, backend="tensorflow", **environment):
    return subprocess.Popen(
        [sys.executable, HERE / "training_devices.py", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "KERAS_BACKEND": backend,
            "PYTHONPATH": str(HERE.parent.parent),
            "TF_NUM_INTRAOP_THREADS": "1",  # small arrays: more threads only wait for each other
            "OMP_NUM_THREADS": "1",
            **environment,
        },
    )


def results(process):
    """What each training of ``process`` printed: device, history and sums of weights."""
    try:
        out, errors = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 0, errors
    return [json.loads(line) for line in out.splitlines() if line.startswith("[")]


def same(one, other):
    for row, other_row in zip(one[1], other[1], strict=True):
        assert row == pytest.approx(other_row, rel=1e-4)
    assert one[2] == pytest.approx(other[2], rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", pytest.param("jax", marks=pytest.mark.jax)])
def test_two_devices_compute_what_one_does(backend):
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    one, two = results(start("one", "two", backend=backend, **flags))
    assert one[0].startswith("Training on the CPU (")
    assert two[0].startswith("Training on 2 devices (cpu:0, cpu:1), each batch shared: the CPU (")
    same(one, two)


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.mark.slow
def test_two_processes_compute_what_one_does(tmp_path):
    workers = [f"127.0.0.1:{port}" for port in free_ports(2)]

    def config(index):
        return json.dumps(
            {"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}}
        )

    processes = [start("part", tmp_path, TF_CONFIG=config(index)) for index in (0, 1)]
    alone = start("one")
    parts = [results(process)[0] for process in processes]
    assert [part[0] for part in parts] == [
        f"Training in 2 processes, this is number {index}: cpu:0, float32." for index in (0, 1)
    ]
    assert parts[0][1:] == parts[1][1:]
    same(results(alone)[0], parts[0])
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["epoch-00001.npz", "epoch-00002.npz", "history.csv"]


def test_a_batch_that_devices_cannot_share_is_refused(monkeypatch):
    monkeypatch.setattr("labkit.training.devices.Placement.replicas", 3)
    with pytest.raises(ValueError, match=r"expected a multiple of 3, .* received 16: try 15"):
        training.fit(network(), images(), RECIPE, quiet=True)
