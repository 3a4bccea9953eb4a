"""Convert stored pixels to what a network takes: channels, size, scale."""

import dataclasses
import json
import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labkit.geometry import Shape

__all__ = ["Preparation", "prepare"]

CHUNK = 2**22  # numbers that are converted to floats at once
# Mean and deviation. LeCun et al. (1998), II-B, have white at -0.1 and black at 1.175, so that over
# MNIST the mean is near 0 and the variance near 1.
FIXED = {"unit": (0.0, 1.0), "lenet": (0.1 / 1.275, 1 / 1.275)}


@dataclasses.dataclass(frozen=True)
class Preparation:
    """What :func:`fit` did to the images; call it on others before ``model.predict``.

    `labkit train` writes it beside the model, for :meth:`from_json`.
    """

    size: Shape  # (height, width, channels) that the network takes
    how: str  # "as they are", "padded" or "resized": how images get this size
    mean: tuple[float, ...]  # of each channel, subtracted from pixels from 0 to 1
    deviation: tuple[float, ...]  # of each channel, by which the difference is divided

    def __call__(self, x: ArrayLike) -> NDArray[np.float32]:
        """Convert images to what the network takes.

        Args:
            x: ``(image, height, width[, channel])``, uint8 or floats from 0 to 1.

        Returns:
            float32 ``(image, *size)``.
        """
        return self.scale(as_unit(self.sized(x)))

    def scale(self, x: Any) -> Any:
        """Standardize pixels from 0 to 1, an array or a tensor ``(…, channel)``."""
        return (x - np.asarray(self.mean, np.float32)) / np.asarray(self.deviation, np.float32)

    def to_json(self) -> str:
        """Return one line of JSON."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Preparation":
        """Read what :meth:`to_json` returned.

        Raises:
            ValueError: the text does not describe a preparation.

        >>> same = Preparation((32, 32, 1), "padded", (0.1,), (0.3,))
        >>> Preparation.from_json(same.to_json()) == same
        True
        """
        try:
            entries = json.loads(text).items()
            values: Any = {n: tuple(v) if isinstance(v, list) else v for n, v in entries}
            return cls(**values)
        except (AttributeError, TypeError, ValueError) as error:
            names = [field.name for field in dataclasses.fields(cls)]
            raise ValueError(
                f"preparation: expected JSON with {', '.join(names)}, received {text[:60]!r}"
            ) from error

    def sized(self, x: ArrayLike) -> NDArray[Any]:
        """Return images of the network's size, uint8 as uint8 and floats as float32."""
        x = with_channels(x)
        if x.shape[-1] == 1 and self.size[-1] == 3:
            x = np.repeat(x, 3, axis=-1)
        if x.shape[1:] == self.size:
            return x
        if self.how == "padded":
            margins = [
                (want - have) // 2 for want, have in zip(self.size, x.shape[1:], strict=True)
            ]
            rest = [
                want - have - before
                for want, have, before in zip(self.size, x.shape[1:], margins, strict=True)
            ]
            return np.pad(x, [(0, 0), *zip(margins, rest, strict=True)])
        self._warn_if_stretched(x)
        return np.concatenate([self._resized(part) for part in _parts(x, math.prod(self.size))])

    def _warn_if_stretched(self, x: NDArray[Any]) -> None:
        """Warn if resizing changes the proportions of what the images show by more than 2 %."""
        (height, width), (rows, columns) = x.shape[1:3], self.size[:2]
        stretch = (columns / width) / (rows / height)
        if max(stretch, 1 / stretch) > 1.02:
            warnings.warn(
                f"images of {height} x {width} pixels are resized to {rows} x {columns}, which "
                f"makes what they show {max(stretch, 1 / stretch):.3g} times as "
                f"{'wide' if stretch > 1 else 'high'}: crop or pad them first to keep its "
                "proportions",
                stacklevel=3,
            )

    def _resized(self, x: NDArray[Any]) -> NDArray[Any]:
        """Resize with antialiasing, in the dtype of ``x``."""
        import tensorflow as tf

        with tf.device("CPU:0"):
            y = tf.image.resize(x, self.size[:2], antialias=True).numpy()
        return np.round(y).astype(np.uint8) if x.dtype == np.uint8 else y


