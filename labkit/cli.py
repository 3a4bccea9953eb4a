"""The ``labkit`` command. Every command imports what it needs inside itself, so help is instant."""

import click

import labkit

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(labkit.__version__, prog_name="labkit")
def main():
    """labkit: a workbook on convolutional networks, from the student's first cell to the grade."""
