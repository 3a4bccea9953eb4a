"""The input pipeline: every batch is a function of the seed, the epoch and the step."""

__all__ = ["plan", "training_batches", "validation_batches"]

CACHE = 512 * 2**20  # bytes up to which images are kept as float32, already in the right scale


def plan(images, batch, steps_per_execution):
    """``(batch, steps, steps_per_execution)`` of an epoch over so many images.

    An epoch is as many whole batches as there are, in whole executions: of the sizes between half
    of what was asked for and all of it, the one that leaves out the fewest batches. What an epoch
    leaves out is different every time.

    >>> plan(60_000, 64, 16)  # 937 batches are 13 times 72, and one
    (64, 936, 13)
    """
    batch = min(batch, images)
    steps = images // batch
    most = min(steps_per_execution, steps)
    chunk = min(range(most, most // 2, -1), key=lambda size: steps % size)
    return batch, steps - steps % chunk, chunk


def training_batches(x, y, recipe, preparation, *, first, steps, batch, part=(0, 1)):
    """A ``tf.data.Dataset`` of the epochs from ``first`` on, ``steps`` batches each.

    ``x`` are images of the network's size, uint8 or float32; ``y`` labels. ``part`` (i, n) gives
    every batch's i-th of n equal parts: what one of several processes works on.
    """
    import numpy as np
    import tensorflow as tf

    from labkit.training.augment import augmentation
    from labkit.training.preparation import as_unit

    augment = augmentation(recipe.augmentation)
    with tf.device("CPU:0"):
        if x.dtype == np.uint8 and 4 * x.size <= CACHE:
            x = as_unit(x)
        if not recipe.augmentation and x.dtype == np.float32:
            x = preparation.scale(x)
        images, labels = tf.constant(x), tf.constant(y)

    def epoch_of(epoch):
        order = tf.random.experimental.stateless_shuffle(
            tf.range(len(y)), seed=tf.stack([tf.constant(recipe.seed, tf.int64), epoch])
        )[: steps * batch]
        batches = tf.data.Dataset.from_tensor_slices(tf.reshape(order, (steps, batch)))
        return batches.enumerate().map(lambda step, chosen: (epoch, step, chosen))

    def batch_of(epoch, step, chosen):
        if part[1] > 1:
            share = batch // part[1]
            chosen = chosen[part[0] * share : (part[0] + 1) * share]
        inputs = tf.gather(images, chosen)
        if inputs.dtype == tf.uint8:
            inputs = tf.cast(inputs, tf.float32) / 255
        if recipe.augmentation:
            seed = tf.stack([tf.constant(recipe.seed, tf.int64), epoch * steps + step])
            inputs = augment(inputs, tf.random.fold_in(seed, part[0]))
            inputs = preparation.scale(inputs)
        elif images.dtype == tf.uint8:
            inputs = preparation.scale(inputs)
        return inputs, tf.gather(labels, chosen)

    dataset = tf.data.Dataset.range(first, recipe.epochs).flat_map(epoch_of)
    return dataset.map(batch_of, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True).prefetch(
        tf.data.AUTOTUNE
    )


def validation_batches(x, y, preparation, batch):
    """A ``tf.data.Dataset`` of images of the network's size: once, in order, as they are."""
    import tensorflow as tf

    from labkit.training.preparation import as_unit

    with tf.device("CPU:0"):
        dataset = tf.data.Dataset.from_tensor_slices((x, y)).batch(batch)
    if x.dtype == "uint8" and 4 * x.size > CACHE:
        return dataset.map(
            lambda images, labels: (
                preparation.scale(tf.cast(images, tf.float32) / 255),
                labels,
            ),
            num_parallel_calls=tf.data.AUTOTUNE,
        ).prefetch(tf.data.AUTOTUNE)
    with tf.device("CPU:0"):
        dataset = tf.data.Dataset.from_tensor_slices((preparation.scale(as_unit(x)), y))
    return dataset.batch(batch).prefetch(tf.data.AUTOTUNE)
