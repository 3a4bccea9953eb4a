"""is_linear(f, shape): could f be a matrix? Functions come by name: see labkit.adapters.lab06."""

import numpy as np

from labkit.adapters import lab06
from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import answers

__all__ = ["IS_LINEAR"]


LINEAR = (
    "average pooling",
    "average pooling, 3 x 3",
    "convolution",
    "convolution, then average pooling",
    "global average pooling",
    "padding with zeros",
    "every second pixel",
    "turning upside down",
    "times zero",
)
NOT_LINEAR = (
    "max pooling",
    "min pooling",
    "median pooling, 3 x 3",
    "convolution, then max pooling",
    "ReLU",
    "ReLU on the right half",
    "absolute value",
    "squares",
    "cubes",
    "average pooling plus 1",
    "root of the sum of squares",
    "variance of each window",
    "average pooling, 3 x 3, rounded to tenths",
    "sorting the pixels",
)


def is_linear(
    name,
    shape,
    *,
    law="additive and homogeneous",
    images="both signs",
    equal=np.allclose,
    verdict="equal",
):
    """is_linear with a knob for each way to get it wrong."""
    f = lab06.MAPS[name]
    a, b = _images(images, shape)
    zero = np.zeros(shape)
    sides = {
        "additive and homogeneous": [(f(a + b), f(a) + f(b)), (f(-3 * a), -3 * f(a))],
        "additive": [(f(a + b), f(a) + f(b))],
        "scaled": [(f(-3 * a), -3 * f(a))],
        "scaled up": [(f(2 * a), 2 * f(a)), (f(3 * a), 3 * f(a))],
        "odd": [(f(-a), -f(a))],
        "zero": [(f(zero), 0 * f(zero))],
        "affine": [(f(a + b) + f(zero), f(a) + f(b)), (f(3 * a) + 2 * f(zero), 3 * f(a))],
        "products": [(f(a * b), f(a) * f(b))],
        "means": [(f(a + b).mean(), (f(a) + f(b)).mean())],
    }[law]
    same = all(equal(left, right) for left, right in sides)
    return same if verdict == "equal" else not same


def _images(kind, shape):
    a, b = np.random.default_rng(6).standard_normal((2, *shape))
    if kind == "no negative":
        return np.abs(a), np.abs(b)
    if kind == "constant":
        return np.ones(shape), np.full(shape, 2.0)
    if kind == "in order":
        a = np.arange(a.size, dtype=float).reshape(shape)
        return a, 2 * a + 1 + (a > 3)
    if kind == "one pixel":
        units = np.eye(a.size)
        return units[0].reshape(shape), units[1].reshape(shape)
    if kind == "two far pixels":
        units = np.eye(a.size)
        return units[0].reshape(shape), units[-1].reshape(shape)
    return a, b


def somewhere(left, right):
    return bool(np.any(np.isclose(left, right)))


def draw(rng):
    # in a few windows alone, max pooling may keep a sum by chance, and a median lose all of them
    return [Case((name, tuple(rng.integers(15, 20, 2).tolist()))) for name in LINEAR + NOT_LINEAR]


