"""max_pool_backward(x, dy, size, stride): each window's gradient goes to its maximum."""

import numpy as np

from labkit import gradients
from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.lab07.automatic import AUTOMATIC

__all__ = ["MAX_POOL_BACKWARD"]


def first(window):
    return [np.unravel_index(np.argmax(window), window.shape)]


def last(window):
    flat = window.ravel()[::-1]
    return [np.unravel_index(window.size - 1 - np.argmax(flat), window.shape)]


def every(window):
    return [tuple(place) for place in np.argwhere(window == window.max())]


def down_the_columns(window):
    return [np.unravel_index(np.argmax(window.T), window.T.shape)[::-1]]


def route(
    x,
    dy,
    size,
    stride,
    *,
    winners=first,
    share=lambda count: 1.0,
    add=True,
    start=lambda place, s: place * s,
    value=lambda up, window: up,
):
    """max_pool_backward with a knob for each way to get it wrong."""
    x, dy = np.asarray(x, float), np.asarray(dy, float)
    dx = np.zeros(x.shape)
    for n, m in np.ndindex(dy.shape):
        r, c = start(n, stride), start(m, stride)
        window = x[r : r + size, c : c + size]
        places = winners(window)
        for i, j in places:
            part = value(dy[n, m], window) * share(len(places))
            dx[r + i, c + j] = dx[r + i, c + j] + part if add else part
    return dx


def oracle(x, dy, size, stride):
    grown = (np.asarray(array, float)[None, ..., None] for array in (x, dy))
    return gradients.max_pool_gradient(*grown, size, strides=stride)[0, ..., 0]


def whole_windows(x, dy, size, stride):
    """Write every window as a whole, zeros included."""
    dx = np.zeros(x.shape)
    for n, m in np.ndindex(dy.shape):
        r, c = n * stride, m * stride
        part = dx[r : r + size, c : c + size]
        part[...] = 0
        part[first(x[r : r + size, c : c + size])[0]] = dy[n, m]
    return dx


