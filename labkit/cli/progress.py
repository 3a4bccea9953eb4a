"""A progress bar, shown only on a terminal and not in a log file."""

import contextlib
import sys

import click

__all__ = ["progress"]


@contextlib.contextmanager
def progress(label):
    """Show a progress bar; yields the function ``advance(done, total)`` that moves it."""
    bar = click.progressbar(length=1, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())
    with bar:

        def advance(done, total):
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield advance
