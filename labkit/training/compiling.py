"""Build the optimizer, its schedule and the loss that a recipe names, with Keras."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from labkit.training.recipe import Recipe

__all__ = [
    "Crossentropy",
    "Drops",
    "compile_model",
    "each_image",
    "learning_rate",
    "optimizer",
    "rate_at",
]


@keras.saving.register_keras_serializable("labkit")
class Drops(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that rises from 0 over ``warmup`` steps and changes at ``boundaries`` (in steps)."""

    def __init__(self, boundaries: Sequence[int], values: Sequence[float], warmup: int = 0) -> None:
        self.boundaries, self.values, self.warmup = list(boundaries), list(values), warmup

    def __call__(self, step: Any) -> Any:
        step = ops.cast(step, "float32")
        rate = ops.convert_to_tensor(self.values[0], "float32")
        for boundary, value in zip(self.boundaries, self.values[1:], strict=True):
            rate = ops.where(step < boundary, rate, value)
        return rate * ops.minimum(1.0, (step + 1) / max(1, self.warmup))

    def get_config(self) -> dict[str, Any]:
        return {"boundaries": self.boundaries, "values": self.values, "warmup": self.warmup}


@keras.saving.register_keras_serializable("labkit")
class Crossentropy(keras.losses.Loss):
    """Cross-entropy of whole-number labels, with label smoothing.

    Args:
        from_logits: whether the model's outputs are scores (logits) or probabilities.
        label_smoothing: the fraction of each label that is spread evenly over all classes.
    """

    def __init__(
        self,
        from_logits: bool = True,
        label_smoothing: float = 0.0,
        name: str = "crossentropy",
        **options: Any,
    ) -> None:
        super().__init__(name=name, **options)
        self.from_logits, self.label_smoothing = from_logits, label_smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        if not self.label_smoothing:
            return ops.sparse_categorical_crossentropy(y_true, y_pred, from_logits=self.from_logits)
        classes = y_pred.shape[-1]
        wanted = ops.one_hot(ops.cast(y_true, "int32"), classes, dtype=y_pred.dtype)
        wanted = wanted * (1 - self.label_smoothing) + self.label_smoothing / classes
        return ops.categorical_crossentropy(wanted, y_pred, from_logits=self.from_logits)

    def get_config(self) -> dict[str, Any]:
        own = {"from_logits": self.from_logits, "label_smoothing": self.label_smoothing}
        return {**super().get_config(), **own}


def learning_rate(recipe: Recipe, steps: int) -> Any:
    """Return a number or a Keras schedule: the learning rate by step, with ``steps`` an epoch."""
    warmup = round(recipe.warmup * steps)
    if recipe.schedule == "cosine":
        return keras.optimizers.schedules.CosineDecay(
            0.0 if warmup else recipe.learning_rate,
            decay_steps=max(1, recipe.epochs * steps - warmup),
            warmup_target=recipe.learning_rate if warmup else None,
            warmup_steps=warmup,
        )
    if recipe.schedule == "constant" and not warmup:
        return recipe.learning_rate
    return Drops(
        [epoch * steps for epoch, _ in recipe.drops],
        [recipe.learning_rate, *(rate for _, rate in recipe.drops)],
        warmup,
    )


def optimizer(recipe: Recipe, steps: int) -> Any:
    """Build the recipe's optimizer, with a schedule for ``steps`` an epoch."""
    rate = learning_rate(recipe, steps)
    if recipe.optimizer == "adam":
        return keras.optimizers.Adam(rate)
    if recipe.optimizer == "adamw":
        return keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay)
    return keras.optimizers.SGD(
        rate,
        momentum=recipe.momentum,
        nesterov=recipe.momentum > 0,
        weight_decay=recipe.weight_decay or None,
    )


def rate_at(recipe: Recipe, steps: int) -> Callable[[int], float]:
    """Return the learning rate as a function of the number of steps done."""
    rate = learning_rate(recipe, steps)
    return (
        (lambda step: float(ops.convert_to_numpy(rate(step))))
        if callable(rate)
        else (lambda step: float(rate))
    )


def loss_and_accuracy(model: keras.Model, recipe: Recipe) -> tuple[Any, Any]:
    """Return the recipe's loss for ``model``, and the metric that counts its right answers."""
    if recipe.loss == "lenet5_1998":
        from labkit.models import NearestCodeAccuracy, map_loss

        return map_loss, NearestCodeAccuracy()
    last = getattr(model.layers[-1], "activation", None)
    loss = Crossentropy(last is not keras.activations.softmax, recipe.label_smoothing)
    return loss, keras.metrics.SparseCategoricalAccuracy(name="accuracy")


def each_image(model: keras.Model, recipe: Recipe) -> Callable[[Any, Any], tuple[Any, Any]]:
    """Return a function ``(labels, outputs) -> (loss, right)``, float32 ``(image,)`` each."""
    loss, _ = loss_and_accuracy(model, recipe)
    each = loss.call if isinstance(loss, keras.losses.Loss) else loss
    best = ops.argmin if recipe.loss == "lenet5_1998" else ops.argmax

    def look(labels: Any, outputs: Any) -> tuple[Any, Any]:
        outputs = ops.cast(outputs, "float32")
        right = ops.equal(ops.cast(labels, "int32"), ops.cast(best(outputs, axis=-1), "int32"))
        return each(labels, outputs), ops.cast(right, "float32")

    return look


def compile_model(
    model: keras.Model, recipe: Recipe, chosen: Any, steps_per_execution: int, *, jit: bool
) -> None:
    """Compile ``model`` with the optimizer ``chosen`` and the recipe's loss."""
    loss, accuracy = loss_and_accuracy(model, recipe)
    model.compile(
        chosen,
        loss=loss,
        metrics=[accuracy],
        steps_per_execution=steps_per_execution,
        jit_compile=jit,
    )
    chosen.build(model.trainable_variables)
