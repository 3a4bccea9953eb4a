"""``labkit bench training``: the accuracy and the training time of the recipes."""

import sys

import click

from labkit.cli.bench_grading import bench

__all__ = ["bench", "bench_training"]


@bench.command("training")
@click.option(
    "--splits",
    default=12,
    show_default=True,
    type=click.IntRange(min=0),
    help="On how many splits of the digits to train; 0 trains on none.",
)
@click.option("--mnist", is_flag=True, help="Train today's LeNet-5 on MNIST as well.")
@click.option("--paper", is_flag=True, help="Train the LeNet-5 of 1998 on MNIST as well.")
@click.option(
    "--elastic", is_flag=True, help="Train a LeNet-5 twice as wide on elastically distorted MNIST."
)
@click.option(
    "--epochs",
    type=click.IntRange(min=1),
    help="Epochs of the trainings on MNIST.  [default: the recipe's]",
)
@click.option(
    "--steps",
    is_flag=True,
    help="Measure samples per second by batch size, steps per execution and XLA.",
)
@click.option(
    "--peer",
    type=click.Choice(["torch"]),
    help="Compare samples per second with PyTorch, which labkit does not need otherwise.",
)
@click.option(
    "--python", help="The Python interpreter that has the peer installed.  [default: this one]"
)
def bench_training(splits, mnist, paper, elastic, epochs, steps, peer, python):
    """Train on the real digits, once for each split, and print accuracy and time.

    The recipe was chosen without looking at these splits.

    Exit codes: 0 measured; 1 the measurement failed; 2 wrong usage.
    """
    from labkit.quiet import import_keras

    import_keras()
    import tensorflow  # noqa: F401 - the clock starts when the imports are done

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
