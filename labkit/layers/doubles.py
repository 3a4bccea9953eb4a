"""Operations of `keras.ops` that keep float64 on PyTorch, where Keras makes float32 of it.

On every other backend, and for every other dtype, they are `keras.ops`'s own.
"""

import keras
from keras import ops

__all__ = ["at_least_single", "matmul", "maximum"]


def matmul(a, b):
    """`keras.ops.matmul`."""
    return a @ b if _rounded(a) else ops.matmul(a, b)


def maximum(a, b):
    """`keras.ops.maximum`."""
    if _rounded(a):
        import torch

        return torch.maximum(a, b)
    return ops.maximum(a, b)


def at_least_single(dtype):
    """The dtype to compute in where half precisions will not do: float32, or float64's own."""
    return "float64" if keras.backend.standardize_dtype(dtype) == "float64" else "float32"


def _rounded(a):
    """Whether Keras would compute with ``a`` in fewer digits than it has."""
    return (
        keras.backend.backend() == "torch" and keras.backend.standardize_dtype(a.dtype) == "float64"
    )
