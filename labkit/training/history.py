"""What training did, epoch by epoch: a table, a picture, a file."""

import csv
import html
import io
from pathlib import Path

from labkit.files import write_atomically

__all__ = ["History"]


class History:
    """One row (a dict) an epoch: epoch, loss, accuracy, val_loss, val_accuracy, rate, seconds.

    Attributes: ``rows``; ``seconds``, what :func:`fit` took in all, building and compiling
    included; ``device``, the line that it said; ``recipe``; ``preparation``, to call on images
    before ``model.predict``; ``model``; ``folder``.
    """

    def __init__(self, rows=(), **about):
        self.rows = list(rows)
        self.seconds = 0.0
        self.device = self.recipe = self.preparation = self.model = self.folder = None
        for name, value in about.items():
            setattr(self, name, value)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, name):
        """The column ``name``, a list: ``history["val_accuracy"][-1]``."""
        return [row[name] for row in self.rows]

    @property
    def numbers(self):
        """The rows without ``seconds``: what two runs of one recipe have in common."""
        return [{name: row[name] for name in row if name != "seconds"} for row in self.rows]

    @property
    def columns(self):
        return list(self.rows[0]) if self.rows else []

    def _cells(self):
        return [[_shown(name, row[name]) for name in self.columns] for row in self.rows]

    def __repr__(self):
        if not self.rows:
            return "History of no epoch"
        lines = [self.columns, *self._cells()]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
            for line in lines
        )

    def _repr_html_(self):
        head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"
            for cells in self._cells()
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def to_csv(self, path=None):
        """The table as CSV, numbers in full; written to ``path`` if there is one, else returned."""
        file = io.StringIO()
        writer = csv.DictWriter(file, self.columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        if path is None:
            return file.getvalue()
        write_atomically(Path(path), file.getvalue())
        return None

    def plot(self, what="accuracy"):
        """A Figure of ``what`` ("accuracy" or "loss") over epochs, training and held-out data.

        Raises:
            ValueError: there is no such column, or no epoch yet.
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


def _shown(name, value):
    if isinstance(value, int):
        return str(value)
    return f"{value:.1f}" if name == "seconds" else f"{value:.5g}"
