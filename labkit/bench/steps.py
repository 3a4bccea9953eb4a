"""One layer's forward pass and train step, compiled as the backend does by default."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

__all__ = ["forward", "train_step"]


def forward(layer: Any, x: NDArray[Any]) -> Callable[[], Any]:
    """Return a function without arguments that computes the layer's outputs of ``x``."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        x = tf.constant(x)
        run = tf.function(layer)
        return lambda: run(x).numpy()[:0]
    import jax

    x, variables = jax.numpy.asarray(x), [variable.value for variable in layer.variables]
    run = jax.jit(lambda variables, x: layer.stateless_call(variables, [], x)[0])
    return lambda: run(variables, x).block_until_ready()


def train_step(layer: Any, x: NDArray[Any], first: bool) -> Callable[[], Any]:
    """Return a function without arguments that makes one step of gradient descent.

    The step computes the outputs and the gradients of all weights and of the input, and changes the
    weights. The loss is the sum of the outputs times fixed numbers.

    Args:
        layer: a Keras layer or model.
        x: a batch of inputs.
        first: whether nothing before this layer learns, so that its input needs no gradient.
    """
    rng = np.random.default_rng(1)
    upstream = rng.standard_normal(layer.compute_output_shape(x.shape)).astype("float32")
    if keras.backend.backend() == "tensorflow":
        return _tensorflow_step(layer, x, upstream, first)
    return _jax_step(layer, x, upstream, first)


def _tensorflow_step(layer, x, upstream, first):
    import tensorflow as tf

    x, upstream = tf.constant(x), tf.constant(upstream)

    @tf.function
    def step(x, upstream):
        variables = [variable.value for variable in layer.trainable_variables]
        with tf.GradientTape() as tape:
            if not first:
                tape.watch(x)
            outputs = layer(x)
        arrays = variables if first else [*variables, x]
        gradients = tape.gradient(outputs, arrays, output_gradients=upstream)
        for variable, gradient in zip(variables, gradients, strict=False):
            variable.assign_sub(1e-6 * gradient)
        # Returned, because the graph would leave out the outputs, which no gradient needs.
        return outputs[:1], variables[-1] if first else gradients[-1]

    return lambda: [array.numpy()[:0] for array in step(x, upstream)]


def _jax_step(layer, x, upstream, first):
    import jax

    x, upstream = jax.numpy.asarray(x), jax.numpy.asarray(upstream)
    variables = [variable.value for variable in layer.trainable_variables]

    def loss(variables, x):
        outputs = layer.stateless_call(variables, [], x)[0]
        return (outputs * upstream).sum(), outputs[:1]

    @jax.jit
    def step(variables, x):
        arguments = 0 if first else (0, 1)
        gradients, outputs = jax.grad(loss, arguments, has_aux=True)(variables, x)
        d_variables = gradients if first else gradients[0]
        moved = [v - 1e-6 * d for v, d in zip(variables, d_variables, strict=True)]
        return outputs, moved if first else (moved, gradients[1])

    return lambda: jax.block_until_ready(step(variables, x))
