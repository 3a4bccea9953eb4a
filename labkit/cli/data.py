"""``labkit data``: list, describe and download the datasets."""

import click

__all__ = ["data"]

_FOLDER = click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False),
    help="A folder in which you keep datasets.  [default: what LABKIT_DATA_DIR names]",
)


@click.group()
def data():
    """List, describe and download the datasets that the labs can use."""


@data.command("list")
@_FOLDER
def list_(folder):
    """List every dataset and where it is on this machine, if it is.

    Exit codes: 0 done; 2 wrong usage.
    """
    from labkit.data import DataError, names, where

    for name in names():
        try:
            location = where(name, folder=folder)
        except DataError as error:
            location = str(error).partition(": fetch")[0]
        click.echo(f"{name:<14} {location}")


@data.command()
@click.argument("name")
def describe(name):
    """Print the datasheet of the dataset NAME: its size, classes, licence and citation.

    Exit codes: 0 done; 2 wrong usage.
    """
    from labkit.data import describe

    try:
        click.echo(repr(describe(name)))
    except ValueError as error:
        raise click.UsageError(str(error)) from None


@data.command()
@click.argument("names", nargs=-1, required=True)
@_FOLDER
def fetch(names, folder):
    """Download the datasets NAMES into the cache, unless they are here, and verify their hashes.

    Exit codes: 0 all are here and complete; 1 one is not; 2 wrong usage.
    """
    from labkit.data import DataError, where

    failed = False
    for name in names:
        try:
            click.echo(f"{name}: {where(name, folder=folder, download=True)}")
        except ValueError as error:
            raise click.UsageError(str(error)) from None
        except DataError as error:
            click.echo(f"{name}: {error}", err=True)
            failed = True
    raise SystemExit(1 if failed else 0)
