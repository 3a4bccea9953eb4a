"""Outputs and automatic gradients of a layer, on the backend in use."""

import keras
import numpy as np

__all__ = ["outputs_and_gradients"]


def outputs_and_gradients(layer, x):
    """Outputs, and the gradients of ``sum(outputs * fixed)`` by x and by every weight."""
    rng = np.random.default_rng(5)
    upstream = rng.standard_normal(layer.compute_output_shape(x.shape)).astype("float32")
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        x = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = layer(x)
            loss = tf.reduce_sum(tf.cast(outputs, "float32") * upstream)
        wanted = [x, *(variable.value for variable in layer.trainable_variables)]
        found = [outputs, *tape.gradient(loss, wanted)]
    elif backend == "jax":
        import jax

        def loss(x, variables):
            outputs = layer.stateless_call(variables, [], x)[0]
            return (outputs.astype("float32") * upstream).sum(), outputs

        variables = [variable.value for variable in layer.trainable_variables]
        # compiled as a whole: one by one, JAX compiles every operation by itself
        both = jax.jit(jax.grad(loss, (0, 1), has_aux=True))
        (d_x, d_variables), outputs = both(x, variables)
        found = [outputs, d_x, *d_variables]
    else:
        x = keras.ops.convert_to_tensor(x).requires_grad_()
        layer.zero_grad()
        outputs = layer(x)
        (outputs.float() * keras.ops.convert_to_tensor(upstream)).sum().backward()
        gradients = [variable.value.grad for variable in layer.trainable_variables]
        found = [outputs.detach(), x.grad, *gradients]
    return [keras.ops.convert_to_numpy(keras.ops.cast(array, "float32")) for array in found]
