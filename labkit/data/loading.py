"""Load data by name, in the form that Keras users expect, and describe it."""

import html
import os
from typing import TYPE_CHECKING, Any, TypeAlias

from numpy.typing import NDArray

from labkit.data import embedded, registry, sources

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Datasheet", "describe", "load", "where"]

# Images and their labels.
_Labeled: TypeAlias = tuple[NDArray[Any], NDArray[Any]]
_Folder: TypeAlias = str | os.PathLike[str] | None


def load(
    name: str = "digits",
    *,
    size: int | None = None,
    folder: _Folder = None,
    download: bool = True,
) -> tuple[_Labeled, _Labeled]:
    """Load labeled images as ``(x_train, y_train), (x_test, y_test)``, as ``keras.datasets`` does.

    ``"digits"`` are the 1,797 handwritten digits that scikit-learn contains (Alpaydin and Kaynak,
    *Optical Recognition of Handwritten Digits*, UCI, 1998), of which the last fifth, in the
    source's order, is for testing. ``"mnist"``, ``"fashion_mnist"``, ``"cifar10"`` and
    ``"imagenette"`` are looked for in ``folder`` (or the one that the environment variable
    LABKIT_DATA_DIR names), then in the cache, and are then downloaded; :func:`where` says where
    they were found. The content is verified, whatever the source.

    Args:
        name: one of `labkit.data.names()`.
        size: 8 or 32 pixels, for the digits only.
        folder: where you keep data files such as ``mnist.npz``.
        download: whether to download data that is not on this machine.

    Returns:
        ``x`` is uint8 ``(image, height, width)`` or ``(image, height, width, channel=3)``, ``y``
        int64 ``(image,)``.

    Raises:
        ValueError: the name or the size is unknown.
        DataError: (an OSError) the data is damaged or not found; the message says what to do.

    >>> (x_train, y_train), (x_test, y_test) = load("digits")
    >>> x_train.shape, y_train.shape, x_test.shape
    ((1437, 8, 8), (1437,), (360, 8, 8))
    """
    arrays, _ = _arrays_and_source(name, size, folder, download)
    labels = [arrays[f"y_{part}"].astype("int64") for part in ("train", "test")]
    return (arrays["x_train"], labels[0]), (arrays["x_test"], labels[1])


def where(name: str, *, folder: _Folder = None, download: bool = False) -> str:
    """Say where :func:`load` finds a dataset, for example "your folder /home/ada/data".

    Raises:
        ValueError: as :func:`load`.
        DataError: as :func:`load`.

    >>> where("digits")
    'embedded: scikit-learn carries it'
    """
    return _arrays_and_source(name, None, folder, download)[1]


def _arrays_and_source(
    name: str, size: int | None, folder: _Folder, download: bool
) -> tuple[dict[str, NDArray[Any]], str]:
    """Return the arrays of a dataset, and where they come from in words."""
    dataset = registry.get(name)
    if dataset.name == "digits":
        return embedded.digits(8 if size is None else size), "embedded: scikit-learn carries it"
    if size is not None:
        raise ValueError(f"size: only the digits come in two sizes, received {size!r} for {name}")
    return sources.find(dataset, folder, download=download)


class Datasheet:
    """A dataset's size, classes, licence and citation; :meth:`figure` shows samples."""

    def __init__(self, dataset: registry.Dataset, folder: _Folder = None) -> None:
        self.dataset, self._folder = dataset, folder

    def rows(self) -> list[tuple[str, str]]:
        """List the datasheet's entries as pairs of name and value."""
        dataset = self.dataset
        images = " × ".join(map(str, dataset.train[1:]))
        rows = [
            ("what", dataset.about),
            ("images", f"{dataset.train[0]:,} to train, {dataset.test[0]:,} to test, {images}"),
            ("classes", ", ".join(dataset.classes)),
            ("licence", dataset.licence),
            ("citation", dataset.citation),
        ]
        if dataset.caution:
            rows.insert(1, ("caution", dataset.caution))
        if dataset.files:
            size = sum(file.size for file in dataset.files) / 2**20
            rows.append(("download", f"{size:,.0f} MiB from {dataset.files[0].url}"))
        return rows

    def __repr__(self) -> str:
        lines = [f"{what:>9}  {value}" for what, value in self.rows()]
        return "\n".join([self.dataset.title, *lines])

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><th style='text-align:left'>{what}</th><td style='text-align:left'>"
            f"{html.escape(value)}</td></tr>"
            for what, value in self.rows()
        )
        return f"<p><b>{html.escape(self.dataset.title)}</b></p><table>{cells}</table>"

    def figure(self) -> "Figure":
        """Draw samples of each class.

        Raises:
            DataError: the data is damaged or not on this machine.
        """
        from labkit import plots

        (x, y), _ = load(self.dataset.name, folder=self._folder, download=False)
        return plots.samples(x, y, self.dataset.classes)


def describe(name: str, *, folder: _Folder = None) -> Datasheet:
    """Return the datasheet of a dataset, which need not be on this machine.

    Raises:
        ValueError: the name is unknown.

    >>> describe("mnist").dataset.licence
    'CC BY-SA 3.0'
    """
    return Datasheet(registry.get(name), folder)
