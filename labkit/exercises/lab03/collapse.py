"""collapse(first, second): two linear convolutions in a row are one."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, channels
from labkit.exercises.inputs import float32, floats, integers
from labkit.reference import convolve

__all__ = ["COLLAPSE"]


def composed(first, second, *, keep="sum", size=lambda a, p: a + p - 1, across="product"):
    """collapse with a knob for each way to get it wrong."""
    first, second = np.asarray(first, float), np.asarray(second, float)
    (A, B, C, D), (P, Q, _, F) = first.shape, second.shape
    rows, columns = size(A, P), size(B, Q)
    kernel = np.zeros((max(rows, A + P - 1), max(columns, B + Q - 1), C, F))
    for i, j, p, q in np.ndindex(A, B, P, Q):
        left, right = first[i, j], second[p, q]
        if across == "mean":
            product = left @ right / D
        elif across == "last":
            product = np.outer(left[:, -1], right[-1])
        elif across == "first":
            product = np.outer(left[:, 0], right[0])
        elif across == "summed first":
            product = np.outer(left.sum(-1), right.sum(0))
        else:
            product = left @ right
        kernel[i + p, j + q] = product + (kernel[i + p, j + q] if keep == "sum" else 0)
    return kernel[:rows, :columns]


def oracle(first, second):
    """Treat the first kernel's channels as images and convolve them with the second kernel."""
    return np.moveaxis(convolve(np.moveaxis(first, 2, 0), second, padding="full"), 0, 2)


