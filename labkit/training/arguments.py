"""Normalize the arguments of `fit`, and refuse wrong ones before anything is trained."""

from collections.abc import Callable
from typing import Any, TypeAlias

import keras
import numpy as np
from numpy.typing import NDArray

__all__ = ["as_data", "as_model", "check_batch", "check_labels"]

# Images and their labels, int32 ``(image,)``.
_Labeled: TypeAlias = tuple[NDArray[Any], NDArray[np.int32]]


def as_data(data: Any) -> list[_Labeled]:
    """Convert ``data`` to ``[(x_train, y_train), (x_test, y_test)]``, labels int32 ``(image,)``.

    Raises:
        ValueError: it has another form, there is not one whole number for each image, or test
            images hold NaN or infinity.
    """
    try:
        (x, y), (x_test, y_test) = data
    except (TypeError, ValueError):
        raise ValueError(
            "data: expected (x_train, y_train), (x_test, y_test), as labkit.data.load gives them, "
            f"received {type(data).__name__}"
        ) from None
    pairs = []
    for name, images, labels in (("train", x, y), ("test", x_test, y_test)):
        images, labels = np.asarray(images), np.asarray(labels)
        if labels.ndim == 2 and labels.shape[1] == 1:  # as keras.datasets.cifar10 has them
            labels = labels[:, 0]
        if labels.ndim != 1 or labels.dtype.kind not in "iu" or len(labels) != len(images):
            raise ValueError(
                f"y_{name}: expected whole numbers of shape ({len(images)},), one for each image "
                f"of x_{name} {images.shape}, received shape {labels.shape}, dtype {labels.dtype}"
            )
        if not len(images):
            raise ValueError(f"x_{name}: expected images, received none {images.shape}")
        if labels.min() < 0 or labels.max() > np.iinfo(np.int32).max:
            raise ValueError(
                f"y_{name}: expected class numbers, from 0 up to the model's outputs, received "
                f"{labels.min()} to {labels.max()}"
            )
        pairs.append((images, labels.astype(np.int32)))
    _refuse_nan("x_test", pairs[1][0])
    return pairs


def _refuse_nan(name: str, images: NDArray[Any]) -> None:
    """Raise ValueError if an image holds NaN or infinity.

    In training images these make the loss NaN, which is reported. In test images max pooling may
    hide them.
    """
    if images.dtype.kind != "f":
        return
    finite = np.isfinite(images).reshape(len(images), -1).all(axis=1)
    if not finite.all():
        raise ValueError(
            f"{name}: expected finite numbers, received NaN or infinity in {(~finite).sum()} of "
            f"{len(images)} images, first in image {finite.argmin()}"
        )


def as_model(model: keras.Model | Callable[[], keras.Model]) -> keras.Model:
    """Return a built Keras model: ``model`` itself, or what it returns.

    Raises:
        ValueError: it is not a model of one input and one output ``(image, class)``.
    """
    if callable(model) and not isinstance(model, keras.Model):
        model = model()
    if not isinstance(model, keras.Model):
        raise ValueError(
            f"model: expected a Keras model, or a function that builds one, received {model!r}"
        )
    if not model.built:
        raise ValueError("model: expected one that is built: give it a keras.Input")
    inputs: list[Any] = getattr(model, "inputs", None) or []
    outputs: list[Any] = getattr(model, "outputs", None) or []
    if len(inputs) != 1 or len(outputs) != 1 or len(outputs[0].shape) != 2:
        raise ValueError(
            "model: expected a Sequential or functional model with one input and one output of "
            f"shape (image, class), received {model.name!r} with inputs "
            f"{[each.shape for each in inputs]} and outputs {[each.shape for each in outputs]}"
        )
    return model


def check_labels(model: keras.Model, *labels: NDArray[np.int32]) -> None:
    """Raise ValueError for labels that ``model`` has no output for."""
    classes = model.output_shape[-1]
    for y in labels:
        if y.min() < 0 or y.max() >= classes:
            raise ValueError(
                f"labels: expected 0 to {classes - 1}, the model has {classes} outputs, received "
                f"{y.min()} to {y.max()}"
            )


def check_batch(batch: int, replicas: int) -> None:
    """Raise ValueError for a batch that ``replicas`` devices cannot share evenly."""
    if batch % replicas:
        raise ValueError(
            f"batch: expected a multiple of {replicas}, the number of devices that share it, "
            f"received {batch}: try {max(replicas, batch - batch % replicas)}"
        )
