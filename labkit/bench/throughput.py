"""Samples per second of whole train steps: by setting, and beside plain PyTorch's."""

import dataclasses
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

__all__ = ["Steps", "run"]

# network, input shape, classes, batch, steps per execution
CASES = (
    ("LeNet-5", (32, 32, 1), 10, 128, 16),
    ("AlexNet", (227, 227, 3), 1000, 32, 1),
    ("AlexNet, one group", (227, 227, 3), 1000, 32, 1),
)
SETTINGS = [  # of LeNet-5: batch, steps per execution, XLA
    (32, 16, False),
    (128, 1, False),
    (128, 16, False),
    (128, 16, True),
    (512, 16, False),
]


@dataclasses.dataclass
class Steps:
    """A network ready to train: ``make()`` makes ``images`` images' worth of steps."""

    make: object
    images: int
    close: object = lambda: None


def ours(name, shape, classes, batch, chunk, *, jit=False):
    """A network of labkit's as `labkit.training.fit` runs it, on images that are there already."""
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


def torchs(python, name, shape, classes, batch, chunk):
    """The same network in plain PyTorch, in a process of its own.

    Not in this one: PyTorch's and TensorFlow's compilers do not bear each other (LLVM's options
    are registered twice), and it may be installed for another interpreter.
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
            why = peer.communicate()[1].strip().splitlines() or ["it ended"]
            raise ImportError(
                f"PyTorch could not run in {python}: {why[-1]}. labkit "
                "needs it for this comparison alone; --python names an interpreter that has it"
            )

    return Steps(make, batch * chunk, peer.communicate)


def _images(shape, classes, batch):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((batch, *shape), np.float32)
    return x, rng.integers(0, classes, batch).astype(np.int32)


def run(*, peer=None, python=sys.executable, seconds=30.0, echo=print):
    """Print samples per second: settings of LeNet-5, then each network, beside a peer's if given.

    What is compared runs in turns; medians. Returns ``{name: samples per second}``.

    Raises:
        ImportError: the peer could not be run by ``python``.
    """
    rates = {}
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
    times = {name: [] for name in steps}
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