def _parts(x: NDArray[Any], pixels: int) -> list[NDArray[Any]]:
    """Split the images into parts of about CHUNK numbers, when each image has ``pixels``."""
    return np.array_split(x, min(len(x), -(-len(x) * pixels // CHUNK)) or 1)


def with_channels(images: ArrayLike) -> NDArray[Any]:
    """Return images with an axis for channels, whole numbers as uint8 and floats as float32.

    Raises:
        ValueError: whole numbers beyond 0 to 255, or the wrong number of axes.
    """
    x: NDArray[Any] = np.asarray(images)
    if x.dtype.kind in "iu" and x.dtype != np.uint8:
        if x.size and (x.min() < 0 or x.max() > 255):
            raise ValueError(
                f"images: expected whole numbers from 0 to 255, or floats from 0 to 1, received "
                f"{x.dtype} from {x.min()} to {x.max()}"
            )
        x = x.astype(np.uint8)
    if x.ndim == 3:
        x = x[..., None]
    if x.ndim != 4:
        raise ValueError(
            f"images: expected (image, height, width) or (image, height, width, channel), received "
            f"shape {x.shape}"
        )
    return x if x.dtype == np.uint8 else x.astype(np.float32)


def as_unit(x: NDArray[Any]) -> NDArray[Any]:
    """Convert uint8 to float32 from 0 to 1, and leave floats as they are."""
    return x.astype(np.float32) / np.float32(255) if x.dtype == np.uint8 else x


def prepare(
    x: ArrayLike, input_shape: Sequence[int | None], inputs: str = "standardize"
) -> Preparation:
    """Determine the :class:`Preparation` of training images for a network.

    Images that are a little smaller (by up to a quarter of the network's size) are padded with
    zeros, as in LeNet-5's paper from 28 to 32 pixels; others are resized.

    Args:
        x: ``(image, height, width[, channel])``, uint8 or floats from 0 to 1.
        input_shape: of the network, ``(None, height, width, channels)``.
        inputs: "standardize", "unit" or "lenet", see :class:`Recipe`.

    Raises:
        ValueError: the images have another number of channels than the network takes.

    >>> prepare(np.zeros((5, 28, 28), np.uint8), (None, 32, 32, 1), "unit").how
    'padded'
    """
    size = tuple(extent for extent in input_shape[1:] if extent is not None)
    x = with_channels(x)
    if len(size) != 3 or len(input_shape) != 4:
        raise ValueError(
            "model: expected inputs (height, width, channels) of known size, received "
            f"{input_shape}"
        )
    if x.shape[-1] != size[-1] and (x.shape[-1], size[-1]) != (1, 3):
        raise ValueError(
            f"images: expected {size[-1]} channels, what the model takes (its input shape is "
            f"{tuple(input_shape)}), received images of shape {x.shape}"
        )
    smaller = [want - have for want, have in zip(size[:2], x.shape[1:3], strict=True)]
    near = all(0 <= more <= want // 4 for more, want in zip(smaller, size[:2], strict=True))
    how = "as they are" if not any(smaller) else "padded" if near else "resized"
    channels = size[-1]
    if inputs == "standardize":
        x = Preparation(size, how, (0.0,) * channels, (1.0,) * channels).sized(x)
        factor = 255 if x.dtype == np.uint8 else 1
        # in float64 over chunks: a float32 sum over millions of pixels loses digits
        count = 0
        total, squares = np.zeros(channels), np.zeros(channels)
        for part in _parts(x, math.prod(size)):
            part = part.astype(np.float64) / factor
            count += part[..., 0].size
            total = total + part.sum(axis=(0, 1, 2))
            squares = squares + (part**2).sum(axis=(0, 1, 2))
        mean = total / count
        deviation = np.sqrt(np.maximum(squares / count - mean**2, 1e-12))
    else:
        mean, deviation = (np.full(channels, each) for each in FIXED[inputs])
    return Preparation(size, how, tuple(map(float, mean)), tuple(map(float, deviation)))
