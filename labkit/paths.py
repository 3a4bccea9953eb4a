"""Where the labs and the data lie: beside the package in a clone, inside it in a wheel."""

from pathlib import Path

__all__ = ["datasets", "labs"]

_PACKAGE = Path(__file__).resolve().parent


def labs():
    """The folder of the student notebooks; ``source/`` and ``reference/`` lie in it.

    Raises:
        FileNotFoundError: this installation carries no labs.

    >>> labs().is_dir()
    True
    """
    return _shipped("labs")


def datasets():
    """The folder of the data that ships with labkit.

    Raises:
        FileNotFoundError: this installation carries no data.
    """
    return _shipped("datasets")


def _shipped(name, package=_PACKAGE):
    in_wheel, in_clone = package / f"_{name}", package.parent / name
    for folder in (in_wheel, in_clone):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"labkit's {name} were not found: expected the folder {in_wheel} (installed from a wheel) "
        f"or {in_clone} (a clone). Install labkit again."
    )
