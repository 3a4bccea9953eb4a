"""Augmentation from its plain description, as a function of images and a seed: no hidden state.

What happens to a batch depends on the recipe's seed, the epoch and the step alone. So an epoch that
is run again after a crash sees the same images, in however many threads.
"""

import math

__all__ = ["augmentation"]


def augmentation(description):
    """A function ``(images, seed) -> images`` on tensors for a recipe's ``augmentation``.

    Images are ``(image, height, width, channel)``, float32, 0 where there is paper; what comes in
    from outside is 0 as well. ``seed`` is two int32.
    """
    steps = [
        (KINDS[each["name"]], {name: value for name, value in each.items() if name != "name"})
        for each in description
    ]

    def apply(images, seed):
        import tensorflow as tf

        for number, (kind, options) in enumerate(steps):
            images = kind(images, tf.random.fold_in(seed, number), **options)
        return images

    return apply


def _transform(images, matrices, interpolation):
    """Move every image by its own row of eight numbers (output to input, as TensorFlow has it)."""
    import tensorflow as tf

    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=matrices,
        output_shape=tf.shape(images)[1:3],
        fill_value=0.0,
        interpolation=interpolation,
        fill_mode="CONSTANT",
    )


def _shift(images, seed, pixels):
    import tensorflow as tf

    count = tf.shape(images)[0]
    moves = tf.random.stateless_uniform(
        (count, 2), seed, -int(pixels), int(pixels) + 1, dtype=tf.int32
    )
    moves = tf.cast(moves, tf.float32)
    one, zero = tf.ones((count, 1)), tf.zeros((count, 1))
    matrices = [one, zero, moves[:, :1], zero, one, moves[:, 1:], zero, zero]
    return _transform(images, tf.concat(matrices, axis=1), "NEAREST")


def _flip(images, seed):
    import tensorflow as tf

    mirrored = tf.random.stateless_uniform((tf.shape(images)[0], 1, 1, 1), seed) < 0.5
    return tf.where(mirrored, images[:, :, ::-1], images)


def _affine(images, seed, rotation=0, scale=0, shear=0, shift=0):
    """Up to ``rotation`` degrees, and shares ``shear``, ``scale``, ``shift``; all at random."""
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


def _elastic(images, seed, alpha=34, sigma=4):
    """Simard, Steinkraus and Platt (2003): every pixel moves, neighbors nearly alike.

    A displacement uniform in (-1, 1) for each pixel and direction, smoothed by a Gaussian of
    ``sigma`` pixels, times ``alpha``; between pixels the image is interpolated linearly.
    """
    import numpy as np
    import tensorflow as tf

    shape = tf.shape(images)
    radius = math.ceil(3 * sigma)
    bell = np.exp(-(np.arange(-radius, radius + 1) ** 2) / (2 * sigma**2))
    bell = (bell / bell.sum()).astype(np.float32)
    noise = tf.random.stateless_uniform((shape[0], shape[1], shape[2], 2), seed, -1.0, 1.0)
    for kernel in (bell[:, None, None, None], bell[None, :, None, None]):
        kernel = tf.repeat(kernel, 2, axis=2)
        noise = tf.nn.depthwise_conv2d(noise, kernel, [1, 1, 1, 1], "SAME")
    rows, columns = tf.meshgrid(tf.range(shape[1]), tf.range(shape[2]), indexing="ij")
    place = tf.cast(tf.stack([rows, columns], axis=-1), tf.float32) + alpha * noise
    return _sampled(images, place)


def _sampled(images, place):
    """Images at the points ``place`` (image, height, width, 2), linearly; zeros outside."""
    import tensorflow as tf

    images = tf.pad(images, [(0, 0), (1, 2), (1, 2), (0, 0)])
    place = tf.clip_by_value(place + 1, 0.0, tf.cast(tf.shape(images)[1:3] - 2, tf.float32))
    corner = tf.floor(place)
    share = place - corner
    corner = tf.cast(corner, tf.int32)

    def at(down, right):
        weight = (share if down else 1 - share)[..., :1] * (share if right else 1 - share)[..., 1:]
        return weight * tf.gather_nd(images, corner + tf.constant([down, right]), batch_dims=1)

    return at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)


KINDS = {"shift": _shift, "flip": _flip, "affine": _affine, "elastic": _elastic}
