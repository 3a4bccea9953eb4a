"""pixel_use(height, width, a, b, padding): in how many outputs each pixel has a say."""

import numpy as np

from labkit.checks.exercise import EXACT, Case, Exercise, Mistake
from labkit.exercises.families import kernels, padding, places
from labkit.matrix import convolution_matrix

__all__ = ["PIXEL_USE"]


def uses(
    height,
    width,
    a,
    b,
    padding,
    *,
    after_too=1,
    sizes=lambda a, b: (a, b),
    once=False,
    centers=False,
):
    """pixel_use with a knob for each way to get it wrong."""
    a, b = sizes(a, b)
    before, after = padding, padding * after_too
    table = np.zeros((height + before + after, width + before + after))
    for n in range(table.shape[0] - a + 1):
        for m in range(table.shape[1] - b + 1):
            if centers:
                table[n + a // 2, m + b // 2] += 1
            else:
                table[n : n + a, m : m + b] += 1
    if once:
        table = np.minimum(table, 1)
    return table[before : before + height, before : before + width]


def hangs_over(height, width, a, b, padding):
    table = uses(height + 2 * padding + a - 1, width + 2 * padding + b - 1, a, b, 0)
    return table[padding : padding + height, padding : padding + width]


def corners(height, width, a, b, padding):
    rows, columns = height + 2 * padding - a + 1, width + 2 * padding - b + 1
    table = np.pad(np.ones((rows, columns)), [(0, a - 1), (0, b - 1)])
    return table[padding : padding + height, padding : padding + width]


def share_of_outputs(height, width, a, b, padding):
    outputs = (height + 2 * padding - a + 1) * (width + 2 * padding - b + 1)
    return uses(height, width, a, b, padding) / outputs


def share_of_weights(height, width, a, b, padding):
    return uses(height, width, a, b, padding) / (a * b)


def oracle(height, width, a, b, padding):
    """Count the entries in each column of the constrained matrix."""
    W = convolution_matrix(np.ones((a, b)), (height, width), padding=padding)
    return (W != 0).sum(0).reshape(height, width)


def draw(rng):
    n = int(rng.integers(5, 8))
    return [
        Case((n, n + 2, 3, 2, 0)),
        Case((n + 1, n, 2, 4, 0), "higher than wide"),
        Case((n, n + 1, 3, 3, 1), "padded"),
        Case((n + 1, n, 5, 3, 2), "padded"),
        Case((4, 5, 3, 2, 2), "padded so that some outputs see one pixel only"),
        Case((4, 4, 3, 3, 0), "the lecture's image"),
        Case((3, 4, 3, 4, 0), "a kernel as large as the image"),
        Case((n, 4, 1, 1, 0), "a kernel of one weight"),
        Case((n, 4, 1, 2, 1), "a kernel of one row"),
    ]


PIXEL_USE = Exercise(
    id="pixel_use",
    lab="04",
    points=2,
    call="pixel_use(height, width, a, b, padding)",
    shape="(height, width)",
    oracle=oracle,
    model=uses,
    tolerance=EXACT,
    forbidden=(
        "labkit.matrix",
        "labkit.geometry",
        "labkit.layers",
        "scipy.signal",
        "scipy.ndimage",
    ),
    examples=(Case((3, 4, 2, 2, 0)),),
    draw=draw,
    hints=(
        "Lay the kernel on every place where it fits, and make a mark on each pixel under it. How "
        "many marks has a corner?",
        "With padding, places that begin on the zeros count as well. Marks on the zeros do not "
        "matter.",
        "Count on a table of the padded size, table[n : n + a, m : m + b] += 1 for every place, "
        "and "
        "cut the zeros off at the end.",
    ),
    mistakes=(
        Mistake(
            "equal_for_all",
            "every pixel is counted a * b times",
            why="That is true in the middle. Near an edge, fewer places reach a pixel.",
            question="Under how many places of the kernel does the corner lie?",
            answer=lambda height, width, a, b, padding: np.full((height, width), a * b),
        ),
        padding.left_out(
            id="padding_ignored",
            why="Zeros give the kernel more places, and each of them marks the pixels that it "
            "reaches.",
            question="How many outputs does the corner reach with one zero on each side?",
            answer=lambda height, width, a, b, padding: uses(height, width, a, b, 0),
        ),
        Mistake(
            "zeros_counted",
            "the table still has the zeros around it",
            why="Asked for are the pixels only.",
            question="Which shape should come out?",
            answer=lambda height, width, a, b, padding: uses(
                height + 2 * padding, width + 2 * padding, a, b, 0
            ),
        ),
        Mistake(
            "cut_at_the_corner",
            "the zeros are cut off at the wrong end",
            why="The image begins `padding` rows and columns into the table.",
            question="Where in the table is pixel (0, 0)?",
            answer=lambda height, width, a, b, padding: uses(
                height + 2 * padding, width + 2 * padding, a, b, 0
            )[:height, :width],
        ),
        Mistake(
            "before_only",
            "the padding is counted above and on the left only",
            why="Zeros stand on all four sides.",
            question="Is your table the same when it is turned upside down?",
            knobs={"after_too": 0},
        ),
        Mistake(
            "sizes_exchanged",
            "the kernel's rows and columns are exchanged",
            why="A kernel of a rows and b columns covers a rows and b columns of pixels.",
            question="Which size of the kernel limits it along the height?",
            knobs={"sizes": lambda a, b: (b, a)},
        ),
        Mistake(
            "seen_or_not",
            "it is only counted whether a pixel is used at all",
            why="Asked for is how often.",
            question="How many outputs does a pixel in the middle reach?",
            knobs={"once": True},
        ),
        Mistake(
            "centers",
            "only the pixel in the middle of the kernel is counted",
            why="All pixels under the kernel have a say in that output.",
            question="How many pixels does one output read?",
            knobs={"centers": True},
        ),
        Mistake(
            "share",
            "the counts are divided by their largest",
            why="Asked for are counts.",
            question="How many outputs does a pixel in the middle reach?",
            after=lambda table, *args: table / table.max(),
            also=(share_of_outputs, share_of_weights),
        ),
        Mistake(
            "minus_zero",
            "table[padding:-padding] is used, and -0 is 0",
            why="Without padding the slice ends at -0, which is 0: nothing is left. Say where it "
            "ends, padding + height.",
            question="What is [1, 2, 3][0:-0]?",
            after=lambda table, height, width, a, b, padding: table if padding else table[:0, :0],
        ),
        kernels.square(question="What is b for?", knobs={"sizes": lambda a, b: (a, a)}),
        Mistake(
            "hangs_over",
            "places at which the kernel hangs over the edge are counted, too",
            why="The loops run over all pixels, and the slices are cut off at the edge. The last "
            "place is that at which the kernel still fits.",
            question="Does the last kernel lie whole in the image?",
            answer=hangs_over,
        ),
        Mistake(
            "corners",
            "only the pixel at the kernel's top left corner is counted",
            why="The top left pixel is one of those that an output reads, not the only one.",
            question="How many pixels does one output read?",
            answer=corners,
        ),
        places.result_transposed(id="transposed"),
        Mistake(
            "one_place_short",
            "the last place of the kernel in each direction is missing",
            why="There are height - a + 1 places, with padding 2 * padding more.",
            question="Is your table the same when it is turned upside down?",
            answer=lambda height, width, a, b, padding: np.pad(
                uses(height + 2 * padding - 1, width + 2 * padding - 1, a, b, 0)
                if height + 2 * padding > a and width + 2 * padding > b
                else np.zeros((height + 2 * padding - 1, width + 2 * padding - 1)),
                [(0, 1), (0, 1)],
            )[padding : padding + height, padding : padding + width],
        ),
        Mistake(
            "total",
            "the total is returned",
            why="Asked for is a count for each pixel: a table.",
            question="Which shape should come out?",
            after=lambda table, *args: table.sum(),
        ),
    ),
)
