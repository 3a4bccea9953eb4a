"""Find data in the user's folder, in the cache or by download, and verify it."""

import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labkit.data.formats import KEYS, READERS
from labkit.data.registry import Dataset

__all__ = ["VARIABLE", "DataError", "cache", "find", "search_path"]

VARIABLE = "LABKIT_DATA_DIR"
_LABELS = ("y_train", "y_test")


class DataError(OSError):
    """Data is missing or damaged; the message says which file, and what to do."""


def cache() -> Path:
    """Return the folder for downloads: ``labkit`` in the system's folder for caches."""
    import pooch

    return Path(pooch.os_cache("labkit"))


def search_path(folder: str | os.PathLike[str] | None = None) -> list[tuple[str, Path]]:
    """List where to look, in order: pairs of what the folder is called, and the folder."""
    named = folder or os.environ.get(VARIABLE)
    places = [("your folder", Path(named).expanduser())] if named else []
    return [*places, ("the cache", cache())]


def find(
    dataset: Dataset,
    folder: str | os.PathLike[str] | None = None,
    *,
    download: bool = True,
    progress: bool = True,
) -> tuple[dict[str, NDArray[Any]], str]:
    """Return the arrays of a dataset and where they were found, such as "your folder /data".

    Args:
        dataset: its entry in the registry.
        folder: where to look first; by default the folder that LABKIT_DATA_DIR names.
        download: whether to download data that is not on this machine.
        progress: whether to show a progress bar while downloading.

    Raises:
        DataError: a file is damaged, or the data is not found and cannot be downloaded.
    """
    if folder and not Path(folder).expanduser().is_dir():
        raise DataError(f"{folder}: expected a folder with {dataset.name}, found none")
    for called, place in search_path(folder):
        for there in (place / dataset.name, place):
            if there.is_dir():
                arrays = _read(dataset, there)
                if arrays is not None:
                    return arrays, f"{called} {there}"
    if not download:
        raise DataError(_missing(dataset, folder))
    _download(dataset, cache() / dataset.name, progress, folder)
    arrays = _read(dataset, cache() / dataset.name)
    if arrays is None:
        raise DataError(_missing(dataset, folder))
    return arrays, f"a download, kept in {cache() / dataset.name}"


def _read(dataset: Dataset, folder: Path) -> dict[str, NDArray[Any]] | None:
    """Read and verify the arrays in ``folder``; None if they are not there."""
    for files, read in READERS[dataset.name]:
        try:
            arrays = read(folder)
            if arrays is not None:
                return _verified(dataset, arrays)
        except Exception as error:  # a truncated archive may raise any exception
            there = " or ".join(name for name in files if (folder / name).exists())
            raise DataError(
                f"{dataset.name} in {folder} is damaged: {str(error) or type(error).__name__}. "
                f"Remove {there} there, and fetch it again"
            ) from error
    return None


def _verified(dataset: Dataset, arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the arrays in the form that Keras users expect.

    Raises:
        ValueError: they are not those of the dataset.
    """
    for key in KEYS:
        want = dataset.train if key.endswith("train") else dataset.test
        want = want[:1] if key in _LABELS else want
        if key in _LABELS and arrays[key].shape == (*want, 1):
            arrays[key] = arrays[key][:, 0]  # as keras.datasets.cifar10 has them
        if arrays[key].shape != want or arrays[key].dtype.kind not in "iu":
            raise ValueError(
                f"expected {key} of shape {want} in whole numbers, found {arrays[key].shape} "
                f"{arrays[key].dtype}"
            )
        highest = 255 if key not in _LABELS else len(dataset.classes) - 1
        if arrays[key].min() < 0 or arrays[key].max() > highest:
            raise ValueError(f"{key} holds numbers beyond 0 to {highest}")
        arrays[key] = np.ascontiguousarray(arrays[key], np.uint8)
    for key, digest in zip(KEYS, dataset.arrays, strict=False):
        if hashlib.sha256(arrays[key].data).hexdigest() != digest:
            raise ValueError(f"{key} is not {dataset.title}'s: its SHA-256 does not match")
    for key in _LABELS:
        counts = np.bincount(arrays[key], minlength=len(dataset.classes))
        if not counts.all():
            raise ValueError(f"{key} holds no image of class {counts.argmin()}")
        if dataset.balanced and counts.min() < counts.max():
            raise ValueError(
                f"expected equally many images of each class in {key}, found {counts.min()} of "
                f"class {counts.argmin()} and {counts.max()} of class {counts.argmax()}"
            )
    return arrays


def _download(
    dataset: Dataset,
    folder: Path,
    progress: bool,
    named: str | os.PathLike[str] | None,
) -> None:
    """Download and verify the files of a dataset that ``folder`` does not hold yet."""
    import pooch
    import requests

    for file in dataset.files:
        fetcher = pooch.HTTPDownloader(progressbar=progress, timeout=30)
        try:
            # pooch writes a temporary file, checks its hash and then renames it, so that a download
            # that broke off is repeated
            pooch.retrieve(
                file.url,
                f"sha256:{file.sha256}",
                fname=file.name,
                path=folder,
                downloader=fetcher,
            )
        except (requests.RequestException, OSError) as error:
            raise DataError(f"{_missing(dataset, named)} ({_reason(error)})") from error
        except ValueError as error:  # from pooch: the hash does not match
            raise DataError(
                f"{file.url} gave another file than expected (SHA-256 {file.sha256[:12]}...); "
                f"nothing was kept. {_missing(dataset, named)}"
            ) from error


def _reason(error: Exception) -> str:
    """Say in words why a download failed."""
    import requests

    offline = isinstance(error, requests.ConnectionError | requests.Timeout)
    return "no connection to it from here" if offline else str(error) or type(error).__name__


def _missing(dataset: Dataset, folder: str | os.PathLike[str] | None) -> str:
    """Say that a dataset is not here, and how to get it."""
    urls = " and ".join(file.url for file in dataset.files)
    size = sum(file.size for file in dataset.files) / 2**20
    named = folder or os.environ.get(VARIABLE)
    where = named or cache() / dataset.name
    option = "" if named else f", or into a folder that {VARIABLE} names"
    what = f"fetch {urls} ({size:,.0f} MiB) into {where}{option}"
    return f"{dataset.name} is not on this machine: {what}"
