"""which_formula(image, kernel, s, output): stride or dilation, told from the numbers alone."""

import numpy as np

from labkit.checks.exercise import EXACT, Case, Exercise, Mistake
from labkit.exercises.families import answers
from labkit.exercises.inputs import floats, integers
from labkit.reference import cross_correlate_plain

__all__ = ["WHICH_FORMULA"]


def strided(image, kernel, s):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.tensordot(windows[::s, ::s], kernel, 2)


def dilated(image, kernel, s):
    wide = np.zeros([s * (taps - 1) + 1 for taps in kernel.shape])
    wide[::s, ::s] = kernel
    if any(a > n for a, n in zip(wide.shape, image.shape, strict=True)):
        return np.zeros((0, 0))
    return np.tensordot(np.lib.stride_tricks.sliding_window_view(image, wide.shape), wide, 2)


def same_numbers(a, b, atol=2e-3):
    return a.shape == b.shape and np.allclose(a, b, atol=atol)


def same_crop(a, b):
    rows, columns = np.minimum(a.shape, b.shape)
    return same_numbers(a[:rows, :columns], b[:rows, :columns])


def same_size_or_raise(a, b):
    return bool(np.abs(a - b).max() < 2e-3)


def same_shape(a, b):
    return a.shape == b.shape


def same_corner(a, b):
    return a.size > 0 and b.size > 0 and abs(a.flat[0] - b.flat[0]) < 1e-3


def same_sum(a, b):
    return a.size > 0 and abs(a.sum() - b.sum()) < 1e-3


def same_somewhere(a, b):
    return a.shape == b.shape and bool(np.isclose(a, b, atol=1e-3).any())


def tell(
    image,
    kernel,
    s,
    output,
    *,
    equal=same_numbers,
    words={  # noqa: B006 (read only)
        (True, True): "both",
        (True, False): "stride",
        (False, True): "dilation",
        (False, False): "neither",
    },
):
    """which_formula with a knob for each way to get it wrong."""
    output = np.asarray(output, float)
    by = tuple(equal(output, found(image, kernel, s)) for found in (strided, dilated))
    return words[by]


def oracle(image, kernel, s, output):
    options = ({"strides": s}, {"dilation_rate": s})
    found = [cross_correlate_plain(image, kernel, **option) for option in options]
    hits = [y.shape == output.shape and np.abs(y - output).max() < 1e-2 for y in found]
    return {(1, 1): "both", (1, 0): "stride", (0, 1): "dilation", (0, 0): "neither"}[
        tuple(map(int, hits))
    ]


