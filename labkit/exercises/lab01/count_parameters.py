"""count_parameters(height, width, a, b): what the two constraints save."""

from labkit.checks.exercise import EXACT, Case, Exercise, Mistake
from labkit.exercises.families import answers
from labkit.matrix import weight_counts

__all__ = ["COUNT_PARAMETERS"]

NAMES = ("dense", "local", "convolutional")


def counts(height, width, a, b, *, places=lambda size, taps: size - taps + 1, sizes="a, b"):
    """count_parameters with a knob for each way to get the number of outputs wrong."""
    if sizes == "b, a":
        outputs = places(height, b) * places(width, a)
    else:
        outputs = places(height, a) * places(width, b)
    return height * width * outputs, outputs * a * b, a * b


def in_order(answer):
    """Bring a dictionary with the right names into a tuple; leave other values as they are."""
    if isinstance(answer, dict) and set(answer) == set(NAMES):
        return tuple(answer[name] for name in NAMES)
    return answer


def draw(rng):
    cases = [
        Case((*rng.integers([5, 8], [8, 12]).tolist(), *rng.integers([2, 4], [4, 6]).tolist())),
        Case((*rng.integers([9, 4], [12, 7]).tolist(), *rng.integers([4, 2], [6, 4]).tolist())),
    ]
    size, taps = (int(number) for number in rng.integers([6, 2], [12, 5]))
    return [
        *cases,
        Case((size, size, taps, taps), "a square image and a square kernel"),
        Case((size, size + 3, 1, 1), "a kernel of one weight"),
        Case((size, size + 2, size, size + 2), "a kernel as large as the image"),
        Case((size + 1, 3, taps, 1), "a kernel of one column"),
        Case((24, 40, 5, 7), "a large image"),
    ]


COUNT_PARAMETERS = Exercise(
    id="count_parameters",
    lab="01",
    points=1,
    call="count_parameters(height, width, a, b)",
    shape="(dense, local, convolutional)",
    oracle=lambda height, width, a, b: tuple(weight_counts((height, width), (a, b))),
    model=counts,
    read=in_order,
    tolerance=EXACT,
    examples=(Case((4, 5, 2, 3)),),
    draw=draw,
    hints=(
        "Count by hand first, for a 4 x 5 image and a 2 x 3 kernel. How many inputs are there, "
        "how many outputs, and how many inputs does each output read?",
        "Dense: every input to every output. Local: every output has weights for its own receptive "
        "field. Convolutional: one set of weights for all outputs.",
        "There are (height - a + 1) * (width - b + 1) outputs. Dense is inputs times outputs, "
        "local is outputs times a * b.",
    ),
    mistakes=(
        Mistake(
            "one_place_short",
            "the outputs are counted as (height - a) * (width - b)",
            why="The kernel fits once more in each direction.",
            question="How many outputs are there if the kernel is as large as the image?",
            knobs={"places": lambda size, taps: size - taps},
        ),
        Mistake(
            "as_many_outputs_as_inputs",
            "there is taken to be an output for every pixel",
            why="That would be so with zeros added around the image. Here the kernel stays inside.",
            question="How many outputs has a 2 x 3 kernel on a 4 x 5 image?",
            knobs={"places": lambda size, taps: size},
        ),
        Mistake(
            "kernel_sizes_exchanged",
            "the kernel's height and width are exchanged",
            why="A kernel of a rows costs height, one of b columns costs width.",
            question="Which size of the image does a belong to?",
            knobs={"sizes": "b, a"},
        ),
        Mistake(
            "with_bias",
            "biases are counted as well",
            why="The question is about the weights only. A bias would be one more for each output, "
            "or one in all if it is shared.",
            question="What is a weight, and what is a bias?",
            after=lambda answer, height, width, a, b: (
                answer[0] + answer[1] // answer[2],
                answer[1] + answer[1] // answer[2],
                answer[2] + 1,
            ),
        ),
        Mistake(
            "one_bias_each",
            "one is added to every count, as for a bias",
            why="The question is about the weights only.",
            question="What is a weight, and what is a bias?",
            after=lambda answer, *sizes: tuple(count + 1 for count in answer),
        ),
        Mistake(
            "shared_bias",
            "a bias is counted with the kernel",
            why="The kernel's weights are counted; its bias is one number more.",
            question="What is a weight, and what is a bias?",
            after=lambda answer, *sizes: (*answer[:2], answer[2] + 1),
        ),
        Mistake(
            "side_by_side",
            "the outputs are counted as if the kernels lay side by side",
            why="height // a counts places that do not overlap. The kernel moves by one pixel.",
            question="In how many places does a kernel of 2 numbers fit into 4?",
            knobs={"places": lambda size, taps: size // taps},
        ),
        Mistake(
            "full",
            "every place that touches the image is counted",
            why="+ stands where - belongs: a larger kernel has fewer places, not more.",
            question="How many outputs are there if the kernel is as large as the image?",
            knobs={"places": lambda size, taps: size + taps - 1},
        ),
        Mistake(
            "local_outputs",
            "the local layer's outputs are counted, not its weights",
            why="Each output has a * b weights of its own.",
            question="How many weights does one output of a local layer have?",
            after=lambda answer, *sizes: (answer[0], answer[1] // answer[2], answer[2]),
        ),
        Mistake(
            "order_reversed",
            "the three counts are in reverse order",
            why="Asked for is (dense, local, convolutional), the largest first.",
            question="Which of the three has the most weights?",
            after=lambda answer, *sizes: answer[::-1],
        ),
        Mistake(
            "local_and_shared_exchanged",
            "local and convolutional are exchanged",
            why="Asked for is (dense, local, convolutional): sharing makes it fewer.",
            question="Which has fewer weights, a local layer or a convolutional one?",
            after=lambda answer, *sizes: (answer[0], answer[2], answer[1]),
        ),
        Mistake(
            "multiplications",
            "for the convolution, multiplications are counted instead of weights",
            why="Each weight is used at every place, but it is stored once.",
            question="How many different numbers does the kernel hold?",
            after=lambda answer, *sizes: (answer[0], answer[1], answer[1]),
        ),
        Mistake(
            "local_per_pixel",
            "the local layer's weights are counted per pixel, not per output",
            why="Each output has a * b weights of its own, and there are fewer outputs "
            "than pixels.",
            question="How many outputs are there?",
            after=lambda answer, height, width, a, b: (
                answer[0],
                height * width * a * b,
                answer[2],
            ),
        ),
        Mistake(
            "dense_inputs_only",
            "the dense layer's weights are counted for one output only",
            why="height * width weights belong to each output.",
            question="How many outputs are there?",
            after=lambda answer, height, width, a, b: (height * width, *answer[1:]),
        ),
        Mistake(
            "dense_sum",
            "the dense layer's inputs and outputs are added, not multiplied",
            why="Every input is joined to every output.",
            question="How many edges are there between 3 inputs and 4 outputs?",
            after=lambda answer, height, width, a, b: (
                height * width + answer[1] // answer[2],
                *answer[1:],
            ),
        ),
        Mistake(
            "dense_per_pixel",
            "the dense layer is taken to have an output for every pixel",
            why="All three layers have the same outputs, and those are fewer than the pixels.",
            question="How many outputs has the dense layer in the drawing of part 4?",
            after=lambda answer, height, width, a, b: ((height * width) ** 2, *answer[1:]),
        ),
        answers.numbers_of_a_kernel_added(
            after=lambda answer, height, width, a, b: (*answer[:2], a + b)
        ),
    ),
)
