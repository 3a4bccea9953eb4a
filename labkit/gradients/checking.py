"""Is a hand-written gradient right? Numerical differences as the judge, done with care.

- *Central*: ``(f(p + h) - f(p - h)) / 2h`` is wrong by order h squared, the one-sided one by h.
- *Float64*: with a step of 1e-5, float32 would leave two digits.
- *Relative*: an error of 0.01 is nothing in 1000 and everything in 0.02.
- *Away from kinks*: where ReLU bends or a maximum changes hands, the numerical difference averages
  two slopes and the analytic gradient is one of them; such entries are skipped, and reported.
"""

import dataclasses
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from labkit import geometry

__all__ = ["Entry", "GradientCheck", "check_gradients"]


class Entry(NamedTuple):
    """One entry of one parameter: what was claimed, and what the differences say."""

    parameter: str
    index: tuple  # type: ignore[assignment]  # it hides tuple.index, which nobody needs here
    analytic: float
    numeric: float
    error: float  # relative

    def __str__(self):
        where = f"[{', '.join(map(str, self.index))}]" if self.index else ""
        return f"{self.parameter}{where}"


@dataclasses.dataclass(frozen=True, eq=False)
class GradientCheck:
    """What :func:`check_gradients` found; true in an ``if`` when the gradients agree.

    ``worst`` is the :class:`Entry` of the largest error, ``wrong`` all that differ, ``skipped`` all
    that lie at a kink; ``checked`` and ``total`` count entries, parameter by parameter. ``numeric``
    holds the numerical gradients, NaN where none was taken.
    """

    passed: bool
    worst: Entry | None
    wrong: tuple
    skipped: tuple
    checked: dict
    total: dict
    numeric: dict
    tolerance: float

    def __bool__(self):
        return self.passed

    def __str__(self):
        return "\n".join([self._verdict(), *self._differences(), *self._coverage()])

    def _verdict(self):
        if self.passed:
            return (
                f"The gradients agree. The largest relative error is {self.worst.error:.1e}, at "
                f"{self.worst} (allowed: {self.tolerance:.0e})."
            )
        if not self.wrong:
            return "Nothing is known: not one entry could be checked."
        return (
            f"The gradients differ, most of all at {self.worst}: analytic "
            f"{self.worst.analytic:.6g}, numeric {self.worst.numeric:.6g} (relative error "
            f"{self.worst.error:.1e}, allowed {self.tolerance:.0e})."
        )

    def _differences(self):
        for name, count in self.checked.items():
            wrong = [entry for entry in self.wrong if entry.parameter == name]
            if wrong:
                yield f"  {name}: {len(wrong)} of {count} entries differ{_pattern(wrong)}"
            elif self.wrong and count:
                yield f"  {name}: all {count} entries agree"

    def _coverage(self):
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
    function, parameters, gradients, *, step=1e-5, tolerance=1e-6, sample=None, seed=0
):
    """Compare hand-written gradients with central differences, entry by entry.

    The numerical gradient of entry p is ``(f(p + h/2) - f(p - h/2)) / h`` with ``h = step *
    max(1, |p|)``, its relative error ``|analytic - numeric| / max(|analytic|, |numeric|, floor)``.
    The floor is where rounding hides what is smaller: errors there count against it.

    An entry is skipped as a kink when ``f(p - h) .. f(p + h)`` do not look smooth: the difference
    quotient changes between h and h/2, or the two one-sided quotients do not approach each other
    as they must (their gap is ``h f''``, and halves with h).

    Args:
        function: gives a number, in float64. Called with ``**parameters``, or with the one array.
            A layer's output is made a number by a sum with fixed weights: ``np.sum(dy * y)``.
        parameters: name to array, or one array.
        gradients: the analytic gradients of that number: name to array, or one array.
        step: of the differences.
        tolerance: the relative error allowed.
        sample: None checks every entry, an int so many of each parameter, drawn with ``seed``.

    Returns:
        :class:`GradientCheck`; print it.

    Raises:
        ValueError: names or shapes that do not fit together, NaN or infinity, or a function that
            gives no number, float32, or not the same number twice.

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
            {"parameter": gradients},
            step=step,
            tolerance=tolerance,
            sample=sample,
            seed=seed,
        )
    step = geometry.as_number(step, "step", minimum=1e-12)
    tolerance = geometry.as_number(tolerance, "tolerance", minimum=1e-12)
    if sample is not None:
        (sample,) = geometry.as_tuple(sample, 1, "sample")
    parameters = {name: _finite(value, name) for name, value in parameters.items()}
    gradients = _analytic(gradients, parameters)
    middle = _number(function(**parameters))
    again = _number(function(**parameters))
    if middle != again:
        raise ValueError(
            f"function: expected the same number twice, received {middle!r}, then {again!r}: a "
            "random function (dropout?) has no gradient to check"
        )
    generator = np.random.default_rng(seed)
    entries, skipped, numeric = [], [], {}
    for name, parameter in parameters.items():
        numeric[name] = np.full(parameter.shape, np.nan)
        places = np.arange(parameter.size)
        if sample is not None and sample < parameter.size:
            places = np.sort(generator.choice(parameter.size, sample, replace=False))
        for place in places:
            index = tuple(int(i) for i in np.unravel_index(place, parameter.shape))
            slope, floor, smooth = _slope(function, parameters, name, index, step, tolerance)
            analytic = float(gradients[name][index])
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
        checked={name: sum(e.parameter == name for e in entries) for name in parameters},
        total={name: parameter.size for name, parameter in parameters.items()},
        numeric=numeric,
        tolerance=tolerance,
    )


def _slope(function, parameters, name, index, step, tolerance):
    """The numerical slope at one entry, the size below which it is rounding, and whether smooth."""
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


def _pattern(wrong):
    """What the wrong entries have in common, if anything: the commonest slips are factors."""
    if all(entry.analytic == 0 for entry in wrong):
        return ": the analytic ones are 0"
    if len(wrong) < 2 or any(entry.numeric == 0 for entry in wrong):
        return ""
    ratios = [entry.analytic / entry.numeric for entry in wrong]
    if np.ptp(ratios) > 1e-3 * abs(ratios[0]):
        return ""
    return f": each analytic one is {ratios[0]:.4g} times the numeric one"


def _analytic(gradients, parameters):
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


def _finite(value, name):
    """A float64 copy, so that the caller's array is never touched."""
    array = geometry.as_array(value, name).astype(np.float64)
    if not np.isfinite(array).all():
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name}: expected finite numbers, received {array[index]} at {index}")
    return array


def _number(value):
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
