"""Tell the user which extra to install when a command lacks a package."""

import contextlib

import click

__all__ = ["requires_extra"]


@contextlib.contextmanager
def requires_extra(purpose, extra="teach"):
    """Turn an ImportError inside the block into an error message that names the extra to install.

    Args:
        purpose: what needs the package, as the subject of the message, such as ``"grading"``.
        extra: the extra of labkit-cnn that contains the package, such as ``"teach,nbgrader"``.

    Raises:
        click.ClickException: an import inside the block failed.
    """
    try:
        yield
    except ImportError as error:
        raise click.ClickException(
            f"{purpose} needs {error.name}, which is not installed: "
            f"pip install 'labkit-cnn[{extra}]'"
        ) from None
