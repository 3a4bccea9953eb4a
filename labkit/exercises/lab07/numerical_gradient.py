"""numerical_gradient(f, x, h): the judge of every gradient written by hand."""

import numpy as np

from labkit.adapters import lab07
from labkit.checks.exercise import Case, Exercise, Mistake, Tolerance
from labkit.exercises.families import arrays
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.lab07.automatic import AUTOMATIC

__all__ = ["NUMERICAL_GRADIENT"]

#: the central differences of the functions in labkit.adapters.lab07, to the last digit
DIFFERENCES = {
    "cubes": lambda x, h: lab07.weights(x) * (3 * x**2 + h**2),
    "products": lambda x, h: (
        np.roll(np.ravel(x), 1) ** 2 + 2 * np.ravel(x) * np.roll(np.ravel(x), -1)
    ).reshape(x.shape),
    "waves": lambda x, h: np.cos(lab07.weights(x) * x) * np.sin(lab07.weights(x) * h) / h,
    "line": lambda x, h: lab07.weights(x),
}


def differences(
    name,
    x,
    h,
    *,
    sides=(1, -1),
    over=lambda h: 2 * h,
    dtype=float,
    left=0,
    moved=lambda point, place, step: point.__setitem__(place, point[place] + step),
    step=lambda h: h,
):
    """numerical_gradient with a knob for each way to get it wrong."""
    f = lab07.FUNCTIONS[name]
    point = np.array(x, dtype)
    gradient = np.zeros(point.shape)
    for place in np.ndindex(point.shape):
        values = []
        for side in sides:
            there = point.copy()
            if side:
                moved(there, place, side * step(h))
            values.append(f(there))
        if left:
            moved(point, place, left * step(h))
        gradient[place] = (values[0] - values[1]) / over(h)
    return gradient


def oracle(name, x, h):
    return DIFFERENCES[name](np.asarray(x, float), h)


def one_for_all(name, x, h, dtype=float):
    f, x = lab07.FUNCTIONS[name], np.asarray(x, dtype)
    return np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h))


def draw(rng):
    h = 2.0**-13  # about 1e-4, and exact
    small = floats(rng, 2, 3) / 8
    return [
        Case(("cubes", floats(rng, 5), h)),
        Case(("cubes", integers(rng, 4), h), "integers"),
        Case(("products", floats(rng, 2, 3), h), "a table"),
        Case(("waves", small, h), "a table"),
        Case(("waves", floats(rng, 4) / 4, h / 4), "a smaller step"),
        Case(("line", floats(rng, 2, 2, 2), h), "three axes"),
        # no short binary fractions: float32 has to round them
        Case(("cubes", float32(rng, 3) * np.float32(0.3), h), "float32"),
        Case(("cubes", floats(rng, 3), 0.25), "a large step"),
        Case(("waves", floats(rng, 2, 2) / 4, 0.125), "a large step"),
    ]


NUMERICAL_GRADIENT = Exercise(
    id="numerical_gradient",
    lab="07",
    points=2,
    call="numerical_gradient(f, x, h)",
    shape="the shape of x",
    oracle=oracle,
    model=differences,
    use=lab07.numerical_gradient,
    forbidden=AUTOMATIC,
    tolerance=Tolerance(
        1e-6,
        "the difference of two nearly equal values keeps some 10 of float64's 16 digits; a "
        "one-sided one is off by some h",
    ),
    examples=(
        Case(("cubes", np.array([1.0, 2.0]), 2.0**-13)),
        Case(("cubes", np.array([2.0]), 0.1)),
    ),
    draw=draw,
    hints=(
        "What is the slope of f along x[0]? You may ask f for its value anywhere.",
        "Go h to either side of one number, and leave all others as they are. The slope is the "
        "difference of the two values over the distance between the two points.",
        "For each place: plus = x.astype(float), plus[place] += h; minus likewise with -h; then "
        "(f(plus) - f(minus)) / (2 * h). Make copies, or put the number back.",
    ),
    mistakes=(
        Mistake(
            "forward",
            "the difference is one-sided: f(x + h) - f(x)",
            why="Its error is of the size of h; that of the central difference is of the size of "
            "h * h: four more correct digits for the same h.",
            question="Of which parabola is (f(x + h) - f(x - h)) / 2h the exact slope?",
            knobs={"sides": (1, 0), "over": lambda h: h},
        ),
        Mistake(
            "backward",
            "the difference is one-sided: f(x) - f(x - h)",
            why="Its error is of the size of h, that of the central one of the size of h * h.",
            question="On how many sides of x do you look?",
            knobs={"sides": (0, -1), "over": lambda h: h},
        ),
        Mistake(
            "over_h",
            "the central difference is divided by h, not by 2 * h",
            why="The two points are 2 * h apart.",
            question="How far is it from x - h to x + h?",
            knobs={"over": lambda h: h},
        ),
        Mistake(
            "one_sided_over_2h",
            "the one-sided difference is divided by 2 * h",
            why="x and x + h are only h apart.",
            question="How far apart are your two points?",
            knobs={"sides": (1, 0)},
        ),
        Mistake(
            "not_divided",
            "the difference is not divided by the distance",
            why="A slope is a change divided by a distance.",
            question="What is the slope of f(x) = x?",
            knobs={"over": lambda h: 1.0},
        ),
        Mistake(
            "not_put_back",
            "the number is not put back before the next one is moved",
            why="Each slope is then taken at another point.",
            question="What is x when the second number is moved?",
            knobs={"left": 1},
            also=(lambda *args: differences(*args, left=-1),),
        ),
        Mistake(
            "all_at_once",
            "all numbers are moved at once",
            why="That gives one slope, along the diagonal, for all of them.",
            question="Which numbers move when you ask for the slope along x[0]?",
            answer=one_for_all,
            also=(lambda *args: one_for_all(*args, dtype=None),),
        ),
        Mistake(
            "integers",
            "for integers, the step is lost",
            why="Adding h to an array of integers rounds it away, and the difference is 0. Make "
            "the copy float64.",
            question="What is np.array([3]) after a[0] += 0.0001?",
            answer=lambda name, x, h: differences(name, x, h, dtype=np.asarray(x).dtype),
        ),
        Mistake(
            "single_precision",
            "the work is done in float32",
            why="It has 7 digits, and the difference of two nearly equal values keeps three or "
            "four of them. Check gradients in float64.",
            question="How many digits of f(x + h) - f(x - h) are left?",
            knobs={"dtype": np.float32},
            also=(lambda name, x, h: differences(name, x, h, dtype=np.result_type(x, np.float32)),),
        ),
        Mistake(
            "own_step",
            "the step is your own, not h",
            why="h is given. Who asks for a large step wants to see what it costs.",
            question="Where does your code use h?",
            knobs={"step": lambda h: 2.0**-13, "over": lambda h: 2 * 2.0**-13},
        ),
        arrays.dtype_of_x(after=lambda gradient, name, x, h: gradient.astype(x.dtype)),
        Mistake(
            "wrong_sign",
            "the sign is wrong",
            why="f(x + h) comes first.",
            question="What is the slope of a function that grows?",
            knobs={"sides": (-1, 1)},
        ),
        Mistake(
            "flattened",
            "the gradient comes back as one row",
            why="It has the shape of x: a slope for each number, at its place.",
            question="Which shape has x?",
            after=lambda gradient, *args: gradient.ravel(),
        ),
        Mistake(
            "total",
            "the slopes are added up",
            why="A gradient has a slope for each number.",
            question="How many slopes has a function of six numbers?",
            after=lambda gradient, *args: gradient.sum(),
        ),
    ),
)
