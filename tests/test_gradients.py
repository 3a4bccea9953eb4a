"""labkit.gradients against automatic differentiation, numbers by hand, and the transpose."""

import itertools
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import convolutions, integers_like

from labkit import geometry, gradients, matrix, reference


def of_keras(function, dy, *arrays):
    """TensorFlow's gradients of ``sum(dy * function(*arrays))``."""
    import tensorflow as tf

    tensors = [tf.constant(array) for array in arrays]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        loss = tf.reduce_sum(function(*tensors) * dy)
    return [np.asarray(each) for each in tape.gradient(loss, tensors)]


# convolution

STRIDES_AND_DILATIONS = [(1, 1), (2, 1), (1, 2), (3, 1)]


@pytest.mark.parametrize(("strides", "dilation_rate"), STRIDES_AND_DILATIONS)
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_convolution_is_that_of_keras(rank, padding, strides, dilation_rate):
    from keras import ops

    options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate}
    rng = np.random.default_rng(rank)
    for size, kernel_size in itertools.product((5, 6), (3, 4) if strides == 3 else (1, 2, 3)):
        if padding == "valid" and (kernel_size - 1) * dilation_rate + 1 > size:
            continue
        x = rng.standard_normal((2, *(size, size + 2, size + 1)[:rank], 2))
        kernel = rng.standard_normal((kernel_size,) * rank + (2, 3))
        y = reference.cross_correlate(x, kernel, **options)
        dy = rng.standard_normal(y.shape)
        ours = gradients.convolution_gradients(x, kernel, dy, **options)
        bias = np.zeros(3)
        theirs = of_keras(lambda x, k, b: ops.conv(x, k, **options) + b, dy, x, kernel, bias)
        for name, mine, builtin in zip(ours._fields, ours, theirs, strict=True):
            np.testing.assert_allclose(mine, builtin, atol=1e-11, err_msg=f"{name} {x.shape}")


