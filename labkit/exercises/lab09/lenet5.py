"""lenet5(): LeNet-5 as it is built today, put together from Keras's layers."""

import itertools

import numpy as np

from labkit.adapters import lab09
from labkit.checks.exercise import Case, Exercise, Mistake, Tolerance

__all__ = ["LENET5"]

SIZE = (32, 32, 1)


def convolve(x, weights, padding):
    size = len(weights)
    if padding == "same":
        x = np.pad(x, [(0, 0), (size // 2,) * 2, (size // 2,) * 2, (0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return np.tensordot(windows, weights, ((4, 5, 3), (0, 1, 2)))


def pooled(x, how):
    batch, height, width, channels = x.shape
    height, width = height // 2, width // 2
    x = x[:, : 2 * height, : 2 * width]
    return how(x.reshape(batch, height, 2, width, 2, channels), axis=(2, 4))


def network(
    images,
    seed,
    *,
    size=SIZE,
    maps=(6, 16),
    kernel=5,
    units=(120, 84),
    squash=np.tanh,
    squash_maps=True,
    squash_dense=True,
    pool=np.mean,
    padding=("valid", "valid"),
    bias=True,
    end=lambda logits: logits,
):
    """Compute the whole network in NumPy, with a knob for each way to build another one."""
    side = size[0]
    for pad in padding:
        side = (side if pad == "same" else side - kernel + 1) // 2
    shapes = [(kernel, kernel, size[2], maps[0]), (kernel, kernel, *maps)]
    shapes += itertools.pairwise([maps[1] * side * side, *units, 10])
    counts = [n for s in shapes for n in ((np.prod(s), s[-1]) if bias else (np.prod(s),))]
    answer = {"input": size, "parameters": int(sum(counts)), "outputs": np.zeros(0)}
    if size != images.shape[1:]:
        return answer
    parts = np.split(lab09.numbers(sum(counts), seed), np.cumsum(counts)[:-1])
    x = images.astype(float)
    for layer, shape in enumerate(shapes):
        weights = parts[layer * (1 + bias)].reshape(shape)
        b = parts[layer * 2 + 1] if bias else 0
        if layer < 2:
            x = convolve(x, weights, padding[layer]) + b
            x = pooled(squash(x) if squash_maps else x, pool)
        else:
            x = x.reshape(len(x), -1) @ weights + b
            x = squash(x) if squash_dense and layer < len(shapes) - 1 else x
    return answer | {"outputs": end(x)}


def oracle(images, seed):
    """Compute layer by layer with shifts and sums: 156 + 2,416 + 48,120 + 10,164 + 850 weights."""
    rest = lab09.numbers(61706, seed)

    def take(*shape):
        nonlocal rest
        now, rest = rest[: np.prod(shape)], rest[np.prod(shape) :]
        return now.reshape(shape)

    x = images.astype(float)
    for shape in ((5, 5, 1, 6), (5, 5, 6, 16)):
        kernel, side = take(*shape), x.shape[1] - 4
        maps = take(shape[-1]) + sum(
            x[:, i : i + side, j : j + side] @ kernel[i, j] for i in range(5) for j in range(5)
        )
        four = [np.tanh(maps)[:, i::2, j::2] for i in (0, 1) for j in (0, 1)]
        x = sum(four) / 4
    x = x.reshape(len(images), 400)
    x = np.tanh(x @ take(400, 120) + take(120))
    x = np.tanh(x @ take(120, 84) + take(84))
    return {"input": SIZE, "parameters": 61706, "outputs": x @ take(84, 10) + take(10)}


def softmax(logits):
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def draw(rng):
    def case(n):
        images = rng.integers(0, 17, (n, *SIZE)) / 16
        return Case((images.astype("float32"), int(rng.integers(1000))))

    return [case(2), case(3)]


LENET5 = Exercise(
    id="lenet5",
    lab="09",
    points=4,
    call="lenet5()",
    shape="a Keras model, (batch, 32, 32, 1) to (batch, 10)",
    oracle=oracle,
    model=network,
    use=lab09.lenet5,
    draw=draw,
    forbidden=("labkit.models",),
    tolerance=Tolerance(
        1e-4,
        "float32 through five layers loses some more of its 7 digits; with these weights the "
        "smallest mistake shows in the second",
    ),
    hints=(
        "Draw the sizes first: 32, 28, 14, 10, 5. Which layer makes which step, and how many "
        "numbers are left for the dense layers?",
        "Conv2D of 6 maps, average pooling, Conv2D of 16 maps, average pooling, Flatten, and dense "
        "layers of 120, 84 and 10. tanh after all but the pooling and the last.",
        'keras.Sequential([keras.Input((32, 32, 1)), keras.layers.Conv2D(6, 5, activation="tanh"), '
        "keras.layers.AveragePooling2D(2), ...]), and Dense(10) without an activation at the end.",
    ),
    mistakes=(
        Mistake(
            "not_padded_to_32",
            "the input is 28 x 28, as MNIST comes",
            why="LeCun's images are padded to 32 x 32, so that a stroke at the edge can stand in "
            "the middle of a field. Without it, 44,426 parameters are left.",
            question="How large is the first map if the input is 28 x 28?",
            knobs={"size": (28, 28, 1)},
        ),
        Mistake(
            "color",
            "the input has three channels",
            why="Digits are gray: one channel.",
            question="How many numbers does one pixel of a digit have?",
            knobs={"size": (32, 32, 3)},
        ),
        Mistake(
            "softmax",
            "the last layer ends with a softmax",
            why="The loss is told from_logits=True and takes a softmax by itself. Two of them "
            "train slowly, and nobody warns you.",
            question="What does from_logits=True say about the outputs?",
            knobs={"end": softmax},
        ),
        Mistake(
            "last_squashed",
            "the last layer ends with a tanh",
            why="So no logit can be larger than 1, and the loss can never become small.",
            question="How sure can a softmax of numbers between -1 and 1 be?",
            knobs={"end": np.tanh},
        ),
        Mistake(
            "relu",
            "ReLU stands where tanh should",
            why="Most would use it today, and lab 10 compares them. Here it is tanh.",
            question="Which function does the lab ask for?",
            knobs={"squash": lambda x: np.maximum(x, 0)},
        ),
        Mistake(
            "sigmoid",
            "a sigmoid stands where tanh should",
            why="tanh has mean 0, and that is why LeCun chose it.",
            question="What is your function at 0?",
            knobs={"squash": lambda x: 1 / (1 + np.exp(-x))},
        ),
        Mistake(
            "linear_maps",
            "the convolutions have no activation",
            why="Without one, two layers are no more than a single one (lab 03).",
            question="What stands between the first convolution and the second?",
            knobs={"squash_maps": False},
        ),
        Mistake(
            "linear_dense",
            "the dense layers have no activation",
            why="Without one, three dense layers are no more than a single one (lab 03).",
            question="What stands between the dense layers?",
            knobs={"squash_dense": False},
        ),
        Mistake(
            "max_pooling",
            "the maximum is pooled",
            why="LeNet-5 averages; max pooling came later.",
            question="Which of the four numbers of a field matter to the output?",
            knobs={"pool": np.max},
        ),
        Mistake(
            "first_same",
            'the first convolution is padded ("same")',
            why="The sizes should go 32, 28, 14, 10, 5: nothing is padded.",
            question="How large is the first map?",
            knobs={"padding": ("same", "valid")},
        ),
        Mistake(
            "all_same",
            'both convolutions are padded ("same")',
            why="The sizes should go 32, 28, 14, 10, 5: no zeros are added anywhere.",
            question="How many numbers reach the first dense layer?",
            knobs={"padding": ("same", "same")},
        ),
        Mistake(
            "small_kernels",
            "the kernels are 3 x 3",
            why="LeNet-5's are 5 x 5.",
            question="How many parameters has the first layer, and how many should it have?",
            knobs={"kernel": 3},
        ),
        Mistake(
            "no_biases",
            "the layers have no biases",
            why="61,706 parameters count 6 + 16 + 120 + 84 + 10 biases.",
            question="How many parameters are missing?",
            knobs={"bias": False},
        ),
        Mistake(
            "units_exchanged",
            "the dense layers of 120 and 84 are exchanged",
            why="First 120, then 84.",
            question="Which dense layer comes first?",
            knobs={"units": (84, 120)},
        ),
        Mistake(
            "f6_missing",
            "the layer of 84 units is missing",
            why="Two dense layers stand between the maps and the ten logits.",
            question="How many dense layers has LeNet-5?",
            knobs={"units": (120,)},
        ),
        Mistake(
            "equal_maps",
            "the second convolution has as few maps as the first",
            why="It has 16: as the maps get smaller, there are more of them.",
            question="How many maps has the second convolution?",
            knobs={"maps": (6, 6)},
        ),
    ),
)
