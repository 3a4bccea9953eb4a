"""same_padding(n, a, stride, dilation): how many zeros TensorFlow adds for "same"."""

import math

from labkit import geometry
from labkit.checks.exercise import EXACT, Case, Exercise, Mistake
from labkit.exercises.families import padding

__all__ = ["SAME_PADDING"]


def amounts(
    n,
    a,
    stride,
    dilation,
    *,
    extent=lambda a, dilation: dilation * (a - 1) + 1,
    outputs=lambda n, stride: math.ceil(n / stride),
    clip=lambda total: max(total, 0),
    split=lambda total: (total // 2, total - total // 2),
    last=-1,
):
    """same_padding with a knob for each way to get it wrong."""
    total = (outputs(n, stride) + last) * stride + extent(a, dilation) - n
    return split(clip(total))


def oracle(n, a, stride, dilation):
    """Return the fewest zeros that give ceil(n / stride) outputs; an odd one goes after."""
    wanted = -(-n // stride)
    for total in range(n * stride + dilation * a + 1):
        pads = ((total // 2, total - total // 2),)
        options = {"strides": stride, "dilation_rate": dilation}
        if (total + n >= dilation * (a - 1) + 1) and (
            geometry.output_size(n, a, padding=pads, **options) >= wanted
        ):
            return pads[0]
    raise AssertionError("unreachable: enough zeros always suffice")


def draw(rng):
    n = int(rng.integers(9, 20))
    even, odd = n + n % 2, n + 1 - n % 2
    return [
        Case((n, 3, 1, 1), "an odd kernel, stride 1"),
        Case((n, 5, 1, 1), "an odd kernel, stride 1"),
        Case((n, 4, 1, 1), "an even kernel"),
        Case((n + 1, 2, 1, 1), "an even kernel"),
        Case((even, 3, 2, 1), "stride 2, an even size"),
        Case((odd, 3, 2, 1), "stride 2, an odd size"),
        Case((even, 5, 2, 1), "stride 2, an even size"),
        Case((3 * n + 1, 6, 3, 1), "stride 3"),
        Case((3 * n + 2, 7, 3, 1), "stride 3"),
        Case((n, 3, 1, 3), "dilation"),
        Case((n, 4, 1, 3), "dilation"),
        Case((even, 4, 2, 2), "stride and dilation"),
        Case((4 * n, 2, 4, 1), "a stride larger than the kernel"),
        Case((4 * n + 2, 1, 4, 1), "a stride larger than the kernel"),
    ]


SAME_PADDING = Exercise(
    id="same_padding",
    lab="04",
    points=3,
    call="same_padding(n, a, stride, dilation)",
    shape="(before, after)",
    oracle=oracle,
    model=amounts,
    tolerance=EXACT,
    forbidden=("labkit.geometry", "labkit.layers", "labkit.matrix", "labkit.reference", "keras"),
    examples=(Case((6, 3, 2, 1)),),
    draw=draw,
    hints=(
        'With "same" there are ceil(n / stride) outputs. Where does the kernel of the last one '
        "begin, and where does it end?",
        "It begins (outputs - 1) * stride after the first, and is dilation * (a - 1) + 1 long. "
        "What "
        "that exceeds n by has to be added as zeros; less than none is none.",
        "total = max((math.ceil(n / stride) - 1) * stride + dilation * (a - 1) + 1 - n, 0), and "
        "then (total // 2, total - total // 2): the extra one goes after.",
    ),
    mistakes=(
        Mistake(
            "symmetric",
            "as many zeros are added before as after",
            why="When the total is odd, TensorFlow adds one zero more after than before.",
            question="How many zeros are needed in all for n = 6, a = 3 and stride 2?",
            knobs={"split": lambda total: ((total + 1) // 2, (total + 1) // 2)},
        ),
        Mistake(
            "rounded_down",
            "as many zeros are added after as before, and one is missing",
            why="When the total is odd, the odd one has to go somewhere: after.",
            question="Do your two numbers add up to what is needed?",
            knobs={"split": lambda total: (total // 2, total // 2)},
        ),
        Mistake(
            "extra_before",
            "the extra zero is added before, not after",
            why="When the total is odd, TensorFlow puts the extra one after: at the bottom and on "
            "the right.",
            question="On which side does Keras add the one zero for n = 6, a = 3 and stride 2?",
            knobs={"split": lambda total: (total - total // 2, total // 2)},
        ),
        Mistake(
            "all_after",
            "all zeros are added after",
            why="They are shared out: half before, half after.",
            question="Where is the middle of the kernel for the first output?",
            knobs={"split": lambda total: (0, total)},
        ),
        Mistake(
            "all_before",
            "all zeros are added before",
            why='That is "causal", for time series. "same" shares them out.',
            question="Where is the middle of the kernel for the first output?",
            knobs={"split": lambda total: (total, 0)},
        ),
        Mistake(
            "total_only",
            "each side gets all the zeros",
            why="The total has to be shared out between the two sides.",
            question="Do your two numbers add up to what is needed?",
            knobs={"split": lambda total: (total, total)},
        ),
        Mistake(
            "one_number",
            "only the total is returned",
            why="Asked for are two numbers, (before, after).",
            question="How many numbers should come out?",
            knobs={"split": lambda total: total},
        ),
        Mistake(
            "not_rounded",
            "the halves are not rounded to whole numbers",
            why="/ gives decimals, and half a zero cannot be added.",
            question="How would you share out 3 zeros?",
            knobs={"split": lambda total: (total / 2, total / 2)},
        ),
        Mistake(
            "stride_ignored",
            "the stride is left out: a - 1 zeros, as for stride 1",
            why="With a stride, the last kernel often ends earlier, and fewer zeros are needed. "
            "(PyTorch's padding=a // 2 is like that: equal shapes, other values.)",
            question="Which pixel does the last output begin at, if the stride is 2?",
            before=lambda n, a, stride, dilation: (n, a, 1, dilation),
        ),
        Mistake(
            "half_the_kernel",
            "half of the kernel is added on both sides, whatever n and the stride",
            why="That is the symmetric convention, PyTorch's for one. TensorFlow counts what is "
            "needed, and no more.",
            question="Does your result depend on n?",
            answer=lambda n, a, stride, dilation: (dilation * (a - 1) // 2,) * 2,
            also=(
                lambda n, a, stride, dilation: (a // 2, a // 2),
                lambda n, a, stride, dilation: ((a - 1) // 2, a // 2),
            ),
        ),
        padding.dilation_left_out(
            id="dilation_ignored",
            why="Taps that stand further apart make the kernel longer, and more zeros are needed.",
            knobs={"extent": lambda a, dilation: a},
        ),
        padding.dilation_times_size(knobs={"extent": lambda a, dilation: dilation * a}),
        Mistake(
            "outputs_rounded_down",
            "the outputs are counted as floor(n / stride)",
            why='"same" with a stride gives ceil(n / stride) outputs: the last may be a short one.',
            question="How many outputs has n = 7 with stride 2?",
            knobs={"outputs": lambda n, stride: n // stride},
        ),
        Mistake(
            "as_many_as_inputs",
            "so many zeros are added that there are n outputs in spite of the stride",
            why='With a stride, "same" means as few outputs as the stride leaves: ceil(n / '
            "stride).",
            question="How many outputs has n = 6 with stride 2?",
            knobs={"outputs": lambda n, stride: n},
        ),
        Mistake(
            "negative",
            "a negative number of zeros comes out",
            why="When the stride is larger than the kernel, the last pixels may be skipped, and "
            "nothing is missing.",
            question="What if the last kernel ends before the image does?",
            knobs={"clip": lambda total: total},
        ),
        Mistake(
            "one_step_too_many",
            "one stride too much is added",
            why="The last of the outputs begins (outputs - 1) strides after the first.",
            question="Where does the only output begin, if there is one?",
            knobs={"last": 0},
        ),
    ),
)
