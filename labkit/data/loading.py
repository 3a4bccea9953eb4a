"""Data by name, as Keras users expect it; and each name's datasheet."""

import html

from labkit.data import embedded, registry, sources

__all__ = ["Datasheet", "describe", "load", "where"]


def load(name="digits", *, size=None, folder=None, download=True):
    """Labeled images as ``(x_train, y_train), (x_test, y_test)``, the form of ``keras.datasets``.

    ``"digits"`` are the 1,797 handwritten digits that scikit-learn carries (Alpaydin and Kaynak,
    *Optical Recognition of Handwritten Digits*, UCI, 1998), the last fifth in the source's order
    for testing. ``"mnist"``, ``"fashion_mnist"``, ``"cifar10"`` and ``"imagenette"`` are looked for
    in ``folder`` (or the one that the environment variable LABKIT_DATA_DIR names), then in the
    cache, and then downloaded; :func:`where` says where they were found. Whatever the source, the
    content is verified.

    Args:
        name: one of `labkit.data.names()`.
        size: for the digits, 8 or 32 pixels.
        folder: where the user keeps data: ``mnist.npz``, say.
        download: False: never.

    Returns:
        ``x`` uint8 ``(image, height, width)`` or ``(image, height, width, channel=3)``, ``y`` int64
        ``(image,)``.

    Raises:
        ValueError: the name is unknown, or the size.
        DataError: (an OSError) the data is damaged, or it is nowhere; the text says what to do.

    >>> (x_train, y_train), (x_test, y_test) = load("digits")
    >>> x_train.shape, y_train.shape, x_test.shape
    ((1437, 8, 8), (1437,), (360, 8, 8))
    """
    arrays, _ = _found(name, size, folder, download)
    labels = [arrays[f"y_{part}"].astype("int64") for part in ("train", "test")]
    return (arrays["x_train"], labels[0]), (arrays["x_test"], labels[1])


def where(name, *, folder=None, download=False):
    """Where :func:`load` finds a dataset, in words: "your folder /home/ada/data", say.

    Raises what `load` raises.

    >>> where("digits")
    'embedded: scikit-learn carries it'
    """
    return _found(name, None, folder, download)[1]


def _found(name, size, folder, download):
    dataset = registry.get(name)
    if dataset.name == "digits":
        return embedded.digits(8 if size is None else size), "embedded: scikit-learn carries it"
    if size is not None:
        raise ValueError(f"size: only the digits come in two sizes, received {size!r} for {name}")
    return sources.find(dataset, folder, download=download)


class Datasheet:
    """What a dataset is: size, classes, licence, citation; :meth:`figure` shows samples."""

    def __init__(self, dataset, folder=None):
        self.dataset, self._folder = dataset, folder

    def rows(self):
        """[(what, value)]."""
        it = self.dataset
        images = " × ".join(map(str, it.train[1:]))
        rows = [
            ("what", it.about),
            ("images", f"{it.train[0]:,} to train, {it.test[0]:,} to test, {images}"),
            ("classes", ", ".join(it.classes)),
            ("licence", it.licence),
            ("citation", it.citation),
        ]
        if it.files:
            size = sum(file.size for file in it.files) / 2**20
            rows.append(("download", f"{size:,.0f} MiB from {it.files[0].url}"))
        return rows

    def __repr__(self):
        lines = [f"{what:>9}  {value}" for what, value in self.rows()]
        return "\n".join([self.dataset.title, *lines])

    def _repr_html_(self):
        cells = "".join(
            f"<tr><th style='text-align:left'>{what}</th><td style='text-align:left'>"
            f"{html.escape(value)}</td></tr>"
            for what, value in self.rows()
        )
        return f"<p><b>{html.escape(self.dataset.title)}</b></p><table>{cells}</table>"

    def figure(self):
        """Samples of each class; returns a Figure. Raises what :func:`load` raises."""
        from labkit import plots

        (x, y), _ = load(self.dataset.name, folder=self._folder, download=False)
        return plots.samples(x, y, self.dataset.classes)


def describe(name, *, folder=None):
    """The datasheet of a dataset, which need not be on this machine.

    >>> describe("mnist").dataset.licence
    'CC BY-SA 3.0'
    """
    return Datasheet(registry.get(name), folder)
