"""The ``labkit`` command line, with one module for each command or group.

Each command imports what it needs inside its function, so that ``labkit --help`` imports nothing
heavy. ``docs/commands.md`` holds all help texts; :mod:`labkit.cli.page` writes it.
"""

import click

import labkit
from labkit.cli.bench_training import bench
from labkit.cli.build import build
from labkit.cli.checks import checks
from labkit.cli.collect import collect
from labkit.cli.data import data
from labkit.cli.grade import grade
from labkit.cli.mark import mark
from labkit.cli.nbgrader import nbgrader
from labkit.cli.release import release
from labkit.cli.report import report
from labkit.cli.start import start
from labkit.cli.train import train

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(labkit.__version__, prog_name="labkit")
def main():
    """Work on the labs about convolutional networks, build them, and grade them."""


for command in (
    start,
    train,
    data,
    build,
    release,
    collect,
    grade,
    report,
    mark,
    nbgrader,
    checks,
    bench,
):
    main.add_command(command)
