"""training_memory: how many bytes a training step needs, before it runs out of them."""

import math

from labkit.checks.exercise import EXACT, Case, Exercise, Mistake

__all__ = ["TRAINING_MEMORY"]


def memory(
    shapes,
    parameters,
    batch,
    bytes_per_number,
    *,
    maps=2,
    copies=3,
    each=math.prod,
    over=sum,
    images=lambda batch: batch,
    batched_parameters=False,
    unit=lambda size: size,
):
    """training_memory with a knob for each way to get it wrong."""
    activations = over([each(shape) for shape in shapes])
    weights = sum(parameters) * (batch if batched_parameters else 1)
    numbers = maps * images(batch) * activations + copies * weights
    return unit(bytes_per_number) * numbers


def oracle(shapes, parameters, batch, bytes_per_number):
    """Add up the arrays one by one."""
    total = 0
    for height, width, channels in shapes:
        for _ in ("the map", "its gradient"):
            total += batch * height * width * channels * bytes_per_number
    for count in parameters:
        for _ in ("weights", "gradients", "momentum"):
            total += count * bytes_per_number
    return total


def draw(rng):
    def case(layers, batch, size, label=""):
        shapes = [tuple(rng.integers(2, 30, 3).tolist()) for _ in range(layers)]
        parameters = rng.integers(50, 5000, layers).tolist()
        return Case((shapes, parameters, batch, size), label)

    alexnet = [(55, 55, 96), (27, 27, 256), (13, 13, 384), (13, 13, 384), (13, 13, 256)]
    return [
        case(3, int(rng.integers(5, 30)), 4),
        case(2, int(rng.integers(30, 60)), 2, "half precision"),
        case(4, 1, 4, "a batch of one"),
        case(5, int(rng.integers(3, 9)), 8, "double precision"),
        case(1, int(rng.integers(3, 9)), 4, "one layer"),
        Case((alexnet, [34944, 307456, 885120, 663936, 442624], 128, 4), "AlexNet's convolutions"),
    ]


TRAINING_MEMORY = Exercise(
    id="training_memory",
    lab="11",
    points=2,
    call="training_memory(shapes, parameters, batch, bytes_per_number)",
    shape="bytes",
    oracle=oracle,
    model=memory,
    tolerance=EXACT,
    forbidden=("keras",),
    examples=(Case(([(2, 3, 4), (1, 1, 5)], [10, 7], 3, 4)),),
    draw=draw,
    hints=(
        "What grows with the batch: the maps of the layers, or their weights?",
        "Every image needs all maps, and back-propagation a gradient for each of them. Every "
        "weight has a gradient, and momentum keeps one more number for it.",
        "bytes_per_number * (2 * batch * all numbers of all maps + 3 * sum(parameters)).",
    ),
    mistakes=(
        Mistake(
            "batch_left_out",
            "the maps are counted for one image only",
            why="All images of the batch are on their way at the same time.",
            question="What happens to the memory if the batch doubles?",
            knobs={"images": lambda batch: 1},
        ),
        Mistake(
            "batch_times_everything",
            "the parameters are counted once for each image",
            why="All images share the weights.",
            question="How many copies of the weights does a batch of 128 need?",
            knobs={"batched_parameters": True},
        ),
        Mistake(
            "no_map_gradients",
            "the maps' gradients are left out",
            why="Back-propagation computes a gradient for every number of every map.",
            question="What does the backward pass leave behind?",
            knobs={"maps": 1},
        ),
        Mistake(
            "weights_only",
            "of the parameters, only the weights are counted",
            why="There is a gradient for each of them, and momentum keeps a third number.",
            question="What does momentum have to remember?",
            knobs={"copies": 1},
        ),
        Mistake(
            "no_momentum",
            "momentum's numbers are left out",
            why="It remembers a running average of the gradient for each weight.",
            question="What does momentum have to remember?",
            knobs={"copies": 2},
        ),
        Mistake(
            "adam",
            "two numbers are kept for each weight, as Adam does",
            why="Momentum keeps one.",
            question="How many running averages does momentum keep?",
            knobs={"copies": 4},
        ),
        Mistake(
            "forward_only",
            "only maps and weights are counted, as if nothing were trained",
            why="Training needs gradients of both, and what the optimizer remembers.",
            question="What does the backward pass leave behind?",
            answer=lambda *args: memory(*args, maps=1, copies=1),
        ),
        Mistake(
            "largest_map",
            "only the largest map is counted",
            why="Back-propagation needs them all again, so none can be thrown away.",
            question="Which maps does the backward pass look at?",
            knobs={"over": max},
        ),
        Mistake(
            "last_map",
            "only the last map is counted",
            why="The maps before it are kept, too: back-propagation needs them all again.",
            question="Is the first layer's map still needed after the second layer?",
            knobs={"over": lambda sizes: sizes[-1]},
        ),
        Mistake(
            "sides_added",
            "height, width and channels are added, not multiplied",
            why="A map of 2 x 3 x 4 holds 24 numbers.",
            question="How many numbers does a map of 2 x 3 x 4 hold?",
            knobs={"each": sum},
        ),
        Mistake(
            "channels_left_out",
            "a map is counted with one channel only",
            why="Every filter makes a map of its own.",
            question="How many numbers does a map of 2 x 3 x 4 hold?",
            knobs={"each": lambda shape: shape[0] * shape[1]},
        ),
        Mistake(
            "bytes_of_the_maps_only",
            "only the maps are counted in bytes, the parameters in numbers",
            why="A parenthesis is missing: bytes_per_number multiplies both.",
            question="How many bytes does one weight take?",
            answer=lambda shapes, parameters, batch, bytes_per_number: (
                memory(shapes, [], batch, bytes_per_number) + 3 * sum(parameters)
            ),
        ),
        Mistake(
            "maps_three_times",
            "maps are counted three times, as parameters are",
            why="A map has a gradient, but momentum remembers nothing of it.",
            question="What does momentum have to remember?",
            knobs={"maps": 3},
        ),
        Mistake(
            "factors_exchanged",
            "the 2 of the maps and the 3 of the parameters are exchanged",
            why="A map has a gradient; a parameter has a gradient and momentum's number.",
            question="What does momentum have to remember?",
            answer=lambda *args: memory(*args, maps=3, copies=2),
        ),
        Mistake(
            "parameters_left_out",
            "the parameters are left out",
            why="They are few beside the maps, but three numbers for each.",
            question="Where does your code use `parameters`?",
            knobs={"copies": 0},
        ),
        Mistake(
            "numbers",
            "numbers are counted, not bytes",
            why="A float32 takes 4 bytes.",
            question="How many bytes does one number take?",
            knobs={"unit": lambda size: 1},
        ),
        Mistake(
            "bits",
            "bits are counted, not bytes",
            why="bytes_per_number is in bytes already.",
            question="How many bits are a byte, and which of them is asked for?",
            knobs={"unit": lambda size: 8 * size},
        ),
        Mistake(
            "kibibytes",
            "the result is in units of 1,024 bytes",
            why="Asked for are bytes.",
            question="In which unit is your result?",
            after=lambda total, *args: total / 1024,
        ),
        Mistake(
            "mebibytes",
            "the result is in units of 1,048,576 bytes",
            why="Asked for are single bytes; divide when you print.",
            question="In which unit is your result?",
            after=lambda total, *args: total / 2**20,
        ),
        Mistake(
            "gibibytes",
            "the result is in units of 2^30 bytes",
            why="Gigabytes are for reading: the cell below divides by 2**30 itself.",
            question="In which unit is your result?",
            after=lambda total, *args: total / 2**30,
        ),
    ),
)
