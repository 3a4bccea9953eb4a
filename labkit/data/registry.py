"""The registry of datasets: what each is, where it comes from, how to know that it is whole."""

import difflib
import functools
import math
import tomllib
from dataclasses import dataclass

from labkit import paths

__all__ = ["Dataset", "File", "get", "names"]


@dataclass(frozen=True)
class File:
    """A file as it is downloaded."""

    name: str
    url: str
    size: int  #: bytes
    sha256: str


@dataclass(frozen=True)
class Dataset:
    """A dataset's line in the registry."""

    name: str
    title: str
    classes: tuple
    train: tuple  #: the shape of x_train, (image, height, width[, channel])
    test: tuple
    licence: str
    citation: str
    about: str
    balanced: bool = False  #: every class has equally many images
    files: tuple = ()  #: what is downloaded; none for what packages carry
    arrays: tuple = ()  #: SHA-256 of x_train, y_train, x_test, y_test, where known

    @property
    def size(self):
        """Bytes of all arrays."""
        return math.prod(self.train) + math.prod(self.test)


@functools.cache
def _registry():
    entries = tomllib.loads((paths.datasets() / "registry.toml").read_text("utf-8"))
    found = {}
    for name, entry in entries.items():
        files = tuple(File(**file) for file in entry.pop("files", ()))
        values = {key: tuple(v) if isinstance(v, list) else v for key, v in entry.items()}
        found[name] = Dataset(name=name, files=files, **values)
    return found


def names():
    """The names that `load` knows."""
    return list(_registry())


def get(name):
    """The dataset called ``name``; a hyphen is as good as an underscore.

    Raises:
        ValueError: there is none; the text names the nearest.
    """
    known = _registry()
    found = known.get(str(name).replace("-", "_"))
    if found is None:
        near = difflib.get_close_matches(str(name), known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"unknown data {name!r}: expected one of {', '.join(known)}{hint}")
    return found
