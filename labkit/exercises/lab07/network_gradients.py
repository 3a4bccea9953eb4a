"""network_gradients: a whole network, forward and back, from one's own pieces."""

import numpy as np

from labkit import gradients, reference
from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import backpropagation
from labkit.exercises.inputs import floats
from labkit.exercises.lab07.automatic import AUTOMATIC
from labkit.exercises.lab07.softmax_gradient import begin

__all__ = ["NETWORK_GRADIENTS"]

NAMES = ("loss", "kernel", "bias", "weights", "offset")


def pass_through(
    x,
    labels,
    kernel,
    bias,
    weights,
    offset,
    *,
    bend=lambda z: np.maximum(z, 0),
    gate=lambda z, da: da * (z > 0),
    flat=lambda maps: maps.reshape(len(maps), -1),
    start=begin,
    add_bias=True,
    bias_end=lambda dz: dz.sum((0, 1, 2)),
    offset_end=lambda dl: dl.sum(0),
    weights_input=lambda a, z: a,
    rows=slice(None),
    upside_down=False,
):
    """network_gradients with a knob for each way to get it wrong."""
    x, kernel, weights = (np.asarray(array, float) for array in (x, kernel, weights))
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))
    z = np.tensordot(windows, kernel, 2) + (bias if add_bias else 0)
    a = bend(z)
    loss, dl = start(flat(a) @ weights + offset, labels)
    da = (dl @ weights.T).reshape(z.shape)
    dz = gate(z, da)
    d_kernel = np.tensordot(windows[rows], dz[rows], ((0, 1, 2), (0, 1, 2)))
    return {
        "loss": loss,
        "kernel": d_kernel[::-1, ::-1] if upside_down else d_kernel,
        "bias": bias_end(dz),
        "weights": flat(weights_input(a, z)).T @ dl,
        "offset": offset_end(dl),
    }


def oracle(x, labels, kernel, bias, weights, offset):
    """Go layer by layer with labkit's gradients, which are tested against automatic ones."""
    x, kernel = np.asarray(x, float)[..., None], np.asarray(kernel, float)[:, :, None]
    z = reference.cross_correlate(x, kernel, bias)
    a = np.maximum(z, 0).reshape(len(x), -1)
    loss, dl = gradients.softmax_cross_entropy(a @ weights + offset, labels)
    d_a, d_weights, d_offset = gradients.dense_gradients(a, np.asarray(weights, float), dl)
    dz = gradients.relu_gradient(z, d_a.reshape(z.shape))
    _, d_kernel, d_bias = gradients.convolution_gradients(x, kernel, dz)
    parts = (loss, d_kernel[:, :, 0], d_bias, d_weights, d_offset)
    return dict(zip(NAMES, parts, strict=True))


def in_order(answer):
    """Bring a tuple in the order of the names into the form of a dictionary."""
    if isinstance(answer, tuple | list) and len(answer) == len(NAMES):
        return dict(zip(NAMES, answer, strict=True))
    return answer


def draw(rng):
    def case(batch, shape, size, filters, classes, label="", dtype=float):
        out = np.prod([n - k + 1 for n, k in zip(shape, size, strict=True)]) * filters

        def small(*sizes):
            values = floats(rng, *sizes)
            return (values / (2 * np.abs(values).max())).astype(dtype)

        return Case(
            (
                small(batch, *shape),
                rng.integers(classes, size=batch),
                2 * small(*size, filters),
                small(filters),
                small(int(out), classes),
                small(classes),
            ),
            label,
        )

    return [
        case(3, (4, 5), (2, 3), 2, 3),
        case(2, (5, 4), (3, 2), 3, 4, "higher than wide"),
        case(1, (4, 4), (2, 2), 2, 2, "a single image"),
        case(4, (3, 4), (1, 2), 1, 3, "one filter"),
        case(3, (4, 4), (3, 3), 2, 5, "five classes"),
        case(3, (4, 5), (2, 2), 2, 3, "float32", np.float32),
    ]


