"""receptive_field(layers): how much of the image one unit sees, and how far units are apart."""

import math

from labkit.checks.exercise import EXACT, Case, Exercise, Mistake
from labkit.exercises.families import answers

__all__ = ["RECEPTIVE_FIELD"]


def forward(layers, *, start=1, jump_first=False, grow=lambda kernel: kernel - 1, jumps="product"):
    """receptive_field, from the image on, with a knob for each way to get it wrong."""
    size, jump = start, 1
    for kernel, stride in layers:
        if jump_first:
            jump *= stride
        size += grow(kernel) * jump
        if not jump_first:
            jump = {
                "product": jump * stride,
                "sum": jump + stride,
                "more": jump + stride - 1,
                "last": stride,
                "none": 1,
            }[jumps]
    return size, jump


def backward(layers):
    """Follow a unit back to the image and count the places that it reaches: the oracle."""
    first, last = 0, 0
    second = 1  # where the unit beside it begins
    for kernel, stride in reversed(layers):
        first, last, second = first * stride, last * stride + kernel - 1, second * stride
    return last - first + 1, second - first


def draw(rng):
    def chain(length, strides=(1, 2, 3)):
        return [(int(rng.integers(2, 8)), int(rng.choice(strides))) for _ in range(length)]

    return [
        Case((chain(1, (2, 3, 4)),), "a single layer"),
        Case((chain(3, (1,)),), "strides of 1"),
        Case(([(5, 1), (2, 2), (3, 1), (2, 2), (int(rng.integers(3, 8)), 1)],)),
        Case((chain(4, (2, 3)),)),
        Case((chain(5),)),
        Case(([(1, 1), (3, 2), (1, 1), (int(rng.integers(3, 6)), 3)],), "1 x 1 layers"),
        Case(([(11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2)],), "AlexNet"),
    ]


RECEPTIVE_FIELD = Exercise(
    id="receptive_field",
    lab="11",
    points=2,
    call="receptive_field(layers)",
    shape="(size, stride)",
    oracle=backward,
    model=forward,
    tolerance=EXACT,
    forbidden=("labkit.geometry",),
    examples=(Case(([(3, 1), (2, 2), (3, 1)],)),),
    draw=draw,
    hints=(
        "A unit of the first layer sees kernel pixels. Two units beside each other: how far apart "
        "do their fields begin?",
        "Go through the layers and keep two numbers: how much a unit sees, and how many pixels lie "
        "between neighbors. A layer widens the field by kernel - 1 steps, each as long as the "
        "distance before this layer.",
        "Start with size = stride = 1. For each layer: size += (kernel - 1) * stride_so_far, then "
        "stride_so_far *= its stride.",
    ),
    mistakes=(
        Mistake(
            "strides_ignored",
            "the strides do not widen the field",
            why="After a layer of stride 2, a step to the neighbor is a step of two pixels.",
            question="How many pixels lie between two neighbors after a stride of 2?",
            answer=lambda layers: (forward(layers, jumps="none")[0], forward(layers)[1]),
        ),
        Mistake(
            "all_strides_1",
            "all strides are taken to be 1",
            why="Both numbers depend on the strides.",
            question="How many pixels lie between two neighbors after a stride of 2?",
            knobs={"jumps": "none"},
        ),
        Mistake(
            "own_stride_first",
            "a layer's own stride widens its own field",
            why="The stride moves the kernel; it does not spread its taps. It counts from the next "
            "layer on.",
            question="How many pixels does a 3 x 3 kernel of stride 2 see?",
            knobs={"jump_first": True},
        ),
        Mistake(
            "last_stride_only",
            "only the stride of the layer before counts",
            why="Strides multiply along the chain: after 2 and 2, a step is 4 pixels.",
            question="How many pixels lie between two neighbors after two strides of 2?",
            knobs={"jumps": "last"},
        ),
        Mistake(
            "strides_added",
            "the strides are added, not multiplied",
            why="Every stride multiplies the distance that there was.",
            question="How many pixels lie between two neighbors after three strides of 2?",
            knobs={"jumps": "sum"},
        ),
        Mistake(
            "strides_counted_up",
            "the distance grows by stride - 1 in each layer",
            why="That is right for the first stride only: the distances multiply.",
            question="How many pixels lie between two neighbors after three strides of 2?",
            knobs={"jumps": "more"},
        ),
        Mistake(
            "whole_kernels",
            "every layer adds its whole kernel, not kernel - 1",
            why="The first of its taps looks at what the unit sees already.",
            question="By how much does a 1 x 1 layer widen the field?",
            knobs={"grow": lambda kernel: kernel},
        ),
        Mistake(
            "one_missing",
            "the size is one too small",
            why="Before the first layer a unit sees one pixel: itself.",
            question="How many pixels does a unit see through no layer at all?",
            knobs={"start": 0},
        ),
        Mistake(
            "kernels_multiplied",
            "the kernels' sizes are multiplied",
            why="Two 3 x 3 layers see 5 pixels, not 9: their taps overlap.",
            question="How many pixels do two 3 x 3 layers of stride 1 see?",
            answer=lambda layers: (math.prod(kernel for kernel, _ in layers), forward(layers)[1]),
        ),
        Mistake(
            "kernels_added",
            "the kernels' sizes are added",
            why="Two 3 x 3 layers see 5 pixels, not 6: their taps overlap.",
            question="How many pixels do two 3 x 3 layers of stride 1 see?",
            answer=lambda layers: (sum(kernel for kernel, _ in layers), forward(layers)[1]),
        ),
        Mistake(
            "last_layer_first",
            "the layers are read from the last to the first",
            why="In this recurrence the strides before a layer widen it, not those after it.",
            question="Which layer touches the image?",
            answer=lambda layers: forward(layers[::-1]),
        ),
        Mistake(
            "last_layer_only",
            "only the last layer is counted",
            why="A unit sees through all the layers below it.",
            question="What does the field of the example's first two layers add?",
            answer=lambda layers: layers[-1],
        ),
        Mistake(
            "last_stride_returned",
            "the second number is the last layer's own stride",
            why="Neighbors of the last layer are as far apart as all the strides make them.",
            question="How many pixels lie between two neighbors after two strides of 2?",
            after=lambda answer, layers: (answer[0], layers[-1][1]),
        ),
        Mistake(
            "last_stride_left_out",
            "the last layer's stride is left out of the distance",
            why="It does not widen the field, but it moves the units apart.",
            question="How far are units of a single layer with stride 2 apart?",
            after=lambda answer, layers: (answer[0], forward(layers[:-1])[1]),
        ),
        Mistake(
            "square",
            "the size is that of the whole square",
            why="Asked for is how many pixels a unit sees along a side.",
            question="How many pixels does a 3 x 3 kernel see along a side?",
            after=lambda answer, layers: (answer[0] ** 2, answer[1]),
        ),
        answers.results_exchanged(),
    ),
)
