"""Follow a training by Keras: progress, checkpoints, and losses that are NaN or infinite."""

import math
import sys
import time
from collections.abc import Callable
from typing import Any

import keras

from labkit.training.checkpoint import Checkpoints
from labkit.training.explain import Diverged
from labkit.training.history import History
from labkit.training.recipe import Recipe

__all__ = ["Watch"]


class Watch(keras.callbacks.Callback):
    """Fill a history, write checkpoints and show progress.

    Args:
        recipe: of the training.
        history: receives a row after each epoch.
        checkpoints: writes a checkpoint after each epoch; None writes none.
        steps: the number of steps in an epoch.
        rate: the learning rate as a function of the number of steps done.
        quiet: show nothing.
        evaluate: a function that returns further numbers for the row of an epoch.
    """

    def __init__(
        self,
        recipe: Recipe,
        history: History,
        checkpoints: Checkpoints | None,
        steps: int,
        rate: Callable[[int], float],
        quiet: bool,
        evaluate: Callable[[], dict[str, float]] | None = None,
    ) -> None:
        super().__init__()
        self.recipe, self.history, self.checkpoints = recipe, history, checkpoints
        self.steps, self.rate, self.quiet, self.evaluate = steps, rate, quiet, evaluate
        self.live = not quiet and (sys.stdout.isatty() or _in_notebook())

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the clock and the progress bar."""
        self.began, self.done = time.perf_counter(), 0
        self.loss: float | None = None
        if self.live:
            print(f"epoch {epoch + 1} of {self.recipe.epochs}")
            self.bar = keras.utils.Progbar(self.steps, stateful_metrics=["loss", "accuracy"])
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Show progress after an execution of several steps.

        Raises:
            Diverged: the loss is NaN or infinite.
        """
        loss = float(logs["loss"])
        first, self.done = self.done + 1, batch + 1
        if not math.isfinite(loss):
            rate = self.rate(self.epoch * self.steps + first - 1)
            raise Diverged(
                loss=loss,
                epoch=self.epoch + 1,
                first=first,
                last=self.done,
                rate=rate,
                before=self.loss,
                recipe=self.recipe,
            )
        self.loss = loss
        if self.live and self.done < self.steps:
            self.bar.update(self.done, [("loss", loss), ("accuracy", float(logs["accuracy"]))])

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Record the epoch, write a checkpoint and show the numbers."""
        logs = {**logs, **(self.evaluate() if self.evaluate else {})}
        row = {"epoch": epoch + 1, **{name: float(value) for name, value in logs.items()}}
        row["rate"] = self.rate((epoch + 1) * self.steps - 1)
        row["seconds"] = round(time.perf_counter() - self.began, 3)
        self.history.rows.append(row)
        if self.checkpoints:
            self.checkpoints.save(epoch + 1, self.history.rows)
        if self.live:
            shown = [(name, row[name]) for name in logs]
            self.bar.stateful_metrics |= set(logs)
            self.bar.update(self.steps, shown, finalize=True)
        elif not self.quiet:
            numbers = ", ".join(f"{name} {row[name]:.4f}" for name in logs)
            print(f"epoch {epoch + 1} of {self.recipe.epochs}: {numbers} ({row['seconds']:.1f} s)")
            sys.stdout.flush()


def _in_notebook() -> bool:
    """Say whether this runs in a Jupyter kernel."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")