NETWORK_GRADIENTS = Exercise(
    id="network_gradients",
    lab="07",
    points=4,
    call="network_gradients(x, labels, kernel, bias, weights, offset)",
    shape="a dict of loss, kernel, bias, weights, offset",
    oracle=oracle,
    model=pass_through,
    read=in_order,
    forbidden=(*AUTOMATIC, "keras.losses", "keras.layers"),
    draw=draw,
    hints=(
        "Write the forward pass first, and give every array a name: z after the convolution and "
        "its bias, a after the ReLU, f when it is flattened, logits after the dense layer. You "
        "will need all of them on the way back.",
        "Back, in reverse order: dlogits from the softmax; the dense layer's weights get f.T @ "
        "dlogits, and f gets dlogits @ weights.T; reshape that to a's shape; through the ReLU; and "
        "then conv_backward.",
        "dz = relu_backward(z, (dlogits @ weights.T).reshape(z.shape)); _, dkernel, dbias = "
        "conv_backward(x[..., None], kernel[:, :, None], dz, 1, 0), and dkernel[:, :, 0] is the "
        "kernel's.",
    ),
    mistakes=(
        Mistake(
            "gate_forgotten",
            "the gradient passes the ReLU as if it were not there",
            why="Where z was negative, nothing comes back.",
            question="What does the ReLU do on the way back?",
            knobs={"gate": lambda z, da: da},
        ),
        Mistake(
            "gate_on_gradient",
            "on the way back, the ReLU looks at the gradient, not at z",
            why="It lets through what it let through on the way forward.",
            question="Which array decided on the way forward?",
            knobs={"gate": lambda z, da: np.maximum(da, 0)},
        ),
        Mistake(
            "no_relu",
            "there is no ReLU at all",
            why="Without it, convolution and dense layer are one linear layer (lab 03).",
            question="What stands between the convolution and the dense layer?",
            knobs={"bend": lambda z: z, "gate": lambda z, da: da},
        ),
        Mistake(
            "relu_on_the_way_back_only",
            "the ReLU is there on the way back only",
            why="The forward pass needs it, too.",
            question="What goes into the dense layer?",
            knobs={"bend": lambda z: z},
        ),
        Mistake(
            "before_the_relu",
            "the dense layer's weights get what was there before the ReLU",
            why="They were multiplied with what came out of it.",
            question="What was multiplied with the weights?",
            knobs={"weights_input": lambda a, z: z},
        ),
        Mistake(
            "bias_not_added",
            "the bias is not added in the forward pass",
            why="It moves the place where the ReLU bends.",
            question="Where is `bias` in your forward pass?",
            knobs={"add_bias": False},
        ),
        Mistake(
            "bias_averaged",
            "the bias's gradient is averaged over the places",
            why="The bias is used at every place, and its uses add up.",
            question="How often is one bias used?",
            knobs={"bias_end": lambda dz: dz.mean((0, 1, 2))},
            also=(lambda *args: pass_through(*args, bias_end=lambda dz: dz.mean((1, 2)).sum(0)),),
        ),
        Mistake(
            "bias_averaged_over_images",
            "the bias's gradient is averaged over the images",
            why="The mean is in dlogits already; what is left is a sum.",
            question="Where did the division by the batch happen?",
            knobs={"bias_end": lambda dz: dz.sum((1, 2)).mean(0)},
        ),
        Mistake(
            "kernel_averaged_over_images",
            "the kernel's gradient is averaged over the images",
            why="The mean is in dlogits already; what is left is a sum over all images.",
            question="Where did the division by the batch happen?",
            after=lambda answer, x, *args: answer | {"kernel": answer["kernel"] / len(x)},
        ),
        Mistake(
            "times_the_activation",
            "on the way back, the gradient is multiplied by what came out of the ReLU",
            why="The slope of y = x is 1, not x.",
            question="If z = 3 grows by 1, by how much does a grow?",
            knobs={"gate": lambda z, da: da * np.maximum(z, 0)},
        ),
        backpropagation.bias_per_place(
            id="bias_of_one_place", knobs={"bias_end": lambda dz: dz.sum(0)}
        ),
        Mistake(
            "offset_averaged",
            "the offset's gradient is averaged over the images",
            why="dlogits has been divided by the batch; the offset adds up its rows.",
            question="Where did the division by the batch happen?",
            knobs={"offset_end": lambda dl: dl.mean(0)},
        ),
        Mistake(
            "summed",
            "the loss is a sum over the images, not a mean",
            why="softmax_gradient divides by the number of images.",
            question="What happens if every image is there twice?",
            knobs={
                "start": lambda logits, labels: tuple(
                    part * len(labels) for part in begin(logits, labels)
                )
            },
        ),
        Mistake(
            "gradient_summed",
            "the loss is a mean, but the gradients are those of a sum",
            why="Both have to be divided by the number of images.",
            question="What happens to the gradients if every image is there twice?",
            knobs={
                "start": lambda logits, labels: (
                    begin(logits, labels)[0],
                    begin(logits, labels)[1] * len(labels),
                )
            },
        ),
        Mistake(
            "filters_first",
            "the maps are flattened filter by filter",
            why="The last axis, the filters, moves fastest: reshape as it is.",
            question="Which number follows a[0, 0, 0, 0] when the maps are flattened?",
            answer=lambda x, labels, kernel, bias, weights, offset: _filters_first(
                x, labels, kernel, bias, weights, offset
            ),
        ),
        Mistake(
            "first_image_only",
            "the kernel's gradient comes from the first image only",
            why="All images use the kernel.",
            question="How many images are in the batch?",
            knobs={"rows": slice(1)},
        ),
        Mistake(
            "last_image_only",
            "the kernel's gradient comes from the last image: = instead of +=",
            why="All images use the kernel, and every use adds its part.",
            question="How many images are in the batch?",
            knobs={"rows": slice(-1, None)},
        ),
        backpropagation.kernel_turned(id="turned", knobs={"upside_down": True}),
        backpropagation.downhill(
            after=lambda answer, *args: {
                name: part if name == "loss" else -part for name, part in answer.items()
            }
        ),
    ),
)


def _filters_first(x, labels, kernel, bias, weights, offset):
    """Flatten the maps filter by filter; the gradients are right for that other network."""
    shape = [n - k + 1 for n, k in zip(np.shape(x)[1:], np.shape(kernel)[:2], strict=True)]
    filters = np.shape(kernel)[2]
    order = np.arange(np.prod(shape) * filters).reshape(-1, filters).T.ravel()
    weights = np.asarray(weights, float)
    mixed = np.empty_like(weights)
    mixed[order] = weights  # row `order[i]` of the usual order gets the weight of place i
    found = pass_through(x, labels, kernel, bias, mixed, offset)
    return found | {"weights": found["weights"][order]}
