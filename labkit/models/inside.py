"""Looking inside a network: what a hidden answer rests on, and which of the pixels matter.

M. Zeiler and R. Fergus, *Visualizing and understanding convolutional networks*, ECCV 2014: the
deconvolutional network (section 2.1) and the occlusion map (section 4.2).
"""

import itertools

import keras
import numpy as np
from keras import ops

__all__ = ["deconvnet", "maps_of", "occlusion_map"]

# kinds of layers on the way back: passed straight through, or linear between given switches
_STRAIGHT = ("Normalization", "Dropout", "Activation", "ReLU")
_LINEAR = ("Conv", "Pooling", "ZeroPadding")


def maps_of(model, images, layers):
    """What the named layers put out for ``images``: ``{name: array}``.

    Raises:
        ValueError: the model has no such layer.
    """
    # a dict: of a list of one, Keras gives the tensor itself
    outputs = {name: model.get_layer(name).output for name in layers}
    found = keras.Model(model.inputs[0], outputs)(np.asarray(images), training=False)
    return {name: np.asarray(value) for name, value in found.items()}


def occlusion_map(model, image, label, *, size, stride=1, fill=0.0, batch=256):
    """The probability of ``label`` with a square over each part of the image.

    ``image`` ``(height, width, channels)``; squares of ``size`` pixels filled with ``fill`` go over
    it in steps of ``stride``. ``model`` gives logits. Where the probability falls, the network
    looks.

    Returns:
        float32 ``(rows, columns)``, with ``(height - size) // stride + 1`` rows.

    Raises:
        ValueError: ``size`` or ``stride`` do not fit the image.
    """
    image = np.asarray(image)
    rows, columns = ((extent - size) // stride + 1 for extent in image.shape[:2])
    if size < 1 or stride < 1 or rows < 1 or columns < 1:
        raise ValueError(
            f"occlusion_map: expected a square of 1 to {min(image.shape[:2])} pixels and a "
            f"positive stride, received size {size}, stride {stride}"
        )
    places = list(np.ndindex(rows, columns))
    found = []
    for start in range(0, len(places), batch):
        some = places[start : start + batch]
        covered = np.repeat(image[None], len(some), axis=0)
        for one, (i, j) in zip(covered, some, strict=True):
            one[i * stride : i * stride + size, j * stride : j * stride + size] = fill
        logits = ops.convert_to_tensor(model(covered, training=False))
        found.append(np.asarray(ops.softmax(ops.cast(logits, "float32"), axis=-1))[:, label])
    return np.concatenate(found).reshape(rows, columns)


def deconvnet(model, image, layer, channel, *, at=None):
    """What in ``image`` one unit of ``layer`` answered to, back in the space of pixels.

    The strongest unit of map ``channel`` (or the one at ``at``) is kept and all others are set to
    zero; then the way goes back through the layers: through max pooling to where the maximum was
    (its *switch*), through rectification by rectifying again, through a convolution by its
    transpose. That is back-propagation in which ReLU's gradient is replaced by ReLU itself, and so
    it is computed: with the functional model's layers one by one. Normalization is passed straight
    through, as in the paper.

    Args:
        model: a functional chain of convolutions, pooling and normalization up to ``layer``.
        image: ``(height, width, channels)``.
        at: ``(row, column)`` of the unit; the strongest if None.

    Returns:
        float32 array of the image's shape.

    Raises:
        ValueError: a layer on the way that has no way back here, layers that are no chain, no such
            channel or unit.
    """
    path = _path(model, layer)
    x = ops.convert_to_tensor(np.asarray(image, "float32")[None])
    inputs = []
    for each in path:
        inputs.append(x)
        x = each(x, training=False)
    answer = np.asarray(x)
    if answer.ndim != 4 or not 0 <= channel < answer.shape[-1]:
        raise ValueError(
            f"deconvnet: expected maps, and one of their channels, received channel {channel} of "
            f"{layer!r}, which puts out {answer.shape[1:]}"
        )
    if at is None:
        at = np.unravel_index(answer[0, ..., channel].argmax(), answer.shape[1:3])
    back = np.zeros_like(answer)
    back[0, at[0], at[1], channel] = answer[0, at[0], at[1], channel]
    for each, seen in zip(reversed(path), reversed(inputs), strict=True):
        back = _back(each, seen, back)
    return back[0].astype("float32")


def _path(model, layer):
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


def _back(layer, seen, signal):
    """One layer's way back: what at its input explains ``signal`` at its output."""
    kind = type(layer).__name__
    if any(word in kind for word in _STRAIGHT):
        return signal
    if "Conv" in kind:
        signal = np.maximum(signal, 0)  # rectify on the way back
        weights = layer.get_weights()
        layer = type(layer).from_config(layer.get_config() | {"activation": "linear"})
        layer.build(seen.shape)
        layer.set_weights(weights)
    return _transposed(layer, seen, signal)


def _transposed(layer, seen, signal):
    """The transpose of what ``layer`` does at ``seen``, applied to ``signal``: a gradient."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(seen)
            outputs = layer(seen)
        signal = ops.convert_to_tensor(signal, dtype=outputs.dtype)
        return np.asarray(tape.gradient(outputs, seen, output_gradients=signal))
    if keras.backend.backend() == "jax":
        import jax

        outputs, transposed = jax.vjp(layer, seen)
        return np.asarray(transposed(ops.convert_to_tensor(signal, dtype=outputs.dtype))[0])
    raise ValueError("deconvnet: expected the backend tensorflow or jax")
