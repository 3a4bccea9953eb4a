"""Augmentation from its plain description, as a function of images and a seed: no hidden state.

What happens to a batch depends on the recipe's seed, the epoch and the step alone. So an epoch that
is run again after a crash sees the same images, in however many threads.
"""

import math

__all__ = ["augmentation"]


def augmentation(description):
    """A function ``(images, seed) -> images`` on tensors for a recipe's ``augmentation``.

    Images are ``(image, height, width, channel)``, float32, 0 where there is paper; what comes in
    from outside is 0 as well. ``seed`` is two int32. Affine maps and elastic distortions look
    between pixels, which blurs; with a ``share`` below 1 so many of the images are bent, and a
    network sees sharp ones, too, such as it will be judged on.
    """
    steps = [
        (KINDS[each["name"]], {name: value for name, value in each.items() if name != "name"})
        for each in description
    ]

    def apply(images, seed):
        import tensorflow as tf

        for number, (kind, options) in enumerate(steps):
            images = _some(images, tf.random.fold_in(seed, number), kind, **options)
        return images

    return apply


def _some(images, seed, kind, share=1, **options):
    import tensorflow as tf

    bent = kind(images, seed, **options)
    if share == 1:
        return bent
    chosen = tf.random.stateless_uniform((tf.shape(images)[0], 1, 1, 1), seed + 1) < share
    return tf.where(chosen, bent, images)


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
    import tensorflow as tf

    count, height, width = tf.unstack(tf.shape(images)[:3])
    noise = tf.random.stateless_uniform((2, count, height, width), seed, -1.0, 1.0)
    # a Gaussian is smoothed by along rows, then columns; for images of this size a product with a
    # banded matrix takes a fifth of a convolution's time
    return _sampled(images, alpha * (_bell(height, sigma) @ noise @ _bell(width, sigma)))


def _bell(size, sigma):
    """The symmetric matrix ``(size, size)`` that smooths by a Gaussian; zeros outside."""
    import tensorflow as tf

    def at(distance):
        distance = tf.cast(distance, tf.float32)
        return tf.where(tf.abs(distance) <= 3 * sigma, tf.exp(-(distance**2) / (2 * sigma**2)), 0.0)

    places, radius = tf.range(size), math.ceil(3 * sigma)
    whole = tf.reduce_sum(at(tf.range(-radius, radius + 1)))
    return at(places[:, None] - places[None, :]) / whole


def _sampled(images, field):
    """Images looked up ``field`` (down and right, image, height, width) away from each pixel.

    Between pixels linearly; zeros outside.
    """
    import tensorflow as tf

    _, height, width, channels = tf.unstack(tf.shape(images))
    images = tf.pad(images, [(0, 0), (1, 2), (1, 2), (0, 0)])
    count, rows, columns = tf.unstack(tf.shape(images)[:3])

    def looked_up(places, moves, size):
        place = tf.clip_by_value(places + moves, 0.0, tf.cast(size - 2, tf.float32))
        corner = tf.floor(place)
        return tf.cast(corner, tf.int32), (place - corner)[..., None]

    row, down = looked_up(tf.range(1.0, height + 1)[:, None], field[0], rows)
    column, right = looked_up(tf.range(1.0, width + 1), field[1], columns)
    pixels = tf.reshape(images, (-1, channels))
    corner = (tf.range(count)[:, None, None] * rows + row) * columns + column

    def along(corner):
        return (1 - right) * tf.gather(pixels, corner) + right * tf.gather(pixels, corner + 1)

    return (1 - down) * along(corner) + down * along(corner + columns)


KINDS = {"shift": _shift, "flip": _flip, "affine": _affine, "elastic": _elastic}
