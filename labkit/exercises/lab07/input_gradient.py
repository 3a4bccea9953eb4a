"""input_gradient(dy, kernel, n, stride): the transpose sends the gradient back."""

import itertools

import numpy as np

from labkit import gradients
from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, backpropagation, places
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.lab07.automatic import AUTOMATIC

__all__ = ["INPUT_GRADIENT"]


def send_back(
    dy,
    kernel,
    n,
    stride,
    *,
    start=lambda place, s: place * s,
    backward=False,
    add=True,
    size=lambda n, count, A, s: n,
    offset=0,
):
    """input_gradient with a knob for each way to get it wrong."""
    dy, kernel = np.asarray(dy, float), np.asarray(kernel, float)
    kernel = kernel[::-1] if backward else kernel
    dx = np.zeros(size(n, len(dy), len(kernel), stride))
    for place, value in enumerate(dy):
        for tap, weight in enumerate(kernel):
            at = start(place, stride) + tap + offset
            if 0 <= at < len(dx):
                dx[at] = dx[at] + value * weight if add else value * weight
    return dx


def oracle(dy, kernel, n, stride):
    return gradients.input_gradient(
        np.asarray(kernel, float).reshape(-1, 1, 1),
        np.asarray(dy, float).reshape(1, -1, 1),
        n,
        strides=stride,
    )[0, :, 0]


