"""Augmentation as a function of images and a seed, built from its description in a recipe.

There is no hidden state: what happens to a batch depends only on the recipe's seed, the epoch and
the step. So an epoch that is run again after a crash sees the same images, whatever the number of
threads.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

__all__ = ["augmentation"]

# TensorFlow's types are not checked. Images are float32 ``(image, height, width, channel)``, seeds
# int32 ``(2,)``.
_Tensor: TypeAlias = Any


def augmentation(
    description: Iterable[Mapping[str, Any]],
) -> Callable[[_Tensor, _Tensor], _Tensor]:
    """Return the function ``(images, seed) -> images`` that a recipe's ``augmentation`` describes.

    It works on tensors: images float32 ``(image, height, width, channel)``, 0 where there is paper,
    and a seed of two int32. Pixels from outside the image are 0 as well. Affine maps and elastic
    distortions interpolate between pixels, which blurs. With a ``share`` below 1 only that share of
    the images is transformed, so that the network also sees sharp images like those that it is
    evaluated on.
    """
    steps = [
        (KINDS[each["name"]], {name: value for name, value in each.items() if name != "name"})
        for each in description
    ]

    def apply(images: _Tensor, seed: _Tensor) -> _Tensor:
        import tensorflow as tf

        for number, (kind, options) in enumerate(steps):
            images = _some(images, tf.random.fold_in(seed, number), kind, **options)
        return images

    return apply


def _some(
    images: _Tensor, seed: _Tensor, kind: Callable[..., _Tensor], share: float = 1, **options: Any
) -> _Tensor:
    """Apply a transform to a random share of the images."""
    import tensorflow as tf

    bent = kind(images, seed, **options)
    if share == 1:
        return bent
    chosen = tf.random.stateless_uniform((tf.shape(images)[0], 1, 1, 1), seed + 1) < share
    return tf.where(chosen, bent, images)


def _transform(images: _Tensor, matrices: _Tensor, interpolation: str) -> _Tensor:
    """Transform every image by its own row of eight numbers (from output to input positions)."""
    import tensorflow as tf

    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=matrices,
        output_shape=tf.shape(images)[1:3],
        fill_value=0.0,
        interpolation=interpolation,
        fill_mode="CONSTANT",
    )


def _shift(images: _Tensor, seed: _Tensor, pixels: float) -> _Tensor:
    """Move each image by up to ``pixels`` whole pixels in both directions."""
    import tensorflow as tf

    count = tf.shape(images)[0]
    moves = tf.random.stateless_uniform(
        (count, 2), seed, -int(pixels), int(pixels) + 1, dtype=tf.int32
    )
    moves = tf.cast(moves, tf.float32)
    one, zero = tf.ones((count, 1)), tf.zeros((count, 1))
    matrices = [one, zero, moves[:, :1], zero, one, moves[:, 1:], zero, zero]
    return _transform(images, tf.concat(matrices, axis=1), "NEAREST")


def _flip(images: _Tensor, seed: _Tensor) -> _Tensor:
    """Mirror half of the images."""
    import tensorflow as tf

    mirrored = tf.random.stateless_uniform((tf.shape(images)[0], 1, 1, 1), seed) < 0.5
    return tf.where(mirrored, images[:, :, ::-1], images)


def _affine(
    images: _Tensor,
    seed: _Tensor,
    rotation: float = 0,
    scale: float = 0,
    shear: float = 0,
    shift: float = 0,
) -> _Tensor:
    """Rotate by up to ``rotation`` degrees, and scale, shear and shift by up to these fractions."""
    import tensorflow as tf

    count = tf.shape(images)[0]
    size = tf.cast(tf.shape(images)[1:3], tf.float32)
    random = tf.random.stateless_uniform((5, count), seed, -1.0, 1.0)
    angle, stretch = random[0] * rotation * math.pi / 180, 1 + random[1] * scale
    lean = random[2] * shear
    cos, sin = tf.cos(angle) / stretch, tf.sin(angle) / stretch
    # output (column, row) to input, around the middle of the image
    a, b, c, d = cos, lean * cos - sin, sin, lean * sin + cos
    column, row = (size[1] - 1) / 2, (size[0] - 1) / 2
    right = column - a * column - b * row + random[3] * shift * size[1]
    down = row - c * column - d * row + random[4] * shift * size[0]
    zero = tf.zeros(count)
    return _transform(images, tf.stack([a, b, right, c, d, down, zero, zero], axis=1), "BILINEAR")


def _elastic(images: _Tensor, seed: _Tensor, alpha: float = 34, sigma: float = 4) -> _Tensor:
    """Move every pixel, neighbors by nearly the same amount (Simard, Steinkraus and Platt, 2003).

    The displacement is uniform in (-1, 1) for each pixel and direction, smoothed by a Gaussian of
    ``sigma`` pixels, times ``alpha``; between pixels the image is interpolated linearly.
    """
    import tensorflow as tf

    count, height, width = tf.unstack(tf.shape(images)[:3])
    noise = tf.random.stateless_uniform((2, count, height, width), seed, -1.0, 1.0)
    # a Gaussian smooths along rows, then along columns; for images of this size a product with a
    # banded matrix takes a fifth of a convolution's time
    return _sampled(images, alpha * (_bell(height, sigma) @ noise @ _bell(width, sigma)))


def _bell(size: _Tensor, sigma: float) -> _Tensor:
    """Return the symmetric matrix ``(size, size)`` that smooths by a Gaussian; zeros outside."""
    import tensorflow as tf

    def at(distance: _Tensor) -> _Tensor:
        distance = tf.cast(distance, tf.float32)
        return tf.where(tf.abs(distance) <= 3 * sigma, tf.exp(-(distance**2) / (2 * sigma**2)), 0.0)

    places, radius = tf.range(size), math.ceil(3 * sigma)
    whole = tf.reduce_sum(at(tf.range(-radius, radius + 1)))
    return at(places[:, None] - places[None, :]) / whole


def _sampled(images: _Tensor, field: _Tensor) -> _Tensor:
    """Take for each pixel the value that lies ``field`` away from it.

    ``field`` is (down and right, image, height, width), in pixels. Values between pixels are
    interpolated linearly; outside the image they are 0.
    """
    import tensorflow as tf

    _, height, width, channels = tf.unstack(tf.shape(images))
    images = tf.pad(images, [(0, 0), (1, 2), (1, 2), (0, 0)])
    count, rows, columns = tf.unstack(tf.shape(images)[:3])

    def looked_up(places: _Tensor, moves: _Tensor, size: _Tensor) -> tuple[_Tensor, _Tensor]:
        place = tf.clip_by_value(places + moves, 0.0, tf.cast(size - 2, tf.float32))
        corner = tf.floor(place)
        return tf.cast(corner, tf.int32), (place - corner)[..., None]

    row, down = looked_up(tf.range(1.0, height + 1)[:, None], field[0], rows)
    column, right = looked_up(tf.range(1.0, width + 1), field[1], columns)
    pixels = tf.reshape(images, (-1, channels))
    corner = (tf.range(count)[:, None, None] * rows + row) * columns + column

    def along(corner: _Tensor) -> _Tensor:
        return (1 - right) * tf.gather(pixels, corner) + right * tf.gather(pixels, corner + 1)

    return (1 - down) * along(corner) + down * along(corner + columns)


KINDS: dict[str, Callable[..., _Tensor]] = {
    "shift": _shift,
    "flip": _flip,
    "affine": _affine,
    "elastic": _elastic,
}
