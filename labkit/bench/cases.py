"""The fixed set of layers that implementations are measured on."""

from typing import Any, NamedTuple

import keras

from labkit import layers

__all__ = ["CASES", "Case"]


class Case(NamedTuple):
    """One layer at its place in a network."""

    name: str
    layer: str  # the name of its class, which is the same in labkit and in Keras
    options: dict[str, Any]  # arguments of its constructor
    shape: tuple[int, ...]  # of one input: (*spatial, channels)
    first: bool = False  # whether nothing before it learns, so that its input needs no gradient

    def ours(self, **options: Any) -> Any:
        """Make labkit's layer, with further options such as ``implementation``."""
        return getattr(layers, self.layer)(**self.options, **options)

    def builtin(self) -> Any:
        """Make Keras's layer."""
        return getattr(keras.layers, self.layer)(**self.options)


def _conv(filters: int, kernel_size: int, **options: Any) -> dict[str, Any]:
    return {"filters": filters, "kernel_size": kernel_size, **options}


CASES = (
    Case("LeNet-5 C1", "Conv2D", _conv(6, 5), (32, 32, 1), first=True),
    Case("LeNet-5 C3", "Conv2D", _conv(16, 5), (14, 14, 6)),
    Case("28x28 32 to 64", "Conv2D", _conv(64, 3, padding="same"), (28, 28, 32)),
    Case("AlexNet conv1", "Conv2D", _conv(96, 11, strides=4), (227, 227, 3), first=True),
    Case("AlexNet conv2", "Conv2D", _conv(256, 5, padding="same"), (27, 27, 96)),
    Case(
        "AlexNet conv2, 2 groups", "Conv2D", _conv(256, 5, padding="same", groups=2), (27, 27, 96)
    ),
    Case("AlexNet conv3", "Conv2D", _conv(384, 3, padding="same"), (13, 13, 256)),
    Case("time series", "Conv1D", _conv(64, 9, padding="causal"), (256, 32)),
    Case("volume", "Conv3D", _conv(32, 3, padding="same"), (16, 16, 16, 16)),
    Case("depthwise", "DepthwiseConv2D", {"kernel_size": 3, "padding": "same"}, (28, 28, 64)),
)
