"""Errors say what was expected, what was received and why; ours raise where the built-ins do."""

import keras
import numpy as np
import pytest

from labkit import layers

CONV = layers.Conv2D

# arguments, and the error's text; the built-in layer refuses each of them too
ARGUMENTS = [
    ({"filters": 0}, "filters: expected integers of at least 1, received 0"),
    ({"filters": -4}, "filters: expected integers of at least 1, received -4"),
    ({"kernel_size": 0}, "kernel_size: expected integers of at least 1, received 0"),
    ({"kernel_size": (3, -1)}, "kernel_size: expected integers of at least 1, received (3, -1)"),
    (
        {"kernel_size": (3, 3, 3)},
        "kernel_size: expected an integer or a tuple of 2, one for each axis, received (3, 3, 3)",
    ),
    ({"strides": (0, 1)}, "strides: expected integers of at least 1, received (0, 1)"),
    ({"dilation_rate": "2"}, "dilation_rate: expected an integer or a tuple of 2"),
    ({"groups": 0}, "groups: expected integers of at least 1, received 0"),
    ({"groups": 3}, "groups: expected a divisor of filters, received groups 3 and filters 4"),
    (
        {"strides": 2, "dilation_rate": 2},
        "strides, dilation_rate: expected at most one of them above 1, received strides (2, 2) and "
        "dilation_rate (2, 2)",
    ),
    (
        {"padding": "sme"},
        "padding: expected one of 'valid', 'same', received 'sme'. Did you mean 'same'?",
    ),
    ({"padding": "causal"}, "padding: expected one of 'valid', 'same', received 'causal'"),
    (
        {"data_format": "channel_last"},
        "data_format: expected one of 'channels_last', 'channels_first', received 'channel_last'. "
        "Did you mean 'channels_last'?",
    ),
    (
        {"activation": "rellu"},
        "activation: expected a name known to keras.activations, received 'rellu'. Did you mean "
        "'relu'?",
    ),
    ({"kernel_initializer": "glorot"}, "kernel_initializer: expected a name known to keras.init"),
    ({"bias_regularizer": "l3"}, "bias_regularizer: expected a name known to keras.regularizers"),
    (
        {"kernel_regularizer": "l1_l2"},
        "kernel_regularizer: expected a name known to keras.regularizers, received 'l1_l2'. Did "
        "you mean 'l1l2'?",
    ),
    (
        {"pading": "same"},
        "pading: Conv2D has no such argument, received pading='same'. Did you mean 'padding'?",
    ),
]


@pytest.mark.parametrize(("arguments", "text"), ARGUMENTS)
def test_arguments(arguments, text):
    with pytest.raises(ValueError) as error:  # noqa: PT011 the text is compared below
        CONV(**{"filters": 4, "kernel_size": 3} | arguments)
    assert text in str(error.value)
    with pytest.raises((ValueError, TypeError)):
        keras.layers.Conv2D(**{"filters": 4, "kernel_size": 3} | arguments)


def test_our_own_arguments_name_the_nearest():
    with pytest.raises(ValueError, match=r"received 'marix'\. Did you mean 'matrix'\?"):
        CONV(4, 3, implementation="marix")
    with pytest.raises(ValueError, match="gradient: expected one of 'auto', 'manual', received 1"):
        CONV(4, 3, gradient=1)


def test_an_argument_of_another_layer_is_no_argument():
    with pytest.raises(
        ValueError, match=r"filters: DepthwiseConv2D has no such argument, received"
    ):
        layers.DepthwiseConv2D(3, filters=[4])
    with pytest.raises(ValueError, match="Unrecognized keyword arguments"):
        keras.layers.DepthwiseConv2D(3, filters=[4])


def test_a_missing_argument_is_named():
    with pytest.raises(TypeError, match="Conv2D: missing a required argument: 'kernel_size'"):
        CONV(4)


SHAPES = [
    (
        (5, 5),
        {},
        "c: expected an input of 4 axes, (batch, height, width, channels), received shape (5, 5): "
        "Conv2D slides over 2 axes",
    ),
    (
        (5, 5, 3),
        {"data_format": "channels_first"},
        "c: expected an input of 4 axes, (batch, channels, height, width), received shape "
        "(5, 5, 3): the batch or the channel axis is missing",
    ),
    ((1, 2, 5, 5, 3), {}, "received shape (1, 2, 5, 5, 3): there is one axis too many"),
    (
        (1, 5, 2, 3),
        {},
        "c: input shape (1, 5, 2, 3): kernel_size: expected a kernel that fits into the padded "
        "input, received kernel_size (3, 3)",
    ),
    (
        (1, 5, 5, 3),
        {"groups": 2},
        "c: expected channels divisible by groups, received 3 channels and groups 2: input shape "
        "(1, 5, 5, 3)",
    ),
]


@pytest.mark.parametrize(("shape", "options", "text"), SHAPES)
def test_inputs(shape, options, text):
    with pytest.raises(ValueError) as error:  # noqa: PT011 the text is compared below
        CONV(4, 3, name="c", **options)(np.zeros(shape, np.float32))
    assert text in str(error.value)
    with pytest.raises(ValueError):  # noqa: PT011 Keras's own text
        keras.layers.Conv2D(4, 3, **options)(np.zeros(shape, np.float32))


def test_inputs_of_a_built_layer():
    layer = CONV(4, 3, name="c")
    layer(np.zeros((1, 5, 5, 3), np.float32))
    with pytest.raises(ValueError, match="c: expected 3 channels on axis -1, received 2: input"):
        layer(np.zeros((1, 5, 5, 2), np.float32))
    with pytest.raises(ValueError, match=r"c: input shape \(1, 2, 5, 3\): kernel_size: expected"):
        layer(np.zeros((1, 2, 5, 3), np.float32))


def test_unknown_channels():
    with pytest.raises(ValueError, match="expected a known number of channels on axis -1"):
        CONV(4, 3).build((None, 5, 5, None))


def test_integers_are_no_inputs():
    with pytest.raises(ValueError, match="c: expected floating-point inputs, received dtype int32"):
        CONV(4, 3, name="c")(np.zeros((1, 5, 5, 3), np.int32))
    with pytest.raises(ValueError):  # noqa: PT011 Keras's own text
        keras.layers.Conv2D(4, 3)(np.zeros((1, 5, 5, 3), np.int32))
