"""conv1d(x, kernel): the sliding sum."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, padding, sums
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.models.convolution import slide
from labkit.reference import cross_correlate_plain

__all__ = ["CONV1D"]


def windows(x, size):
    return np.lib.stride_tricks.sliding_window_view(np.asarray(x, float), size)


def three_taps(x, kernel):
    return slide(x, [kernel[0], kernel[1], kernel[2]])


def three_by_hand(x, kernel):
    """Write out three products at every place where the kernel fits."""
    return np.array(
        [sum(x[n + i] * kernel[i] for i in (0, 1, 2)) for n in range(len(x) - len(kernel) + 1)]
    )


def padded_alike(x, kernel):
    """Pad with half a kernel of zeros on both sides, whether its size is odd or even."""
    return slide(np.pad(np.asarray(x, float), len(kernel) // 2), kernel)


def first_then_zeros(x, kernel):
    y = slide(x, kernel)
    y[1:] = 0
    return y


def draw(rng):
    return [
        Case((integers(rng, 6), integers(rng, 3))),
        Case((integers(rng, 5), integers(rng, 2)), "a kernel of even size"),
        Case((integers(rng, 8), integers(rng, 4)), "a kernel of even size"),
        Case((integers(rng, 4), integers(rng, 1)), "a kernel of one number"),
        Case((integers(rng, 4), integers(rng, 4)), "a kernel as long as x"),
        Case((floats(rng, 9), floats(rng, 3)), "decimals"),
        Case((integers(rng, 7), floats(rng, 3)), "integers in x, decimals in the kernel"),
        Case((floats(rng, 7), integers(rng, 2)), "decimals in x, integers in the kernel"),
        Case((float32(rng, 8), float32(rng, 5)), "float32"),
    ]


CONV1D = Exercise(
    id="conv1d",
    lab="01",
    points=2,
    call="conv1d(x, kernel)",
    shape="(N - A + 1,)",
    oracle=cross_correlate_plain,
    model=slide,
    examples=(Case((np.array([3, 1, 4, 1, 5, 9]), np.array([1, 0, -2]))),),
    draw=draw,
    hints=(
        "Put the kernel under the first numbers of x, multiply each pair and add the products: "
        "that is y(0). What moves when you go on to y(1), and what stays?",
        "Two loops: the outer one over the places n where the whole kernel fits, the inner one "
        "over the kernel's numbers i. How many places are there for N = 6 and A = 3? Count them.",
        "y[n] is the sum of x[n + i] * kernel[i] for i from 0 to A - 1; n goes from 0 to N - A, "
        "both included, so there are N - A + 1 of them. Let the result hold decimals.",
    ),
    mistakes=(
        Mistake(
            "kernel_backward",
            "the kernel is read backward",
            why="The last number of your kernel meets the first number under it. That is the "
            "mathematician's convolution (np.convolve does it, too); here it is cross-correlation, "
            "without the mirror.",
            question="Which number of x does kernel[0] multiply in y(0)?",
            knobs={"flip": 0},
        ),
        Mistake(
            "one_place_short",
            "the last place is missing (N - A instead of N - A + 1)",
            why="The kernel fits once more than you slide it: from place 0 to place N - A, both "
            "included, there are N - A + 1 places.",
            question="In how many places does a kernel of 4 numbers fit into 4 numbers?",
            knobs={"short": 1},
        ),
        Mistake(
            "runs_over_the_end",
            "the kernel slides over the end of x",
            why="Your result is as long as x: the last places use only a part of the kernel, "
            "because x has no more numbers there.",
            question="At which place does the whole kernel fit for the last time?",
            knobs={"padding": "after"},
        ),
        Mistake(
            "zeros_at_the_end",
            "the result is as long as x, and its last numbers stay 0",
            why="The array that you fill has a place for each number of x, but the kernel fits in "
            "fewer places.",
            question="In how many places does a kernel of 3 numbers fit into 6 numbers?",
            after=lambda y, x, kernel: np.append(y, np.zeros(len(x) - len(y))),
        ),
        Mistake(
            "wraps_around",
            "the kernel leaves x at its end and comes in again at its start",
            why="Your result is as long as x, as if x were a ring: the last places read the first "
            "numbers again.",
            question="Should the last output depend on x[0]?",
            answer=lambda x, kernel: slide(np.append(x, x[: len(kernel) - 1]), kernel),
        ),
        Mistake(
            "first_place_missing",
            "the first place is missing",
            why="The places start at 1. In Python the first place is place 0.",
            question="Which numbers of x does y(0) read?",
            after=lambda y, x, kernel: y[1:],
        ),
        padding.same(padded_alike, knobs={"padding": "same"}),
        padding.same_more_before(knobs={"padding": "same, extra before"}),
        padding.full(knobs={"padding": "full"}),
        Mistake(
            "skips_first",
            "the sum starts at 1 instead of 0",
            why="The kernel's first number is never used. Sums on slides often run from 1; in "
            "Python the first number is number 0.",
            question="What does range(1, A) leave out?",
            knobs={"first": 1},
        ),
        Mistake(
            "skips_last",
            "the sum ends one too early",
            why="The kernel's last number is never used: range(A - 1) ends at A - 2.",
            question="What is the last value of range(A)?",
            knobs={"last": 1},
        ),
        sums.last_product(knobs={"keep": "last product"}),
        sums.never_reset(),
        Mistake(
            "does_not_move",
            "the kernel stays at the first place",
            why="Every output reads x[i], whatever n is.",
            question="Where in your innermost line does n stand?",
            after=lambda y, x, kernel: np.full(len(y), y[0]),
        ),
        Mistake(
            "places_backward",
            "the places come in reverse order",
            why="All sums are right, but the last one stands first. np.correlate(kernel, x) does "
            "that: its order matters.",
            question="Which numbers of x does y(0) read?",
            after=lambda y, x, kernel: y[::-1],
        ),
        Mistake(
            "non_overlapping",
            "the kernel jumps by its own length",
            why="Each number of x is used at most once: the windows stand side by side, where they "
            "should overlap.",
            question="By how much does the kernel move from y(0) to y(1)?",
            answer=lambda x, kernel: slide(x, kernel, stride=len(kernel)),
        ),
        Mistake(
            "size_three",
            "the kernel is taken to have 3 numbers",
            why="It is right for the example, whose kernel has 3 numbers, and for no other size.",
            question="Where in your code does a 3 or a 2 stand, and where does it come from?",
            answer=three_taps,
            also=(three_by_hand, lambda x, kernel: windows(x, 3) @ kernel),
        ),
        arrays.integers_only(
            lambda x, kernel: slide(x.astype(int), kernel.astype(int)),
            lambda x, kernel: np.round(slide(x, kernel)),
        ),
        arrays.integers_step_by_step(knobs={"dtype": int}),
        arrays.dtype_of_x_despite_the_kernel(
            lambda x, kernel: slide(x, kernel, dtype=x.dtype),
            lambda x, kernel: slide(x, kernel.astype(x.dtype)),
        ),
        arrays.dtype_of_kernel(
            lambda x, kernel: slide(x, kernel, dtype=kernel.dtype),
            lambda x, kernel: slide(x.astype(kernel.dtype), kernel),
            after=lambda y, x, kernel: y.astype(np.asarray(kernel).dtype),
        ),
        sums.averaged(
            why="Each result is divided by the kernel's size. If weights are to average, it is the "
            "weights that say so: (1/3, 1/3, 1/3).",
            after=lambda y, x, kernel: y / len(kernel),
        ),
        sums.no_weights(before=lambda x, kernel: (x, np.ones_like(kernel))),
        Mistake(
            "not_summed",
            "the products are not added up",
            why="For each place you return all A products, a row of a table, where their sum was "
            "asked for.",
            question="How many numbers is y(0)?",
            answer=lambda x, kernel: windows(x, len(kernel)) * kernel,
        ),
        arrays.first_result_only(
            lambda x, kernel: slide(x, kernel)[:1],
            first_then_zeros,
            after=lambda y, x, kernel: y[0],
        ),
        Mistake(
            "summed_over_places",
            "the outputs are added up to one number",
            why="There is an output for each place, and each of them was asked for.",
            question="How many numbers should come out?",
            after=lambda y, x, kernel: np.sum(y),
        ),
    ),
)
