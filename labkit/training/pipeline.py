"""The input pipeline: every batch is a function of the seed, the epoch and the step."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from labkit.training.preparation import Preparation
from labkit.training.recipe import Recipe

__all__ = ["plan", "training_batches", "validation_batches"]

CACHE = 512 * 2**20  # bytes up to which images are kept as float32, already scaled


def plan(images: int, batch: int, steps_per_execution: int) -> tuple[int, int, int]:
    """Return ``(batch, steps, steps_per_execution)`` for epochs over so many images.

    An epoch consists of whole batches, in whole executions. The number of steps per execution is
    the one, between half of the requested number and all of it, that leaves out the fewest batches.
    Every epoch leaves out other images.

    >>> plan(60_000, 64, 16)  # 937 batches are 13 times 72, and one
    (64, 936, 13)
    """
    batch = min(batch, images)
    steps = images // batch
    most = min(steps_per_execution, steps)
    chunk = min(range(most, most // 2, -1), key=lambda size: steps % size)
    return batch, steps - steps % chunk, chunk


def training_batches(
    x: NDArray[Any],
    y: NDArray[np.int32],
    recipe: Recipe,
    preparation: Preparation,
    *,
    first: int,
    steps: int,
    batch: int,
    part: tuple[int, int] = (0, 1),
) -> Any:
    """Return a ``tf.data.Dataset`` of the epochs from ``first`` on, ``steps`` batches each.

    Args:
        x: images of the network's size, uint8 or float32.
        y: labels.
        part: (i, n) selects the i-th of n equal parts of every batch, for one of n processes.
    """
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

    def epoch_of(epoch: Any) -> Any:
        order = tf.random.experimental.stateless_shuffle(
            tf.range(len(y)), seed=tf.stack([tf.constant(recipe.seed, tf.int64), epoch])
        )[: steps * batch]
        batches = tf.data.Dataset.from_tensor_slices(tf.reshape(order, (steps, batch)))
        return batches.enumerate().map(lambda step, chosen: (epoch, step, chosen))

    def batch_of(epoch: Any, step: Any, chosen: Any) -> tuple[Any, Any]:
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


def validation_batches(
    x: NDArray[Any], y: NDArray[np.int32], preparation: Preparation, batch: int
) -> Any:
    """Return a ``tf.data.Dataset`` of images of the network's size, in order and unaugmented."""
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
