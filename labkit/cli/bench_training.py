"""``labkit bench training``: the recipes' accuracies and times."""

import sys

import click

from labkit.cli.bench_grading import bench

__all__ = ["bench", "bench_training"]


@bench.command("training")
@click.option(
    "--splits", default=12, show_default=True, type=click.IntRange(min=0), help="Of the digits."
)
@click.option("--mnist", is_flag=True, help="LeNet-5 of today on MNIST, too.")
@click.option("--paper", is_flag=True, help="LeNet-5 of 1998 on MNIST, too.")
@click.option("--elastic", is_flag=True, help="LeNet-5 of twice the width on distorted MNIST, too.")
@click.option("--epochs", type=click.IntRange(min=1), help="Of the MNIST runs, not the recipes'.")
@click.option("--steps", is_flag=True, help="Samples per second by batch, executions and XLA.")
@click.option(
    "--peer",
    type=click.Choice(["torch"]),
    help="Samples per second beside PyTorch's, which labkit needs nowhere else.",
)
@click.option("--python", help="An interpreter that has the peer.  [default: this one]")
def bench_training(splits, mnist, paper, elastic, epochs, steps, peer, python):
    """Train on the real digits, once for each of 12 unseen splits, and print accuracy and time.

    Exit codes: 0 measured; 1 it could not be; 2 wrong usage.
    """
    from labkit.quiet import import_keras

    import_keras()
    import tensorflow  # noqa: F401 - times are from the end of imports on

    from labkit import models
    from labkit.bench import training
    from labkit.training import RECIPES

    def recipe(name):
        return RECIPES[name].but(**({"epochs": epochs} if epochs else {}))

    try:
        if splits:
            training.digits(RECIPES["digits"], splits=training.SPLITS[:splits], echo=click.echo)
        if mnist:
            training.one("mnist", models.lenet5, recipe("mnist"), echo=click.echo)
        if paper:
            training.one("mnist", models.lenet5_1998, recipe("lenet5-1998"), echo=click.echo)
        if elastic:
            training.one("mnist", training.wide, recipe("mnist-elastic"), echo=click.echo)
        if steps or peer:
            from labkit.bench import throughput

            throughput.run(peer=peer, python=python or sys.executable, echo=click.echo)
    except (ImportError, OSError, ValueError) as error:
        raise click.ClickException(str(error)) from None
