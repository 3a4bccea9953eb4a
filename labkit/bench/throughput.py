"""Samples per second of whole train steps: by setting, and beside plain PyTorch's."""

import dataclasses
import os
import time

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
    """A network ready to make train steps: ``make()`` makes ``images`` images' worth of them."""

    make: object
    images: int


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


def torchs(name, shape, classes, batch, chunk):
    """The same network in plain PyTorch, written as its users write it."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    if name == "LeNet-5":
        net = nn.Sequential(
            *(nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2)),
            *(nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten()),
            *(
                nn.Linear(400, 120),
                nn.Tanh(),
                nn.Linear(120, 84),
                nn.Tanh(),
                nn.Linear(84, classes),
            ),
        )
    else:
        groups = 1 if "one" in name else 2
        norm = {"size": 5, "alpha": 5e-4, "beta": 0.75, "k": 2.0}  # torch divides alpha by size
        net = nn.Sequential(
            *(nn.Conv2d(3, 96, 11, 4), nn.ReLU(), nn.LocalResponseNorm(**norm), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(96, 256, 5, padding=2, groups=groups), nn.ReLU()),
            *(nn.LocalResponseNorm(**norm), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(256, 384, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(384, 384, 3, padding=1, groups=groups), nn.ReLU()),
            *(nn.Conv2d(384, 256, 3, padding=1, groups=groups), nn.ReLU(), nn.MaxPool2d(3, 2)),
            *(nn.Flatten(), nn.Linear(9216, 4096), nn.ReLU(), nn.Dropout()),
            *(nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, classes)),
        )
    x, y = _images(shape, classes, batch)
    x, y = torch.from_numpy(x).permute(0, 3, 1, 2).contiguous(), torch.from_numpy(y).long()
    optimizer, loss = torch.optim.SGD(net.parameters(), 0.001, momentum=0.9), nn.CrossEntropyLoss()

    def make():
        for _ in range(chunk):
            optimizer.zero_grad()
            value = loss(net(x), y)
            value.backward()
            optimizer.step()
        return float(value)

    return Steps(make, batch * chunk)


def _images(shape, classes, batch):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((batch, *shape), np.float32)
    return x, rng.integers(0, classes, batch).astype(np.int32)


def run(*, peer=None, seconds=30.0, echo=print):
    """Print samples per second: settings of LeNet-5, then each network, beside a peer's if given.

    What is compared runs in turns; medians. Returns ``{name: samples per second}``.

    Raises:
        ImportError: the peer is not installed; says how to install it.
    """
    if peer == "torch":
        try:
            import torch
        except ImportError:
            raise ImportError(
                "PyTorch is not installed here; labkit needs it for this comparison alone: "
                'pip install torch --index-url "https://download.pytorch.org/whl/cpu"'
            ) from None
        echo(f"PyTorch {torch.__version__}")
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
            both[f"{name}, batch {batch}, PyTorch"] = torchs(name, shape, classes, batch, chunk)
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
    rates = {name: each.images / float(np.median(times[name])) for name, each in steps.items()}
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    for name, rate in rates.items():
        echo(f"{name}: {rate:,.0f} samples/s (load average {load})")
    return rates
