"""layer_counts: weights and connections of a convolution, as LeCun et al. (1998) count them."""

from labkit.checks.exercise import EXACT, Case, Exercise, Mistake
from labkit.exercises.families import answers, kernels, places
from labkit.geometry import output_shape

__all__ = ["LAYER_COUNTS"]


def counts(
    height,
    width,
    channels,
    maps,
    kernel,
    *,
    place=lambda size, kernel: size - kernel + 1,
    taps=lambda kernel: kernel * kernel,
    reads=lambda channels: channels,
    bias=1,
    biases="map",
    connected="outputs",
):
    """layer_counts with a knob for each way to get it wrong."""
    fan_in = taps(kernel) * reads(channels)
    places = place(height, kernel) * (
        place(height, kernel) if connected == "square" else place(width, kernel)
    )
    shared = {"map": maps, "layer": 1, "channel": maps * channels}[biases] * bias
    read = {
        "outputs": places,
        "square": places,
        "inputs": height * width,
        "one map": places,
        "once": 1,
    }[connected]
    times = 1 if connected == "one map" else maps
    return maps * fan_in + shared, times * read * (fan_in + bias)


def oracle(height, width, channels, maps, kernel):
    """Count unit by unit: each joins its receptive field and one bias."""
    rows, columns = output_shape((height, width), (kernel, kernel))
    unit = sum(1 for _ in range(kernel) for _ in range(kernel) for _ in range(channels)) + 1
    return sum(unit for _ in range(maps)), sum(unit * columns for _ in range(rows)) * maps


def by_parameters(parameters, height, width, channels, maps, kernel):
    """Count every parameter once at every place."""
    return parameters, parameters * (height - kernel + 1) * (width - kernel + 1)


def draw(rng):
    size, kernel, maps, channels = (int(n) for n in rng.integers([9, 2, 4, 2], [20, 6, 12, 7]))
    return [
        Case((size, size + 5, channels, maps, kernel)),
        Case((size + 4, size, channels, maps + 1, kernel + 1), "higher than wide"),
        Case((size, size + 3, 1, maps, 3), "one channel"),
        Case((size, size + 2, channels, 1, 5), "one map"),
        Case((size, size + 1, channels, maps, 1), "a 1 x 1 kernel"),
        Case((kernel, kernel + 2, channels, maps, kernel), "a map of one row"),
        Case((32, 32, 1, 6, 5), "LeNet-5's C1"),
        Case((5, 5, 16, 120, 5), "LeNet-5's C5"),
    ]


LAYER_COUNTS = Exercise(
    id="layer_counts",
    lab="09",
    points=2,
    call="layer_counts(height, width, channels, maps, kernel)",
    shape="(parameters, connections)",
    oracle=oracle,
    model=counts,
    tolerance=EXACT,
    forbidden=("labkit.geometry", "labkit.matrix", "labkit.layers", "keras"),
    examples=(Case((4, 5, 2, 3, 2)),),
    draw=draw,
    hints=(
        "How many numbers does one unit of a map read, and what else is added? That many "
        "connections it has.",
        "All units of a map share their weights and their bias, so a map stores what one unit "
        "needs. How many units does it have?",
        "unit = kernel * kernel * channels + 1; the parameters are maps * unit, the connections "
        "maps * unit * (height - kernel + 1) * (width - kernel + 1).",
    ),
    mistakes=(
        Mistake(
            "no_bias",
            "the biases are left out",
            why="C1 has 6 maps of 5 * 5 weights and a bias each: 156, not 150.",
            question="What is added to the weighted sum?",
            knobs={"bias": 0},
        ),
        Mistake(
            "bias_not_connected",
            "the bias is a parameter, but not counted as a connection",
            why="The paper counts it: each unit of C1 has 25 connections and one to its bias.",
            question="122,304 is 784 units times 6 maps times which number?",
            answer=lambda *sizes: (counts(*sizes)[0], counts(*sizes, bias=0)[1]),
        ),
        Mistake(
            "one_bias",
            "one bias is counted for all maps",
            why="Each map has its own.",
            question="How many biases has a layer of 6 maps?",
            knobs={"biases": "layer"},
            also=(
                lambda *sizes: by_parameters(counts(*sizes, biases="layer")[0], *sizes),
                lambda *sizes: (counts(*sizes, biases="layer")[0], counts(*sizes, bias=0)[1]),
            ),
        ),
        Mistake(
            "bias_per_channel",
            "a bias is counted for every channel that a map reads",
            why="The channels are added up first, and then one bias is added.",
            question="How many biases are in one weighted sum?",
            knobs={"biases": "channel"},
            also=(lambda *sizes: by_parameters(counts(*sizes, biases="channel")[0], *sizes),),
        ),
        Mistake(
            "channels_left_out",
            "a map is taken to read one channel only",
            why="Every map has a kernel for each of the channels.",
            question="How many numbers does one unit read?",
            knobs={"reads": lambda channels: 1},
        ),
        kernels.one_side_only(
            why="A 5 x 5 kernel has 25 weights.", knobs={"taps": lambda kernel: kernel}
        ),
        Mistake(
            "one_place_short",
            "the + 1 is missing: each map is one row and one column too small",
            why="A 5 x 5 kernel has 28 places along 32 pixels.",
            question="How many places are there if the kernel is as large as the image?",
            knobs={"place": lambda size, kernel: size - kernel},
        ),
        Mistake(
            "padded",
            "the maps are taken to be as large as the image",
            why="LeNet-5 pads nothing: its input is 32 x 32 so that C1 has 28 x 28.",
            question="How large is C1 if the input is 32 x 32?",
            knobs={"connected": "inputs"},
        ),
        places.square_output(
            lambda height, width, *rest: (
                counts(height, width, *rest)[0],
                counts(width, width, *rest)[1],
            ),
            knobs={"connected": "square"},
        ),
        Mistake(
            "one_map",
            "the connections are those of a single map",
            why="Each of the maps has as many.",
            question="Does your number of connections depend on the number of maps?",
            knobs={"connected": "one map"},
        ),
        Mistake(
            "once",
            "the connections are not multiplied by the number of units",
            why="The weights are shared: stored once, but joined to every unit of the map.",
            question="How often is one weight used?",
            knobs={"connected": "once"},
        ),
        Mistake(
            "not_shared",
            "every unit is given weights of its own",
            why="All units of a map share them: that is what makes it a convolution.",
            question="How many weights does C1 store, and how often is each of them used?",
            answer=lambda *sizes: (counts(*sizes)[1],) * 2,
        ),
        answers.results_exchanged(),
    ),
)
