"""A program that makes train steps in plain PyTorch, for `labkit.bench.throughput`.

It reads lines; for each it makes a number of train steps and writes a line. It needs an interpreter
that has PyTorch, but not labkit.
"""

import json
import os
import sys

__all__ = ["main", "network"]


def network(name, shape, classes, batch, chunk):
    """Return a function that makes ``chunk`` train steps of a network.

    It is written as users of PyTorch write it. The arguments are those of
    `labkit.bench.throughput.ours`.
    """
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
    x = torch.randn(batch, shape[2], *shape[:2])
    y = torch.randint(0, classes, (batch,))
    optimizer, loss = torch.optim.SGD(net.parameters(), 0.001, momentum=0.9), nn.CrossEntropyLoss()

    def make():
        for _ in range(chunk):
            optimizer.zero_grad()
            value = loss(net(x), y)
            value.backward()
            optimizer.step()
        return value.item()

    return make


def main():
    """Make the network that the first argument describes, and steps for each line of input."""
    make = network(*json.loads(sys.argv[1]))
    for _ in sys.stdin:
        make()
        print("done", flush=True)


if __name__ == "__main__":
    main()