def draw(rng):
    def case(shape, size, s, make, label, values=integers):
        image, kernel = values(rng, *shape), values(rng, *size)
        return Case((image, kernel, s, make(image, kernel, s)), label)

    def spoiled(make, at=(-1, -1), by=3.0):
        def wrong(image, kernel, s):
            output = make(image, kernel, s).astype(float)
            # None: the smallest, where a relative tolerance allows the least
            place = np.unravel_index(np.abs(output).argmin(), output.shape) if at is None else at
            output[place] += by
            return output

        return wrong

    def rounded(make):
        def noisy(image, kernel, s):
            output = make(image, kernel, s)
            signs = rng.choice([-1.0, 1.0], output.shape)
            return output + 1e-6 * signs * np.minimum(np.abs(output), 50)

        return noisy

    def cropped(make):
        return lambda *args: make(*args)[:-1, :-1]

    def exchanged(image, kernel, s):
        output = strided(image, kernel, s)
        output[[0, 1], [1, 0]] = output[[1, 0], [0, 1]]
        return output

    def taps_and_places(image, kernel, s):
        return strided(image[::s, ::s], kernel, 1)

    # 7 x 7 under 3 x 3: both give 3 x 3, so only the numbers tell
    cases = [
        case((7, 7), (3, 3), 2, strided, "equal shapes"),
        case((7, 7), (3, 3), 2, dilated, "equal shapes"),
        case((7, 7), (3, 3), 2, spoiled(strided), "one number is off"),
        case((7, 7), (3, 3), 2, spoiled(dilated), "one number is off"),
        case((7, 7), (3, 3), 2, spoiled(strided, (0, 0)), "one number is off"),
        case((7, 7), (3, 3), 2, spoiled(strided, None, 0.05), "one number is off by 0.05"),
        case((7, 7), (3, 3), 2, spoiled(dilated, None, -0.05), "one number is off by 0.05"),
        case((7, 7), (3, 3), 2, rounded(strided), "off by rounding"),
        case((9, 10), (2, 3), 3, rounded(dilated), "off by rounding"),
        case((9, 10), (2, 3), 3, cropped(strided), "a row and a column are missing"),
        case((9, 10), (2, 3), 3, cropped(dilated), "a row and a column are missing"),
        case((7, 7), (3, 3), 2, exchanged, "two numbers have changed places"),
        case((7, 7), (3, 3), 2, lambda i, k, s: -strided(i, k, s), "the sign is wrong"),
        case((7, 7), (3, 3), 2, taps_and_places, "places and taps strided"),
        case((9, 10), (2, 3), 3, strided, "stride 3"),
        case((9, 10), (2, 3), 3, dilated, "dilation 3"),
        case((5, 6), (2, 3), 1, strided, "s = 1"),
        case((5, 6), (2, 3), 1, spoiled(strided), "s = 1"),
        case((6, 8), (3, 2), 2, dilated, "decimals", floats),
        case((6, 8), (3, 2), 2, strided, "decimals", floats),
        case((8, 8), (2, 2), 2, lambda i, k, s: strided(i, k, 1), "no stride at all"),
        case((7, 7), (3, 3), 2, lambda i, k, s: strided(i, k[::-1, ::-1], s), "another kernel"),
    ]
    return [cases[index] for index in rng.permutation(len(cases))]


