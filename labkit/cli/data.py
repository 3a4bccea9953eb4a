"""``labkit data``: what there is, where it lies, and fetching it."""

import click

__all__ = ["data"]

_FOLDER = click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False),
    help="Where you keep data.  [default: what LABKIT_DATA_DIR names]",
)


@click.group()
def data():
    """List, describe and fetch the datasets that the labs can use."""


@data.command("list")
@_FOLDER
def list_(folder):
    """Say of every dataset whether it is here, and where.

    Exit codes: 0 done; 2 wrong usage.
    """
    from labkit.data import DataError, names, where

    for name in names():
        try:
            found = where(name, folder=folder)
        except DataError as error:
            found = str(error).partition(": fetch")[0]
        click.echo(f"{name:<14} {found}")


@data.command()
@click.argument("name")
def describe(name):
    """Print the datasheet of NAME: size, classes, licence, citation.

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
    """Download NAMES into the cache, unless they are here, and verify them.

    Exit codes: 0 all are here and whole; 1 one is not; 2 wrong usage.
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