def side_by_side(x, dy, size, stride):
    """Use windows side by side, as many as fit, each with its dy where there is one."""
    windows = [n // size for n in x.shape]
    return route(x, dy[: windows[0], : windows[1]], size, size)


def larger_than_zero(x, dy, size, stride, otherwise="first"):
    """Start each maximum at 0, before the first pixel is looked at."""
    dx, last = np.zeros(x.shape), (0, 0)
    for n, m in np.ndindex(dy.shape):
        r, c = n * stride, m * stride
        window = x[r : r + size, c : c + size]
        if window.max() > 0:
            i, j = first(window)[0]
            last = (r + i, c + j)
        elif otherwise == "nowhere":
            continue
        elif otherwise == "first":
            last = (r, c)
        dx[last] += dy[n, m]
    return dx


def equal_anywhere(x, dy, size, stride, *, add=True):
    """Give an output's gradient to every equal pixel, anywhere in the image."""
    x, dy = np.asarray(x, float), np.asarray(dy, float)
    dx = np.zeros(x.shape)
    for n, m in np.ndindex(dy.shape):
        best = x[n * stride : n * stride + size, m * stride : m * stride + size].max()
        dx[x == best] = dx[x == best] * add + dy[n, m]
    return dx


def in_the_corner(x, dy, size, stride):
    dx = np.zeros(x.shape)
    for n, m in np.ndindex(dy.shape):
        window = x[n * stride : n * stride + size, m * stride : m * stride + size]
        dx[first(window)[0]] += dy[n, m]
    return dx


def draw(rng):
    def case(shape, size, stride, label="", make=integers):
        out = [(n - size) // stride + 1 for n in shape]
        return Case((make(rng, *shape), integers(rng, *out), size, stride), label)

    def ties(rng, *shape):
        return rng.integers(-1, 2, shape)

    def all_equal(rng, *shape):
        return np.full(shape, -3.0)

    def repeated(rng, *shape):
        """Draw an image with the same maximum in several windows."""
        x = integers(rng, *shape).astype(float)
        x.flat[rng.permutation(x.size)[: x.size // 3]] = 99.0
        return x

    return [
        case((4, 6), 2, 2),
        case((6, 4), 2, 2, "ties", ties),
        case((5, 5), 3, 2, "windows that overlap"),
        case((5, 7), 3, 2, "windows that overlap, and ties", ties),
        case((4, 5), 2, 1, "windows that overlap", floats),
        case((4, 4), 2, 2, "all values equal", all_equal),
        case((6, 6), 2, 2, "one maximum in several windows", repeated),
        case((7, 5), 2, 3, "pixels in no window"),
        case((3, 3), 3, 1, "a single window", ties),
        case((6, 6), 3, 3, "float32", float32),
        case((4, 6), 2, 2, "negative values only", lambda *args: -np.abs(integers(*args))),
        Case((integers(rng, 4, 6), floats(rng, 2, 3), 2, 2)),  # a gradient of fractions
    ]


MAX_POOL_BACKWARD = Exercise(
    id="max_pool_backward",
    lab="07",
    points=3,
    call="max_pool_backward(x, dy, size, stride)",
    shape="the shape of x",
    oracle=oracle,
    model=route,
    forbidden=(*AUTOMATIC, "keras.layers.MaxPooling2D", "keras.ops.max_pool"),
    examples=(Case((np.array([[1, 5, 2, 0], [3, 5, 4, 4]]), np.array([[10, 20]]), 2, 2)),),
    draw=draw,
    hints=(
        "An output is the largest number of its window. If another number of that window moves a "
        "little, what does the output do?",
        "So all of dy[n, m] goes to the place of the maximum: of several equal ones to the first, "
        "in reading order. A place that wins in several windows gets the sum.",
        "window = x[r : r + size, c : c + size]; i, j = np.unravel_index(np.argmax(window), "
        "window.shape); dx[r + i, c + j] += dy[n, m].",
    ),
    mistakes=(
        Mistake(
            "to_every_tie",
            "of several equal maxima, each gets all of the gradient",
            why="The window has one output, and one gradient comes back. Given to each of them, "
            "it counts several times.",
            question="How much of dy should come back out of one window in all?",
            knobs={"winners": every},
        ),
        Mistake(
            "shared_by_ties",
            "of several equal maxima, each gets a part of the gradient",
            why="That could be defended; but argmax picks one of them, the first, and so do Keras "
            "and we.",
            question="Which of two equal maxima does np.argmax return?",
            knobs={"winners": every, "share": lambda count: 1 / count},
        ),
        Mistake(
            "last_tie",
            "of several equal maxima, the last gets the gradient",
            why="The comparison lets a later equal one win: >= instead of >.",
            question="Which of two equal maxima does np.argmax return?",
            knobs={"winners": last},
        ),
        Mistake(
            "columns_first",
            "of several equal maxima, the first column by column gets the gradient",
            why="Reading order goes along the rows.",
            question="Which comes first, (0, 1) or (1, 0)?",
            knobs={"winners": down_the_columns},
        ),
        Mistake(
            "overwritten",
            "a pixel that wins twice keeps only the last gradient: = instead of +=",
            why="Where windows overlap, a pixel may be the maximum of several.",
            question="What if a pixel is the maximum of two windows?",
            knobs={"add": False},
            also=(whole_windows,),
        ),
        Mistake(
            "equal_anywhere",
            "every pixel that equals the maximum gets the gradient, also outside of the window",
            why="x == maximum looks at the whole image.",
            question="Can the same number stand in two windows?",
            answer=equal_anywhere,
            also=(lambda *args: equal_anywhere(*args, add=False),),
        ),
        Mistake(
            "spread",
            "the gradient is spread over the window, as by average pooling",
            why="Only the maximum has a say in the output.",
            question="What does the output do if another number of the window moves a little?",
            knobs={
                "winners": lambda window: list(np.ndindex(window.shape)),
                "share": lambda count: 1 / count,
            },
        ),
        Mistake(
            "to_all",
            "every pixel of the window gets all of the gradient",
            why="Only the largest number of a window has a say in its output.",
            question="What does the output do if a smaller number of the window moves a little?",
            knobs={"winners": lambda window: list(np.ndindex(window.shape))},
        ),
        Mistake(
            "to_the_corner",
            "the gradient goes to the window's first pixel",
            why="It belongs to the largest, wherever that is.",
            question="Where in your code is the maximum looked for?",
            knobs={"winners": lambda window: [(0, 0)]},
        ),
        Mistake(
            "to_the_smallest",
            "the gradient goes to the smallest number",
            why="argmin instead of argmax.",
            question="Which number of a window is its output?",
            knobs={"winners": lambda window: [np.unravel_index(np.argmin(window), window.shape)]},
        ),
        Mistake(
            "stride_is_size",
            "the windows are taken to lie side by side, whatever the stride",
            why="Window (n, m) begins at row n * stride and column m * stride.",
            question="Where does window (0, 1) begin?",
            answer=lambda x, dy, size, stride: route(
                x, dy, size, stride, start=lambda place, s: place * size
            ),
            also=(side_by_side,),
        ),
        Mistake(
            "stride_ignored",
            "the windows are taken to begin one pixel apart, whatever the stride",
            why="From one window to the next it is stride pixels, and each dy belongs to its own "
            "window.",
            question="Where does window (0, 1) begin?",
            knobs={"start": lambda place, s: place},
        ),
        Mistake(
            "starts_at_zero",
            "the maximum starts at 0, so that of negative values none wins",
            why="The best value so far is 0 before the first pixel is looked at.",
            question="What is the largest of -3 and -2?",
            answer=larger_than_zero,
            also=(
                lambda *args: larger_than_zero(*args, otherwise="nowhere"),
                lambda *args: larger_than_zero(*args, otherwise="last"),
            ),
        ),
        Mistake(
            "farthest_from_zero",
            "the gradient goes to the value farthest from 0",
            why="Of -9 and 2, the maximum is 2.",
            question="Which is larger, -9 or 2?",
            knobs={"winners": lambda window: first(np.abs(window))},
        ),
        Mistake(
            "place_in_window",
            "the place in the window is taken for the place in the image",
            why="argmax counts from the window's own corner, and all gradients end up at the "
            "image's.",
            question="Where in the image is the first pixel of window (1, 1)?",
            answer=in_the_corner,
        ),
        Mistake(
            "value_too",
            "the gradient is multiplied by the maximum",
            why="The output is the maximum itself: its slope is 1.",
            question="If the maximum grows by 1, by how much does the output grow?",
            knobs={"value": lambda up, window: up * window.max()},
        ),
        arrays.dtype_of_x(),
        Mistake(
            "forward",
            "the maxima themselves are put where they stood",
            why="What comes back from above goes there.",
            question="Where does your code use dy?",
            knobs={"value": lambda up, window: window.max()},
            also=(lambda *args: route(*args, value=lambda up, window: window.max(), add=False),),
        ),
        Mistake(
            "mask",
            "1 is put where the maximum is, and dy is not used",
            why="A 1 there says who is paid; dy says how much.",
            question="Where does your code use dy?",
            knobs={"value": lambda up, window: 1.0},
        ),
    ),
)