WHICH_FORMULA = Exercise(
    id="which_formula",
    lab="05",
    points=2,
    call="which_formula(image, kernel, s, output)",
    shape='"stride", "dilation", "both" or "neither"',
    oracle=oracle,
    model=tell,
    tolerance=EXACT,
    draw=draw,
    hints=(
        "You have a function for each of the two formulas. What do they give for this image, "
        "kernel and s?",
        "Compare the output with both. Mind their shapes: arrays of different shapes are not "
        "equal, and comparing them number by number raises an error.",
        'np.array_equal, or equal shapes and np.allclose. Both equal: "both" (when is that?); '
        'none: "neither".',
    ),
    mistakes=(
        Mistake(
            "exchanged",
            "the two names are exchanged",
            why="Stride moves the kernel, I(n * s + i, ...); dilation spreads it, I(n + i * s, "
            "...).",
            question="Which formula has s beside the place n?",
            knobs={
                "words": {
                    (True, True): "both",
                    (True, False): "dilation",
                    (False, True): "stride",
                    (False, False): "neither",
                }
            },
        ),
        Mistake(
            "shape_only",
            "only the shapes are compared",
            why="A 7 x 7 image under a 3 x 3 kernel gives 3 x 3 outputs by both formulas.",
            question="Can two different outputs have one shape?",
            knobs={"equal": same_shape},
        ),
        Mistake(
            "corner_only",
            "only the first number is compared",
            why="Output (0, 0) of a stride is that of no stride at all, and one number proves "
            "little.",
            question="Does your answer change if another number of the output does?",
            knobs={"equal": same_corner},
        ),
        Mistake(
            "never_neither",
            'it is never "neither"',
            why="What is not a stride need not be a dilation.",
            question="What do you answer if neither formula gives these numbers?",
            knobs={
                "words": {
                    (True, True): "both",
                    (True, False): "stride",
                    (False, True): "dilation",
                    (False, False): "dilation",
                }
            },
        ),
        Mistake(
            "never_neither_else_stride",
            'it is never "neither", but "stride"',
            why="What is not a dilation need not be a stride.",
            question="What do you answer if none of the formulas gives these numbers?",
            knobs={
                "words": {
                    (True, True): "both",
                    (True, False): "stride",
                    (False, True): "dilation",
                    (False, False): "stride",
                }
            },
        ),
        Mistake(
            "two_answers_only",
            'what is not "stride" is "dilation": there are only two answers',
            why='An if and an else give two answers. There are also "both" and "neither".',
            question="What do you answer if both formulas give these numbers?",
            knobs={
                "words": {
                    (True, True): "stride",
                    (True, False): "stride",
                    (False, True): "dilation",
                    (False, False): "dilation",
                }
            },
        ),
        answers.no_rounding_allowed(knobs={"equal": np.array_equal}),
        Mistake(
            "too_tolerant",
            "differences much larger than 0.001 are allowed",
            why="The tolerance is so wide that numbers that clearly differ count as equal.",
            question="How large a difference should you allow?",
            knobs={"equal": lambda a, b: same_numbers(a, b, 0.1)},
            also=tuple(
                lambda *args, atol=atol: tell(*args, equal=lambda a, b: same_numbers(a, b, atol))
                for atol in (0.5, 1.0, 10.0)
            ),
        ),
        Mistake(
            "shapes_not_compared",
            "the shapes are not compared",
            why="Only the part that both have is compared, or NumPy raises an error for arrays of "
            "different shapes.",
            question="Can outputs of different shapes be equal?",
            knobs={"equal": same_crop},
            also=(lambda *args: tell(*args, equal=same_size_or_raise),),
        ),
        Mistake(
            "turned",
            "the kernel is turned by 180 degrees before comparing",
            why="Both formulas are cross-correlations: the kernel is laid on the image as it is.",
            question="Which weight meets the top left pixel?",
            before=lambda image, kernel, s, output: (image, kernel[::-1, ::-1], s, output),
        ),
        Mistake(
            "never_both",
            'it is never "both", but "stride"',
            why="With s = 1 the two formulas are the same.",
            question="What do the two formulas give for s = 1?",
            knobs={
                "words": {
                    (True, True): "stride",
                    (True, False): "stride",
                    (False, True): "dilation",
                    (False, False): "neither",
                }
            },
        ),
        Mistake(
            "never_both_else_dilation",
            'it is never "both", but "dilation"',
            why="With s = 1 both formulas are the same.",
            question="What do both formulas give for s = 1?",
            knobs={
                "words": {
                    (True, True): "dilation",
                    (True, False): "stride",
                    (False, True): "dilation",
                    (False, False): "neither",
                }
            },
        ),
        Mistake(
            "both_and_neither_exchanged",
            '"both" and "neither" are exchanged',
            why="The condition is the wrong way round for these two.",
            question="What do you answer for s = 1?",
            knobs={
                "words": {
                    (True, True): "neither",
                    (True, False): "stride",
                    (False, True): "dilation",
                    (False, False): "both",
                }
            },
        ),
        Mistake(
            "always_stride",
            'it is always "stride"',
            why="Your answer does not depend on the output.",
            question="Where does your code look at `output`?",
            answer=lambda *args: "stride",
        ),
        Mistake(
            "always_dilation",
            'it is always "dilation"',
            why="The answer does not depend on the output.",
            question="Where does your code look at `output`?",
            answer=lambda *args: "dilation",
        ),
        Mistake(
            "s_is_one",
            'with s = 1 it is "both", whatever the output is',
            why="The two formulas agree then, but the output may come from neither.",
            question="Where do you look at `output` if s is 1?",
            after=lambda word, image, kernel, s, output: "both" if s == 1 else word,
        ),
        Mistake(
            "same_sum",
            "only the sums, or the means, are compared",
            why="Numbers that change places keep their sum.",
            question="Can two different outputs have one sum?",
            knobs={"equal": same_sum},
        ),
        Mistake(
            "same_somewhere",
            "one number in common is taken to be enough (any in place of all)",
            why="All numbers have to agree, not some of them.",
            question="What do you answer if all numbers but one are right?",
            knobs={"equal": same_somewhere},
        ),
        Mistake(
            "true_or_false",
            "True or False is returned, not a word",
            why="There are four possible answers.",
            question="Which four words are asked for?",
            after=lambda word, *args: word == "stride",
        ),
    ),
)
