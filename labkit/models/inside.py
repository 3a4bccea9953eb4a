"""Look inside a network: what its hidden units respond to, and which pixels matter.

M. Zeiler and R. Fergus, *Visualizing and understanding convolutional networks*, ECCV 2014: the
deconvolutional network (section 2.1) and the occlusion map (section 4.2).
"""

import itertools
from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike, NDArray

__all__ = ["deconvnet", "maps_of", "occlusion_map"]

# kinds of layers on the way back: passed straight through, or linear once the maxima are known
_STRAIGHT = ("Normalization", "Dropout", "Activation", "ReLU")
_LINEAR = ("Conv", "Pooling", "ZeroPadding")


def maps_of(
    model: keras.Model, images: ArrayLike, layers: Iterable[str]
) -> dict[str, NDArray[Any]]:
    """Return the outputs of the named layers for ``images``: ``{name: array}``.

    Raises:
        ValueError: the model has no such layer.
    """
    # a dict, since for a list of one output Keras returns the tensor itself
    outputs = {name: model.get_layer(name).output for name in layers}
    maps = keras.Model(model.inputs[0], outputs)(np.asarray(images), training=False)
    return {name: np.asarray(value) for name, value in maps.items()}


def occlusion_map(
    model: keras.Model,
    image: ArrayLike,
    label: int,
    *,
    size: int,
    stride: int = 1,
    fill: float = 0.0,
    batch: int = 256,
) -> NDArray[np.float32]:
    """Compute the probability of ``label`` with a square over each part of the image.

    Where covering the image lowers the probability, the network uses what is there.

    Args:
        model: from images to logits.
        image: ``(height, width, channels)``.
        label: the class.
        size: of the square, in pixels.
        stride: pixels between two positions of the square.
        fill: the value of the pixels in the square.
        batch: images to compute at once.

    Returns:
        float32 ``(rows, columns)``, with ``(height - size) // stride + 1`` rows.

    Raises:
        ValueError: ``size`` or ``stride`` does not fit the image.
    """
    image = np.asarray(image)
    rows, columns = ((extent - size) // stride + 1 for extent in image.shape[:2])
    if size < 1 or stride < 1 or rows < 1 or columns < 1:
        raise ValueError(
            f"occlusion_map: expected a square of 1 to {min(image.shape[:2])} pixels and a "
            f"positive stride, received size {size}, stride {stride}"
        )
    places = list(np.ndindex(rows, columns))
    probabilities = []
    for start in range(0, len(places), batch):
        some = places[start : start + batch]
        covered = np.repeat(image[None], len(some), axis=0)
        for one, (i, j) in zip(covered, some, strict=True):
            one[i * stride : i * stride + size, j * stride : j * stride + size] = fill
        logits = ops.convert_to_tensor(model(covered, training=False))
        softmax = ops.softmax(ops.cast(logits, "float32"), axis=-1)
        probabilities.append(np.asarray(softmax)[:, label])
    return np.concatenate(probabilities).reshape(rows, columns)


def deconvnet(
    model: keras.Model,
    image: ArrayLike,
    layer: str,
    channel: int,
    *,
    at: tuple[int, int] | None = None,
) -> NDArray[np.float32]:
    """Project what one unit of ``layer`` responded to in ``image`` back to pixels.

    The strongest unit of map ``channel`` (or the one at ``at``) is kept and all others are set to
    zero. Then the signal goes back through the layers: through max pooling to where the maximum was
    (its *switch*), through rectification by rectifying again, through a convolution by its
    transpose. That is back-propagation in which ReLU's gradient is replaced by ReLU itself, and it
    is computed that way, layer by layer. The signal passes through normalization unchanged, as in
    the paper.

    Args:
        model: a functional chain of convolutions, pooling and normalization up to ``layer``.
        image: ``(height, width, channels)``.
        layer: the name of the layer.
        channel: the number of the map.
        at: ``(row, column)`` of the unit; None takes the strongest.

    Returns:
        float32 array of the image's shape.

    Raises:
        ValueError: the signal cannot go back through a layer on the way, the layers do not form a
            chain, or there is no such layer, channel or unit.
    """
    path = _path(model, layer)
    x = ops.convert_to_tensor(np.asarray(image, "float32")[None])
    inputs = []
    for each in path:
        inputs.append(x)
        x = each(x, training=False)
    maps = np.asarray(x)
    if maps.ndim != 4 or not 0 <= channel < maps.shape[-1]:
        raise ValueError(
            f"deconvnet: expected maps, and one of their channels, received channel {channel} of "
            f"{layer!r}, which puts out {maps.shape[1:]}"
        )
    if at is None:
        row, column = np.unravel_index(maps[0, ..., channel].argmax(), maps.shape[1:3])
        at = int(row), int(column)
    signal = np.zeros_like(maps)
    signal[0, at[0], at[1], channel] = maps[0, at[0], at[1], channel]
    for each, before in zip(reversed(path), reversed(inputs), strict=True):
        signal = _back(each, before, signal)
    return signal[0].astype("float32")


def _path(model: keras.Model, layer: str) -> list[Any]:
    """List the layers from the input to ``layer``, which must form a chain."""
    names = [each.name for each in model.layers]
    if layer not in names:
        raise ValueError(f"deconvnet: no layer {layer!r}; the model has {', '.join(names)}")
    path = [
        each
        for each in model.layers[: names.index(layer) + 1]
        if not isinstance(each, keras.layers.InputLayer)
    ]
    for before, each in itertools.pairwise(path):
        if each.input is not before.output:
            raise ValueError(
                f"deconvnet: expected a chain of layers up to {layer!r}, but {each.name} does not "
                f"read {before.name}: there is more than one way back"
            )
    for each in path:
        if not any(word in type(each).__name__ for word in (*_STRAIGHT, *_LINEAR)):
            raise ValueError(
                "deconvnet: expected convolutions, pooling and normalization on the way, received "
                f"a {type(each).__name__} ({each.name})"
            )
    return path


def _back(layer: Any, inputs: Any, signal: NDArray[Any]) -> NDArray[Any]:
    """Send ``signal`` from a layer's output back to its input."""
    kind = type(layer).__name__
    if any(word in kind for word in _STRAIGHT):
        return signal
    if "Conv" in kind:
        signal = np.maximum(signal, 0)  # rectify on the way back
        weights = layer.get_weights()
        layer = type(layer).from_config(layer.get_config() | {"activation": "linear"})
        layer.build(inputs.shape)
        layer.set_weights(weights)
    return _transposed(layer, inputs, signal)


def _transposed(layer: Any, inputs: Any, signal: NDArray[Any]) -> NDArray[Any]:
    """Apply the transpose of what ``layer`` does at ``inputs`` to ``signal``: a gradient."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = layer(inputs)
        gradient = ops.convert_to_tensor(signal, dtype=outputs.dtype)
        return np.asarray(tape.gradient(outputs, inputs, output_gradients=gradient))
    if keras.backend.backend() == "jax":
        import jax

        outputs, transposed = jax.vjp(layer, inputs)
        return np.asarray(transposed(ops.convert_to_tensor(signal, dtype=outputs.dtype))[0])
    raise ValueError("deconvnet: expected the backend tensorflow or jax")
