"""What of this machine a box shows: the environment that runs labs, read-only, and nothing else.

Of labkit it shows all but the exercises' declarations, which hold their solutions.
"""

import functools
import os
import sys
from pathlib import Path

import labkit

__all__ = ["arguments", "environment_folders"]

_LIBRARIES = ("/lib", "/lib64", "/lib32", "/usr/lib", "/usr/lib64", "/usr/lib32")
_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives", "/usr/share/zoneinfo")
_PACKAGE = Path(labkit.__file__).resolve().parent


@functools.cache
def environment_folders():
    """The folders and files that a box shows, as they are called there."""
    found = [Path(path) for path in (*_LIBRARIES, *_FILES)]
    found += [Path(sys.prefix), _PACKAGE]
    # a Python that is the system's own lies in /usr, where all the rest is, too
    base = Path(sys.base_prefix)
    found += [Path(os.path.realpath(sys.executable))] if base == Path("/usr") else [base]
    data = _PACKAGE.parent / "datasets"  # a clone keeps them beside the package
    found += [data] if (_PACKAGE.parent / "pyproject.toml").exists() else []
    for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        # an instructor's own modules; a source tree of labkit holds answers beside the package
        path = Path(folder).absolute()
        if folder and not _PACKAGE.is_relative_to(path):
            found.append(path)
    return tuple(dict.fromkeys(path for path in found if path.exists()))


def arguments(limits):
    """bubblewrap's arguments for the file system of a box."""
    disk = str(limits.disk)
    parts = ["--proc", "/proc", "--dev", "/dev"]
    parts += ["--size", disk, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    parts += ["--size", disk, "--tmpfs", "/tmp", "--size", disk, "--tmpfs", "/home/student"]
    parts += ["--size", str(2**20), "--tmpfs", "/run/kernel"]
    for path in sorted(environment_folders(), key=lambda path: len(path.parts)):
        if path.is_symlink() and str(path).startswith("/lib"):  # /lib -> usr/lib
            parts += ["--symlink", os.readlink(path), str(path)]
        else:
            parts += ["--ro-bind", str(path), str(path)]
    for path in _solutions():
        parts += ["--size", "4096", "--tmpfs", str(path), "--remount-ro", str(path)]
    return parts


@functools.cache
def _solutions():
    """The folders with the exercises' declarations, and so their solutions, wherever they show."""
    shown = [
        folder for folder in environment_folders() if _PACKAGE.is_relative_to(folder.resolve())
    ]
    packages = {folder / _PACKAGE.relative_to(folder.resolve()) for folder in shown}
    return [path for one in sorted(packages) for path in sorted(one.glob("exercises"))]
