"""A progress bar on a terminal, and nothing in a log file."""

import contextlib
import sys

import click

__all__ = ["progress"]


@contextlib.contextmanager
def progress(label):
    """A function to call as ``advance(done, total)`` while the work goes on."""
    bar = click.progressbar(length=1, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())
    with bar:

        def advance(done, total):
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield advance
