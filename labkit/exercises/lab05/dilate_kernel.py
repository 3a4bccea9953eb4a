"""dilate_kernel(kernel, dilation): the same weights, further apart."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, kernels
from labkit.exercises.inputs import float32, floats, integers

__all__ = ["DILATE_KERNEL"]


def spread(
    kernel,
    dilation,
    *,
    size=lambda taps, d: d * (taps - 1) + 1,
    gap=lambda d: (d, d),
    offset=0,
    fill="zeros",
):
    """dilate_kernel with a knob for each way to get it wrong."""
    kernel = np.asarray(kernel, float)
    steps = gap(dilation)
    wide = np.zeros([size(taps, d) for taps, d in zip(kernel.shape, steps, strict=True)])
    if fill == "repeat":
        wide = np.kron(kernel, np.ones(steps))[: wide.shape[0], : wide.shape[1]]
    else:
        wide[offset :: steps[0], offset :: steps[1]] = kernel
    return wide


def oracle(kernel, dilation):
    """Place the weights one by one."""
    rows, columns = kernel.shape
    wide = np.zeros((rows + (rows - 1) * (dilation - 1), columns + (columns - 1) * (dilation - 1)))
    for i, j in np.ndindex(rows, columns):
        wide[i * dilation, j * dilation] = kernel[i, j]
    return wide


def between(kernel, dilation):
    """Interpolate between the taps, as one enlarges an image."""
    kernel = np.asarray(kernel, float)
    for axis in (0, 1):
        size = dilation * (kernel.shape[axis] - 1) + 1
        places = np.arange(size) / dilation
        low = np.floor(places).astype(int)
        high = np.minimum(low + 1, kernel.shape[axis] - 1)
        part = np.expand_dims(places - low, 1 - axis)
        kernel = kernel.take(low, axis) * (1 - part) + kernel.take(high, axis) * part
    return kernel


def draw(rng):
    return [
        Case((integers(rng, 2, 3), 2)),
        Case((integers(rng, 3, 2), 3), "dilation 3"),
        Case((floats(rng, 3, 3), 2), "a square kernel"),
        Case((integers(rng, 2, 4), 4), "dilation 4"),
        Case((integers(rng, 1, 3), 2), "a kernel of one row"),
        Case((integers(rng, 3, 1), 3), "a kernel of one column"),
        Case((floats(rng, 2, 3), 1), "dilation 1"),
        Case((float32(rng, 3, 4), 2), "float32"),
    ]


DILATE_KERNEL = Exercise(
    id="dilate_kernel",
    lab="05",
    points=1,
    call="dilate_kernel(kernel, dilation)",
    shape="(dilation * (A - 1) + 1, dilation * (B - 1) + 1)",
    oracle=oracle,
    model=spread,
    examples=(Case((np.array([[1, 2], [3, 4]]), 2)),),
    draw=draw,
    hints=(
        "With dilation 2, one zero stands between two neighbors. How many zeros stand between "
        "three?",
        "A taps have A - 1 gaps, each of dilation steps: the wide kernel has "
        "dilation * (A - 1) + 1 rows.",
        "Start with zeros of that shape, and then wide[::dilation, ::dilation] = kernel.",
    ),
    mistakes=(
        Mistake(
            "repeated",
            "the weights are repeated, not spread",
            why="That makes every weight count several times. Between the taps there should be "
            "zeros.",
            question="How many numbers of the wide kernel differ from zero?",
            knobs={"fill": "repeat"},
        ),
        Mistake(
            "repeated_blocks",
            "every weight becomes a block of equal numbers",
            why="That enlarges the kernel as one enlarges an image. Between the taps there should "
            "be zeros, and nothing after the last one.",
            question="How many numbers of the wide kernel differ from zero?",
            knobs={"fill": "repeat", "size": lambda taps, d: d * taps},
        ),
        Mistake(
            "zeros_at_the_end",
            "zeros follow the last tap",
            why="There are zeros between the taps only: A taps have A - 1 gaps.",
            question="How large is a kernel of one weight, whatever the dilation?",
            knobs={"size": lambda taps, d: d * taps},
        ),
        Mistake(
            "zeros_at_the_beginning",
            "zeros stand before the first tap",
            why="The first weight stays in the corner.",
            question="What is wide[0, 0]?",
            knobs={"size": lambda taps, d: d * (taps - 1) + 2, "offset": 1},
        ),
        Mistake(
            "one_zero_too_many",
            "there is one zero too many between the taps",
            why="Dilation 1 means side by side; dilation 2 means one zero between them.",
            question="How many zeros stand between two taps if the dilation is 1?",
            knobs={"gap": lambda d: (d + 1, d + 1)},
        ),
        Mistake(
            "rows_only",
            "only the rows are spread",
            why="The dilation holds for both directions.",
            question="How many columns should the wide kernel have?",
            knobs={"gap": lambda d: (d, 1)},
        ),
        Mistake(
            "columns_only",
            "only the columns are spread",
            why="The rows need it as well.",
            question="How many rows should the wide kernel have?",
            knobs={"gap": lambda d: (1, d)},
        ),
        Mistake(
            "not_spread",
            "the kernel is unchanged",
            why="Perhaps the result was not kept.",
            question="Which shape should come out?",
            answer=lambda kernel, dilation: kernel,
        ),
        Mistake(
            "thinned",
            "weights are dropped: every dilation-th is kept",
            why="All weights stay; they only move apart.",
            question="How many numbers of the wide kernel differ from zero?",
            answer=lambda kernel, dilation: np.asarray(kernel)[::dilation, ::dilation],
        ),
        Mistake(
            "interpolated",
            "values in between are put between the taps",
            why="That is how an image is enlarged. Between the taps there should be zeros.",
            question="How many numbers of the wide kernel differ from zero?",
            answer=between,
        ),
        Mistake(
            "scaled",
            "the weights are multiplied by the dilation",
            why="It is their places that are multiplied, not the weights.",
            question="What is wide[0, 0]?",
            after=lambda wide, kernel, dilation: wide * dilation,
        ),
        Mistake(
            "transposed",
            "rows and columns are exchanged",
            why="Every weight stays in its row and column, only further apart.",
            question="Which shape should come out?",
            after=lambda wide, *args: wide.T,
        ),
        Mistake(
            "dilation_less_one",
            "the weights are only dilation - 1 apart",
            why="Between two neighbors stand dilation - 1 zeros, so from one to the next it is "
            "dilation places.",
            question="Where does the second weight stand with dilation 2?",
            answer=lambda kernel, dilation: spread(kernel, max(dilation - 1, 1)),
        ),
        kernels.dilation_of_two(answer=lambda kernel, dilation: spread(kernel, 2)),
        kernels.turned(
            question="Which weight stands at the top left?",
            before=lambda kernel, dilation: (kernel[::-1, ::-1], dilation),
        ),
        Mistake(
            "zeros_around",
            "the zeros stand around the kernel, not between its weights",
            why="That is padding. Dilation moves the weights apart.",
            question="What stands between two neighbors?",
            answer=lambda kernel, dilation: np.pad(np.asarray(kernel, float), dilation - 1),
            also=(lambda kernel, dilation: np.pad(np.asarray(kernel, float), dilation),),
        ),
        arrays.integers_only(),
    ),
)
