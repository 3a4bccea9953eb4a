"""MyConv2D: a Keras layer of one's own, put to the layer contract."""

import numpy as np

from labkit.adapters import lab08
from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import kernels
from labkit.exercises.inputs import floats
from labkit.reference import cross_correlate

__all__ = ["KERAS_LAYER"]

ACTIVATIONS = {
    None: lambda y: y,
    "relu": lambda y: np.maximum(y, 0),
    "tanh": np.tanh,
}
USUAL = {"strides": (1, 1), "padding": "valid", "activation": None, "use_bias": True}


def pad(x, size, strides, how):
    widths = [(0, 0)]
    for n, a, s in zip(x.shape[1:3], size, strides, strict=True):
        total = max((-(-n // s) - 1) * s + a - n, 0)
        ways = {
            "same": (total // 2, total - total // 2),
            "extra before": (total - total // 2, total // 2),
            "half": ((a - 1) // 2, a // 2),
            "half each": (a // 2, a // 2),
            "valid": (0, 0),
        }
        widths.append(ways[how])
    return np.pad(x, [*widths, (0, 0)])


def compute(x, kernel, bias, settings, *, same, strides, turn, bias_too, bias_last, activate):
    """The outputs; the knobs are those of `contract`."""
    x, kernel = np.asarray(x, float), np.asarray(kernel, float)
    kernel = kernel[::-1, ::-1] if turn else kernel
    s = strides(settings["strides"])
    x = pad(x, kernel.shape[:2], s, same if settings["padding"] == "same" else "valid")
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))
    y = np.tensordot(windows[:, :: s[0], :: s[1]], kernel, ((4, 5, 3), (0, 1, 2)))
    b = bias if settings["use_bias"] and bias_too else 0
    bend = ACTIVATIONS[settings["activation"] if activate else None]
    return bend(y) + b if bias_last else bend(y + b)


def contract(
    x,
    kernel,
    bias,
    settings,
    *,
    same="same",
    strides=lambda strides: strides,
    turn=False,
    bias_too=True,
    bias_last=False,
    activate=True,
    shapes=lambda shapes, settings: shapes,
    forgets=(),
    shape=lambda shape, settings, x: shape,
):
    """The layer and its contract, with a knob for each way to get it wrong."""
    weights = [list(kernel.shape), *([list(bias.shape)] if settings["use_bias"] else [])]
    given = shapes(weights, settings)
    found = {"weights": given, "outputs": np.zeros(0), "shape": [], "again": np.zeros(0)}
    if given != weights:
        return found

    def run(settings):
        return compute(
            x,
            kernel,
            bias,
            settings,
            same=same,
            strides=strides,
            turn=turn,
            bias_too=bias_too,
            bias_last=bias_last,
            activate=activate,
        )

    outputs, kept = run(settings), {name: USUAL.get(name) for name in forgets}
    fits = "filters" not in kept and (settings | kept)["use_bias"] == settings["use_bias"]
    again = run(settings | kept) if fits else np.zeros(0)
    said = shape(list(outputs.shape[1:]), settings, x)
    return found | {"outputs": outputs, "again": again, "shape": said}


def oracle(x, kernel, bias, settings):
    y = cross_correlate(
        np.asarray(x, float),
        np.asarray(kernel, float),
        bias if settings["use_bias"] else None,
        strides=settings["strides"],
        padding=settings["padding"],
    )
    y = ACTIVATIONS[settings["activation"]](y)
    shapes = [list(w.shape) for w in ([kernel, bias] if settings["use_bias"] else [kernel])]
    return {"weights": shapes, "outputs": y, "shape": list(y.shape[1:]), "again": y}


def draw(rng):
    def case(shape, size, maps, label="", **settings):
        channels, filters = maps

        def small(*sizes):
            values = floats(rng, *sizes)
            return (values / (2 * np.abs(values).max())).astype("float32")

        chosen = USUAL | settings | {"filters": filters, "kernel_size": size}
        return Case(
            (small(2, *shape, channels), small(*size, channels, filters), small(filters), chosen),
            label,
        )

    return [
        case((5, 6), (2, 3), (2, 3), "plain"),
        case((6, 5), (3, 2), (1, 2), "relu", activation="relu"),
        case((5, 7), (3, 3), (2, 2), "strides", strides=(2, 2)),
        case((6, 7), (2, 3), (3, 4), "no bias", use_bias=False),
        case((4, 5), (2, 3), (2, 3), "same", padding="same"),  # an odd number of zeros
        case(
            (6, 8), (3, 3), (2, 2), "everything", strides=(2, 2), padding="same", activation="tanh"
        ),
        case((7, 6), (2, 2), (2, 1), "everything", strides=(2, 1), activation="relu"),
    ]


KERAS_LAYER = Exercise(
    id="keras_layer",
    lab="08",
    points=4,
    call="MyConv2D(filters, kernel_size, strides, padding, activation, use_bias)",
    shape="(batch, rows, columns, filters)",
    oracle=oracle,
    model=contract,
    use=lab08.keras_layer,
    draw=draw,
    seconds=8.0,
    hints=(
        "Three methods: __init__ keeps the settings, build makes the weights once the number of "
        "channels is known, call computes. Which shape has the kernel, and which the bias?",
        "self.add_weight(shape=(*kernel_size, channels, filters), name=...) in build, and the bias "
        "after it if use_bias is set. In call: patches times kernel, plus bias, then the "
        "activation.",
        "get_config returns super().get_config() | {every argument of __init__}; without that, a "
        "saved layer comes back with its defaults. padding='same': the zeros that same_padding of "
        "lab 04 says, the extra one after.",
    ),
    mistakes=(
        kernels.turned(
            why="Keras's layer is a cross-correlation; with its weights, yours should be as well.",
            knobs={"turn": True},
        ),
        Mistake(
            "bias_forgotten",
            "the bias is made, and not added",
            why="It is among the weights, and call does not use it.",
            question="Where does call use the bias?",
            knobs={"bias_too": False},
        ),
        Mistake(
            "bias_after_the_activation",
            "the bias is added after the activation",
            why="The bias moves the place where the activation bends, so it comes first.",
            question="What comes out of a ReLU layer with a negative bias, at least?",
            knobs={"bias_last": True},
        ),
        Mistake(
            "activation_forgotten",
            "the activation is not applied",
            why="It is kept in __init__, and call ends before it.",
            question="Where does call use the activation?",
            knobs={"activate": False},
        ),
        Mistake(
            "use_bias_ignored",
            "there is a bias even when use_bias is False",
            why="Then the layer has a weight too many, and no saved one fits.",
            question="How many weights has the layer with use_bias=False?",
            knobs={
                "shapes": lambda shapes, settings: (
                    shapes if settings["use_bias"] else [*shapes, [settings["filters"]]]
                )
            },
        ),
        Mistake(
            "no_bias_at_all",
            "there is no bias, whatever use_bias says",
            why="The layer should have a second weight, of shape (filters,).",
            question="How many weights has the layer with use_bias=True?",
            knobs={"shapes": lambda shapes, settings: shapes[:1]},
        ),
        Mistake(
            "filters_first",
            "the kernel's axes are in another order: filters first",
            why="That is PyTorch's order. Keras's is (*kernel_size, channels, filters).",
            question="Which shape has keras.layers.Conv2D's kernel?",
            knobs={
                "shapes": lambda shapes, settings: [
                    [shapes[0][3], shapes[0][2], *shapes[0][:2]],
                    *shapes[1:],
                ]
            },
        ),
        Mistake(
            "bias_first",
            "the bias comes before the kernel among the weights",
            why="Keras lists weights in the order in which they are made: kernel, then bias.",
            question="Which weight does build make first?",
            knobs={"shapes": lambda shapes, settings: shapes[::-1]},
        ),
        Mistake(
            "strides_ignored",
            "the strides are ignored",
            why="They are kept in __init__, and call does not use them.",
            question="Where does call use the strides?",
            knobs={"strides": lambda strides: (1, 1)},
        ),
        Mistake(
            "one_stride",
            "both directions move by the first stride",
            why="strides is a pair: rows and columns may differ.",
            question="By how many columns does strides=(2, 1) move?",
            knobs={"strides": lambda strides: (strides[0], strides[0])},
        ),
        Mistake(
            "padding_ignored",
            'padding="same" is ignored',
            why="No zeros are added.",
            question="Which shape should the output have with padding='same' and stride 1?",
            knobs={"same": "valid"},
        ),
        Mistake(
            "symmetric_same",
            'padding="same" adds as many zeros on both sides, whatever the stride',
            why="TensorFlow adds what is needed, and the extra zero after (lab 04).",
            question="How many zeros are needed for 6 rows, a kernel of 3 and stride 2?",
            knobs={"same": "half"},
            also=(lambda *args: contract(*args, same="half each"),),
        ),
        Mistake(
            "extra_before",
            'padding="same" adds the extra zero before the image',
            why="If the number of zeros is odd, TensorFlow adds the extra one after (lab 04).",
            question="On which side does the extra zero stand?",
            knobs={"same": "extra before"},
        ),
        Mistake(
            "config_without_strides",
            "get_config forgets the strides",
            why="A layer that is saved and loaded comes back with stride 1, and nobody is told.",
            question="What does from_config(get_config()) know of the strides?",
            knobs={"forgets": ("strides",)},
        ),
        Mistake(
            "config_without_padding",
            "get_config forgets the padding",
            why="A layer that is saved and loaded comes back without padding.",
            question="What does from_config(get_config()) know of the padding?",
            knobs={"forgets": ("padding",)},
        ),
        Mistake(
            "config_without_activation",
            "get_config forgets the activation",
            why="A layer that is saved and loaded comes back linear.",
            question="What does from_config(get_config()) know of the activation?",
            knobs={"forgets": ("activation",)},
        ),
        Mistake(
            "config_without_use_bias",
            "get_config forgets use_bias",
            why="A layer without bias that is saved and loaded comes back with one, and no saved "
            "weights fit.",
            question="What does from_config(get_config()) know of use_bias?",
            knobs={"forgets": ("use_bias",)},
        ),
        Mistake(
            "config_incomplete",
            "get_config lacks what __init__ cannot do without",
            why="From such a config no layer can be made: filters and kernel_size have no "
            "defaults.",
            question="Which arguments of __init__ are in your config?",
            knobs={"forgets": ("filters", "kernel_size")},
        ),
        Mistake(
            "config_of_three",
            "get_config keeps filters, kernel size and bias only",
            why="Everything that __init__ takes has to be in it.",
            question="Which arguments of __init__ are in your config?",
            knobs={"forgets": ("strides", "padding", "activation")},
            also=(
                lambda *args: contract(
                    *args, forgets=("strides", "padding", "activation", "use_bias")
                ),
            ),
        ),
        Mistake(
            "shape_keeps_channels",
            "compute_output_shape says the input's channels, not the filters",
            why="The last axis of the output has an entry for each filter.",
            question="How many channels come out?",
            knobs={"shape": lambda shape, settings, x: [*shape[:2], x.shape[3]]},
        ),
        Mistake(
            "shape_as_valid",
            "compute_output_shape leaves the padding out",
            why='With padding="same", n rows become n / stride, rounded up.',
            question="How many rows come out?",
            knobs={
                "shape": lambda shape, settings, x: [
                    *(
                        (n - a) // s + 1
                        for n, a, s in zip(
                            x.shape[1:3], settings["kernel_size"], settings["strides"], strict=True
                        )
                    ),
                    shape[2],
                ]
            },
        ),
        Mistake(
            "shape_without_strides",
            "compute_output_shape leaves the strides out",
            why="With a stride of 2 there are half as many rows and columns.",
            question="How many rows come out?",
            knobs={
                "shape": lambda shape, settings, x: [
                    *(
                        n if settings["padding"] == "same" else n - a + 1
                        for n, a in zip(x.shape[1:3], settings["kernel_size"], strict=True)
                    ),
                    shape[2],
                ]
            },
        ),
    ),
)