def same(kernel, first, second):
    """Return the middle of the result, as large as the first kernel."""
    (A, B), (P, Q) = first.shape[:2], second.shape[:2]
    return kernel[(P - 1) // 2 :, (Q - 1) // 2 :][:A, :B]


def valid(first, second):
    """Return only the places where the second kernel lies on the first as a whole."""
    (A, B), (P, Q) = first.shape[:2], second.shape[:2]
    if A < P or B < Q:
        raise ValueError("kernel larger than input")
    return composed(first, np.asarray(second))[P - 1 : A, Q - 1 : B]


def valid_correlation(first, second):
    return valid(first, np.flip(second, (0, 1)))


def elementwise(first, second):
    """Multiply tap by tap, which works for equal sizes only."""
    if first.shape[:2] != second.shape[:2]:
        raise ValueError("operands could not be broadcast together")
    return first @ second


def added(first, second):
    if first.shape != second.shape:
        raise ValueError("operands could not be broadcast together")
    return first + second


def overwritten_by_the_first(first, second):
    """Use = instead of +=, with the second kernel's taps in the outer loops."""
    kernel = np.zeros_like(composed(first, second))
    for p, q, i, j in np.ndindex(*second.shape[:2], *first.shape[:2]):
        kernel[i + p, j + q] = first[i, j] @ second[p, q]
    return kernel


def cut_step_by_step(first, second):
    kernel = np.zeros_like(composed(first, second), dtype=int)
    for p, q, i, j in np.ndindex(*second.shape[:2], *first.shape[:2]):
        for d in range(second.shape[2]):
            products = np.outer(first[i, j, :, d], second[p, q, d])
            kernel[i + p, j + q] = kernel[i + p, j + q] + products
    return kernel


def axes_exchanged(first, second):
    return np.swapaxes(first, 2, 3), np.swapaxes(second, 2, 3)


def draw(rng):
    return [
        Case((integers(rng, 2, 3, 1, 2), integers(rng, 3, 2, 2, 1)), "one channel"),
        Case((integers(rng, 3, 3, 1, 1), integers(rng, 2, 2, 1, 1)), "one channel throughout"),
        Case((integers(rng, 3, 2, 3, 2), integers(rng, 2, 2, 2, 4)), "different depths"),
        Case((integers(rng, 2, 2, 2, 3), integers(rng, 3, 4, 3, 2)), "different depths"),
        Case((integers(rng, 2, 2, 2, 2), integers(rng, 2, 2, 2, 2)), "all sizes equal"),
        Case((integers(rng, 3, 3, 2, 2), integers(rng, 3, 3, 2, 2)), "all sizes equal"),
        Case((integers(rng, 3, 2, 2, 2), integers(rng, 2, 3, 2, 2)), "equal depths"),
        Case((integers(rng, 1, 1, 2, 3), integers(rng, 3, 2, 3, 2)), "the first is 1 x 1"),
        Case((integers(rng, 2, 3, 2, 3), integers(rng, 1, 1, 3, 2)), "the second is 1 x 1"),
        Case((integers(rng, 1, 3, 2, 2), integers(rng, 3, 1, 2, 3)), "a row and a column"),
        Case((floats(rng, 3, 2, 2, 2), floats(rng, 2, 3, 2, 3)), "decimals"),
        Case(
            (
                float32(rng, 2, 3, 2, 2),
                float32(rng, 2, 2, 2, 3),
            ),
            "float32",
        ),
    ]


COLLAPSE = Exercise(
    id="collapse",
    lab="03",
    points=4,
    call="collapse(first, second)",
    shape="(A + P - 1, B + Q - 1, C, F)",
    oracle=oracle,
    model=composed,
    examples=(Case((np.array([1, 2]).reshape(1, 2, 1, 1), np.array([3, 1]).reshape(1, 2, 1, 1))),),
    draw=draw,
    hints=(
        "Write out one output of the second layer for 1 x 2 kernels, put the first layer's sums "
        "into it, and collect what belongs to each input. Which products meet at the same input?",
        "Tap i of the first and tap p of the second read the input i + p further on. So the weight "
        "at u is the sum of all products with i + p = u. And the channels in between? They are "
        "summed over, as a matrix product does.",
        "Start with zeros of shape (A + P - 1, B + Q - 1, C, F). For all i, j, p, q: add "
        "first[i, j] @ second[p, q] to kernel[i + p, j + q].",
    ),
    mistakes=(
        Mistake(
            "correlated",
            "the kernels are correlated, not convolved",
            why="The second kernel was slid over the first without the mirror, as an image would "
            "be. Taps belong together when their offsets add up: i + p = u.",
            question="Which taps of the two kernels lead to the input two places further on?",
            before=lambda first, second: (first, np.flip(second, (0, 1))),
        ),
        Mistake(
            "correlated_the_other_way",
            "the first kernel is mirrored",
            why="Taps belong together when their offsets add up: i + p = u.",
            question="Which taps of the two kernels lead to the input two places further on?",
            before=lambda first, second: (np.flip(first, (0, 1)), second),
        ),
        Mistake(
            "result_mirrored",
            "the collapsed kernel is mirrored",
            why="All numbers are there, turned by 180 degrees. Our layers do not mirror their "
            "kernels, so neither does their composition.",
            question="Which taps lead to the very first input?",
            after=lambda kernel, first, second: kernel[::-1, ::-1],
        ),
        Mistake(
            "order_exchanged",
            "the layers are composed in the wrong order",
            why="The second layer came first. With equal depths the shapes fit, and with one "
            "channel it makes no difference; with matrices in between it does: A @ B is not B @ A.",
            question="Which layer reads the image?",
            before=lambda first, second: (second, first),
        ),
        Mistake(
            "overwritten",
            "only the last product is kept where several meet (= instead of +=)",
            why="Several pairs of taps lead to the same input, and all their products add up.",
            question="Which pairs (i, p) have i + p = 1?",
            knobs={"keep": "last"},
            also=(overwritten_by_the_first,),
        ),
        Mistake(
            "size_kept",
            "the result is only as large as the first kernel (mode='same')",
            why="Two layers see further than one: A + P - 1 rows.",
            question="How many inputs do two layers of 1 x 2 kernels see?",
            after=same,
            also=(lambda first, second: composed(first, second)[: len(first), : first.shape[1]],),
        ),
        Mistake(
            "size_of_valid",
            "only the places are kept where the second kernel lies on the first as a whole",
            why="The kernels overlap in part, too, and each such place is a weight: A + P - 1 "
            "rows.",
            question="How many inputs do two layers of 1 x 2 kernels see?",
            answer=valid,
            also=(valid_correlation,),
        ),
        Mistake(
            "size_sum",
            "the result has A + P rows, the last of them zero",
            why="The offsets run from 0 to (A - 1) + (P - 1): that is one fewer.",
            question="What is the largest value of i + p?",
            knobs={"size": lambda a, p: a + p},
        ),
        Mistake(
            "one_short",
            "the last row and column are missing (A + P - 2)",
            why="The offsets run from 0 to (A - 1) + (P - 1), both included.",
            question="What is the largest value of i + p?",
            knobs={"size": lambda a, p: a + p - 2},
        ),
        Mistake(
            "tap_by_tap",
            "the kernels are multiplied tap by tap",
            why="Each tap of the second layer reads a whole window of the first, not only the tap "
            "of the same name.",
            question="How many inputs do two layers of 1 x 2 kernels see?",
            answer=elementwise,
        ),
        Mistake(
            "kernels_added",
            "the kernels are added",
            why="Layers one after the other multiply; layers side by side would add.",
            question="What is 3 * (2 * x)?",
            answer=added,
        ),
        Mistake(
            "averaged_between",
            "the channels in between are averaged, not summed",
            why="The second layer sums over its channels, as every filter does.",
            question="Where in the second layer's formula is there a division?",
            knobs={"across": "mean"},
        ),
        Mistake(
            "last_between",
            "only the last channel in between is kept",
            why="The second layer reads all maps of the first, not only one.",
            question="How many maps does the second layer read?",
            knobs={"across": "last"},
        ),
        Mistake(
            "first_between",
            "only the first channel in between is used",
            why="The second layer reads all maps of the first, not only the first.",
            question="How many maps does the second layer read?",
            knobs={"across": "first"},
        ),
        channels.summed_before_multiplying(knobs={"across": "summed first"}),
        Mistake(
            "channels_exchanged",
            "channels and filters of both kernels are exchanged",
            why="first[i, j] leads from C channels to D, second[p, q] from D to F.",
            question="What are the axes of a Keras kernel, one by one?",
            before=axes_exchanged,
        ),
        Mistake(
            "result_exchanged",
            "the collapsed kernel's channels and filters are exchanged",
            why="All numbers are right, but the result is (..., F, C).",
            question="What are the axes of a Keras kernel, one by one?",
            after=lambda kernel, first, second: np.swapaxes(kernel, 2, 3),
        ),
        Mistake(
            "rows_and_columns_exchanged",
            "the collapsed kernel's rows and columns are exchanged",
            why="All numbers are right, but each stands at (v, u) where (u, v) belongs.",
            question="Which axis of the kernel goes down the image?",
            after=lambda kernel, first, second: np.swapaxes(kernel, 0, 1),
        ),
        arrays.integers_only(cut_step_by_step),
    ),
)
