"""Receptive fields: what one output of a chain of layers sees of the input."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from labkit.geometry.arguments import as_tuple
from labkit.geometry.sliding import one_axis
from labkit.geometry.types import Padding

__all__ = ["ReceptiveField", "Step", "receptive_field"]


class Step(NamedTuple):
    """One step of a chain of layers, along one axis."""

    kernel_size: int  # taps
    strides: int = 1  # inputs between two outputs
    padding: Padding = "valid"  # as in labkit.geometry; a bare (before, after) is accepted too
    dilation_rate: int = 1  # inputs between two taps


class ReceptiveField(NamedTuple):
    """What one output sees of the input, along one axis.

    Output ``n`` sees the ``size`` inputs from ``start + n * stride`` on.
    """

    size: int  # inputs that one output sees
    stride: int  # inputs between the fields of two neighboring outputs
    start: int  # the first input that output 0 sees; negative when it lies in the padding

    def of(self, output: int) -> range:
        """Return the positions of the inputs that ``output`` sees, padding included.

        >>> ReceptiveField(size=3, stride=2, start=-1).of(4)
        range(7, 10)
        """
        first = self.start + output * self.stride
        return range(first, first + self.size)


def receptive_field(chain: Iterable[Any], *, size: int | None = None) -> ReceptiveField:
    """Return what one output of a chain of layers sees of the input, along one axis.

    Args:
        chain: the steps, from the input on. Each is ``(kernel_size, strides, padding,
            dilation_rate)``, where the last three may be left out, or a dict with these names.
        size: the input's size; given it, every step is checked to fit.

    Raises:
        ValueError: a step has another form, :func:`windows` refuses it, or a step has padding
            "same" and a stride and ``size`` is None: how much it pads before depends on the size.

    >>> receptive_field([(3,), (3,)])
    ReceptiveField(size=5, stride=1, start=0)
    >>> lenet = [(5, 1, "same"), (2, 2), (5,), (2, 2)]
    >>> receptive_field(lenet)
    ReceptiveField(size=16, stride=4, start=-2)
    >>> [receptive_field([(3, 2, "same")], size=n).start for n in (7, 8)]
    [-1, 0]
    """
    field = ReceptiveField(1, 1, 0)
    for number, entry in enumerate(chain):
        step = _as_step(entry, number)
        extent = (step.kernel_size - 1) * step.dilation_rate + 1
        if size is None and isinstance(step.padding, str) and step.padding.lower() == "same":
            if step.strides > 1:
                raise ValueError(
                    f"chain[{number}]: expected the input's size with a strided 'same' step, "
                    f"received {entry!r} and size None: how much is padded before depends on the "
                    "size. Pass size=..."
                )
            before = (extent - 1) // 2
        else:
            # without a size, any size that the kernel fits into gives the same padding before
            try:
                window = one_axis(extent if size is None else size, *step)
            except ValueError as error:
                raise ValueError(f"chain[{number}]: {error}") from None
            before = window.pads[0][0]
            size = None if size is None else window.output[0]
        field = ReceptiveField(
            size=field.size + (extent - 1) * field.stride,
            stride=field.stride * step.strides,
            start=field.start - before * field.stride,
        )
    return field


def _as_step(entry: Any, number: int) -> Step:
    """Convert one entry of a chain to a :class:`Step` of normalized integers."""
    try:
        step = Step(**entry) if isinstance(entry, dict) else Step(*entry)
    except TypeError:
        raise ValueError(
            f"chain[{number}]: expected (kernel_size, strides, padding, dilation_rate), the last "
            f"three optional, or a dict with these names, received {entry!r}"
        ) from None
    sizes = {
        name: as_tuple(getattr(step, name), 1, f"chain[{number}]: {name}")[0]
        for name in ("kernel_size", "strides", "dilation_rate")
    }
    return step._replace(**sizes)
