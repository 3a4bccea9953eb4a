"""Augmentation as Keras layers: for a ``tf.data`` pipeline, or at the head of a model.

The same transforms as a recipe's ``augmentation``, which a recipe applies as functions of its own
seed, epoch and step; these draw from a Keras seed generator, as Keras's own random layers do.
"""

import keras

from labkit.training.augment import augmentation

__all__ = ["ElasticDistortion", "RandomAffine", "RandomShift"]


class _Augmentation(keras.layers.Layer):
    """Bends images ``(image, height, width, channel)`` in training, and lets them be otherwise.

    Floats in, floats of the same shape out; what comes in from outside the image is 0.
    """

    kind = ""

    def __init__(self, options, seed=None, **kwargs):
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

    def call(self, images, training=True):
        if not training:
            return images
        seed = keras.ops.cast(self.seed_generator.next(), "int32")
        bent = self._apply(keras.ops.cast(images, "float32"), seed)
        return keras.ops.cast(bent, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | self.options | {"seed": self.seed}


def _check(name, options):
    for option, value in options.items():
        good = isinstance(value, int | float) and not isinstance(value, bool)
        if not good or not 0 <= value < float("inf"):
            raise ValueError(f"{name}: expected {option} of at least 0, received {value!r}")


@keras.saving.register_keras_serializable("labkit")
class RandomShift(_Augmentation):
    """Moves each image by up to ``pixels`` whole pixels, in both directions independently.

    >>> import numpy as np
    >>> RandomShift(2, seed=1)(np.ones((3, 8, 8, 1), "float32")).shape
    TensorShape([3, 8, 8, 1])
    """

    kind = "shift"

    def __init__(self, pixels, seed=None, **kwargs):
        super().__init__({"pixels": pixels}, seed, **kwargs)


@keras.saving.register_keras_serializable("labkit")
class RandomAffine(_Augmentation):
    """Turns, stretches, leans and moves each image at random, around its middle.

    Up to ``rotation`` degrees; ``scale`` and ``shear`` are shares (0.1: up to a tenth), ``shift`` a
    share of the image's size. Between pixels it is interpolated linearly.
    """

    kind = "affine"

    def __init__(self, rotation=0, scale=0, shear=0, shift=0, seed=None, **kwargs):
        options = {"rotation": rotation, "scale": scale, "shear": shear, "shift": shift}
        super().__init__(options, seed, **kwargs)


@keras.saving.register_keras_serializable("labkit")
class ElasticDistortion(_Augmentation):
    """Moves every pixel a little, neighbors nearly alike: a smoothed random field.

    P. Simard, D. Steinkraus and J. Platt, *Best practices for convolutional neural networks applied
    to visual document analysis*, ICDAR 2003: displacements uniform in (-1, 1), smoothed by a
    Gaussian of ``sigma`` pixels, times ``alpha``; 34 and 4 are their values for 29 by 29 digits.
    """

    kind = "elastic"

    def __init__(self, alpha=34, sigma=4, seed=None, **kwargs):
        super().__init__({"alpha": alpha, "sigma": sigma}, seed, **kwargs)
        if not sigma:
            raise ValueError("ElasticDistortion: expected sigma above 0, received 0")
