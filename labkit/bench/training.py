"""How well and how fast the recipes train: the figures that the workbook promises."""

import os

import numpy as np

__all__ = ["SPLITS", "digits", "network", "one", "wide"]

SPLITS = range(300, 312)  # looked at once, after the recipe was chosen (200 to 211: while it was)


def network(**options):
    """LeNet-5 as it is built today, with the bend and the pooling of today."""
    from labkit.models import lenet5

    return lenet5(activation="relu", pooling="max", **options)


def wide():
    """The same with twice as many maps and units: distortions are more than 61,706 numbers hold."""
    return network(width=2)


def load():
    return f"load average {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""


def digits(recipe, *, build=network, splits=SPLITS, echo=print):
    """Train on random four fifths of the real digits and judge on the rest, once for each split.

    Returns (accuracy, seconds) for each; seconds from after the imports: building, compiling,
    training and judging after every epoch.
    """
    from labkit.data import load as load_data
    from labkit.training import fit

    (x, y), (x_test, y_test) = load_data("digits")
    x, y = np.concatenate([x, x_test]), np.concatenate([y, y_test])
    found = []
    for split in splits:
        order = np.random.default_rng(split).permutation(len(x))
        train, test = np.split(order, [len(x) * 4 // 5])
        data = (x[train], y[train]), (x[test], y[test])
        history = fit(build, data, recipe.but(seed=split), quiet=True)
        found.append((history["val_accuracy"][-1], history.seconds))
        echo(f"split {split}: {found[-1][0]:.2%} in {found[-1][1]:.1f} s ({load()})")
    accuracies, seconds = np.array(found).T
    echo(
        f"{np.sum(accuracies >= 0.99)} of {len(found)} splits at 99 % or more, mean "
        f"{accuracies.mean():.2%}, lowest {accuracies.min():.2%}; {seconds.min():.1f} to "
        f"{seconds.max():.1f} s"
    )
    return found


def one(name, build, recipe, *, echo=print):
    """Train one network on the data called ``name``; returns the history."""
    from labkit.data import load as load_data
    from labkit.training import fit

    before = load()
    history = fit(build, load_data(name), recipe)
    echo(
        f"{name}: error {1 - history['val_accuracy'][-1]:.2%} after {len(history)} epochs, "
        f"{history.seconds:.0f} s ({before}, at the end {load()})"
    )
    return history
