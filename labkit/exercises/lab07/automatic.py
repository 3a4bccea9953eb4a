"""What differentiates by itself: forbidden where a gradient is to be written by hand."""

from labkit.checks.exercise import BUILTINS

__all__ = ["AUTOMATIC"]

AUTOMATIC = (
    *BUILTINS,
    "tensorflow.GradientTape",
    "tensorflow.gradients",
    "tensorflow.raw_ops",
    "jax.grad",
    "jax.value_and_grad",
    "jax.vjp",
    "jax.jvp",
    "jax.jacfwd",
    "jax.jacrev",
    "torch.autograd",
)
