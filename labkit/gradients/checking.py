"""Check hand-written gradients against numerical differences.

- The differences are *central*: ``(f(p + h) - f(p - h)) / 2h`` has an error of order h squared,
  while that of a one-sided difference is of order h.
- They are taken in *float64*: with a step of 1e-5, float32 would leave two digits.
- Errors are *relative*: an error of 0.01 is negligible in 1000 and large in 0.02.
- Entries *at kinks* are skipped and reported: where ReLU bends, or where another input becomes the
  maximum, the numerical difference averages two slopes, and the analytic gradient is one of them.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labkit import geometry
from labkit.geometry import Shape

__all__ = ["Entry", "GradientCheck", "check_gradients"]


class Entry(NamedTuple):
    """One entry of one parameter, with its gradient as claimed and as measured."""

    parameter: str  # the parameter's name
    index: Shape  # type: ignore[assignment]  # it hides tuple.index, which is not needed here
    analytic: float  # the hand-written gradient
    numeric: float  # the central difference
    error: float  # the relative difference of the two

    def __str__(self) -> str:
        where = f"[{', '.join(map(str, self.index))}]" if self.index else ""
        return f"{self.parameter}{where}"


@dataclasses.dataclass(frozen=True, eq=False)
class GradientCheck:
    """The result of :func:`check_gradients`; true in an ``if`` when the gradients agree."""

    passed: bool  # whether entries were checked and all of them agree
    worst: Entry | None  # the entry with the largest error
    wrong: tuple[Entry, ...]  # all entries that differ by more than the tolerance
    skipped: tuple[Entry, ...]  # all entries at a kink
    checked: dict[str, int]  # how many entries of each parameter were checked
    total: dict[str, int]  # how many entries each parameter has
    numeric: dict[str, NDArray[np.float64]]  # the numerical gradients; NaN where none was taken
    tolerance: float  # the relative error that was allowed

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        return "\n".join([self._verdict(), *self._differences(), *self._coverage()])

    def _verdict(self) -> str:
        if self.passed and self.worst:
            return (
                f"The gradients agree. The largest relative error is {self.worst.error:.1e}, at "
                f"{self.worst} (allowed: {self.tolerance:.0e})."
            )
        if not (self.wrong and self.worst):
            return "Nothing is known: not one entry could be checked."
        return (
            f"The gradients differ, most of all at {self.worst}: analytic "
            f"{self.worst.analytic:.6g}, numeric {self.worst.numeric:.6g} (relative error "
            f"{self.worst.error:.1e}, allowed {self.tolerance:.0e})."
        )

    def _differences(self) -> Iterator[str]:
        for name, count in self.checked.items():
            wrong = [entry for entry in self.wrong if entry.parameter == name]
            if wrong:
                yield f"  {name}: {len(wrong)} of {count} entries differ{_pattern(wrong)}"
            elif self.wrong and count:
                yield f"  {name}: all {count} entries agree"

    def _coverage(self) -> Iterator[str]:
        counts = ", ".join(
            f"{name} {count} of {self.total[name]}" for name, count in self.checked.items()
        )
        yield f"Checked: {counts}."
        if self.skipped:
            places = ", ".join(str(entry) for entry in self.skipped[:3])
            more = ", ..." if len(self.skipped) > 3 else ""
            yield (
                f"Skipped, since the function has a kink or a jump there: {len(self.skipped)} "
                f"({places}{more})."
            )


def check_gradients(
    function: Callable[..., Any],
    parameters: Mapping[str, ArrayLike] | ArrayLike,
    gradients: Mapping[str, ArrayLike] | ArrayLike,
    *,
    step: float = 1e-5,
    tolerance: float = 1e-6,
    sample: int | None = None,
    seed: int = 0,
) -> GradientCheck:
    """Compare hand-written gradients with central differences, entry by entry.

    The numerical gradient of entry p is ``(f(p + h/2) - f(p - h/2)) / h`` with ``h = step *
    max(1, |p|)``, its relative error ``|analytic - numeric| / max(|analytic|, |numeric|, floor)``.
    The floor is the size below which rounding dominates; smaller gradients are compared with it.

    An entry is skipped as a kink when ``f(p - h) .. f(p + h)`` do not look smooth: the difference
    quotient changes between h and h/2, or the two one-sided quotients do not approach each other
    as they must (their gap is ``h f''``, and halves with h).

    Args:
        function: returns a number in float64. It is called with ``**parameters``, or with the one
            array. To turn a layer's output into a number, sum it with fixed weights:
            ``np.sum(dy * y)``.
        parameters: name to array, or one array.
        gradients: the analytic gradients of that number: name to array, or one array.
        step: h for parameters up to 1; it grows with larger ones.
        tolerance: the relative error allowed.
        sample: how many entries of each parameter to check, drawn with ``seed``; None checks all.

    Returns:
        :class:`GradientCheck`; print it to read it.

    Raises:
        ValueError: names or shapes do not fit together, a value is NaN or infinite, or the function
            returns something other than a number in float64, or not the same number twice.

    >>> x, k = np.array([1.0, -2.0, 3.0]), np.array([0.5, 2.0])
    >>> print(check_gradients(lambda k: np.sum(np.convolve(x, k) ** 2), k, 2 * k))
    The gradients differ, most of all at parameter[0]: analytic 1, numeric -18 (relative error \
1.1e+00, allowed 1e-06).
      parameter: 2 of 2 entries differ
    Checked: parameter 2 of 2.
    >>> print(check_gradients(lambda x: np.sum(x**2), x, 2 * x))  # doctest: +ELLIPSIS
    The gradients agree. The largest relative error is ..., at parameter[...] (allowed: 1e-06).
    Checked: parameter 3 of 3.
    """
    if not isinstance(parameters, Mapping):
        return check_gradients(
            lambda parameter: function(parameter),
            {"parameter": parameters},
            {"parameter": gradients},  # type: ignore[dict-item]
            step=step,
            tolerance=tolerance,
            sample=sample,
            seed=seed,
        )
    step = geometry.as_number(step, "step", minimum=1e-12)
    tolerance = geometry.as_number(tolerance, "tolerance", minimum=1e-12)
    if sample is not None:
        (sample,) = geometry.as_tuple(sample, 1, "sample")
    arrays = {name: _finite(value, name) for name, value in parameters.items()}
    claimed = _analytic(gradients, arrays)
    middle = _number(function(**arrays))
    again = _number(function(**arrays))
    if middle != again:
        raise ValueError(
            f"function: expected the same number twice, received {middle!r}, then {again!r}: a "
            "random function (dropout?) has no gradient to check"
        )
    generator = np.random.default_rng(seed)
    entries: list[Entry] = []
    skipped: list[Entry] = []
    numeric = {}
    for name, parameter in arrays.items():
        numeric[name] = np.full(parameter.shape, np.nan)
        places = np.arange(parameter.size)
        if sample is not None and sample < parameter.size:
            places = np.sort(generator.choice(parameter.size, sample, replace=False))
        for place in places:
            index = tuple(int(i) for i in np.unravel_index(place, parameter.shape))
            slope, floor, smooth = _slope(function, arrays, name, index, step, tolerance)
            analytic = float(claimed[name][index])
            error = float(abs(analytic - slope) / max(abs(analytic), abs(slope), floor))
            entry = Entry(name, index, analytic, slope, error)
            if smooth:
                numeric[name][index] = slope
            (entries if smooth else skipped).append(entry)
    wrong = tuple(entry for entry in entries if not entry.error <= tolerance)
    return GradientCheck(
        passed=bool(entries) and not wrong,
        worst=max(entries, key=lambda entry: entry.error, default=None),
        wrong=wrong,
        skipped=tuple(skipped),
        checked={name: sum(e.parameter == name for e in entries) for name in arrays},
        total={name: parameter.size for name, parameter in arrays.items()},
        numeric=numeric,
        tolerance=tolerance,
    )


def _slope(
    function: Callable[..., Any],
    parameters: dict[str, NDArray[np.float64]],
    name: str,
    index: Shape,
    step: float,
    tolerance: float,
) -> tuple[float, float, bool]:
    """Measure the slope at one entry.

    Returns the slope, the size below which it is rounding, and whether the function is smooth
    there.
    """
    parameter = parameters[name]
    here = parameter[index]
    h = step * max(1.0, abs(here))
    values = []
    for offset in (-h, -h / 2, 0, h / 2, h):
        parameter[index] = here + offset
        values.append(_number(function(**parameters)))
    parameter[index] = here
    far_left, left, middle, right, far_right = values
    wide, narrow = (far_right - far_left) / (2 * h), (right - left) / h
    gap, half_gap = (far_right - 2 * middle + far_left) / h, (right - 2 * middle + left) / (h / 2)
    rounding = 64 * np.finfo(float).eps * max(map(abs, values)) / h
    floor = max(rounding / tolerance, np.finfo(float).tiny)
    # a kink of jump J inside [-h/2, h/2] shifts `narrow` by at most J/2 and one of these by J/7
    suspicious = max(abs(wide - narrow), abs(gap - 2 * half_gap))
    smooth = suspicious <= max(tolerance * abs(narrow) / 4, 8 * rounding)
    return narrow, floor, bool(smooth)


def _pattern(wrong: list[Entry]) -> str:
    """Say what the wrong entries have in common, if anything; a wrong factor is most common."""
    if all(entry.analytic == 0 for entry in wrong):
        return ": the analytic ones are 0"
    if len(wrong) < 2 or any(entry.numeric == 0 for entry in wrong):
        return ""
    ratios = [entry.analytic / entry.numeric for entry in wrong]
    if np.ptp(ratios) > 1e-3 * abs(ratios[0]):
        return ""
    return f": each analytic one is {ratios[0]:.4g} times the numeric one"


def _analytic(
    gradients: Any, parameters: dict[str, NDArray[np.float64]]
) -> dict[str, NDArray[np.float64]]:
    """Check names, shapes and values of the hand-written gradients."""
    if not isinstance(gradients, Mapping) or set(gradients) != set(parameters):
        names = sorted(gradients) if isinstance(gradients, Mapping) else type(gradients).__name__
        raise ValueError(
            f"gradients: expected one for each of the parameters {sorted(parameters)}, received "
            f"{names}"
        )
    gradients = {name: _finite(gradients[name], f"gradients[{name!r}]") for name in parameters}
    for name, parameter in parameters.items():
        if gradients[name].shape != parameter.shape:
            raise ValueError(
                f"gradients[{name!r}]: expected the parameter's shape {parameter.shape}, received "
                f"{gradients[name].shape}"
            )
    return gradients


def _finite(value: ArrayLike, name: str) -> NDArray[np.float64]:
    """Copy ``value`` to float64, so that the caller's array is never changed."""
    array = geometry.as_array(value, name).astype(np.float64)
    if not np.isfinite(array).all():
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name}: expected finite numbers, received {array[index]} at {index}")
    return array


def _number(value: ArrayLike) -> float:
    """Check what the function returned."""
    value = geometry.as_array(value, "function")
    if value.shape or value.dtype.kind not in "iuf" or value.dtype.itemsize < 8:
        raise ValueError(
            "function: expected one number in float64, received shape "
            f"{value.shape} and dtype {value.dtype}: sum an output with fixed weights, np.sum(dy * "
            "y), and keep float64, since differences drown in float32's rounding"
        )
    if not np.isfinite(value):
        raise ValueError(f"function: expected a finite number, received {value}")
    return float(value)
