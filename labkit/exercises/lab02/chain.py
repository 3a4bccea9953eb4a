"""chain(shape, layers): what becomes of size and depth from layer to layer."""

from labkit.checks.exercise import EXACT, Case, Exercise, Mistake
from labkit.exercises.families import kernels

__all__ = ["CHAIN"]

NAMES = ("rows", "columns", "channels", "weights")


def totals(shape, layers):
    """Go layer by layer with labkit's geometry: the oracle."""
    from labkit import geometry

    spatial, channels, weights = shape[:2], shape[2], 0
    for a, b, filters in layers:
        kernel = (a, b, channels, filters)
        spatial = geometry.output_shape(spatial, kernel[:2])
        weights += a * b * channels * filters
        channels = filters
    return (*spatial, channels, weights)


def chained(
    shape,
    layers,
    *,
    reads="the layer before",
    sizes="the layer before",
    places=lambda size, taps: size - taps + 1,
    count=lambda a, b, channels, filters, rows, columns: a * b * channels * filters,
    gather=lambda total, new: total + new,
    depth=lambda channels, filters: filters,
):
    """chain with a knob for each way to get it wrong."""
    rows, columns, channels = shape
    weights = None
    for a, b, filters in layers:
        if sizes == "the image":
            rows, columns = shape[:2]
        rows, columns = places(rows, a), places(columns, b)
        into = shape[2] if reads == "the image" else channels
        new = count(a, b, into, filters, rows, columns)
        weights = new if weights is None else gather(weights, new)
        channels = depth(channels, filters)
    return rows, columns, channels, weights


def partly_square(side, members):
    """Take the kernel to be square, but only for some `members` of the answer."""

    def count(shape, layers):
        square = [(layer[side[0]], layer[side[1]], layer[2]) for layer in layers]
        right, wrong = chained(shape, layers), chained(shape, square)
        return tuple((wrong if at in members else right)[at] for at in range(4))

    return count


def in_order(answer):
    """Bring a dictionary with the right names into a tuple; leave other values as they are."""
    if isinstance(answer, dict) and set(answer) == set(NAMES):
        return tuple(answer[name] for name in NAMES)
    return answer


def draw(rng):
    def layer(low=2):
        return tuple(rng.integers([low, low, 2], [4, 4, 7]).tolist())

    def image(channels):
        rows, columns = rng.permutation([13, 15, 18])[:2].tolist()
        return rows, columns, channels

    return [
        Case((image(3), [(3, 2, 5)]), "one layer"),
        Case((image(4), [(2, 3, 7), (3, 2, 3)]), "two layers"),
        Case((image(3), [layer(), (1, 3, 6), layer()]), "three layers"),
        Case((image(1), [(2, 4, 4), (3, 2, 2)]), "a gray image"),
        Case((image(3), [(1, 1, 8), (3, 3, 2), (1, 1, 4)]), "kernels of one pixel"),
        Case((image(2), [(3, 3, 2), (2, 2, 2), (3, 3, 3), (2, 4, 5)]), "four layers"),
        Case(((6, 5, 3), [(3, 2, 4), (4, 4, 2)]), "one place is left"),
        Case(((224, 160, 3), [(7, 5, 64), (3, 3, 128), (5, 3, 256)]), "a large image"),
    ]


