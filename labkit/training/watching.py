"""What looks on while Keras trains: progress, checkpoints, losses that are no numbers."""

import math
import sys
import time

import keras

from labkit.training.explain import Diverged

__all__ = ["Watch"]


class Watch(keras.callbacks.Callback):
    """Fills a history, writes checkpoints and shows progress.

    Args:
        recipe, history, checkpoints (or None), steps: of an epoch.
        rate: a function of the number of steps done.
        quiet: show nothing.
        evaluate: a function that gives what an epoch's numbers shall have besides Keras's.
    """

    def __init__(self, recipe, history, checkpoints, steps, rate, quiet, evaluate=None):
        super().__init__()
        self.recipe, self.history, self.checkpoints = recipe, history, checkpoints
        self.steps, self.rate, self.quiet, self.evaluate = steps, rate, quiet, evaluate
        self.live = not quiet and (sys.stdout.isatty() or _in_notebook())

    def on_epoch_begin(self, epoch, logs=None):
        self.began, self.done = time.perf_counter(), 0
        self.loss = None
        if self.live:
            print(f"epoch {epoch + 1} of {self.recipe.epochs}")
            self.bar = keras.utils.Progbar(self.steps, stateful_metrics=["loss", "accuracy"])
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
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

    def on_epoch_end(self, epoch, logs=None):
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


def _in_notebook():
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")
