"""extra_values(height, width, channels, a, b, filters): what each implementation has to hold."""

import numpy as np

from labkit import geometry
from labkit.checks.exercise import EXACT, Case, Exercise, Mistake

__all__ = ["EXTRA_VALUES"]


def oracle(height, width, channels, a, b, filters):
    """Compute the arrays' sizes from the shapes that the geometry gives."""
    rows, columns = geometry.output_shape((height, width), (a, b))
    output, patch = (rows, columns, filters), (a, b, channels)
    shapes = (*output, height, width, channels), (rows, columns, *patch), output
    return tuple(int(np.prod(shape)) for shape in shapes)


def extra_values(
    height,
    width,
    channels,
    a,
    b,
    filters,
    *,
    shrink=1,
    matrix=lambda outputs, filters, pixels, channels, taps: outputs * filters * pixels * channels,
    patches=lambda outputs, taps, channels, filters: outputs * taps * channels,
    product=lambda outputs, filters, taps: outputs * filters,
):
    """extra_values with a knob for each way to get it wrong."""
    outputs = (height - a + shrink) * (width - b + shrink)
    return (
        matrix(outputs, filters, height * width, channels, a * b),
        patches(outputs, a * b, channels, filters),
        product(outputs, filters, a * b),
    )


def draw(rng):
    sizes = [rng.integers(low, high, 6).tolist() for low, high in ((2, 5), (3, 7), (4, 9))]
    return [
        *(Case((n + a, m + b + 3, c, a, b + 1, f + 5)) for n, m, c, a, b, f in sizes),
        Case((28, 28, 1, 5, 5, 6), "one channel"),
        Case((7, 9, 3, 2, 3, 1), "one filter"),
        Case((3, 4, 2, 3, 4, 5), "a kernel as large as the image"),
        Case((6, 8, 3, 1, 1, 4), "a kernel of one pixel"),
        Case((20, 21, 4, 3, 3, 8), "more filters than channels"),
    ]


EXTRA_VALUES = Exercise(
    id="extra_values",
    lab="08",
    points=2,
    call="extra_values(height, width, channels, a, b, filters)",
    oracle=oracle,
    model=extra_values,
    examples=(Case((4, 5, 1, 2, 3, 2)),),
    draw=draw,
    tolerance=EXACT,
    hints=(
        "Write down the shape of the array that each of the three has to make: the dense matrix, "
        "the patches, and one tap's product before it is added.",
        "The matrix has a row for each output number, all filters, and a column for each input "
        "number, all channels. The patches have a row for each place. A product looks like the "
        "output.",
        "With places = (height - a + 1) * (width - b + 1): places * filters * height * width * "
        "channels, places * a * b * channels, and places * filters.",
    ),
    mistakes=(
        Mistake(
            "no_plus_one",
            "the + 1 is missing in the number of places",
            why="There is one place more than there are steps from the first to the last.",
            question="How many outputs are there if the kernel is as large as the image?",
            knobs={"shrink": 0},
        ),
        Mistake(
            "matrix_one_filter",
            "the matrix has the rows of one filter only",
            why="Every filter has its own block of rows.",
            question="How many numbers come out of the matrix?",
            knobs={"matrix": lambda n, f, pixels, c, taps: n * pixels * c},
        ),
        Mistake(
            "matrix_one_channel",
            "the matrix has the columns of one channel only",
            why="Every channel has its own block of columns.",
            question="How many numbers go into the matrix?",
            knobs={"matrix": lambda n, f, pixels, c, taps: n * f * pixels},
        ),
        Mistake(
            "zeros_left_out",
            "the zeros of the matrix are not counted",
            why="A dense array holds its zeros, too. A sparse one would not.",
            question="How many numbers does a row of a dense array hold?",
            knobs={"matrix": lambda n, f, pixels, c, taps: n * f * taps * c},
        ),
        Mistake(
            "patches_one_channel",
            "the patches hold one channel only",
            why="An output reads all channels under the kernel.",
            question="How wide is the matrix that im2col returns?",
            knobs={"patches": lambda n, taps, c, f: n * taps},
        ),
        Mistake(
            "patches_for_each_filter",
            "there are patches for each filter",
            why="All filters read the same patches; only the weights differ.",
            question="Does im2col know how many filters there are?",
            knobs={"patches": lambda n, taps, c, f: n * taps * c * f},
        ),
        Mistake(
            "products_kept",
            "shift-and-add keeps the products of all taps",
            why="Each product is added at once and can be forgotten.",
            question="How many products exist while the next one is computed?",
            knobs={"product": lambda n, f, taps: n * f * taps},
        ),
        Mistake(
            "product_one_filter",
            "shift-and-add's product has one filter only",
            why="Each tap's product has the shape of the output, filters included.",
            question="What shape has x[...] @ kernel[i, j]?",
            knobs={"product": lambda n, f, taps: n},
        ),
        Mistake(
            "padded",
            "the output is taken to be as large as the image",
            why="Nothing is padded, so there are height - a + 1 by width - b + 1 places.",
            question="How many outputs are there if the kernel is as large as the image?",
            answer=lambda height, width, channels, a, b, filters: (
                height * width * filters * height * width * channels,
                height * width * a * b * channels,
                height * width * filters,
            ),
        ),
        Mistake(
            "order",
            "the first and the last count are exchanged",
            why="The order is: matrix, im2col, shift-and-add.",
            question="Which of the three is the largest?",
            after=lambda counts, *args: counts[::-1],
        ),
        Mistake(
            "bytes",
            "bytes are counted, four or eight for each value",
            why="That is what floats need. Asked for is how many values there are.",
            question="What is the unit of the answer?",
            after=lambda counts, *args: tuple(4 * count for count in counts),
            also=(lambda *args: tuple(8 * count for count in extra_values(*args)),),
        ),
    ),
)
