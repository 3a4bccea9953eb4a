"""Compare what each layer holds and computes with the figures in its paper."""

import html
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import keras

from labkit.geometry import Shape
from labkit.models.counting import computed, counted_layers, fields, held
from labkit.models.papers import PAPERS

__all__ = ["LayerCount", "Reconciliation", "reconcile"]

_RIGHT = range(2, 6)  # the columns of numbers


@dataclass(frozen=True)
class LayerCount:
    """What one layer holds and computes for one image, and the paper's figures."""

    name: str  # of the layer
    output_shape: Shape  # (height, width, channels) or (units,)
    parameters: int  # the trainable ones
    connections: int | None  # inputs and biases of all units; None if not counted
    multiply_adds: int | None  # products of a weight and a value; None if not counted
    receptive_field: int | Shape | str | None  # see `labkit.models.counting.fields`
    paper: dict[str, int]  # "parameters", "connections", "units", as far as the paper has them
    note: str  # the source, or why the two differ

    @property
    def units(self) -> int:
        """How many numbers the layer outputs."""
        return math.prod(self.output_shape)

    @property
    def differs(self) -> list[str]:
        """The names of the paper's figures that differ from ours."""
        return [what for what, value in self.paper.items() if getattr(self, what) != value]


class Reconciliation:
    """The layers of a model beside their paper's figures, as a table in text and HTML."""

    HEAD = ("layer", "output", "parameters", "connections", "multiply-adds", "sees", "the paper")

    def __init__(self, name: str, rows: Iterable[LayerCount], paper: dict[str, Any]) -> None:
        self.name, self.rows = name, list(rows)
        self.source, self.total_note = paper.get("source", ""), paper.get("total", "")
        self.paper = paper.get("sums", {})

    @property
    def parameters(self) -> int:
        """The trainable parameters of the whole model."""
        return sum(row.parameters for row in self.rows)

    @property
    def connections(self) -> int:
        """The connections of all layers whose connections are counted."""
        return sum(row.connections or 0 for row in self.rows)

    @property
    def multiply_adds(self) -> int:
        """The multiply-adds of all layers whose multiply-adds are counted."""
        return sum(row.multiply_adds or 0 for row in self.rows)

    @property
    def differs(self) -> list[str]:
        """The names of the paper's sums that differ from ours."""
        return [what for what, value in self.paper.items() if getattr(self, what) != value]

    def to_rows(self) -> list[tuple[str, ...]]:
        """Return the table as texts: the head, a line for each layer, the sums.

        A model without a paper has no last column.
        """
        lines: list[tuple[str, ...]] = [self.HEAD]
        for row in self.rows:
            shape = " × ".join(map(str, row.output_shape))
            lines.append((row.name, shape, *_numbers(row), _sees(row), _comparison(row)))
        total = "; ".join(text for text in (_comparison(self), self.total_note) if text)
        lines.append(("all", "", *_numbers(self), "", total))
        return lines if self.source else [line[:-1] for line in lines]

    def __str__(self) -> str:
        lines = self.to_rows()
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        table = "\n".join(
            "  ".join(
                cell.rjust(width) if i in _RIGHT else cell.ljust(width)
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )
        notes = [f"{row.name}: {row.note}" for row in self.rows if row.note]
        return "\n".join([self._title(), table, *notes])

    __repr__ = __str__

    def _title(self) -> str:
        return f"{self.name}: {self.source}" if self.source else self.name

    def _repr_html_(self) -> str:
        lines = self.to_rows()
        cells = "".join(
            "<tr>"
            + "".join(
                f"<{tag} style='text-align:{'right' if i in _RIGHT else 'left'}'>"
                f"{html.escape(cell)}</{tag}>"
                for i, cell in enumerate(line)
            )
            + "</tr>"
            for tag, line in zip(["th", *["td"] * len(lines)], lines, strict=False)
        )
        notes = "".join(
            f"<li><b>{html.escape(row.name)}</b>: {html.escape(row.note)}</li>"
            for row in self.rows
            if row.note
        )
        under = f"<ul>{notes}</ul>" if notes else ""
        return f"<p>{html.escape(self._title())}</p><table>{cells}</table>{under}"


def _numbers(counts: LayerCount | Reconciliation) -> list[str]:
    """Format the columns of numbers."""
    numbers = (counts.parameters, counts.connections, counts.multiply_adds)
    return ["–" if count is None else f"{count:,}" for count in numbers]


def _sees(row: LayerCount) -> str:
    """Format the receptive field."""
    field = row.receptive_field
    if isinstance(field, tuple):
        return " × ".join(map(str, field))
    return "–" if field is None else str(field)


def _comparison(counts: LayerCount | Reconciliation) -> str:
    """Format the paper's figures, with a mark that says whether they agree."""
    if not counts.paper:
        return ""
    mark, named = ("≠", counts.differs) if counts.differs else ("✓", [*counts.paper])
    return f"{mark} " + ", ".join(f"{counts.paper[what]:,} {what}" for what in named)


def reconcile(model: keras.Model) -> Reconciliation:
    """Count every layer of ``model``, and compare with the figures in its paper.

    For the models of this package, at their paper's input size, the table has the paper's figures
    with their source and an explanation of each difference; any other model is just counted. Counts
    are for one image. *Connections* are counted as LeCun et al. do: a unit's inputs and its bias.
    Layers without weights or windows (Flatten, Dropout, activations) are left out; for layers with
    weights that are neither convolutions nor dense, only the weights are counted.

    Returns:
        :class:`Reconciliation`; print it, or show it in a notebook.

    Raises:
        ValueError: the model has no fixed input size, so its layers cannot be counted.

    >>> from labkit.models import lenet5_1998
    >>> report = reconcile(lenet5_1998())
    >>> report.parameters, [row.connections for row in report.rows][:2]
    (60000, [122304, 5880])
    """
    layers = counted_layers(model)
    paper = PAPERS.get(model.name, {})
    if paper and model.input_shape[1:] != paper["input"]:
        paper = {}
    figures, notes = paper.get("layers", {}), paper.get("notes", {})
    receptive = fields(model)
    rows = [
        LayerCount(
            layer.name,
            tuple(layer.output.shape[1:]),
            held(layer),
            *computed(layer),
            receptive[layer.name],
            figures.get(layer.name, {}),
            notes.get(layer.name, ""),
        )
        for layer in layers
    ]
    return Reconciliation(model.name, rows, paper)
