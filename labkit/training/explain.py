"""Explain what went wrong in training, and what to do about it."""

import math
from collections.abc import Sequence
from pathlib import Path

import keras

from labkit.training.recipe import Recipe

__all__ = ["Diverged", "is_out_of_memory", "memory_available", "out_of_memory", "too_large"]


class Diverged(ArithmeticError):
    """The loss became NaN or infinite; the message says where, and what to try.

    Attributes:
        epoch: the epoch in which it happened, counted from 1.
        step: the first step of the epoch, counted from 1, at which it may have happened.
    """

    def __init__(
        self,
        *,
        loss: float,
        epoch: int,
        first: int,
        last: int,
        rate: float,
        before: float | None,
        recipe: Recipe,
    ) -> None:
        self.epoch, self.step = epoch, first
        steps = f"step {first}" if first == last else f"steps {first} to {last}"
        text = (
            f"The loss became {'NaN' if math.isnan(loss) else 'infinite'} in epoch {epoch}, {steps}"
            f", at a learning rate of {rate:.3g}"
        )
        text += f"; before that it was {before:.4g}. " if before is not None else ". "
        text += f"Try a learning rate of {recipe.learning_rate / 10:.3g}"
        if not recipe.warmup:
            text += ", or a warm-up of one epoch"
        if recipe.precision == "mixed_float16":
            text += ", or precision 'mixed_bfloat16' or 'float32'"
        text += ". If it happens in the first steps whatever the rate, look for NaN in the images."
        super().__init__(text)


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether an exception, from any backend, means that memory ran out."""
    name = type(error).__name__
    return isinstance(error, MemoryError) or (
        name == "ResourceExhaustedError"
        or (name in ("XlaRuntimeError", "JaxRuntimeError") and "RESOURCE_EXHAUSTED" in str(error))
    )


def out_of_memory(batch: int, shape: Sequence[int], device: str) -> str:
    """Explain that a ``batch`` of images of ``shape`` did not fit into ``device``'s memory."""
    size = " x ".join(map(str, shape))
    smaller = 2 ** math.floor(math.log2(batch - 1)) if batch > 1 else None
    if smaller is None:
        return f"{device} ran out of memory with a single image of {size}: take smaller images."
    return (
        f"{device} ran out of memory with batches of {batch} images of {size}. Try batch "
        f"{smaller}" + (f", then {smaller // 2}" if smaller > 1 else "") + ": the memory for a "
        "network's activations is proportional to the batch. (A learning rate goes down with it: "
        f"times {smaller / batch:g} for sgd.)"
    )


def memory_available() -> int | None:
    """Return how many bytes a process could still allocate; None if the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        (line,) = [line for line in lines if line.startswith("MemAvailable:")]
    except (OSError, ValueError):
        return None
    return int(line.split()[1]) * 1024


def too_large(model: keras.Model, recipe: Recipe, batch: int, available: int | None) -> str | None:
    """Warn before a CPU trains with a batch that may not fit into memory; None if it fits.

    On a GPU running out of memory raises an exception. On a CPU the system may kill the process.

    Args:
        available: bytes of free memory; None if unknown.
    """
    from labkit.models import memory_estimate

    slots = {"sgd": int(recipe.momentum > 0)}.get(recipe.optimizer, 2)
    try:
        need = memory_estimate(model, batch, slots=slots)
    except (AttributeError, ValueError):  # the layers do not form a graph, or have no fixed size
        return None
    if available is None or need["total"] <= available:
        return None
    images = batch * (available - need["total"] + need["activations"]) / need["activations"]
    fits = 2 ** math.floor(math.log2(max(1, images)))
    return (
        f"Batches of {batch} images may need {need['total'] / 2**30:.1f} GiB, and "
        f"{available / 2**30:.1f} GiB are free: if the process dies, try batch {fits}."
    )
