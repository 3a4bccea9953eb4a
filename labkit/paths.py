"""Where the labs and the data lie (beside the package, or inside it in a wheel), and programs."""

import os
import sysconfig
from pathlib import Path

__all__ = ["datasets", "hidden_from_students", "labs", "programs"]

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


def hidden_from_students():
    """Return the folders of this package that the sandbox must hide: they hold the solutions.

    >>> [folder.name for folder in hidden_from_students()]
    ['exercises']
    """
    return (_PACKAGE / "exercises",)


def programs():
    """The PATH on which this environment's programs come first, activated or not.

    nbgrader calls alembic by its bare name.

    >>> programs().endswith(os.environ["PATH"])
    True
    """
    return os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])


def _shipped(name, package=_PACKAGE):
    in_wheel, in_clone = package / f"_{name}", package.parent / name
    for folder in (in_wheel, in_clone):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"labkit's {name} were not found: expected the folder {in_wheel} (installed from a wheel) "
        f"or {in_clone} (a clone). Install labkit again."
    )