def forward_again(dy, kernel, n, stride):
    """Slide the kernel over dy, padded on both sides: the forward pass once more."""
    total = n + len(kernel) - 1 - len(dy)
    padded = np.pad(np.asarray(dy, float), (total // 2, total - total // 2))
    return np.correlate(padded, np.asarray(kernel, float), "valid")


def dilated(dy, kernel, n, stride):
    dx = np.zeros(n)
    for (row, up), (tap, weight) in itertools.product(enumerate(dy), enumerate(kernel)):
        if row + tap * stride < n:
            dx[row + tap * stride] += up * weight
    return dx


def stamped(dy, kernel, n, stride, dtype):
    """Add the products in an array of `dtype`, which cuts each of them."""
    dx = np.zeros(n, dtype)
    for (row, up), (tap, weight) in itertools.product(enumerate(dy), enumerate(kernel)):
        dx[row * stride + tap] += up * weight
    return dx


def draw(rng):
    def case(a, n, stride, label="", values=integers):
        return Case((values(rng, (n - a) // stride + 1), values(rng, a), n, stride), label)

    return [
        case(3, 6, 1, "stride 1"),
        case(2, 5, 1, "stride 1", floats),
        case(3, 7, 2, "stride 2"),
        case(4, 10, 3, "stride 3", floats),
        case(3, 8, 2, "an input that is never read"),
        case(2, 11, 4, "inputs that are never read", floats),
        case(5, 5, 2, "a single output"),
        case(1, 4, 1, "a kernel of one number"),
        Case((integers(rng, 3), floats(rng, 3), 7, 2)),  # whole numbers come back as fractions
        Case((floats(rng, 4), integers(rng, 2), 5, 1)),
        Case((float32(rng, 3), float32(rng, 4), 8, 2), "float32"),
    ]


INPUT_GRADIENT = Exercise(
    id="input_gradient",
    lab="07",
    points=2,
    call="input_gradient(dy, kernel, n, stride)",
    shape="(n,)",
    oracle=oracle,
    model=send_back,
    forbidden=(*AUTOMATIC, "keras.ops.conv_transpose", "keras.layers.Conv1DTranspose"),
    examples=(Case((np.array([1, 10]), np.array([1, 2, 3]), 4, 1)),),
    draw=draw,
    hints=(
        "y = W @ x. If x[c] moves a little, which outputs move, and by how much each?",
        "By what stands in column c of W. So dx = W.T @ dy: every dy[r] stamps the kernel back to "
        "where output r read. Inputs that nobody read get 0.",
        "dx = np.zeros(n); for each r: dx[r * stride : r * stride + A] += dy[r] * kernel.",
    ),
    mistakes=(
        Mistake(
            "overwritten",
            "where stamps overlap, the last one wins: = instead of +=",
            why="An input that several outputs read gets a gradient from each of them.",
            question="How many outputs read x[1]?",
            knobs={"add": False},
        ),
        Mistake(
            "turned",
            "the kernel is turned around",
            why="Stamping needs no turn. (Sliding the kernel over a padded dy does: that is where "
            "the flip in many books comes from.)",
            question="By which weight did output 0 read x[0]?",
            knobs={"backward": True},
        ),
        places.stride_ignored(
            why="Output r began at r * stride.",
            question="Which inputs did output 1 read?",
            knobs={"start": lambda place, s: place},
        ),
        Mistake(
            "dilated",
            "the taps are a stride apart: the stride went into the kernel",
            why="Output r read from r * stride on, one input after the other. You put them back at "
            "r + i * stride: that is dilation (lab 05).",
            question="Which inputs did output 0 read if the stride is 2?",
            answer=dilated,
        ),
        Mistake(
            "convolved",
            "dy is convolved with the kernel as it is, whatever the stride and n",
            why="np.convolve does what the transpose does for stride 1. With a stride, zeros "
            "belong between the values of dy; and inputs that nobody read, at the end.",
            question="How long should the result be, and how long is it?",
            answer=lambda dy, kernel, n, stride: np.convolve(dy, kernel),
        ),
        Mistake(
            "too_short",
            "inputs at the end that nobody read are left out",
            why="dx has an entry for every input; those get a gradient of 0.",
            question="Which shape has x?",
            knobs={"size": lambda n, count, A, s: (count - 1) * s + A},
        ),
        Mistake(
            "as_long_as_dy",
            "dx is as long as dy",
            why="dx has the shape of x, not that of y.",
            question="Which shape has x?",
            knobs={"size": lambda n, count, A, s: count},
        ),
        Mistake(
            "one_off",
            "everything stands one place too far to the right",
            why="Output 0 began at x[0].",
            question="Which inputs did output 0 read?",
            knobs={"offset": 1},
        ),
        Mistake(
            "centered",
            "the stamps are centered on the outputs' places",
            why="That would be right for padding 'same'. Here output r began at r * stride.",
            question="Where does the first stamp begin?",
            answer=lambda dy, kernel, n, stride: send_back(
                dy, kernel, n, stride, offset=-(len(kernel) // 2)
            ),
        ),
        Mistake(
            "forward_again",
            "the kernel is slid over dy, as in the forward pass",
            why="That multiplies with W, not with its transpose: padded and slid, the kernel has "
            "to be turned around.",
            question="By which weight did output 0 read x[0]?",
            answer=forward_again,
        ),
        Mistake(
            "kernel_left_out",
            "dy is put back without the kernel",
            why="An output changes by the weight with which it read the input.",
            question="Where does your code use the kernel?",
            answer=lambda dy, kernel, n, stride: send_back(
                dy, [1.0] + [0.0] * (len(kernel) - 1), n, stride
            ),
        ),
        Mistake(
            "averaged",
            "every input gets the mean of what comes back, not the sum",
            why="If an input moves, all of its outputs move, and their effects add up.",
            question="If two outputs each change the loss by 1, by how much does it change?",
            answer=lambda dy, kernel, n, stride: (
                send_back(dy, kernel, n, stride)
                / np.maximum(send_back(np.ones(len(dy)), np.ones(len(kernel)), n, stride), 1)
            ),
        ),
        arrays.integers_only(lambda dy, kernel, n, stride: stamped(dy, kernel, n, stride, int)),
        Mistake(
            "dtype_of_dy",
            "the result has dy's dtype, so integers in dy cut it",
            why="np.zeros(n, dtype=dy.dtype) makes an array of integers when dy holds integers.",
            question="Which dtype can hold 2 * 0.25?",
            after=lambda answer, dy, *args: answer.astype(np.asarray(dy).dtype),
            also=(lambda dy, kernel, n, stride: stamped(dy, kernel, n, stride, dy.dtype),),
        ),
        backpropagation.downhill(),
    ),
)
