"""Augmentation from its plain description, as a function of images and a seed: no hidden state.

What happens to a batch depends on the recipe's seed, the epoch and the step alone. So an epoch that
is run again after a crash sees the same images, in however many threads.
"""

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


KINDS = {"shift": _shift, "flip": _flip}
