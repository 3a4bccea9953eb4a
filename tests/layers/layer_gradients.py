"""Outputs and automatic gradients of a layer, on the backend in use."""

import keras
import numpy as np

__all__ = ["outputs_and_gradients", "second_derivatives"]


def outputs_and_gradients(layer, x):
    """Return the outputs, and the gradients of ``sum(outputs * fixed)`` by x and every weight."""
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
        arrays = [x, *(variable.value for variable in layer.trainable_variables)]
        results = [outputs, *tape.gradient(loss, arrays)]
    elif backend == "jax":
        import jax

        def loss(x, variables):
            outputs = layer.stateless_call(variables, [], x)[0]
            return (outputs.astype("float32") * upstream).sum(), outputs

        variables = [variable.value for variable in layer.trainable_variables]
        # compiled as a whole: one by one, JAX compiles every operation by itself
        both = jax.jit(jax.grad(loss, (0, 1), has_aux=True))
        (d_x, d_variables), outputs = both(x, variables)
        results = [outputs, d_x, *d_variables]
    else:
        x = keras.ops.convert_to_tensor(x).requires_grad_()
        layer.zero_grad()
        outputs = layer(x)
        (outputs.float() * keras.ops.convert_to_tensor(upstream)).sum().backward()
        gradients = [variable.value.grad for variable in layer.trainable_variables]
        results = [outputs.detach(), x.grad, *gradients]
    return [keras.ops.convert_to_numpy(keras.ops.cast(array, "float32")) for array in results]


def second_derivatives(layer, x):
    """Return the gradients, by x and every weight, of a penalty: the sum of squared gradients.

    The loss is ``sum(outputs * fixed + outputs ** 2 / 2)``, so that its gradient depends on every
    input and weight. Where nothing depends on a
    weight, the gradient is zeros.
    """
    rng = np.random.default_rng(6)
    upstream = rng.standard_normal(layer.compute_output_shape(x.shape)).astype("float32")
    variables = [variable.value for variable in layer.trainable_variables]
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        arrays = [tf.constant(x), *variables]
        with tf.GradientTape() as outer:
            outer.watch(arrays[0])
            with tf.GradientTape() as inner:
                inner.watch(arrays[0])
                outputs = layer(arrays[0])
                loss = tf.reduce_sum(outputs * upstream + outputs**2 / 2)
            gradients = inner.gradient(loss, arrays)
            penalty = sum(tf.reduce_sum(gradient**2) for gradient in gradients)
        second = outer.gradient(penalty, arrays, unconnected_gradients="zero")
    elif backend == "jax":
        import jax

        def loss(arrays):
            outputs = layer.stateless_call(arrays[1:], [], arrays[0])[0]
            return (outputs * upstream + outputs**2 / 2).sum()

        def penalty(arrays):
            return sum((gradient**2).sum() for gradient in jax.grad(loss)(arrays))

        second = jax.jit(jax.grad(penalty))([jax.numpy.asarray(x), *variables])
    else:
        import torch

        arrays = [torch.tensor(x, requires_grad=True), *variables]
        outputs = layer(arrays[0])
        loss = (outputs * torch.tensor(upstream) + outputs**2 / 2).sum()
        gradients = torch.autograd.grad(loss, arrays, create_graph=True)
        penalty = sum((gradient**2).sum() for gradient in gradients)
        second = torch.autograd.grad(penalty, arrays, allow_unused=True, materialize_grads=True)
    return [keras.ops.convert_to_numpy(array) for array in second]
