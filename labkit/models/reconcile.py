"""What each layer holds and computes, beside what the papers say of it."""

import html
import math
from dataclasses import dataclass

import keras

from labkit.geometry import receptive_field
from labkit.layers import RBF, PartialConv2D, Subsampling2D
from labkit.models.papers import PAPERS

__all__ = ["LayerCount", "Reconciliation", "memory_estimate", "reconcile"]

_SLIDING = ("Conv", "Pooling", "Subsampling")


@dataclass(frozen=True)
class LayerCount:
    """One layer: what it holds and computes for one image, and what the paper says."""

    name: str
    output_shape: tuple  #: (height, width, channels) or (units,)
    parameters: int  #: trainable
    connections: int  #: a unit's inputs and bias, over all units
    multiply_adds: int  #: products of a weight and a value
    receptive_field: int | None  #: pixels along each axis that one output sees; None: all of them
    paper: (
        dict  #: {"parameters": ..., "connections": ..., "units": ...}, where the paper gives them
    )
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

    def __init__(self, name, rows, source, total_note):
        self.name, self.rows, self.source, self.total_note = name, rows, source, total_note

    @property
    def parameters(self):
        """The trainable parameters of the whole model."""
        return sum(row.parameters for row in self.rows)

    def to_rows(self):
        """The table as texts: the head, a line for each layer, the sums."""
        lines = [self.HEAD]
        for row in self.rows:
            numbers = (row.parameters, row.connections, row.multiply_adds)
            sees = "all" if row.receptive_field is None else str(row.receptive_field)
            shape = " × ".join(map(str, row.output_shape))
            lines.append((row.name, shape, *(f"{n:,}" for n in numbers), sees, _said(row)))
        sums = [
            sum(getattr(row, what) for row in self.rows)
            for what in ("parameters", "connections", "multiply_adds")
        ]
        lines.append(("all", "", *(f"{n:,}" for n in sums), "", self.total_note))
        return lines

    def __str__(self):
        lines = self.to_rows()
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.HEAD) - 1)]
        table = "\n".join(
            "  ".join(
                cell.rjust(width) if 2 <= i <= 5 else cell.ljust(width)
                for i, (cell, width) in enumerate(zip(line, widths, strict=False))
            )
            + f"  {line[-1]}"
            for line in lines
        )
        notes = [f"{row.name}: {row.note}" for row in self.rows if row.note]
        head = f"{self.name}: {self.source}" if self.source else self.name
        return "\n".join([head, table.rstrip(), *notes])

    __repr__ = __str__

    def _repr_html_(self):
        lines = self.to_rows()
        cells = "".join(
            "<tr>"
            + "".join(
                f"<{tag} style='text-align:{'right' if 2 <= i <= 5 else 'left'}'>"
                f"{html.escape(cell)}</{tag}>"
                for i, cell in enumerate(line)
            )
            + "</tr>"
            for tag, line in zip(["th", *["td"] * len(lines)], lines, strict=False)
        )
        notes = "".join(
            f"<li><b>{row.name}</b>: {html.escape(row.note)}</li>" for row in self.rows if row.note
        )
        head = html.escape(f"{self.name}: {self.source}")
        return f"<p>{head}</p><table>{cells}</table><ul>{notes}</ul>"


def _said(row):
    if not row.paper:
        return ""
    if not row.differs:
        return "✓ " + ", ".join(f"{value:,} {what}" for what, value in row.paper.items())
    return "≠ " + ", ".join(f"{row.paper[what]:,} {what}" for what in row.differs)


def reconcile(model):
    """Count every layer of ``model``, and set the paper's figures beside it.

    For the models of this package the paper's figures come along, with their source, and each
    difference is explained; any other model of such layers is counted too. Counts are for one
    image. *Connections* are counted as LeCun et al. do: a unit's inputs and its bias. Layers
    without weights or windows (Flatten, Dropout, activations, normalization) are left out.

    Returns:
        :class:`Reconciliation`; print it, or let a notebook show it.

    Raises:
        ValueError: the model has no fixed input size, so its layers cannot be counted.

    >>> from labkit.models import lenet5_1998
    >>> report = reconcile(lenet5_1998())
    >>> report.parameters, [row.connections for row in report.rows][:2]
    (60000, [122304, 5880])
    """
    if None in model.input_shape[1:]:
        raise ValueError(
            f"reconcile: expected a model with a fixed input size, received {model.input_shape}; "
            "build it with one, the weights are the same"
        )
    paper = PAPERS.get(model.name, {})
    said, notes = paper.get("layers", {}), paper.get("notes", {})
    rows, chain, whole = [], [], False
    for layer in model.layers:
        if isinstance(layer, keras.layers.ZeroPadding2D):
            chain.append((1, 1, layer.padding[0]))
            continue
        if not _counts(layer):
            continue
        if any(word in type(layer).__name__ for word in _SLIDING):
            chain.append(_step(layer))
        else:
            whole = True
        field = None if whole else receptive_field(chain, size=model.input_shape[1]).size
        rows.append(
            LayerCount(
                layer.name,
                tuple(layer.output.shape[1:]),
                sum(math.prod(weight.shape) for weight in layer.trainable_weights),
                *_computed(layer),
                field,
                said.get(layer.name, {}),
                notes.get(layer.name, ""),
            )
        )
    return Reconciliation(model.name, rows, paper.get("source", ""), paper.get("total", ""))


def _counts(layer):
    sliding = any(word in type(layer).__name__ for word in _SLIDING)
    return sliding or isinstance(layer, keras.layers.Dense | RBF)


def _step(layer):
    size = getattr(layer, "kernel_size", None) or layer.pool_size
    dilation = getattr(layer, "dilation_rate", (1,))
    return (size[0], layer.strides[0], layer.padding, dilation[0])


def _computed(layer):
    """(connections, multiply-adds) of one image."""
    shape = layer.output.shape[1:]
    units, places = math.prod(shape), math.prod(shape[:-1])
    if isinstance(layer, PartialConv2D):
        weights = math.prod(layer.kernel.shape)
        return places * (weights + layer.use_bias * shape[-1]), places * weights
    if isinstance(layer, Subsampling2D):
        return units * (math.prod(layer.pool_size) + 1), units
    if isinstance(layer, RBF):
        return math.prod(layer.codes.shape), math.prod(layer.codes.shape)
    if "Pooling" in type(layer).__name__:
        return units * math.prod(layer.pool_size), 0
    weights = math.prod(layer.kernel.shape)
    return places * (weights + layer.use_bias * shape[-1]), places * weights


def memory_estimate(model, batch, *, slots=1, bytes_per_number=4):
    """How many bytes a training step of ``model`` needs, before it is run.

    Every map of every layer is kept, with its gradient, for each of ``batch`` images; every
    parameter with its gradient and the optimizer's ``slots`` (SGD 0, momentum 1, Adam 2). What a
    library needs in between, to compute a convolution say, comes on top.

    Returns:
        ``{"parameters", "gradients", "optimizer", "activations", "total"}``, in bytes.

    >>> from labkit.models import lenet5
    >>> memory_estimate(lenet5(), 128)["parameters"]
    246824
    """
    parameters = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    maps = sum(math.prod(layer.output.shape[1:]) for layer in model.layers)
    found = {
        "parameters": parameters,
        "gradients": parameters,
        "optimizer": slots * parameters,
        "activations": 2 * batch * maps,
    }
    found = {name: count * bytes_per_number for name, count in found.items()}
    return found | {"total": sum(found.values())}
