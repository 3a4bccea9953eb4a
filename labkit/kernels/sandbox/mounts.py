"""What a box shows of this machine: the Python environment, read-only, less what it is to hide."""

import functools
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import labkit

__all__ = ["View", "arguments", "environment_folders"]

_LIBRARIES = ("/lib", "/lib64", "/lib32", "/usr/lib", "/usr/lib64", "/usr/lib32")
_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives", "/usr/share/zoneinfo")
_PACKAGE = Path(labkit.__file__).resolve().parent


@dataclass(frozen=True)
class View:
    """What a box hides and shows, decided by whoever opens it.

    There is no default for ``hidden``: a caller who does not say what to hide gets an error and no
    box. An empty tuple says that there is nothing to hide.

    Raises:
        TypeError: A path stands where a tuple of paths is expected.
        ValueError: There is no folder at a path to be hidden, so that hiding it would do nothing.

    >>> View()
    Traceback (most recent call last):
    TypeError: View.__init__() missing 1 required positional argument: 'hidden'
    """

    hidden: tuple  #: folders that are empty inside the box, wherever the box shows them
    shown: tuple = ()  #: files and folders shown beside the environment, read-only

    def __post_init__(self):
        for paths in (self.hidden, self.shown):
            if isinstance(paths, str | os.PathLike):
                raise TypeError(f"expected a tuple of paths, received {paths!r}")
        for path in self.hidden:
            if not Path(path).is_dir():
                raise ValueError(f"expected a folder to hide, received {path}: there is none")


@functools.cache
def environment_folders():
    """Return the files and folders of the Python environment; a box shows them at the same paths.

    They are the system's libraries, the Python installation, its virtual environment, the package
    labkit and the folders of PYTHONPATH.
    """
    folders = [Path(path) for path in (*_LIBRARIES, *_FILES)]
    folders += [Path(sys.prefix), _PACKAGE]
    # A Python of the system lies in /usr, as everything else does: only the program is shown
    base = Path(sys.base_prefix)
    folders += [Path(os.path.realpath(sys.executable))] if base == Path("/usr") else [base]
    for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        # An instructor's own modules. Not a clone of labkit, which has more beside the package.
        path = Path(folder).absolute()
        if folder and not _PACKAGE.is_relative_to(path):
            folders.append(path)
    return tuple(dict.fromkeys(path for path in folders if path.exists()))


def arguments(view, limits):
    """Return bubblewrap's arguments for the file system of a box.

    Args:
        view: A :class:`View`.
        limits: The :class:`~labkit.kernels.sandbox.limits.Limits` of the box.
    """
    disk = str(limits.disk)
    parts = ["--proc", "/proc", "--dev", "/dev"]
    parts += ["--size", disk, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    parts += ["--size", disk, "--tmpfs", "/tmp", "--size", disk, "--tmpfs", "/home/student"]
    parts += ["--size", str(2**20), "--tmpfs", "/run/kernel"]
    visible = {*environment_folders(), *map(Path, view.shown)}
    for path in sorted(visible, key=lambda path: (len(path.parts), path)):
        if path.is_symlink() and str(path).startswith("/lib"):  # /lib -> usr/lib
            parts += ["--symlink", os.readlink(path), str(path)]
        else:
            parts += ["--ro-bind", str(path), str(path)]
    for path in _mounted_over(view.hidden, visible):
        parts += ["--size", "4096", "--tmpfs", str(path), "--remount-ro", str(path)]
    return parts


def _mounted_over(hidden, visible):
    """Return each path at which a box would show one of the folders to be hidden."""
    paths = set()
    for folder in (Path(each).resolve() for each in hidden):
        for shown in visible:
            if folder.is_relative_to(real := shown.resolve()):
                paths.add(shown / folder.relative_to(real))
    return sorted(paths)
