"""Training on several devices or in several processes with TensorFlow.

Keras's own `fit` cannot do that with TensorFlow (Keras 3.15): there `keras.distribution` is
unfinished ("DO NOT USE"), and `fit` under a `tf.distribute` strategy fails on batches that are
spread over replicas, with MultiWorkerMirroredStrategy always and with MirroredStrategy for several
steps per execution. So this module has its own loop, on the same model, optimizer and pipeline.
"""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from labkit.training.watching import Watch

__all__ = ["train"]


def train(
    model: keras.Model,
    strategy: Any,
    batches: Any,
    held_out: Any,
    watch: Watch,
    *,
    epochs: range,
    steps: int,
    chunk: int,
    batch: int,
    each: Callable[[Any, Any], tuple[Any, Any]],
) -> None:
    """Train ``model`` within ``strategy``, and call ``watch`` as Keras would.

    Args:
        batches: a dataset of this process's part of every batch.
        held_out: a dataset of the images to evaluate after each epoch.
        epochs: the numbers of the epochs to train.
        steps: in each epoch.
        chunk: steps in each execution.
        batch: images in a step, over all processes and devices.
        each: a function ``(labels, outputs) -> (loss, right)`` of every image.
    """
    here = len(strategy.extended.worker_devices)
    share = batch // strategy.num_replicas_in_sync
    spread = strategy.distribute_datasets_from_function(
        lambda context: batches.rebatch(share) if here > 1 else batches
    )

    def step(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            losses, right = each(y, model(x, training=True))
            # the replicas' gradients are summed: together they make the mean over the batch
            loss = model.optimizer.scale_loss(tf.reduce_sum(losses) / batch)
        weights = model.trainable_weights
        model.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return tf.stack([tf.reduce_sum(losses), tf.reduce_sum(right)])

    @tf.function
    def execution(iterator: Any) -> Any:
        total = tf.zeros(2)
        for _ in tf.range(chunk):
            total += strategy.reduce("SUM", strategy.run(step, next(iterator)), axis=None)
        return total

    @tf.function(reduce_retracing=True)
    def look(x: Any, y: Any) -> Any:
        losses, right = each(y, model(x, training=False))
        return tf.stack([tf.reduce_sum(losses), tf.reduce_sum(right)])

    iterator = iter(spread)
    for epoch in epochs:
        watch.on_epoch_begin(epoch)
        total = tf.zeros(2)
        for done in range(chunk, steps + 1, chunk):
            total += execution(iterator)
            logs = _means(total, done * batch)
            watch.on_train_batch_end(done - 1, logs)
        total, count = tf.zeros(2), 0
        for x, y in held_out:
            total, count = total + look(x, y), count + len(y)
        held = {f"val_{name}": value for name, value in _means(total, count).items()}
        watch.on_epoch_end(epoch, {**logs, **held})


def _means(total: Any, count: int) -> dict[str, float]:
    """Divide the sums of losses and of right answers by the number of images."""
    loss, right = (float(value) / count for value in total)
    return {"accuracy": right, "loss": loss}
