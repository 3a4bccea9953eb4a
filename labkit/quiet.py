"""Keras without a wall of notes from TensorFlow's start, for notebooks."""

import os
import sys
import tempfile
from contextlib import contextmanager

__all__ = ["held_back", "import_keras"]


@contextmanager
def held_back(descriptor=2):
    """Hold back what the process writes to ``descriptor``; bring it out if the block raises."""
    # and what TensorFlow would say later; at 2 it says "E0000 ... oneDNN supports DT_INT32 only on
    # platforms with AVX-512" at a gradient (lab 11). What fails raises, and says so itself
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    saved = os.dup(descriptor)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), descriptor)
        try:
            yield
        except BaseException:
            os.dup2(saved, descriptor)
            held.seek(0)
            os.write(descriptor, held.read())
            raise
        finally:
            os.dup2(saved, descriptor)
            os.close(saved)


def import_keras():
    """Import Keras, wake its backend, and return the module ``keras``.

    TensorFlow 2.21 notes a dozen lines about CPUs and missing GPUs before it reads the setting that
    should silence them (TF_CPP_MIN_LOG_LEVEL; tensorflow issue 100442), so they are held back
    while it starts. If the start fails, they are shown: then they matter.

    Raises:
        ImportError: Keras or its backend is not installed.
    """
    with held_back():
        import keras

        keras.ops.zeros(1)  # the search for a GPU happens at the first operation
    return keras
