"""LeNet-5, as published and in its modern form.

Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, *Gradient-based learning applied to document
recognition*, Proceedings of the IEEE 86(11), 1998, section II.B.
"""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from labkit.layers import LENET_C3, RBF, PartialConv2D, Subsampling2D, scaled_tanh
from labkit.models.kit import kit

__all__ = ["CODES", "NearestCodeAccuracy", "lenet5", "lenet5_1998", "map_loss"]

# What the units of F6 should show for each digit, 7 x 12 pixels, drawn like figure 3 of the paper.
_DRAWN = """
.......  .......  .......  .......  .......  .......  .......  .......  .......  .......
..###..  ...##..  .#####.  .#####.  ....##.  #######  ..####.  #######  .#####.  .#####.
.##.##.  ..###..  ##...##  ##...##  ...###.  ##.....  .##....  .....##  ##...##  ##...##
##...##  .####..  .....##  .....##  ..####.  ##.....  ##.....  ....##.  ##...##  ##...##
##...##  ...##..  ....##.  ....##.  .##.##.  ######.  ##.....  ....##.  ##...##  ##...##
##...##  ...##..  ...##..  ..####.  ##..##.  .....##  ######.  ...##..  .#####.  ##..###
##...##  ...##..  ..##...  ....##.  #######  .....##  ##...##  ...##..  ##...##  .####.#
##...##  ...##..  .##....  .....##  ....##.  .....##  ##...##  ..##...  ##...##  .....##
.##.##.  ...##..  ##.....  ##...##  ....##.  ##...##  ##...##  ..##...  ##...##  ....##.
..###..  .######  #######  .#####.  ....##.  .#####.  .#####.  .##....  .#####.  .####..
.......  .......  .......  .......  .......  .......  .......  .......  .......  .......
.......  .......  .......  .......  .......  .......  .......  .......  .......  .......
"""

# The outputs' codes, int8 ``(class=10, unit=84)``: 1 for ink, -1 for paper, row by row.
CODES: NDArray[np.int8] = np.stack(
    [
        [1 if pixel == "#" else -1 for row in column for pixel in row]
        for column in zip(*(line.split() for line in _DRAWN.strip().split("\n")), strict=True)
    ]
).astype(np.int8)


def lenet5_1998(
    input_shape: tuple[int, int, int] = (32, 32, 1), *, layers: str = "labkit"
) -> keras.Model:
    """Build LeNet-5 as published, with 60,000 trainable parameters.

    C1 156, S2 12, C3 1,516 (with the connections of table I), S4 32, C5 48,120, F6 10,164; the
    output layer's codes are fixed. Every layer up to F6 has the activation
    ``1.7159 tanh(2/3 a)``. The initial weights are uniform within 2.4 over the fan-in (appendix A;
    in C3, over the mean fan-in).

    Args:
        input_shape: ``(height, width, channels)``; the paper's is 32 by 32, gray.
        layers: "labkit" or "keras", for C1 and C5. S2, S4, C3 and the output are always labkit's,
            since Keras has no such layers.

    Returns:
        A Keras model from ``(batch, *input_shape)``, with background -0.1 and foreground 1.175 in
        the paper, to squared distances ``(batch, class=10)``: the class is that of the *smallest*.
        Train it with :func:`map_loss`.

    >>> lenet5_1998().count_params() - CODES.size
    60000
    """
    use = kit(layers)
    inputs = keras.Input(input_shape, name="input")

    def convolution(layer: Any, fan_in: float, name: str, *arguments: Any) -> Any:
        first = keras.initializers.RandomUniform(-2.4 / fan_in, 2.4 / fan_in)
        return layer(*arguments, kernel_initializer=first, activation=scaled_tanh, name=name)

    x = convolution(use.Conv2D, 25, "c1", 6, 5)(inputs)
    x = Subsampling2D(2, activation=scaled_tanh, name="s2")(x)
    x = convolution(PartialConv2D, 1500 / 16, "c3", LENET_C3, 5)(x)
    x = Subsampling2D(2, activation=scaled_tanh, name="s4")(x)
    x = convolution(use.Conv2D, 400, "c5", 120, 5)(x)
    x = keras.layers.Flatten(name="flatten")(x)
    x = convolution(keras.layers.Dense, 120, "f6", 84)(x)
    return keras.Model(inputs, RBF(10, codes=CODES, name="output")(x), name="lenet5_1998")


