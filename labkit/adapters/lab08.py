"""Adapter of lab 08: a Keras layer that a student wrote, held to the layer contract."""

import numpy as np

__all__ = ["keras_layer"]

ARGUMENTS = ("filters", "kernel_size", "strides", "padding", "activation", "use_bias")


def keras_layer(answer, x, kernel, bias, settings):
    """Build the student's layer, set its weights, call it, and rebuild it from its config.

    Args:
        answer: the student's layer class; its arguments are `ARGUMENTS`, in this order.
        x: inputs (batch, height, width, channels), float32.
        kernel: (*kernel_size, channels, filters), float32.
        bias: (filters,), float32; used where the settings say so.
        settings: {argument: value}.

    Returns:
        A dict: "weights", the shapes that `get_weights` gives; "outputs" for x; "shape", the shape
        that the layer computes for one output; "again", the outputs of the rebuilt layer. Where
        the weights do not have the expected shapes, or the layer cannot be rebuilt, the arrays
        that depend on it are empty.
    """
    import keras

    layer = answer(*(settings[name] for name in ARGUMENTS))
    layer(x)
    shapes = [list(weight.shape) for weight in layer.get_weights()]
    weights = [kernel, bias] if settings["use_bias"] else [kernel]
    results = {"weights": shapes, "outputs": np.zeros(0), "shape": [], "again": np.zeros(0)}
    if shapes != [list(weight.shape) for weight in weights]:
        return results
    layer.set_weights(weights)
    # its own compute_output_shape, or else a symbolic call
    spec = layer.compute_output_spec(keras.KerasTensor((None, *x.shape[1:])))
    results |= {"outputs": np.asarray(layer(x)), "shape": list(spec.shape[1:])}
    try:
        again = type(layer).from_config(layer.get_config())
    except TypeError:  # something that __init__ needs is not in it
        return results
    again(x)
    if [list(weight.shape) for weight in again.get_weights()] == shapes:
        again.set_weights(weights)
        results["again"] = np.asarray(again(x))
    return results
