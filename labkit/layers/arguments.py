"""Checks of what layers accept, and the errors for everything else.

An error says what was expected, what was received and why. These checks run before Keras's own,
whose messages say less.
"""

import difflib
import random
from collections.abc import Iterable, Sequence
from typing import Any

import keras
from keras import activations, constraints, initializers, regularizers

from labkit.geometry import Sizes, as_tuple, windows
from labkit.layers.signatures import Shape, Tensor

__all__ = [
    "check_channels",
    "check_choice",
    "check_convolution",
    "check_data_format",
    "check_floating",
    "check_identifiers",
    "check_input_shape",
    "check_known_channels",
    "check_output",
    "check_output_padding",
    "check_pooling",
    "suggestion",
]

DATA_FORMATS = ("channels_last", "channels_first")

# The module whose `get` turns a name into an object, by the last word of the argument's name.
IDENTIFIERS = {
    "activation": activations,
    "initializer": initializers,
    "regularizer": regularizers,
    "constraint": constraints,
}


def suggestion(name: object, names: Iterable[object]) -> str:
    """Return ". Did you mean 'same'?" with the most similar name, or "" if none is similar."""
    close = difflib.get_close_matches(str(name), [str(candidate) for candidate in names], 1)
    return f". Did you mean {close[0]!r}?" if close else ""


def check_choice(value: Any, names: Sequence[str], argument: str, *, any_case: bool = False) -> str:
    """Check that an argument's value is one of the names it may have.

    Args:
        value: the argument's value.
        names: the names that it may have.
        argument: what the argument is called, for the error message.
        any_case: also accept capital letters.

    Returns:
        The name, in small letters if ``any_case``.

    Raises:
        ValueError: it is none of them; the message suggests the most similar one.
    """
    name = value.lower() if any_case and isinstance(value, str) else value
    if isinstance(name, str) and name in names:
        return name
    raise ValueError(
        f"{argument}: expected one of {', '.join(map(repr, names))}, received {value!r}"
        f"{suggestion(name, names)}"
    )


def check_identifiers(arguments: dict[str, Any]) -> None:
    """Check that every activation, initializer, regularizer and constraint given by name exists.

    Raises:
        ValueError: Keras has none of this name.
    """
    for argument, value in arguments.items():
        module = IDENTIFIERS.get(argument.rsplit("_", 1)[-1])
        if module is None or not isinstance(value, str) or _is_identifier(module, value):
            continue
        names = sorted({name.lower() for name in dir(module) if name[0] != "_"})
        names = [name for name in names if _is_identifier(module, name)]
        raise ValueError(
            f"{argument}: expected a name known to keras.{module.__name__.split('.')[-1]}, "
            f"received {value!r}{suggestion(value, names)}"
        )


def _is_identifier(module: Any, name: str) -> bool:
    """Return whether the module's ``get`` turns this name into an object."""
    # An initializer draws its seed. Python's random state is put back, or equal seeds of a script
    # would no longer give equal weights.
    state = random.getstate()
    try:
        return callable(module.get(name))
    except (ValueError, KeyError):  # a KeyError: "constant" needs a value, so no name will do
        return False
    finally:
        random.setstate(state)


def check_convolution(
    rank: int, arguments: dict[str, Any], *, paddings: Sequence[str]
) -> dict[str, tuple[int, ...]]:
    """Check the arguments that convolutions of all kinds share.

    Args:
        rank: the number of spatial axes.
        arguments: of the constructor, by name, defaults included.
        paddings: the names that ``padding`` may have.

    Returns:
        "kernel_size", "strides" and "dilation_rate", one integer for each axis.

    Raises:
        ValueError: no layer can be made of these arguments.
    """
    counts = {"filters": 0, "groups": 1}
    for name in ("filters", "groups", "depth_multiplier"):
        if name in arguments:
            (counts[name],) = as_tuple(arguments[name], 1, name)
    sizes = {
        name: as_tuple(arguments[name], rank, name)
        for name in ("kernel_size", "strides", "dilation_rate")
    }
    filters, groups = counts["filters"], counts["groups"]
    if filters % groups:
        raise ValueError(
            f"groups: expected a divisor of filters, received groups {groups} and filters "
            f"{filters}: every group makes as many filters as the others"
        )
    if max(sizes["strides"]) > 1 and max(sizes["dilation_rate"]) > 1 and filters:
        # (Keras allows both for depthwise convolutions, which have no argument ``filters``.)
        raise ValueError(
            f"strides, dilation_rate: expected at most one of them above 1, received strides "
            f"{sizes['strides']} and dilation_rate {sizes['dilation_rate']}: Keras does not define "
            "the two together. Dilate with strides 1 and keep every other output instead"
        )
    check_choice(arguments["padding"], paddings, "padding", any_case=True)
    check_data_format(arguments["data_format"])
    check_identifiers(arguments)
    return sizes