IS_LINEAR = Exercise(
    id="is_linear",
    lab="06",
    points=3,
    call="is_linear(f, shape)",
    oracle=lambda name, shape: name in LINEAR,
    model=is_linear,
    use=lab06.is_linear,
    draw=draw,
    forbidden=(),  # f itself is ours
    hints=(
        "A matrix obeys W(a + b) = Wa + Wb, for *all* a and b. What must f do, then?",
        "Draw two random images of that shape, with values of both signs, and compare f(a + b) "
        "with f(a) + f(b). Is that enough? What about a bias?",
        "np.allclose(f(a + b), f(a) + f(b)) for a, b = rng.standard_normal((2, *shape)); and, to "
        "be sure, f(-3 * a) against -3 * f(a). Random images are equal in nothing by chance.",
    ),
    mistakes=(
        Mistake(
            "zero_only",
            "all that is tried is whether black stays black, f(0) = 0",
            why="Every matrix does that, but so do ReLU, max pooling and many more.",
            question="Is ReLU a matrix? What is ReLU(0)?",
            knobs={"law": "zero"},
        ),
        Mistake(
            "positive_multiples",
            "only positive multiples are tried, f(2a) = 2 f(a)",
            why="Twice as bright an image has a maximum twice as large. So max pooling passes, and "
            "ReLU does, too. a + a is such a multiple.",
            question="Is max(a + b) = max(a) + max(b) for a = (1, 0) and b = (0, 1)?",
            knobs={"law": "scaled up"},
            also=(lambda name, shape: is_linear(name, shape, law="scaled up", images="in order"),),
        ),
        Mistake(
            "multiples_only",
            "only multiples are tried, f(c·a) = c·f(a)",
            why="With a negative c that catches max pooling and ReLU. The median of a window "
            "passes, and yet it is no matrix.",
            question="Is median(a + b) = median(a) + median(b), always?",
            knobs={"law": "scaled"},
        ),
        Mistake(
            "odd_only",
            "all that is tried is f(-a) = -f(a)",
            why="That is what odd functions do: the median, and the cube.",
            question="Is (2a)³ twice a³?",
            knobs={"law": "odd"},
        ),
        Mistake(
            "no_negative_values",
            "only images without negative values are tried",
            why="random() and digits have no negative values. Among those, ReLU and the absolute "
            "value do nothing, and so look like a matrix.",
            question="What does ReLU do with the image -a?",
            knobs={"law": "additive", "images": "no negative"},
        ),
        Mistake(
            "constant_images",
            "only images of one gray are tried",
            why="In np.ones(shape) all pixels are equal, and a window's maximum is its mean.",
            question="In which images do the maximum and the mean of a window differ?",
            knobs={"law": "additive", "images": "constant"},
        ),
        Mistake(
            "images_in_order",
            "both images have their largest values at the same places",
            why="Two images such as arange(n) grow the same way: the same pixel wins in a, in b "
            "and in a + b, and max pooling looks like a matrix.",
            question="What if the winner of a window is another pixel in b than in a?",
            knobs={"law": "additive", "images": "in order"},
        ),
        Mistake(
            "one_pixel_images",
            "only images with a single white pixel are tried",
            why="They tell you what the columns of the matrix would be, if there is one. Whether "
            "there is one, other images say: squares, for one, leave 0 and 1 as they are.",
            question="What does f do with twice a white pixel, or with minus one?",
            knobs={"law": "additive", "images": "one pixel"},
            also=(
                lambda name, shape: is_linear(name, shape, law="additive", images="two far pixels"),
            ),
        ),
        Mistake(
            "means_only",
            "only the mean of the outputs is compared",
            why="Sorting moves pixels about and leaves their sum. All outputs have to agree.",
            question="Are two images equal if their means are?",
            knobs={"law": "means"},
        ),
        Mistake(
            "any_output",
            "one output that agrees is enough (any instead of all)",
            why="In some windows the same pixel wins in both images. All outputs have to agree.",
            question="How many outputs have to agree, one or all?",
            knobs={
                "law": "additive",
                "equal": somewhere,
            },
            # whether a median adds up in some window is a matter of luck
            also=(
                lambda name, shape: (
                    name == "median pooling, 3 x 3"
                    or is_linear(name, shape, law="additive", equal=somewhere)
                ),
                lambda name, shape: (
                    name != "median pooling, 3 x 3"
                    and is_linear(name, shape, law="additive", equal=somewhere)
                ),
            ),
        ),
        Mistake(
            "bias_allowed",
            "a constant that is added is let through",
            why="f(a) = Wa + 1 is a matrix and a bias. It is affine, not linear: black does not "
            "stay black.",
            question="What is f(0) if f(a) = Wa + 1?",
            knobs={"law": "affine"},
        ),
        answers.exactly_equal(knobs={"equal": np.array_equal}),
        Mistake(
            "loosely_equal",
            "numbers that differ by much more than rounding are let through",
            why="A function that rounds to tenths breaks the law by less than that. Sums in "
            "another order differ in the 16th digit; allow for some millionths at most.",
            question="By how much may f(a + b) differ from f(a) + f(b) in your code?",
            knobs={"equal": lambda left, right: np.allclose(left, right, atol=0.25)},
        ),
        Mistake(
            "products",
            "products are tried where sums belong, f(a·b) = f(a)·f(b)",
            why="Squares and absolute values keep products. A matrix keeps sums.",
            question="Which law do matrices obey, W(a + b) = Wa + Wb or W(a·b) = Wa·Wb?",
            knobs={"law": "products"},
        ),
        Mistake(
            "inverted",
            "yes and no are exchanged",
            why="You return True where the law is broken.",
            question="What should is_linear say of average pooling?",
            knobs={"verdict": "not equal"},
        ),
        answers.always_true(),
        answers.always_false(
            why="Whatever f is, you say no. Perhaps arrays are compared where one answer is needed."
        ),
    ),
)
