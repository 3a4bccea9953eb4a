"""output_size(n, a, padding, stride, dilation): the general formula."""

import math

from labkit.checks.exercise import EXACT, Case, Exercise, Mistake
from labkit.exercises.families import padding, places

__all__ = ["OUTPUT_SIZE"]


def count(
    n,
    a,
    padding,
    stride,
    dilation,
    *,
    sides=2,
    extent=lambda a, dilation: dilation * (a - 1) + 1,
    steps=lambda room, stride: room / stride,
    round=math.floor,
    more=1,
):
    """output_size with a knob for each way to get it wrong."""
    room = n + sides * padding - extent(a, dilation)
    return round(steps(room, stride)) + more


def oracle(n, a, padding, stride, dilation):
    """Count the places, one by one."""
    padded = range(-padding, n + padding)
    taps = [i * dilation for i in range(a)]
    starts = list(padded)[::stride]
    return sum(all(start + tap in padded for tap in taps) for start in starts)


def draw(rng):
    n = int(rng.integers(14, 30))
    a = int(rng.choice([3, 5, 7]))
    p = int(rng.integers(1, 4))
    odd = n + 2 * p - 5  # room for a kernel of 3 with dilation 2
    return [
        Case((n, a, 0, 1, 1), "nothing but the sizes"),
        Case((n, a, p, 1, 1), "padding"),
        Case((n, 3, 0, 2, 1), "a stride"),
        Case((n + 1, 3, 0, 2, 1), "a stride"),
        Case((n - n % 4, 3, 1, 4, 1), "a stride and padding"),  # three quarters of a step left
        Case((n, 3, 0, 1, 3), "dilation"),
        Case((n, 4, p, 1, 2), "dilation and padding"),
        Case((n + (odd % 3 == 0), 3, p, 3, 2), "everything at once"),
        Case((n + 3, 2, p + 1, 3, 4), "everything at once"),
        Case((a, a, 0, 3, 1), "a kernel as large as the input"),
        Case((n, 1, 0, 2, 3), "a kernel of one number"),
    ]


OUTPUT_SIZE = Exercise(
    id="output_size",
    lab="04",
    points=2,
    call="output_size(n, a, padding, stride, dilation)",
    oracle=oracle,
    model=count,
    tolerance=EXACT,
    forbidden=("labkit.geometry", "labkit.matrix", "labkit.layers", "labkit.reference", "keras"),
    examples=(Case((7, 3, 1, 2, 1)),),
    draw=draw,
    hints=(
        "How far is it from the first tap to the last, if the taps are `dilation` apart? And how "
        "many numbers are there once the zeros have been added?",
        "Take away the extent of the kernel from the padded size: that is how far the kernel can "
        "move. It moves in steps of `stride`, and its first place counts, too.",
        "extent = dilation * (a - 1) + 1, and then (n + 2 * padding - extent) // stride + 1.",
    ),
    mistakes=(
        Mistake(
            "ceil",
            "the steps are rounded up, not down",
            why="A last step that would push the kernel over the edge is not taken.",
            question="How many places has a kernel of 2 with stride 2 on 5 numbers?",
            knobs={"round": math.ceil},
        ),
        Mistake(
            "nearest",
            "the steps are rounded to the nearest number",
            why="A last step that would push the kernel over the edge is not taken, however "
            "little is missing.",
            question="What does round do with 3.75, and what should happen?",
            knobs={"round": lambda steps: math.floor(steps + 0.5)},
            also=(  # Python's round takes a half to the nearest even number
                lambda n, a, p, s, d: round((n + 2 * p - d * (a - 1) - 1) / s) + 1,
                lambda n, a, p, s, d: round((n + 2 * p - d * (a - 1) - 1) / s + 1),
            ),
        ),
        padding.counted_once(knobs={"sides": 1}),
        padding.left_out(knobs={"sides": 0}),
        Mistake(
            "padding_taken_away",
            "the padding makes the output smaller",
            why="Zeros are added to the input, so there are more places, not fewer.",
            question="Is the padded input larger or smaller than n?",
            knobs={"sides": -2},
        ),
        places.plus_one_missing(knobs={"more": 0}),
        Mistake(
            "one_place_too_many",
            "there is one place too many",
            why="From the first place on, the kernel can move (size - extent) // stride times.",
            question="How many places are there if the kernel is as large as the input?",
            knobs={"more": 2},
        ),
        padding.dilation_left_out(knobs={"extent": lambda a, dilation: a}),
        padding.dilation_times_size(knobs={"extent": lambda a, dilation: dilation * a}),
        Mistake(
            "gaps_only",
            "the kernel's extent is taken to be dilation * (a - 1)",
            why="That is the distance from the first tap to the last; the taps themselves cover "
            "one more.",
            question="How many numbers does a kernel of 1 tap cover?",
            knobs={"extent": lambda a, dilation: dilation * (a - 1)},
        ),
        Mistake(
            "dilation_zeros",
            "the dilation is read as the number of zeros between two taps",
            why="A dilation of 1 means taps side by side, with no zeros between them.",
            question="How many zeros stand between the taps if the dilation is 2?",
            knobs={"extent": lambda a, dilation: (dilation + 1) * (a - 1) + 1},
        ),
        places.stride_left_out(knobs={"steps": lambda room, stride: room}),
        Mistake(
            "stride_of_everything",
            "all places are divided by the stride, the first one too",
            why="The first place is free; only the steps from there on are divided: "
            "room // stride + 1, not (room + 1) // stride.",
            question="How many places are there if the kernel is as large as the input?",
            answer=lambda n, a, padding, stride, dilation: (
                (n + 2 * padding - dilation * (a - 1)) // stride
            ),
        ),
        Mistake(
            "not_rounded",
            "the result is not rounded",
            why="/ divides with decimals; there is no such thing as half a place.",
            question="Which operator divides and rounds down?",
            knobs={"round": lambda steps: steps},
        ),
    ),
)
