"""``labkit bench``: how long things take."""

import logging

import click

__all__ = ["bench"]


@click.group()
def bench():
    """Measure how long things take, and print ratios."""
    # one tf.function for each layer is meant; TensorFlow warns of so many
    logging.getLogger("tensorflow").setLevel(logging.ERROR)


@bench.command("layers")
@click.option("--layer", "cases", multiple=True, help="Only layers whose name contains this.")
@click.option("--way", "ways", multiple=True, help="Only these implementations.")
@click.option(
    "--batch", "batches", multiple=True, type=click.IntRange(min=1), help="[default: 8 and 64]"
)
@click.option(
    "--seconds", default=2.0, show_default=True, help="For each layer, batch and kind of run."
)
@click.option("--memory/--no-memory", default=True, help="Peak memory too.")
@click.option("--networks", is_flag=True, help="Whole networks instead of single layers.")
@click.option("--write", is_flag=True, help='Store the table that implementation="auto" reads.')
def bench_layers(cases, ways, batches, seconds, memory, networks, write):
    """Time every implementation of labkit's layers beside the built-in ones.

    Runs on the backend that KERAS_BACKEND names. Each layer's forward pass and train step are run
    in turns with the built-in's; what is printed are medians of the ratios of neighboring runs.
    With --write all layers must be measured: the whole table of this backend is replaced.
    """
    if write and (cases or ways or batches or networks):
        raise click.UsageError("--write stores all layers: leave the choices out")
    from labkit.quiet import import_keras

    import_keras()
    if networks:
        from labkit.bench import networks as networks_

        networks_.run(echo=click.echo)
        return
    from labkit.bench import layers, page

    unknown = set(ways) - set(layers.WAYS)
    if unknown:
        raise click.UsageError(f"--way: expected one of {', '.join(layers.WAYS)}")
    results = layers.run(
        cases=cases,
        ways=ways,
        batches=batches or layers.BATCHES,
        seconds=seconds,
        memory=memory,
        echo=lambda text: click.echo(text, err=True),
    )
    click.echo(layers.report(results))
    if write:
        layers.write(results)
        if page.PAGE.exists():  # in a clone
            page.write_page()


@bench.command("kernels")
@click.option("--rounds", default=7, show_default=True, help="Kernels of each kind to start.")
@click.option(
    "--trainings",
    default=20,
    show_default=True,
    help="Trainings in forked kernels, to compare their losses with a stock kernel's.",
)
@click.option("--nbval/--no-nbval", default=True, help="Ten notebooks under nbval, too.")
def bench_kernels(rounds, trainings, nbval):
    """Warm and sandboxed kernels beside stock ones.

    Time to the first cell with TensorFlow imported, CPU under nbval, private memory, how soon a
    death is noticed, and whether trainings give the same losses.
    """
    from labkit.bench import kernels

    kernels.run(rounds=rounds, trainings=trainings, nbval=nbval, echo=click.echo)
