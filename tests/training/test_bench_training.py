"""The benchmarks run and count right; how fast things are is no test's business."""

import sys

import numpy as np
import pytest
from training_examples import RECIPE, network

from labkit.bench import throughput, training


def test_the_digits_are_split_anew_and_judged(monkeypatch):
    said = []
    monkeypatch.setattr(training, "load", lambda: "load average 0.0")
    found = training.digits(
        RECIPE.but(epochs=1, batch=64, label_smoothing=0, warmup=0),
        build=network(classes=10),
        splits=[1, 2],
        echo=said.append,
    )
    assert len(found) == 2
    accuracies = [accuracy for accuracy, _ in found]
    assert accuracies[0] != accuracies[1]
    assert min(accuracies) > 0.15  # chance is 0.1
    assert said[0].startswith(f"split 1: {accuracies[0]:.2%} in ")
    assert said[2].startswith(f"0 of 2 splits at 99 % or more, mean {np.mean(accuracies):.2%}, low")


def test_samples_per_second_are_counted(monkeypatch):
    clock = iter(range(1000))
    monkeypatch.setattr(throughput.time, "perf_counter", lambda: next(clock))
    said = []
    steps = {"a": throughput.Steps(lambda: None, 64), "b": throughput.Steps(lambda: None, 16)}
    assert throughput._interleaved(steps, 0, said.append) == {"a": 64, "b": 16}
    assert said[0].startswith("a: 64 samples/s (load average ")


def test_a_step_of_ours_trains():
    steps = throughput.ours("LeNet-5", (32, 32, 1), 10, 8, 4)
    losses = [steps.make() for _ in range(20)]
    assert steps.images == 32
    assert losses[-1] < losses[0]


def test_without_pytorch_it_says_so():
    with pytest.raises(ImportError, match=r"PyTorch could not run in .*No module named 'torch'"):
        throughput.torchs(sys.executable, "LeNet-5", (32, 32, 1), 10, 8, 2).make()