def check_output_padding(rank: int, output_padding: Sizes | None, strides: tuple[int, ...]) -> None:
    """Check that a transposed convolution's output padding is less than its strides.

    Raises:
        ValueError: it is not.
    """
    if output_padding is None:
        return
    output_padding = as_tuple(output_padding, rank, "output_padding", minimum=0)
    if any(extra >= stride for extra, stride in zip(output_padding, strides, strict=True)):
        raise ValueError(
            f"output_padding: expected less than strides on every axis, received {output_padding} "
            f"with strides {strides}: a whole stride more is the output of one more input"
        )


def check_pooling(rank: int, arguments: dict[str, Any]) -> None:
    """Check the arguments of a pooling layer.

    Raises:
        ValueError: no layer can be made of them.
    """
    as_tuple(arguments["pool_size"], rank, "pool_size")
    if arguments["strides"] is not None:
        as_tuple(arguments["strides"], rank, "strides")
    check_choice(arguments["padding"], ("valid", "same"), "padding", any_case=True)
    check_data_format(arguments["data_format"])


def check_data_format(data_format: str | None) -> str:
    """Return "channels_last" or "channels_first", which is Keras's setting for None.

    Raises:
        ValueError: it is neither.
    """
    if data_format is None:
        return keras.config.image_data_format()
    return check_choice(data_format, DATA_FORMATS, "data_format", any_case=True)


def check_input_shape(layer: Any, shape: Shape) -> None:
    """Check that an input has a batch axis, the layer's spatial axes and a channel axis.

    Raises:
        ValueError: it has more or fewer axes.
    """
    shape, rank = tuple(shape), layer.rank
    if len(shape) == rank + 2:
        return
    axes = ["height", "width"] if rank == 2 else ["depth", "height", "width"]
    axes = ["steps"] if rank == 1 else axes
    last = layer.data_format == "channels_last"
    expected = ["batch", *axes, "channels"] if last else ["batch", "channels", *axes]
    missing = {1: "the batch or the channel axis is missing", -1: "there is one axis too many"}
    why = missing.get(rank + 2 - len(shape), f"{type(layer).__name__} slides over {rank} axes")
    raise ValueError(
        f"{layer.name}: expected an input of {rank + 2} axes, ({', '.join(expected)}), received "
        f"shape {shape}: {why}"
    )


def check_channels(layer: Any, shape: Shape, channels: int) -> None:
    """Check that an input has the number of channels that the layer was built for.

    Raises:
        ValueError: it has another number.
    """
    axis = -1 if layer.data_format == "channels_last" else 1
    if shape[axis] is not None and shape[axis] != channels:
        raise ValueError(
            f"{layer.name}: expected {channels} channels on axis {axis}, received {shape[axis]}: "
            f"input shape {tuple(shape)}. The layer's kernel was built for {channels}; another "
            "number needs another layer"
        )


def check_known_channels(layer: Any, shape: Shape, groups: int = 1) -> int:
    """Return the number of channels that a layer is about to be built for.

    Raises:
        ValueError: it is None, or not divisible by ``groups``.
    """
    axis = -1 if layer.data_format == "channels_last" else 1
    channels = shape[axis]
    if channels is None:
        raise ValueError(
            f"{layer.name}: expected a known number of channels on axis {axis}, received shape "
            f"{tuple(shape)}: the kernel's shape depends on it. Give it in keras.Input"
        )
    if channels % groups:
        raise ValueError(
            f"{layer.name}: expected channels divisible by groups, received {channels} channels "
            f"and groups {groups}: input shape {tuple(shape)}. Every group reads as many channels "
            "as the others"
        )
    return channels


def check_floating(layer: Any, inputs: Tensor) -> None:
    """Check that the inputs are floating-point numbers, the only ones that Keras casts.

    Raises:
        ValueError: they are integers, booleans or complex.
    """
    dtype = keras.backend.standardize_dtype(inputs.dtype)
    if "float" not in dtype:
        raise ValueError(
            f"{layer.name}: expected floating-point inputs, received dtype {dtype} and shape "
            f"{tuple(inputs.shape)}: cast them first, e.g. x.astype('float32') / 255"
        )


def check_output(layer: Any, shape: Shape) -> None:
    """Check that the kernel fits into the padded input along every axis whose size is known.

    Raises:
        ValueError: it does not fit, so that there would be no output.
    """
    last = layer.data_format == "channels_last"
    spatial = shape[1:-1] if last else shape[2:]
    kernel_size = getattr(layer, "kernel_size", None) or layer.pool_size
    dilation = getattr(layer, "dilation_rate", (1,) * layer.rank)
    # For an unknown size, one that fits is filled in.
    extents = [(k - 1) * d + 1 for k, d in zip(kernel_size, dilation, strict=True)]
    sizes = tuple(e if n is None else n for n, e in zip(spatial, extents, strict=True))
    try:
        windows(
            sizes,
            kernel_size,
            strides=layer.strides,
            padding=layer.padding,
            dilation_rate=dilation,
        )
    except ValueError as error:
        text = str(error)
        if not hasattr(layer, "kernel_size"):  # a pooling layer has a window and no kernel
            text = text.replace("kernel_size", "pool_size").replace("kernel", "window")
        raise ValueError(f"{layer.name}: input shape {tuple(shape)}: {text}") from None
