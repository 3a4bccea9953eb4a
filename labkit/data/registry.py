"""The registry of datasets: what each is, where it comes from, how to verify it."""

import difflib
import functools
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit import paths
from labkit.geometry import Shape

__all__ = ["Dataset", "File", "get", "names"]


@dataclass(frozen=True)
class File:
    """A file as it is downloaded."""

    name: str  # of the file, in the folder that it is downloaded to
    url: str  # where it is downloaded from
    size: int  # bytes
    sha256: str  # of its content, in hexadecimal


@dataclass(frozen=True)
class Dataset:
    """A dataset's entry in the registry."""

    name: str  # what `labkit.data.load` calls it
    title: str  # what people call it
    classes: tuple[str, ...]  # the names of the classes, in the order of the labels
    train: Shape  # of x_train, (image, height, width[, channel])
    test: Shape  # of x_test
    licence: str  # of the images
    citation: str  # the publication to cite
    about: str  # one sentence on what the images show
    caution: str = ""  # what differs from what one would expect of the set
    balanced: bool = False  # whether every class has equally many images
    files: tuple[File, ...] = ()  # to download; none where a Python package contains the data
    arrays: tuple[str, ...] = ()  # SHA-256 of x_train, y_train, x_test, y_test, where known

    @property
    def size(self) -> int:
        """The number of pixel values in all images, which are as many bytes."""
        return math.prod(self.train) + math.prod(self.test)


@functools.cache
def _registry() -> Mapping[str, Dataset]:
    """Read the registry."""
    entries = tomllib.loads((paths.datasets() / "registry.toml").read_text("utf-8"))
    datasets = {}
    for name, entry in entries.items():
        files = tuple(File(**file) for file in entry.pop("files", ()))
        values: dict[str, Any] = {
            key: tuple(v) if isinstance(v, list) else v for key, v in entry.items()
        }
        datasets[name] = Dataset(name=name, files=files, **values)
    return datasets


def names() -> list[str]:
    """List the names that `load` knows."""
    return list(_registry())


def get(name: str) -> Dataset:
    """Return the dataset called ``name``, where hyphens count as underscores.

    Raises:
        ValueError: there is no such dataset; the message suggests the closest name.
    """
    known = _registry()
    dataset = known.get(str(name).replace("-", "_"))
    if dataset is None:
        near = difflib.get_close_matches(str(name), known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"unknown data {name!r}: expected one of {', '.join(known)}{hint}")
    return dataset
