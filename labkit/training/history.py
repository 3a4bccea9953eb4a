"""The course of a training, epoch by epoch: as a table, a figure or a file."""

import csv
import html
import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labkit.files import write_atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["History"]


class History:
    """The numbers of each epoch, and what is needed to use the trained model.

    Attributes:
        rows: a dict for each epoch: epoch, loss, accuracy, val_loss, val_accuracy, rate, seconds.
        seconds: what :func:`fit` took in all, building and compiling included.
        device: the line that says where it was trained.
        recipe: the :class:`Recipe`.
        preparation: the :class:`Preparation` to call on images before ``model.predict``.
        model: the trained Keras model.
        folder: where the checkpoints are, or None.
    """

    def __init__(self, rows: Iterable[dict[str, Any]] = (), **about: Any) -> None:
        self.rows: list[dict[str, Any]] = list(rows)
        self.seconds = 0.0
        self.device: Any = None
        self.recipe: Any = None
        self.preparation: Any = None
        self.model: Any = None
        self.folder: Any = None
        for name, value in about.items():
            setattr(self, name, value)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: str) -> list[Any]:
        """Return the column ``name`` as a list: ``history["val_accuracy"][-1]``."""
        return [row[name] for row in self.rows]

    @property
    def numbers(self) -> list[dict[str, Any]]:
        """The rows without ``seconds``, which are equal for two runs of one recipe."""
        return [{name: row[name] for name in row if name != "seconds"} for row in self.rows]

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self.rows[0]) if self.rows else []

    def _cells(self) -> list[list[str]]:
        return [[_shown(name, row[name]) for name in self.columns] for row in self.rows]

    def __repr__(self) -> str:
        if not self.rows:
            return "History of no epoch"
        lines = [self.columns, *self._cells()]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
            for line in lines
        )

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"
            for cells in self._cells()
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """Write the table as CSV, with all digits, to ``path``; without a path, return the text."""
        file = io.StringIO()
        writer = csv.DictWriter(file, self.columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        if path is None:
            return file.getvalue()
        write_atomically(Path(path), file.getvalue())
        return None

    def plot(self, what: str = "accuracy") -> "Figure":
        """Draw ``what`` ("accuracy" or "loss") over epochs, for training and held-out data.

        Raises:
            ValueError: there is no such column, or no epoch is finished yet.
        """
        from labkit.plots import curves

        names = {"training": what, "held out": f"val_{what}"}
        lines = {label: self[name] for label, name in names.items() if name in self.columns}
        if not lines:
            raise ValueError(
                f"what: expected a column of the history ({', '.join(self.columns) or 'none yet'})"
                f", received {what!r}"
            )
        log = "y" if what == "loss" and min(min(y) for y in lines.values()) > 0 else False
        return curves(self["epoch"], lines, xlabel="epoch", ylabel=what, log=log, legend=True)


def _shown(name: str, value: Any) -> str:
    """Format one cell."""
    if isinstance(value, int):
        return str(value)
    return f"{value:.1f}" if name == "seconds" else f"{value:.5g}"
