"""`labkit bench training`: the accuracies and times of the recipes that the workbook states."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

__all__ = ["SPLITS", "digits", "network", "one", "wide"]

# Seeds of the splits that were looked at once, after the recipe had been chosen on 200 to 211.
SPLITS = range(300, 312)


def network(**options: Any) -> Any:
    """Build LeNet-5 with today's activation and pooling: ReLU and maxima."""
    from labkit.models import lenet5

    return lenet5(activation="relu", pooling="max", **options)


def wide() -> Any:
    """Build the same network twice as wide: 61,706 weights are too few for distorted digits."""
    return network(width=2)


def load() -> str:
    """Return the machine's load average as text, or "" where there is none."""
    return f"load average {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""


def digits(
    recipe: Any,
    *,
    build: Callable[..., Any] = network,
    splits: Sequence[int] = SPLITS,
    echo: Callable[[str], Any] = print,
) -> list[tuple[float, float]]:
    """Train on a random four fifths of the real digits and test on the rest, for each split.

    Args:
        recipe: the `labkit.training.Recipe`.
        build: makes the network.
        splits: seeds of the splits.
        echo: prints a line for each split.

    Returns:
        The accuracy and the seconds of each split. The seconds include building, compiling,
        training and testing after every epoch, but no imports.
    """
    from labkit.data import load as load_data
    from labkit.training import fit

    (x, y), (x_test, y_test) = load_data("digits")
    x, y = np.concatenate([x, x_test]), np.concatenate([y, y_test])
    results: list[tuple[float, float]] = []
    for split in splits:
        order = np.random.default_rng(split).permutation(len(x))
        train, test = np.split(order, [len(x) * 4 // 5])
        data = (x[train], y[train]), (x[test], y[test])
        history = fit(build, data, recipe.but(seed=split), quiet=True)
        results.append((history["val_accuracy"][-1], history.seconds))
        echo(f"split {split}: {results[-1][0]:.2%} in {results[-1][1]:.1f} s ({load()})")
    accuracies, seconds = np.array(results).T
    echo(
        f"{np.sum(accuracies >= 0.99)} of {len(results)} splits at 99 % or more, mean "
        f"{accuracies.mean():.2%}, lowest {accuracies.min():.2%}; {seconds.min():.1f} to "
        f"{seconds.max():.1f} s"
    )
    return results


def one(
    name: str, build: Callable[..., Any], recipe: Any, *, echo: Callable[[str], Any] = print
) -> Any:
    """Train one network on the data called ``name``, print the error, and return the history."""
    from labkit.data import load as load_data
    from labkit.training import fit

    before = load()
    history = fit(build, load_data(name), recipe)
    echo(
        f"{name}: error {1 - history['val_accuracy'][-1]:.2%} after {len(history)} epochs, "
        f"{history.seconds:.0f} s ({before}, at the end {load()})"
    )
    return history
