"""Shortcuts are recognized however they are called, and only while a check runs."""

import os

import numpy as np
import pytest

from labkit.checks.exercise import Case
from labkit.checks.registry import get
from labkit.checks.run import run

IMAGE, KERNEL = np.arange(20.0).reshape(4, 5), np.ones((2, 3))


@pytest.fixture
def shortcut_of():
    """The shortcut that a conv2d takes, "" for none."""

    def shortcut(function):
        (result,) = run(get("conv2d"), function, [Case((IMAGE, KERNEL))])
        assert result.kind == "value", result
        return result.shortcut

    return shortcut


def test_scipy(shortcut_of):
    import scipy.signal as hidden
    from scipy.ndimage import correlate
    from scipy.signal import correlate2d as my_own_work

    assert shortcut_of(lambda x, k: my_own_work(x, k, "valid")) == "scipy.signal"
    assert shortcut_of(lambda x, k: hidden.fftconvolve(x, k)) == "scipy.signal"
    assert shortcut_of(lambda x, k: correlate(x, k)) == "scipy.ndimage"
    aliases = [my_own_work]
    assert shortcut_of(lambda x, k: aliases[0](x, k)) == "scipy.signal"


def test_labkit(shortcut_of):
    from labkit.checks import registry
    from labkit.matrix import convolution_matrix as build
    from labkit.reference import cross_correlate_plain

    assert shortcut_of(cross_correlate_plain) == "labkit.reference"
    assert shortcut_of(lambda x, k: cross_correlate_plain(x, k)) == "labkit.reference"
    assert shortcut_of(lambda x, k: build(k, x.shape) @ x.ravel()) == "labkit.matrix"
    assert shortcut_of(lambda x, k: registry.get("conv2d").oracle(x, k)) == "labkit.checks"


def test_tensorflow_and_keras(shortcut_of):
    import keras
    import tensorflow as tf

    convolve = tf.nn.conv2d
    x4, k4 = IMAGE[None, ..., None], KERNEL[..., None, None]
    assert shortcut_of(lambda x, k: convolve(x4, k4, 1, "VALID")) == "tensorflow.nn.conv2d"
    raw = {"strides": [1] * 4, "padding": "VALID"}
    taken = shortcut_of(lambda x, k: tf.raw_ops.Conv2D(input=x4, filter=k4, **raw))
    assert taken == "tensorflow.raw_ops.Conv2D"
    taken = shortcut_of(lambda x, k: tf.compat.v1.nn.conv2d(x4, k4, **raw))
    assert taken == "tensorflow.compat.v1.nn.conv2d"
    made = keras.layers.Conv2D(1, (2, 3))
    made.build(x4.shape)
    assert shortcut_of(lambda x, k: made(x4)) == "keras.layers.Conv2D"
    assert shortcut_of(lambda x, k: keras.layers.Conv2D(1, 2)(x4)) == "keras.layers.Conv2D"
    assert shortcut_of(lambda x, k: keras.ops.conv(x4, k4)) == "keras.ops.conv"

    class Mine(keras.layers.Conv2D):
        pass

    assert shortcut_of(lambda x, k: Mine(1, 2)(x4)) == "keras.layers.Conv2D"
    assert shortcut_of(lambda x, k: tf.reduce_sum(x) + keras.ops.sum(k)) == ""
    assert shortcut_of(lambda x, k: keras.layers.Dense(3)(x)) == ""


def test_jax(shortcut_of):
    import jax

    x4, k4 = IMAGE[None, None], KERNEL[None, None]
    taken = shortcut_of(lambda x, k: jax.lax.conv_general_dilated(x4, k4, (1, 1), "VALID"))
    assert taken == "jax.lax.conv_general_dilated"
    assert shortcut_of(lambda x, k: jax.numpy.asarray(x) @ k.T[:, :1].repeat(5, 0)[:5]) == ""


def test_what_was_traced_before_the_check(shortcut_of):
    import jax
    import tensorflow as tf

    @tf.function
    def in_tensorflow(x, k):
        return tf.nn.conv2d(x[None, ..., None], k[..., None, None], 1, "VALID")

    @jax.jit
    def in_jax(x, k):
        return jax.lax.conv_general_dilated(x[None, None], k[None, None], (1, 1), "VALID")

    @tf.function
    def honest(x, k):
        total = tf.zeros((), x.dtype)
        for row in tf.range(2):
            total += tf.reduce_sum(x[row, :3] * k[row])
        return total

    for convolve in (in_tensorflow, in_jax, honest):
        convolve(IMAGE, KERNEL)
    assert shortcut_of(in_tensorflow) == "tensorflow.nn.conv2d"
    assert shortcut_of(in_jax) == "jax.lax.conv_general_dilated"
    assert shortcut_of(honest) == shortcut_of(jax.jit(lambda x, k: x[:3, :3] @ k.T)) == ""
    assert not tf.config.functions_run_eagerly()
    assert not jax.config.jax_disable_jit


def test_what_numpy_does_is_no_shortcut(shortcut_of):
    assert shortcut_of(lambda x, k: np.correlate(x[0], k[0], "valid")) == ""
    assert shortcut_of(lambda x, k: np.fft.ifft2(np.fft.fft2(x))) == ""
    assert shortcut_of(lambda x, k: np.einsum("ab,cd->ac", x, k)) == ""


def test_use_elsewhere_and_a_mere_import_are_no_shortcut(shortcut_of):
    from scipy import signal

    signal.correlate2d(IMAGE, KERNEL)  # elsewhere in the notebook

    def imports_it(x, k):
        import scipy.ndimage  # noqa: F401
        from scipy.signal import correlate2d  # noqa: F401

        return x

    assert shortcut_of(imports_it) == ""
    signal.correlate2d(IMAGE, KERNEL)


def test_the_watch_is_not_ended_by_other_ways_than_pythons(shortcut_of):
    import ctypes

    from scipy import signal

    def unwatched(x, k):
        ctypes.pythonapi.PyEval_SetProfile(None, None)
        return signal.correlate2d(x, k)

    assert shortcut_of(unwatched) == "sys.setprofile"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_what_is_called_in_a_fork_does_not_come_out_of_it():
    from scipy import signal

    def in_a_fork(compute):
        read, write = os.pipe()
        if not os.fork():
            os.write(write, compute())
            os._exit(0)
        os.close(write)
        with open(read, "rb") as answer:
            return len(answer.read())

    def shortcut(x, k):
        return in_a_fork(lambda: signal.correlate2d(x, k).tobytes())

    def honest(x, k):
        return in_a_fork(lambda: (x[:2, :3] * k).tobytes())

    case = Case((IMAGE, KERNEL))
    assert [run(get("conv2d"), one, [case])[0].value for one in (shortcut, honest)] == [0, 48]


def test_a_profiler_that_was_there_before_is_there_again(shortcut_of):
    import sys

    def profiler(*event):
        pass

    sys.setprofile(profiler)
    try:
        shortcut_of(lambda x, k: x)
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(None)
