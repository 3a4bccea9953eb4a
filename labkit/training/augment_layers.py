"""Augmentation as Keras layers, for a ``tf.data`` pipeline or at the head of a model.

The transforms are those of a recipe's ``augmentation``. A recipe applies them as functions of its
seed, the epoch and the step; these layers draw from a Keras seed generator, as Keras's own random
layers do.
"""

from typing import Any

import keras

from labkit.training.augment import augmentation

__all__ = ["ElasticDistortion", "RandomAffine", "RandomShift"]


class _Augmentation(keras.layers.Layer):
    """Transform images ``(image, height, width, channel)`` in training, and not in evaluation.

    Takes floats and returns floats of the same shape; pixels from outside the image are 0.
    """

    kind = ""

    def __init__(self, options: dict[str, Any], seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if keras.backend.backend() != "tensorflow":
            raise ValueError(
                f"{type(self).__name__}: expected the backend tensorflow, received "
                f"{keras.backend.backend()}"
            )
        _check(type(self).__name__, options)
        self.options, self.seed = options, seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self._apply = augmentation([{"name": self.kind, **options}])

    def call(self, images: Any, training: bool = True) -> Any:
        if not training:
            return images
        seed = keras.ops.cast(self.seed_generator.next(), "int32")
        bent = self._apply(keras.ops.cast(images, "float32"), seed)
        return keras.ops.cast(bent, self.compute_dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | self.options | {"seed": self.seed}


def _check(name: str, options: dict[str, Any]) -> None:
    """Raise ValueError for an option that is not a number of at least 0."""
    for option, value in options.items():
        good = isinstance(value, int | float) and not isinstance(value, bool)
        if not good or not 0 <= value < float("inf"):
            raise ValueError(f"{name}: expected {option} of at least 0, received {value!r}")


@keras.saving.register_keras_serializable("labkit")
class RandomShift(_Augmentation):
    """Move each image by up to ``pixels`` whole pixels, in both directions independently.

    >>> import numpy as np
    >>> RandomShift(2, seed=1)(np.ones((3, 8, 8, 1), "float32")).shape
    TensorShape([3, 8, 8, 1])
    """

    kind = "shift"

    def __init__(self, pixels: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__({"pixels": pixels}, seed, **kwargs)


@keras.saving.register_keras_serializable("labkit")
class RandomAffine(_Augmentation):
    """Rotate, scale, shear and shift each image at random, around its middle.

    Values between pixels are interpolated linearly.

    Args:
        rotation: the largest angle, in degrees.
        scale: the largest change of size, as a fraction: 0.1 is a tenth larger or smaller.
        shear: the largest shear, as a fraction.
        shift: the largest shift, as a fraction of the image's size.
        seed: of the random numbers.
    """

    kind = "affine"

    def __init__(
        self,
        rotation: float = 0,
        scale: float = 0,
        shear: float = 0,
        shift: float = 0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        options = {"rotation": rotation, "scale": scale, "shear": shear, "shift": shift}
        super().__init__(options, seed, **kwargs)


@keras.saving.register_keras_serializable("labkit")
class ElasticDistortion(_Augmentation):
    """Move every pixel a little, by a random field so smooth that neighbors stay neighbors.

    P. Simard, D. Steinkraus and J. Platt, *Best practices for convolutional neural networks applied
    to visual document analysis*, ICDAR 2003: displacements uniform in (-1, 1), smoothed by a
    Gaussian of ``sigma`` pixels, times ``alpha``; 34 and 4 are their values for 29 by 29 digits.
    """

    kind = "elastic"

    def __init__(
        self, alpha: float = 34, sigma: float = 4, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__({"alpha": alpha, "sigma": sigma}, seed, **kwargs)
        if not sigma:
            raise ValueError("ElasticDistortion: expected sigma above 0, received 0")
