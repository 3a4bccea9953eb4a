"""`labkit bench training --steps`: samples per second, by setting and beside plain PyTorch."""

import dataclasses
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Steps", "run"]

# network, input shape, classes, batch size, steps per execution
CASES = (
    ("LeNet-5", (32, 32, 1), 10, 128, 16),
    ("AlexNet", (227, 227, 3), 1000, 32, 1),
    ("AlexNet, one group", (227, 227, 3), 1000, 32, 1),
)
# for LeNet-5: batch size, steps per execution, XLA
SETTINGS = [
    (32, 16, False),
    (128, 1, False),
    (128, 16, False),
    (128, 16, True),
    (512, 16, False),
]


@dataclasses.dataclass
class Steps:
    """A network that is ready to train."""

    make: Callable[[], Any]  # makes some train steps
    images: int  # how many images these steps train on
    close: Callable[[], Any] = lambda: None  # ends what runs elsewhere


def ours(
    name: str, shape: tuple[int, ...], classes: int, batch: int, chunk: int, *, jit: bool = False
) -> Steps:
    """Prepare a network of labkit's as `labkit.training.fit` runs it, on images in memory.

    Args:
        name: of `CASES`.
        shape: ``(height, width, channels)``.
        classes: the number of classes.
        batch: the batch size.
        chunk: train steps per execution.
        jit: whether XLA compiles it.
    """
    import keras
    import tensorflow as tf

    from labkit import models

    keras.utils.set_random_seed(0)
    if name == "LeNet-5":
        model = models.lenet5(shape, classes)
    else:
        model = models.alexnet(shape, classes, groups=1 if "one" in name else 2)
    model.compile(
        keras.optimizers.SGD(0.001, momentum=0.9),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        steps_per_execution=chunk,
        jit_compile=jit,
    )
    x, y = _images(shape, classes, batch)
    batches = tf.data.Dataset.from_tensors((x, y)).cache().repeat()
    iterator = iter(batches.prefetch(tf.data.AUTOTUNE))
    model.make_train_function()

    def make():
        logs = model.train_function(iterator)
        return float(logs["loss"])

    return Steps(make, batch * chunk)


def torchs(
    python: str, name: str, shape: tuple[int, ...], classes: int, batch: int, chunk: int
) -> Steps:
    """Prepare the same network in plain PyTorch, in a process of its own.

    PyTorch and TensorFlow cannot share a process here, because both register LLVM's options, and
    PyTorch may be installed for another interpreter, ``python``.
    """
    arguments = json.dumps([name, shape, classes, batch, chunk])
    peer = subprocess.Popen(
        [python, Path(__file__).with_name("torch_peer.py"), arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )

    def make():
        try:
            peer.stdin.write("go\n")
            peer.stdin.flush()
        except BrokenPipeError:
            pass
        if not peer.stdout.readline():
            lines = peer.communicate()[1].strip().splitlines() or ["it ended without a message"]
            raise ImportError(
                f"PyTorch could not run in {python}: {lines[-1]}. labkit needs it only for this "
                "comparison; name an interpreter that has it with --python"
            )

    return Steps(make, batch * chunk, peer.communicate)


def _images(shape, classes, batch):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((batch, *shape), np.float32)
    return x, rng.integers(0, classes, batch).astype(np.int32)


def run(
    *,
    peer: str | None = None,
    python: str = sys.executable,
    seconds: float = 30.0,
    echo: Callable[[str], Any] = print,
) -> dict[str, float]:
    """Measure samples per second of LeNet-5's settings, then of each network.

    What is compared runs in turns, and medians are taken.

    Args:
        peer: "torch", to run each network in PyTorch too, or None.
        python: the interpreter that has the peer.
        seconds: for each comparison.
        echo: prints a line for each rate.

    Returns:
        Samples per second, by description.

    Raises:
        ImportError: ``python`` cannot run the peer.
    """
    rates: dict[str, float] = {}
    settings = {
        f"LeNet-5, batch {batch}, {chunk} steps per execution, XLA {'on' if jit else 'off'}": ours(
            "LeNet-5", (32, 32, 1), 10, batch, chunk, jit=jit
        )
        for batch, chunk, jit in SETTINGS
    }
    rates |= _interleaved(settings, seconds, echo)
    for name, shape, classes, batch, chunk in CASES:
        both = {f"{name}, batch {batch}, labkit": ours(name, shape, classes, batch, chunk)}
        if peer:
            both[f"{name}, batch {batch}, PyTorch"] = torchs(
                python, name, shape, classes, batch, chunk
            )
        rates |= _interleaved(both, seconds, echo)
    return rates


def _interleaved(steps, seconds, echo):
    for each in steps.values():
        each.make()
    times: dict[str, list[float]] = {name: [] for name in steps}
    began = time.perf_counter()
    while time.perf_counter() - began < seconds or len(next(iter(times.values()))) < 3:
        for name, each in steps.items():
            start = time.perf_counter()
            each.make()
            times[name].append(time.perf_counter() - start)
    for each in steps.values():
        each.close()
    rates = {name: each.images / float(np.median(times[name])) for name, each in steps.items()}
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    for name, rate in rates.items():
        echo(f"{name}: {rate:,.0f} samples/s (load average {load})")
    return rates