def lenet5(
    input_shape: tuple[int, int, int] = (32, 32, 1),
    classes: int = 10,
    *,
    activation: Any = "tanh",
    pooling: str = "average",
    width: int = 1,
    layers: str = "labkit",
    **options: Any,
) -> keras.Model:
    """Build LeNet-5's modern form: full connections, plain pooling, logits; 61,706 parameters.

    Args:
        input_shape: ``(height, width, channels)``.
        classes: the number of logits.
        activation: of every layer with weights except the last.
        pooling: "average" or "max".
        width: a factor for the numbers of maps and hidden units; 2 gives 244,362 parameters.
        layers: "labkit" or "keras".
        options: ``implementation=`` and ``gradient=`` of labkit's convolutions.

    Raises:
        ValueError: ``pooling`` or ``layers`` is unknown, or ``width`` is not a positive whole
            number.

    >>> lenet5().count_params()
    61706
    """
    if pooling not in ("average", "max"):
        raise ValueError(f'pooling: expected "average" or "max", received {pooling!r}')
    if not isinstance(width, int) or width < 1:
        raise ValueError(f"width: expected a positive whole number, received {width!r}")
    use = kit(layers, **options)
    pool = use.AveragePooling2D if pooling == "average" else use.MaxPooling2D
    inputs = keras.Input(input_shape, name="input")
    x = use.Conv2D(6 * width, 5, activation=activation, name="c1")(inputs)
    x = pool(2, name="s2")(x)
    x = use.Conv2D(16 * width, 5, activation=activation, name="c3")(x)
    x = pool(2, name="s4")(x)
    x = keras.layers.Flatten(name="flatten")(x)
    x = keras.layers.Dense(120 * width, activation=activation, name="c5")(x)
    x = keras.layers.Dense(84 * width, activation=activation, name="f6")(x)
    name = "lenet5" if width == 1 else f"lenet5_width{width}"  # a name without figures of a paper
    return keras.Model(inputs, keras.layers.Dense(classes, name="output")(x), name=name)


@keras.saving.register_keras_serializable("labkit")
def map_loss(labels: Any, distances: Any, j: float = 0.1) -> Any:
    """Compute the paper's loss (equation 9): small for a small distance to the right code only.

    It is ``y[label] + log(exp(-j) + sum over i of exp(-y[i]))``, for each image. Without the second
    term the network could bring all distances to 0 by giving the same output for every image.

    Args:
        labels: integers ``(batch,)`` or ``(batch, 1)``.
        distances: ``(batch, classes)``, what :func:`lenet5_1998` gives.
        j: positive; wrong distances much larger than it are not increased further.

    Returns:
        float32 ``(batch,)``.
    """
    distances = ops.cast(distances, "float32")
    labels = ops.reshape(ops.cast(labels, "int32"), (-1, 1))
    right = ops.take_along_axis(distances, labels, axis=-1)[:, 0]
    rest = ops.full_like(distances[:, :1], -j)
    return right + ops.logsumexp(ops.concatenate([-distances, rest], axis=-1), axis=-1)


@keras.saving.register_keras_serializable("labkit")
class NearestCodeAccuracy(keras.metrics.SparseCategoricalAccuracy):
    """The fraction of images for which the *smallest* output is the label's."""

    def __init__(self, name: str = "accuracy", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return super().update_state(y_true, -y_pred, sample_weight)
