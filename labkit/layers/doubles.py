"""Operations of `keras.ops` that keep float64 on PyTorch, where Keras rounds it to float32.

On every other backend, and for every other dtype, these are the operations of `keras.ops`.
"""

from typing import Any

import keras
from keras import ops

from labkit.layers.signatures import Tensor

__all__ = ["at_least_single", "matmul", "maximum"]


def matmul(a: Tensor, b: Tensor) -> Tensor:
    """Multiply matrices, as `keras.ops.matmul` does."""
    return a @ b if _rounded(a) else ops.matmul(a, b)


def maximum(a: Tensor, b: Tensor) -> Tensor:
    """Return the larger number of each pair, as `keras.ops.maximum` does."""
    if _rounded(a):
        import torch

        return torch.maximum(a, b)
    return ops.maximum(a, b)


def at_least_single(dtype: Any) -> str:
    """Return the dtype to compute in where half precision is too little: "float32" or "float64"."""
    return "float64" if keras.backend.standardize_dtype(dtype) == "float64" else "float32"


def _rounded(a):
    """Return whether Keras would round ``a`` before it computes with it."""
    return (
        keras.backend.backend() == "torch" and keras.backend.standardize_dtype(a.dtype) == "float64"
    )