CHAIN = Exercise(
    id="chain",
    lab="02",
    points=2,
    call="chain(shape, layers)",
    shape="(rows, columns, channels, weights)",
    oracle=totals,
    model=chained,
    read=in_order,
    tolerance=EXACT,
    examples=(Case(((8, 6, 3), [(3, 2, 4), (2, 2, 5)]), "two layers"),),
    draw=draw,
    hints=(
        "Walk through the layers by hand for the example. After the first one, how many rows, "
        "columns and channels are there?",
        "Keep three numbers and a total. A layer changes all of them: rows and columns shrink, the "
        "channels become its filters, and the total grows by the size of its kernel.",
        "For each a, b, filters: weights += a * b * channels * filters, then rows -= a - 1, "
        "columns -= b - 1, and last channels = filters.",
    ),
    mistakes=(
        Mistake(
            "channels_of_the_image",
            "every layer is taken to read the channels of the image",
            why="The second layer reads the output of the first, and that has as many channels as "
            "the first has filters.",
            question="How deep is the input of layer 2?",
            knobs={"reads": "the image"},
        ),
        Mistake(
            "sizes_of_the_image",
            "every layer is taken to read the rows and columns of the image",
            why="The second layer reads the output of the first, and that is smaller.",
            question="How many rows has the input of layer 2?",
            knobs={"sizes": "the image"},
        ),
        kernels.square(
            lambda shape, layers: chained(shape, [(b, b, f) for a, b, f in layers]),
            *(
                partly_square(side, members)
                for side in ((0, 0), (1, 1))
                for members in ((0, 1), (3,))
            ),
            question="Which of a, b and filters does the number of columns depend on?",
            before=lambda shape, layers: (shape, [(a, a, f) for a, b, f in layers]),
        ),
        Mistake(
            "channels_forgotten",
            "the channels are left out of the weights",
            why="A filter has weights of its own for every channel that it reads.",
            question="How many numbers are in one filter of 3 x 3 on a color image?",
            knobs={"count": lambda a, b, channels, filters, rows, columns: a * b * filters},
        ),
        Mistake(
            "filters_forgotten",
            "only one filter of each layer is counted",
            why="Each of the filters has weights of its own.",
            question="How many weights do two filters have, if one has 27?",
            knobs={"count": lambda a, b, channels, filters, rows, columns: a * b * channels},
        ),
        Mistake(
            "weights_at_every_place",
            "every place is counted with weights of its own",
            why="The places share one kernel: that is the constraint of lab 01.",
            question="Does the number of weights depend on the size of the image?",
            knobs={
                "count": lambda a, b, channels, filters, rows, columns: (
                    a * b * channels * filters * rows * columns
                )
            },
        ),
        Mistake(
            "biases_counted",
            "one bias for each filter is counted, too",
            why="Keras would count it, and lab 03 will. This lab's layers have none.",
            question="By how much does your number exceed the sizes of the kernels?",
            knobs={
                "count": lambda a, b, channels, filters, rows, columns: (
                    (a * b * channels + 1) * filters
                )
            },
        ),
        Mistake(
            "sizes_added",
            "a and b are added, not multiplied",
            why="A kernel of a rows and b columns is a table of a * b numbers.",
            question="How many numbers has a table of 2 rows and 3 columns?",
            knobs={
                "count": lambda a, b, channels, filters, rows, columns: (a + b) * channels * filters
            },
        ),
        Mistake(
            "weights_multiplied",
            "the weights of the layers are multiplied, not added",
            why="Each layer stores its own kernel; what is stored adds up.",
            question="How many numbers are in two boxes of 10 and 20?",
            knobs={"gather": lambda total, new: total * new},
        ),
        Mistake(
            "last_layer_only",
            "only the weights of the last layer are counted (= instead of +=)",
            why="Each layer's number replaces the one before it.",
            question="Does your line add to the total, or overwrite it?",
            knobs={"gather": lambda total, new: new},
        ),
        Mistake(
            "first_layer_only",
            "only the weights of the first layer are counted",
            why="The total stops growing after the first layer.",
            question="How many layers have weights?",
            knobs={"gather": lambda total, new: total},
        ),
        Mistake(
            "size_kept",
            "rows and columns stay what they are",
            why="The slide keeps N and M from layer to layer, which needs zeros around the image "
            "(lab 04). Here each kernel costs rows and columns.",
            question="In how many places does a 3 x 2 kernel fit into 8 x 6 pixels?",
            knobs={"places": lambda size, taps: size},
        ),
        Mistake(
            "one_short",
            "each layer loses one row and one column too many (N - A instead of N - A + 1)",
            why="The kernel fits once more than that, in each layer.",
            question="In how many places does a kernel of 3 rows fit into 3 rows?",
            knobs={"places": lambda size, taps: size - taps},
        ),
        Mistake(
            "shrinks_by_both_edges",
            "each layer loses A // 2 rows at only one edge",
            why="Half a kernel is lost at the top and half at the bottom: A - 1 in all.",
            question="In how many places does a kernel of 3 rows fit into 3 rows?",
            knobs={"places": lambda size, taps: size - taps // 2},
        ),
        Mistake(
            "kernel_sizes_exchanged",
            "the kernels' rows and columns are exchanged",
            why="a goes with the rows of the image, b with its columns.",
            question="Does a kernel of 3 rows and 1 column cost rows, or columns?",
            before=lambda shape, layers: (shape, [(b, a, f) for a, b, f in layers]),
        ),
        Mistake(
            "image_sizes_exchanged",
            "rows and columns of the image are exchanged",
            why="The shape is (rows, columns, channels).",
            question="What is shape[0]?",
            before=lambda shape, layers: ((shape[1], shape[0], shape[2]), layers),
        ),
        Mistake(
            "channels_multiply",
            "the channels multiply from layer to layer",
            why="A filter sums over all channels that it reads, so F filters give F channels, "
            "not F for each channel.",
            question="How many maps does one filter make of a color image?",
            knobs={"depth": lambda channels, filters: channels * filters},
        ),
        Mistake(
            "channels_pile_up",
            "the filters are added to the channels that were there",
            why="A layer's output replaces its input; the old channels do not pass through.",
            question="How many maps does one filter make of a color image?",
            knobs={"depth": lambda channels, filters: channels + filters},
        ),
        Mistake(
            "channels_updated_early",
            "each layer is taken to read as many channels as it has filters",
            why="The number of channels was replaced before the weights were counted.",
            question="How deep is the image that the first layer reads?",
            knobs={
                "count": lambda a, b, channels, filters, rows, columns: a * b * filters * filters
            },
        ),
        Mistake(
            "channels_kept",
            "the channels stay those of the image",
            why="After a layer there is one channel for each of its filters.",
            question="How many maps do 5 filters make?",
            knobs={"depth": lambda channels, filters: channels},
        ),
    ),
)
