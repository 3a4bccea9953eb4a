"""``labkit bench``: the benchmarks of layers and kernels."""

import logging

import click

__all__ = ["bench"]


@click.group()
def bench():
    """Measure speed and memory, and print how labkit compares with the alternatives."""
    # There is one tf.function for each layer on purpose; TensorFlow warns about so many
    logging.getLogger("tensorflow").setLevel(logging.ERROR)


@bench.command("layers")
@click.option(
    "--layer",
    "cases",
    multiple=True,
    help="Measure only layers whose name contains this text. May be repeated.",
)
@click.option(
    "--way", "ways", multiple=True, help="Measure only this implementation. May be repeated."
)
@click.option(
    "--batch",
    "batches",
    multiple=True,
    type=click.IntRange(min=1),
    help="Images in a batch. May be repeated.  [default: 8 and 64]",
)
@click.option(
    "--seconds",
    default=2.0,
    show_default=True,
    help="Seconds to measure each layer, batch size and kind of run.",
)
@click.option(
    "--memory/--no-memory", default=True, help="Measure peak memory as well.  [default: memory]"
)
@click.option("--networks", is_flag=True, help="Measure whole networks instead of single layers.")
@click.option("--write", is_flag=True, help='Store the table that implementation="auto" reads.')
def bench_layers(cases, ways, batches, seconds, memory, networks, write):
    """Compare every implementation of labkit's layers with the layers built into Keras.

    Runs on the backend that the environment variable KERAS_BACKEND names. The forward pass and the
    training step of each layer alternate with those of the built-in layer, and the medians of the
    ratios of neighboring runs are printed. With --write, all layers are measured, because the
    whole table of this backend is replaced.
    """
    if write and (cases or ways or batches or networks):
        raise click.UsageError(
            "--write measures and stores all layers: leave out the options that choose some"
        )
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
@click.option(
    "--rounds", default=7, show_default=True, help="How many kernels of each kind to start."
)
@click.option(
    "--trainings",
    default=20,
    show_default=True,
    help="How many trainings in forked kernels to compare with one in a stock kernel.",
)
@click.option(
    "--nbval/--no-nbval",
    default=True,
    help="Run ten notebooks under nbval as well.  [default: nbval]",
)
def bench_kernels(rounds, trainings, nbval):
    """Compare warm and sandboxed kernels with stock kernels.

    Prints the time until the first cell has imported TensorFlow, the processor time under nbval,
    the private memory, how soon the end of a kernel is noticed, and whether trainings give the
    same losses.
    """
    from labkit.bench import kernels

    kernels.run(rounds=rounds, trainings=trainings, nbval=nbval, echo=click.echo)
