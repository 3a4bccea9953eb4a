"""What the layers of a model hold and compute, before anything is run."""

import math

import keras

from labkit.geometry import receptive_field
from labkit.layers import RBF, Subsampling2D

__all__ = ["computed", "counted_layers", "every_layer", "fields", "held", "memory_estimate"]

_WINDOWS = ("Conv", "Pooling", "Subsampling")
_IN_PLACE = ("Normalization", "Dropout", "Activation", "ReLU", "ELU", "Rescaling", "InputLayer")


def every_layer(model):
    """The layers of ``model`` and, in their places, those of the models in it.

    Raises:
        ValueError: sizes are not fixed, so nothing can be counted.
    """
    if not model.built or None in model.input_shape[1:]:
        received = model.input_shape if model.built else "a model that is not built"
        raise ValueError(
            f"{model.name}: expected a model with a fixed input size, received {received}; "
            "build it with one, the weights are the same"
        )
    found = []
    for layer in model.layers:
        found += every_layer(layer) if isinstance(layer, keras.Model) else [layer]
    return found


def counted_layers(model):
    """Those layers that hold weights or look through windows."""
    return [layer for layer in every_layer(model) if layer.weights or _has_windows(layer)]


def held(layer):
    """How many trainable parameters a layer has."""
    return sum(math.prod(weight.shape) for weight in layer.trainable_weights)


def computed(layer):
    """(connections, multiply-adds) for one image; (None, None) for layers of other kinds."""
    shape = layer.output.shape[1:]
    units = math.prod(shape)
    if isinstance(layer, Subsampling2D):
        return units * (math.prod(layer.pool_size) + 1), units
    if "Pooling" in type(layer).__name__:
        whole = layer.input.shape[1:]  # what a global pooling joins: every value, once
        return units * math.prod(layer.pool_size) if _window(layer) else math.prod(whole), 0
    if not ("Conv" in type(layer).__name__ or isinstance(layer, keras.layers.Dense | RBF)):
        return None, None
    bias = getattr(layer, "bias", None)
    weights = sum(math.prod(each.shape) for each in layer.weights if each is not bias)
    # every weight is used once at each place: of the output, or if transposed, of the input
    where = layer.input.shape[1:] if "Transpose" in type(layer).__name__ else shape
    products = math.prod(where[:-1]) * weights
    return products + (units if bias is not None else 0), products


def fields(model):
    """What one output of each layer sees of the input: ``{name: pixels}``.

    Pixels along an axis, or a tuple where the axes differ; "all" behind a dense layer or a global
    pooling; None where it is not known: behind branches, transposed convolutions, layers of other
    kinds.
    """
    found, chain, sees, before = {}, [], 1, None
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
        found[layer.name] = sees
    return found


def _has_windows(layer):
    return any(word in type(layer).__name__ for word in _WINDOWS)


def _pairs(padding):
    """A padding layer's amounts, one ((before, after),) for each axis."""
    pairs = padding if isinstance(padding[0], tuple) else (padding,)
    return [(tuple(pair),) for pair in pairs]


def _window(layer):
    """The step of a layer along each axis, as the geometry knows it; None if it sees all."""
    size = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
    if size is None:
        return None
    dilation = getattr(layer, "dilation_rate", 1)
    dilation = (dilation,) * len(size) if isinstance(dilation, int) else dilation
    return [
        (*step, layer.padding, rate)
        for *step, rate in zip(size, layer.strides, dilation, strict=True)
    ]


def _seen(chain, sizes):
    along = [
        receptive_field([step[axis] for step in chain], size=size).size
        for axis, size in enumerate(sizes)
    ]
    return along[0] if len(set(along)) == 1 else tuple(along)


def memory_estimate(model, batch, *, slots=1, bytes_per_number=4):
    """How many bytes a training step of ``model`` needs, before it is run.

    Every map of every layer is kept, with its gradient, for each of ``batch`` images; every
    parameter with its gradient and the optimizer's ``slots`` (SGD 0, momentum 1, Adam 2). What a
    library needs in between, to compute a convolution say, comes on top.

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
    found = {
        "parameters": parameters,
        "gradients": parameters,
        "optimizer": slots * parameters,
        "activations": 2 * batch * maps,
    }
    found = {name: count * bytes_per_number for name, count in found.items()}
    return found | {"total": sum(found.values())}
