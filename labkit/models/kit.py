"""Choose the convolution and pooling layers of a model: labkit's, or Keras's own."""

import types
from typing import Any

import keras

from labkit import layers

__all__ = ["kit"]

_NAMES = ("Conv2D", "MaxPooling2D", "AveragePooling2D")


def kit(name: str, **options: Any) -> types.SimpleNamespace:
    """Return the layer classes of ``"labkit"`` or ``"keras"`` as attributes.

    Args:
        name: "labkit" or "keras".
        options: for every convolution of labkit's: ``implementation=``, ``gradient=``.

    Raises:
        ValueError: another name, or options for Keras's layers, which have none.
    """
    if name not in ("labkit", "keras"):
        raise ValueError(f'layers: expected "labkit" or "keras", received {name!r}')
    if name == "keras" and options:
        raise ValueError(f"Keras's layers know no {', '.join(options)}: expected layers='labkit'")
    source = layers if name == "labkit" else keras.layers
    classes: dict[str, Any] = {each: getattr(source, each) for each in _NAMES}
    if options:

        def convolution(*args: Any, **kwargs: Any) -> Any:
            return layers.Conv2D(*args, **options, **kwargs)

        classes["Conv2D"] = convolution
    return types.SimpleNamespace(**classes)
