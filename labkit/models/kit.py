"""Which convolutions and poolings a model is built from: labkit's, or Keras's own."""

import types

import keras

from labkit import layers

__all__ = ["kit"]

_NAMES = ("Conv2D", "MaxPooling2D", "AveragePooling2D")


def kit(name, **options):
    """The layer classes of ``"labkit"`` or ``"keras"``, as attributes.

    ``options`` go to every convolution of labkit's: ``implementation=``, ``gradient=``.

    Raises:
        ValueError: another name, or options for Keras's layers, which have none.
    """
    if name not in ("labkit", "keras"):
        raise ValueError(f'layers: expected "labkit" or "keras", received {name!r}')
    if name == "keras" and options:
        raise ValueError(f"Keras's layers know no {', '.join(options)}: expected layers='labkit'")
    source = layers if name == "labkit" else keras.layers
    found = {each: getattr(source, each) for each in _NAMES}
    if options:

        def convolution(*args, **kwargs):
            return layers.Conv2D(*args, **options, **kwargs)

        found["Conv2D"] = convolution
    return types.SimpleNamespace(**found)
