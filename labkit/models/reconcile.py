"""What each layer holds and computes, beside what the papers say of it."""

import html
import math
from dataclasses import dataclass

from labkit.models.counting import computed, counted_layers, fields, held
from labkit.models.papers import PAPERS

__all__ = ["LayerCount", "Reconciliation", "reconcile"]

_RIGHT = range(2, 6)  # the columns of numbers


@dataclass(frozen=True)
class LayerCount:
    """One layer: what it holds and computes for one image, and what the paper says."""

    name: str
    output_shape: tuple  #: (height, width, channels) or (units,)
    parameters: int  #: trainable
    connections: int | None  #: a unit's inputs and bias, over all units; None: not counted
    multiply_adds: int | None  #: products of a weight and a value; None: not counted
    receptive_field: int | tuple | str | None  #: as `labkit.models.counting.fields` gives it
    paper: dict  #: {"parameters": ..., "connections": ..., "units": ...}, where the paper has them
    note: str  #: the source, or why the two differ

    @property
    def units(self):
        """How many numbers the layer puts out."""
        return math.prod(self.output_shape)

    @property
    def differs(self):
        """What of the paper's figures is not ours."""
        return [what for what, value in self.paper.items() if getattr(self, what) != value]


class Reconciliation:
    """The layers of a model and their paper's figures: a table, as text and as HTML."""

    HEAD = ("layer", "output", "parameters", "connections", "multiply-adds", "sees", "the paper")

    def __init__(self, name, rows, paper):
        self.name, self.rows = name, rows
        self.source, self.total_note = paper.get("source", ""), paper.get("total", "")
        self.paper = paper.get("sums", {})

    @property
    def parameters(self):
        """The trainable parameters of the whole model."""
        return sum(row.parameters for row in self.rows)

    @property
    def connections(self):
        """The connections of all layers whose connections are counted."""
        return sum(row.connections or 0 for row in self.rows)

    @property
    def multiply_adds(self):
        """The multiply-adds of all layers whose multiply-adds are counted."""
        return sum(row.multiply_adds or 0 for row in self.rows)

    @property
    def differs(self):
        """What of the paper's sums is not ours."""
        return [what for what, value in self.paper.items() if getattr(self, what) != value]

    def to_rows(self):
        """The table as texts: the head, a line for each layer, the sums.

        A model without a paper has no last column.
        """
        lines = [self.HEAD]
        for row in self.rows:
            shape = " × ".join(map(str, row.output_shape))
            lines.append((row.name, shape, *_numbers(row), _sees(row), _said(row)))
        total = "; ".join(text for text in (_said(self), self.total_note) if text)
        lines.append(("all", "", *_numbers(self), "", total))
        return lines if self.source else [line[:-1] for line in lines]

    def __str__(self):
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

    def _title(self):
        return f"{self.name}: {self.source}" if self.source else self.name

    def _repr_html_(self):
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


def _numbers(counts):
    found = (counts.parameters, counts.connections, counts.multiply_adds)
    return ["–" if count is None else f"{count:,}" for count in found]


def _sees(row):
    seen = row.receptive_field
    if isinstance(seen, tuple):
        return " × ".join(map(str, seen))
    return "–" if seen is None else str(seen)


def _said(counts):
    if not counts.paper:
        return ""
    mark, named = ("≠", counts.differs) if counts.differs else ("✓", counts.paper)
    return f"{mark} " + ", ".join(f"{counts.paper[what]:,} {what}" for what in named)


def reconcile(model):
    """Count every layer of ``model``, and set the paper's figures beside it.

    For the models of this package, at their paper's input size, the paper's figures come along,
    with their source, and each difference is explained; any other model is counted too. Counts are
    for one image. *Connections* are counted as LeCun et al. do: a unit's inputs and its bias.
    Layers without weights or windows (Flatten, Dropout, activations) are left out; of layers with
    weights that are no convolution and not dense, only these are counted.

    Returns:
        :class:`Reconciliation`; print it, or let a notebook show it.

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
    said, notes, seen = paper.get("layers", {}), paper.get("notes", {}), fields(model)
    rows = [
        LayerCount(
            layer.name,
            tuple(layer.output.shape[1:]),
            held(layer),
            *computed(layer),
            seen[layer.name],
            said.get(layer.name, {}),
            notes.get(layer.name, ""),
        )
        for layer in layers
    ]
    return Reconciliation(model.name, rows, paper)
