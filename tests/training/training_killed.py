"""Train with checkpoints in a process of its own, and die by SIGKILL in the middle of an epoch."""

import os
import signal
import sys

from training_examples import RECIPE, images, network

from labkit import training
from labkit.training.watching import Watch

folder, kill_at = sys.argv[1], int(sys.argv[2])


class Die(Watch):
    """The usual watch, until so many looks at the training were had."""

    looks = 0

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch, logs)
        Die.looks += 1
        if Die.looks == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


training.fitting.Watch = Die
training.fit(network(), images(), RECIPE, folder=folder)