@pytest.mark.parametrize("groups", [2, 4])
def test_grouped_convolution_is_that_of_keras(groups):
    from keras import ops

    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 6, 5, 4))
    kernel = rng.standard_normal((3, 2, 4 // groups, 8))
    dy = rng.standard_normal((2, 3, 5, 8))
    options = {"strides": (2, 1), "padding": "same"}
    ours = gradients.convolution_gradients(x, kernel, dy, groups=groups, **options)
    theirs = of_keras(lambda x, k: ops.conv(x, k, **options), dy, x, kernel)
    for mine, builtin in zip(ours[:2], theirs, strict=True):
        np.testing.assert_allclose(mine, builtin, atol=1e-11)


@given(case=convolutions(), seed=st.integers(0, 99))
def test_the_inputs_gradient_is_the_transpose(case, seed):
    options = {"groups": case.groups, **case.options}
    y = reference.cross_correlate(case.x, case.kernel, **options)
    dy = integers_like(y.shape, seed)
    w = matrix.convolution_matrix(case.kernel, case.spatial, **options)
    ours = gradients.input_gradient(case.kernel, dy, case.spatial, **options)
    np.testing.assert_array_equal(ours, matrix.apply(w.T, dy, case.x.shape[1:]))


@given(case=convolutions(), seed=st.integers(0, 99))
def test_the_kernels_gradient_is_the_sum_over_tied_weights(case, seed):
    """The gradient of a free matrix is dy x^T; tying adds up what belongs to one weight."""
    options = {"groups": case.groups, **case.options}
    y = reference.cross_correlate(case.x, case.kernel, **options)
    dy = integers_like(y.shape, seed)
    free = dy.reshape(len(dy), -1).T @ case.x.reshape(len(dy), -1)
    entries = matrix.tied_entries(case.spatial, case.kernel.shape, **options)
    tied = np.zeros(case.kernel.size)
    np.add.at(tied, entries.weights, free[entries.rows, entries.columns])
    ours = gradients.kernel_gradient(case.x, dy, case.kernel_size, **options)
    np.testing.assert_array_equal(ours, tied.reshape(case.kernel.shape))


@given(case=convolutions(groups=(1,)))
def test_the_inputs_gradient_is_the_transposed_convolution(case):
    options = {"strides": case.options["strides"], "padding": "same"}
    large = geometry.transpose_output_shape(case.spatial, case.kernel_size, **options)
    pads = geometry.transpose_pad_amounts(case.spatial, case.kernel_size, **options)
    dy = integers_like((2, *case.spatial, case.kernel.shape[-1]), 0)
    ours = gradients.input_gradient(
        case.kernel, dy, large, strides=options["strides"], padding=pads
    )
    expected = reference.cross_correlate_transpose(dy, case.kernel, **options)
    np.testing.assert_array_equal(ours, expected)


def test_convolution_by_hand():
    x, kernel = np.array([1, 2, 3, 4]), np.array([1, -1])
    shaped = (x.reshape(1, 4, 1), kernel.reshape(2, 1, 1))
    dx, dk, db = gradients.convolution_gradients(
        *shaped, np.array([1, 10]).reshape(1, 2, 1), strides=2
    )
    assert dk.ravel().tolist() == [1 * 1 + 10 * 3, 1 * 2 + 10 * 4]
    assert dx.ravel().tolist() == [1, -1, 10, -10]
    assert db.tolist() == [11]
    # pixels that no output reads get nothing, and the image keeps its size
    dx = gradients.input_gradient(shaped[1], np.ones((1, 1, 1)), 4, strides=3)
    assert dx.ravel().tolist() == [1, -1, 0, 0]


def test_results_are_at_least_float32_and_arguments_stay_as_they_are():
    x, kernel, dy = (
        np.ones((1, 4, 1), np.float32),
        np.ones((2, 1, 1), np.float32),
        np.ones((1, 3, 1)),
    )
    kept = [each.copy() for each in (x, kernel, dy)]
    assert gradients.kernel_gradient(x, dy.astype(np.float32), 2).dtype == np.float32
    assert (
        gradients.kernel_gradient(x.astype(np.float16), dy.astype(np.float16), 2).dtype
        == np.float32
    )
    for each in gradients.convolution_gradients(x, kernel, dy.astype(int), padding="valid"):
        assert each.dtype == np.float64
    for each, before in zip((x, kernel, dy), kept, strict=True):
        np.testing.assert_array_equal(each, before)


# pooling


@pytest.mark.parametrize("strides", [None, 1, 2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", ["max", "average"])
def test_pooling_is_that_of_keras(kind, rank, padding, strides):
    from keras import ops

    rng = np.random.default_rng(rank)
    options = {"strides": strides, "padding": padding}
    for pool_size in [(2, 2, 2), (3, 2, 3), (1, 3, 2)]:
        pool_size = pool_size[:rank]
        # few different values, so ties everywhere; but in volumes TensorFlow gives every one of a
        # tie the whole gradient. float32, since it pools no float64 volumes
        x = rng.integers(-1, 2, (2, *(5, 6, 4)[:rank], 2)).astype(np.float32)
        if rank == 3:
            x = rng.permutation(x.size).reshape(x.shape).astype(np.float32)
        y = getattr(reference, f"{kind}_pool")(x, pool_size, **options)
        dy = rng.integers(-9, 10, y.shape).astype(np.float32)
        builtin = getattr(ops, f"{kind}_pool")
        (theirs,) = of_keras(lambda x, p=pool_size, f=builtin: f(x, p, **options), dy, x)
        ours = getattr(gradients, f"{kind}_pool_gradient")(x, dy, pool_size, **options)
        np.testing.assert_allclose(ours, theirs, atol=1e-5, err_msg=f"{pool_size}")


JAX = """
import jax, keras, numpy as np
from labkit import gradients, reference
x = np.random.default_rng(0).integers(-1, 2, (2, 4, 5, 3, 2)).astype(np.float32)
for options in ({"strides": 2}, {"strides": 1}, {"strides": 1, "padding": "same"}):
    dy = np.arange(reference.max_pool(x, 2, **options).size, dtype=np.float32)
    dy = dy.reshape(reference.max_pool(x, 2, **options).shape)
    theirs = jax.grad(lambda x: (keras.ops.max_pool(x, 2, **options) * dy).sum())(x)
    np.testing.assert_array_equal(gradients.max_pool_gradient(x, dy, 2, **options), theirs)
print(keras.backend.backend())
"""


@pytest.mark.jax
def test_ties_in_volumes_go_to_the_first_as_on_jax():
    run = subprocess.run(
        [sys.executable, "-c", JAX],
        env={**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout == "jax\n"


def test_max_pooling_by_hand():
    x = np.array([[3, 3, 1], [3, 5, 5], [0, 5, 2]])[None, ..., None]
    dy = np.array([[1, 10], [100, 1000]])[None, ..., None]
    dx = gradients.max_pool_gradient(x, dy, 2, strides=1)[0, ..., 0]
    # the 5 in the middle is the first maximum of all four windows
    assert dx.tolist() == [[0, 0, 0], [0, 1111, 0], [0, 0, 0]]
    dx = gradients.max_pool_gradient(x, dy, 2, padding="same")[0, ..., 0]
    assert dx.tolist() == [[0, 0, 0], [0, 1, 10], [0, 100, 1000]]
    # a tie goes to the first, and a window in the padding has no tie with it
    dx = gradients.max_pool_gradient(
        np.zeros((1, 3, 1)), np.ones((1, 4, 1)), 2, strides=1, padding=1
    )
    assert dx.ravel().tolist() == [2, 1, 1]
    smallest = np.full((1, 2, 1), -np.inf)
    dx = gradients.max_pool_gradient(smallest, np.ones((1, 3, 1)), 2, strides=1, padding=1)
    assert dx.ravel().tolist() == [2, 1]


@given(case=convolutions(), kind=st.sampled_from(["max", "average"]))
def test_pooling_hands_out_just_what_it_got(case, kind):
    options = {"strides": case.options["strides"], "padding": "same"}
    y = getattr(reference, f"{kind}_pool")(case.x, case.kernel_size, **options)
    dy = integers_like(y.shape, 0)
    dx = getattr(gradients, f"{kind}_pool_gradient")(case.x, dy, case.kernel_size, **options)
    axes = tuple(range(1, dy.ndim - 1))
    np.testing.assert_allclose(dx.sum(axes), dy.sum(axes), atol=1e-9)


# non-linearities, dense, loss


@pytest.mark.parametrize(
    ("ours", "name", "arguments"),
    [
        (gradients.relu_gradient, "relu", {}),
        (gradients.leaky_relu_gradient, "leaky_relu", {"negative_slope": 0.3}),
        (gradients.leaky_relu_gradient, "leaky_relu", {"negative_slope": 0.01}),
        (gradients.sigmoid_gradient, "sigmoid", {}),
        (gradients.tanh_gradient, "tanh", {}),
        (gradients.elu_gradient, "elu", {}),
        (gradients.elu_gradient, "elu", {"alpha": 0.5}),
    ],
)
def test_activations_are_those_of_keras(ours, name, arguments):
    from keras import activations

    x = np.concatenate([np.linspace(-9, 9, 61), [0.0, -700.0, 700.0]]).reshape(8, 8)
    dy = np.random.default_rng(0).standard_normal(x.shape)
    (theirs,) = of_keras(lambda x: getattr(activations, name)(x, **arguments), dy, x)
    # TensorFlow keeps leaky ReLU's slope in float32
    np.testing.assert_allclose(ours(x, dy, **arguments), theirs, rtol=1e-7, atol=1e-14)


def test_activations_never_overflow():
    extremes, ones = np.array([-1e300, -1e4, 1e4, 1e300]), np.ones(4)
    with np.errstate(all="raise", under="ignore"):
        assert gradients.sigmoid_gradient(extremes, ones).tolist() == [0, 0, 0, 0]
        assert gradients.tanh_gradient(extremes, ones).tolist() == [0, 0, 0, 0]
        assert gradients.elu_gradient(extremes, ones).tolist() == [0, 0, 1, 1]


def test_leaky_relus_default_slope_is_that_of_keras_layer():
    import keras

    x, dy = np.array([-1.0, 0.0, 1.0], np.float32), np.ones(3, np.float32)
    (theirs,) = of_keras(keras.layers.LeakyReLU(), dy, x)
    np.testing.assert_array_equal(gradients.leaky_relu_gradient(x, dy), theirs)


def test_dense_is_that_of_keras():
    rng = np.random.default_rng(0)
    x, kernel, bias = rng.standard_normal((5, 3)), rng.standard_normal((3, 4)), np.zeros(4)
    dy = rng.standard_normal((5, 4))
    theirs = of_keras(lambda x, k, b: x @ k + b, dy, x, kernel, bias)
    for mine, builtin in zip(gradients.dense_gradients(x, kernel, dy), theirs, strict=True):
        np.testing.assert_allclose(mine, builtin, atol=1e-12)


def test_dense_is_a_convolution_over_the_whole_image():
    rng = np.random.default_rng(0)
    x, kernel = rng.standard_normal((5, 3, 2)), rng.standard_normal((3, 2, 4))
    dy = rng.standard_normal((5, 1, 4))
    conv = gradients.convolution_gradients(x, kernel, dy)
    dense = gradients.dense_gradients(x.reshape(5, 6), kernel.reshape(6, 4), dy[:, 0])
    for one, other in zip(conv, dense, strict=True):
        np.testing.assert_allclose(one.ravel(), other.ravel(), atol=1e-12)


def test_softmax_cross_entropy_is_that_of_keras():
    import keras
    import tensorflow as tf

    rng = np.random.default_rng(0)
    logits, labels = 3 * rng.standard_normal((6, 4)), rng.integers(0, 4, 6)
    soft = rng.dirichlet(np.ones(4), 6)
    sparse = keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float64")
    categorical = keras.losses.CategoricalCrossentropy(from_logits=True, dtype="float64")
    for target, builtin in [
        (labels, sparse),
        (np.eye(4)[labels], categorical),
        (soft, categorical),
    ]:
        tensor = tf.constant(logits)
        with tf.GradientTape() as tape:
            tape.watch(tensor)
            expected = builtin(target, tensor)
        loss, gradient = gradients.softmax_cross_entropy(logits, target)
        np.testing.assert_allclose(loss, expected, rtol=1e-12)
        np.testing.assert_allclose(gradient, tape.gradient(expected, tensor), atol=1e-12)


def test_softmax_cross_entropy_by_hand_and_at_the_extremes():
    loss, gradient = gradients.softmax_cross_entropy([[0.0, np.log(3)]], [0])
    assert loss == pytest.approx(np.log(4))
    np.testing.assert_allclose(gradient, [[-0.75, 0.75]])
    loss, gradient = gradients.softmax_cross_entropy([[1e4, -1e4], [-1e4, 1e4]], [0, 0])
    assert loss == 1e4
    assert gradient.tolist() == [[0, 0], [-0.5, 0.5]]
    assert (
        gradients.softmax_cross_entropy(np.zeros((2, 3), np.float32), [0, 1])[1].dtype == np.float32
    )


# errors


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda g: g.kernel_gradient(np.ones((1, 5, 1)), np.ones((1, 5, 1)), 2),
            "dy: expected (1, 4, 1), the shape of the output, received shape (1, 5, 1)",
        ),
        (
            lambda g: g.kernel_gradient(np.ones(5), np.ones(4), 2),
            "x: expected (batch, *spatial, channels) with 1 to 3 spatial axes, none of them empty, "
            "received shape (5,)",
        ),
        (
            lambda g: g.input_gradient(np.ones((2, 1, 1)), np.ones((3, 4, 2)), 5),
            "dy: expected (3, 4, 1), the shape of the output, received shape (3, 4, 2)",
        ),
        (
            lambda g: g.input_gradient(np.ones((2, 2)), np.ones((3, 4, 2)), 5),
            "kernel: expected (*kernel_size, channels / groups, filters) with 1 to 3 spatial axes, "
            "none of them empty, received shape (2, 2)",
        ),
        (
            lambda g: g.convolution_gradients(
                np.ones((1, 5, 3)), np.ones((2, 2, 4)), np.ones((1, 4, 4))
            ),
            "kernel: expected 3 input channels (3 / 1 groups), received 2: x of shape (1, 5, 3) "
            "and kernel of shape (2, 2, 4)",
        ),
        (
            lambda g: g.dense_gradients(np.ones((5, 3)), np.ones((4, 2)), np.ones((5, 2))),
            "x, kernel: expected (batch, inputs) and (inputs, units), received shapes (5, 3) and "
            "(4, 2)",
        ),
        (
            lambda g: g.max_pool_gradient(np.ones((1, 4, 1)), np.ones((1, 4, 1)), 2),
            "dy: expected (1, 2, 1), the shape of the output, received shape (1, 4, 1)",
        ),
        (
            lambda g: g.average_pool_gradient(np.ones((1, 4, 1)), np.ones((1, 4, 1)), 2, padding=2),
            "padding: expected less than the window on every side, received padding 2 with "
            "pool_size (2,): a window may not lie in the padding alone",
        ),
        (
            lambda g: g.relu_gradient([1.0], [1.0, 2.0]),
            "dy: expected (1,), the shape of x, received shape (2,)",
        ),
        (
            lambda g: g.softmax_cross_entropy(np.ones(3), [1]),
            "logits: expected (batch, classes), none of them 0, received shape (3,)",
        ),
        (
            lambda g: g.softmax_cross_entropy(np.ones((2, 3)), [0, 3]),
            "labels: expected classes from 0 to 2 for logits of shape (2, 3), received 0 to 3",
        ),
        (
            lambda g: g.softmax_cross_entropy(np.ones((2, 3)), [0.5, 1]),
            "labels: expected integers (2,) or probabilities (2, 3), received shape (2,) and dtype "
            "float64",
        ),
    ],
)
def test_errors_say_what_was_expected_and_what_came(call, text):
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        call(gradients)
