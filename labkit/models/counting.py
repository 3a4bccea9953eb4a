"""Count what the layers of a model hold and compute, without running it."""

import math
from typing import Any

import keras

from labkit.geometry import Shape, receptive_field
from labkit.layers import RBF, Subsampling2D

__all__ = ["computed", "counted_layers", "every_layer", "fields", "held", "memory_estimate"]

_WINDOWS = ("Conv", "Pooling", "Subsampling")
_IN_PLACE = ("Normalization", "Dropout", "Activation", "ReLU", "ELU", "Rescaling", "InputLayer")


def every_layer(model: keras.Model) -> list[Any]:
    """List the layers of ``model``, with nested models replaced by their layers.

    Raises:
        ValueError: sizes are not fixed, so nothing can be counted.
    """
    if not model.built or None in model.input_shape[1:]:
        received = model.input_shape if model.built else "a model that is not built"
        raise ValueError(
            f"{model.name}: expected a model with a fixed input size, received {received}; "
            "build it with one, the weights are the same"
        )
    layers = []
    for layer in model.layers:
        layers += every_layer(layer) if isinstance(layer, keras.Model) else [layer]
    return layers


def counted_layers(model: keras.Model) -> list[Any]:
    """List the layers that have weights or sliding windows."""
    return [layer for layer in every_layer(model) if layer.weights or _has_windows(layer)]


def held(layer: Any) -> int:
    """Count the trainable parameters of a layer."""
    return sum(math.prod(weight.shape) for weight in layer.trainable_weights)


def computed(layer: Any) -> tuple[int | None, int | None]:
    """Count (connections, multiply-adds) for one image; (None, None) for layers of other kinds."""
    shape = layer.output.shape[1:]
    units = math.prod(shape)
    if isinstance(layer, Subsampling2D):
        return units * (math.prod(layer.pool_size) + 1), units
    if "Pooling" in type(layer).__name__:
        whole = layer.input.shape[1:]  # a global pooling reads every value once
        return units * math.prod(layer.pool_size) if _window(layer) else math.prod(whole), 0
    if not ("Conv" in type(layer).__name__ or isinstance(layer, keras.layers.Dense | RBF)):
        return None, None
    bias = getattr(layer, "bias", None)
    weights = sum(math.prod(each.shape) for each in layer.weights if each is not bias)
    # every weight is used once at each position: of the output or, if transposed, of the input
    where = layer.input.shape[1:] if "Transpose" in type(layer).__name__ else shape
    products = math.prod(where[:-1]) * weights
    return products + (units if bias is not None else 0), products


def fields(model: keras.Model) -> dict[str, int | tuple[int, ...] | str | None]:
    """Compute the receptive field of each layer's outputs in the input: ``{name: pixels}``.

    A field is the number of pixels along an axis, or a tuple where the axes differ; "all" after a
    dense layer or a global pooling; None where it is not known: after branches, transposed
    convolutions and layers of other kinds.
    """
    by_layer: dict[str, int | tuple[int, ...] | str | None] = {}
    chain: list[Any] = []
    sees: int | tuple[int, ...] | str | None = 1
    before = None
    for layer in every_layer(model):
        name = type(layer).__name__
        if before is not None and layer.input is not before:
            sees = None  # not a chain
        before = layer.output
        if sees is not None and "Transpose" not in name:
            if isinstance(layer, keras.layers.Dense | RBF) or "Global" in name:
                sees = "all"
            elif "ZeroPadding" in name:
                chain.append([(1, 1, pads) for pads in _pairs(layer.padding)])
            elif _has_windows(layer):
                chain.append(_window(layer))
                if sees != "all":
                    sees = _seen(chain, model.input_shape[1:-1])
            elif not (any(word in name for word in _IN_PLACE) or name == "Flatten"):
                sees = None
        else:
            sees = None
        by_layer[layer.name] = sees
    return by_layer


def _has_windows(layer: Any) -> bool:
    """Say whether a layer has sliding windows."""
    return any(word in type(layer).__name__ for word in _WINDOWS)


def _pairs(padding: Any) -> list[Any]:
    """Return a padding layer's amounts, one ((before, after),) for each axis."""
    pairs = padding if isinstance(padding[0], tuple) else (padding,)
    return [(tuple(pair),) for pair in pairs]


def _window(layer: Any) -> list[Any] | None:
    """Return a layer's step along each axis, for the geometry; None if it reads all values."""
    size = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
    if size is None:
        return None
    dilation = getattr(layer, "dilation_rate", 1)
    dilation = (dilation,) * len(size) if isinstance(dilation, int) else dilation
    return [
        (*step, layer.padding, rate)
        for *step, rate in zip(size, layer.strides, dilation, strict=True)
    ]


def _seen(chain: list[Any], sizes: Shape) -> int | tuple[int, ...]:
    """Return the receptive field of a chain along all axes."""
    along = [
        receptive_field([step[axis] for step in chain], size=size).size
        for axis, size in enumerate(sizes)
    ]
    return along[0] if len(set(along)) == 1 else tuple(along)


def memory_estimate(
    model: keras.Model, batch: int, *, slots: int = 1, bytes_per_number: int = 4
) -> dict[str, int]:
    """Estimate how many bytes a training step of ``model`` needs.

    A step keeps every map of every layer, with its gradient, for each image, and every parameter
    with its gradient and the optimizer's values. A library's working memory, for example for a
    convolution, is not counted.

    Args:
        batch: the number of images in a step.
        slots: how many values the optimizer keeps for each parameter (SGD 0, momentum 1, Adam 2).
        bytes_per_number: 4 for float32.

    Returns:
        ``{"parameters", "gradients", "optimizer", "activations", "total"}``, in bytes.

    Raises:
        ValueError: the model has no fixed input size.

    >>> from labkit.models import lenet5
    >>> memory_estimate(lenet5(), 128)["parameters"]
    246824
    """
    layers = every_layer(model)
    parameters = sum(held(layer) for layer in layers)
    maps = sum(math.prod(layer.output.shape[1:]) for layer in layers)
    counts = {
        "parameters": parameters,
        "gradients": parameters,
        "optimizer": slots * parameters,
        "activations": 2 * batch * maps,
    }
    sizes = {name: count * bytes_per_number for name, count in counts.items()}
    return sizes | {"total": sum(sizes.values())}
