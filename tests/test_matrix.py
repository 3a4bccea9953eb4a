"""labkit.matrix: build, use, read back, count; recognition has its own file."""

import re
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse as sp
from strategies import convolutions, integers_like

from labkit import geometry, matrix, reference


def matrix_of(case, **changes):
    return matrix.convolution_matrix(
        case.kernel, case.spatial, **{"groups": case.groups, **case.options, **changes}
    )


# by hand


def test_one_axis_by_hand():
    np.testing.assert_array_equal(
        matrix.convolution_matrix([1, 0, -2], 6),
        [[1, 0, -2, 0, 0, 0], [0, 1, 0, -2, 0, 0], [0, 0, 1, 0, -2, 0], [0, 0, 0, 1, 0, -2]],
    )
    np.testing.assert_array_equal(
        matrix.convolution_matrix([1, 2, 3], 4, padding="same", strides=2),
        [[1, 2, 3, 0], [0, 0, 1, 2]],  # before 0, after 1
    )
    np.testing.assert_array_equal(
        matrix.convolution_matrix([1, 2], 3, padding="causal", dilation_rate=2),
        [[2, 0, 0], [0, 2, 0], [1, 0, 2]],
    )


def test_two_axes_are_doubly_blocked():
    np.testing.assert_array_equal(
        matrix.convolution_matrix([[1, 2], [3, 4]], (3, 3)),
        [
            [1, 2, 0, 3, 4, 0, 0, 0, 0],
            [0, 1, 2, 0, 3, 4, 0, 0, 0],
            [0, 0, 0, 1, 2, 0, 3, 4, 0],
            [0, 0, 0, 0, 1, 2, 0, 3, 4],
        ],
    )


def test_channels_filters_and_groups_by_hand():
    kernel = np.array([[[1, 2], [3, 4]]])  # one tap, two channels in, two filters
    np.testing.assert_array_equal(
        matrix.convolution_matrix(kernel, 2),
        [[1, 3, 0, 0], [2, 4, 0, 0], [0, 0, 1, 3], [0, 0, 2, 4]],
    )
    np.testing.assert_array_equal(
        matrix.convolution_matrix(kernel[:, :1], 2, groups=2),
        [[1, 0, 0, 0], [0, 2, 0, 0], [0, 0, 1, 0], [0, 0, 0, 2]],
    )


def test_pooling_by_average_is_a_convolution_matrix():
    mean = matrix.convolution_matrix(np.full((2, 2), 0.25), (4, 6), strides=2)
    x = integers_like((4, 6), 0)
    pooled = reference.average_pool(x[None, ..., None], 2)[0, ..., 0]
    np.testing.assert_array_equal(matrix.apply(mean, x, (2, 3)), pooled)


# against the definition, and laws


@given(case=convolutions())
def test_the_matrix_times_the_image_is_the_convolution(case):
    y = reference.cross_correlate(case.x, case.kernel, groups=case.groups, **case.options)
    for sparse in (False, True):
        np.testing.assert_array_equal(
            matrix.apply(matrix_of(case, sparse=sparse), case.x, y.shape[1:]), y
        )


@given(case=convolutions(groups=(1,)))
def test_the_plain_form_is_one_channel_and_one_filter(case):
    plain = case.kernel[..., 0, 0]
    full = matrix.convolution_matrix(plain[..., None, None], case.spatial, **case.options)
    ours = matrix.convolution_matrix(plain, case.spatial, **case.options)
    np.testing.assert_array_equal(ours, full)
    y = reference.cross_correlate_plain(case.x[0, ..., 0], plain, **case.options)
    np.testing.assert_array_equal(matrix.apply(ours, case.x[0, ..., 0], y.shape), y)


@given(case=convolutions())
def test_sparse_and_dense_hold_the_same(case):
    dense, sparse = matrix_of(case), matrix_of(case, sparse=True)
    assert isinstance(sparse, sp.csr_array)
    assert sparse.has_canonical_format
    np.testing.assert_array_equal(sparse.toarray(), dense)


@given(case=convolutions())
def test_tied_entries_come_in_reading_order_each_once(case):
    entries = matrix.tied_entries(
        case.spatial, case.kernel.shape, groups=case.groups, **case.options
    )
    places = entries.rows * entries.shape[1] + entries.columns
    assert (np.diff(places) > 0).all()


@given(case=convolutions(), seed=st.integers(0, 99))
def test_the_transpose_is_the_adjoint(case, seed):
    """<A x, y> = <x, A^T y>, with A x from the definition and A^T y through the matrix."""
    forward = reference.cross_correlate(case.x, case.kernel, groups=case.groups, **case.options)
    y = integers_like(forward.shape, seed)
    back = matrix.apply(matrix_of(case).T, y, case.x.shape[1:])
    assert np.vdot(forward, y) == np.vdot(case.x, back)


@given(case=convolutions(groups=(2, 3)))
def test_groups_are_blocks(case):
    """Each group alone, its rows and columns put where its filters and channels are."""
    whole = matrix_of(case)
    outputs = geometry.output_shape(case.spatial, case.kernel_size, **case.options)
    blocks = whole.reshape(
        np.prod(outputs), case.groups, -1, np.prod(case.spatial), case.groups, case.kernel.shape[-2]
    )
    kernels = np.split(case.kernel, case.groups, axis=-1)
    for i in range(case.groups):
        for j in range(case.groups):
            block = blocks[:, i, :, :, j, :]
            if i == j:
                alone = matrix.convolution_matrix(kernels[i], case.spatial, **case.options)
                np.testing.assert_array_equal(block.reshape(alone.shape), alone)
            else:
                assert not block.any()


@given(seed=st.integers(0, 999), n=st.integers(6, 12), a=st.integers(1, 3), b=st.integers(1, 3))
def test_two_layers_without_a_non_linearity_are_one(seed, n, a, b):
    """The product of two convolutions' matrices is the matrix of their kernels' convolution."""
    first, second = integers_like(a, seed), integers_like(b, seed + 1)
    one = matrix.convolution_matrix(first, n)
    product = matrix.convolution_matrix(second, n - a + 1) @ one
    both = reference.convolve_plain(first, second, padding="full")
    np.testing.assert_array_equal(product, matrix.convolution_matrix(both, n))


@given(case=convolutions())
def test_the_kernel_read_back_gives_the_matrix_again(case):
    for sparse in (False, True):
        w = matrix_of(case, sparse=sparse)
        options = {"groups": case.groups, **case.options}
        kernel = matrix.recover_kernel(w, case.spatial, case.kernel_size, keepdims=True, **options)
        entries = matrix.tied_entries(case.spatial, case.kernel.shape, **options)
        seen = np.isin(np.arange(kernel.size), entries.weights).reshape(kernel.shape)
        np.testing.assert_array_equal(kernel, np.where(seen, case.kernel, 0))


@given(case=convolutions(groups=(1,)))
def test_recover_kernel_is_exact_for_plain_valid_kernels(case):
    plain = case.kernel[..., 0, 0] / 7  # not exact in binary: no averaging may touch it
    spatial = tuple(n + 8 for n in case.spatial)
    w = matrix.convolution_matrix(plain, spatial, strides=case.options["strides"])
    recovered = matrix.recover_kernel(w, spatial, case.kernel_size, strides=case.options["strides"])
    np.testing.assert_array_equal(recovered, plain)


@given(case=convolutions(groups=(1,)))
def test_transposed_convolution_is_the_matrix_of_the_definition(case):
    options = {**case.options, "padding": "same"}
    x = integers_like((2, *case.spatial, case.kernel.shape[-1]), 3)
    y = reference.cross_correlate_transpose(x, case.kernel, **options)
    for sparse in (False, True):
        w = matrix.transposed_convolution_matrix(
            case.kernel, case.spatial, sparse=sparse, **options
        )
        np.testing.assert_array_equal(matrix.apply(w, x, y.shape[1:]), y)


def test_transposed_convolution_is_that_of_keras():
    from keras import ops

    rng = np.random.default_rng(0)
    x, kernel = rng.standard_normal((2, 4, 5, 3)), rng.standard_normal((3, 2, 2, 3))
    for options in ({}, {"strides": 2}, {"strides": 3, "padding": "same"}):
        theirs = np.asarray(ops.conv_transpose(x, kernel, **options))
        w = matrix.transposed_convolution_matrix(kernel, (4, 5), **options)
        np.testing.assert_allclose(matrix.apply(w, x, theirs.shape[1:]), theirs, atol=1e-12)


@given(case=convolutions())
def test_bias_is_one_more_column(case):
    bias = integers_like(case.kernel.shape[-1], 5)
    y = reference.cross_correlate(case.x, case.kernel, bias, groups=case.groups, **case.options)
    x = np.append(case.x[0].ravel(), 1)
    for sparse in (False, True):
        w = matrix.with_bias(matrix_of(case, sparse=sparse), bias)
        assert sp.issparse(w) == sparse
        np.testing.assert_array_equal(w @ x, y[0].ravel())


# counts


@given(case=convolutions())
def test_counts_are_what_the_matrix_holds(case):
    options = {"groups": case.groups, **case.options}
    channels, filters = case.x.shape[-1], case.kernel.shape[-1]
    sizes = (case.spatial, case.kernel_size)
    counts = matrix.weight_counts(*sizes, channels=channels, filters=filters, **options)
    ones = matrix.convolution_matrix(np.ones_like(case.kernel), case.spatial, **options)
    assert counts == (ones.size, ones.sum(), case.kernel.size)
    times = matrix.multiplication_counts(*sizes, channels=channels, filters=filters, **options)
    assert times == (ones.size, ones.sum(), ones.sum())


def test_counts_are_those_of_keras_layers():
    import keras

    x = keras.Input((9, 8, 4))
    for groups, padding in [(1, "valid"), (2, "valid"), (1, "same")]:
        layer = keras.layers.Conv2D(
            6, (3, 2), strides=(2, 1), padding=padding, groups=groups, use_bias=False
        )
        y = layer(x)
        counts = matrix.weight_counts(
            (9, 8), (3, 2), channels=4, filters=6, strides=(2, 1), padding=padding, groups=groups
        )
        assert counts.convolutional == layer.count_params()
        dense = keras.layers.Dense(int(np.prod(y.shape[1:])), use_bias=False)
        dense(keras.layers.Flatten()(x))
        assert counts.dense == dense.count_params()


def test_counts_of_a_photograph_need_no_matrix():
    counts = matrix.weight_counts((224, 224), (3, 3))
    assert counts == (222**2 * 224**2, 222**2 * 9, 9)


# sizes and kinds


def peak_of(function):
    """What ``function`` gives, and the most bytes that NumPy and Python held meanwhile."""
    tracemalloc.start()
    try:
        return function(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_large_sparse_matrix_stores_its_tied_entries_alone():
    kernel = np.arange(49.0).reshape(7, 7) + 1
    w, peak = peak_of(lambda: matrix.convolution_matrix(kernel, (224, 224), sparse=True))
    assert w.nnz == 218**2 * 49
    assert peak < 200 * w.nnz  # bytes; a dense matrix has a thousand times as many entries
    row = w[[218 * 100 + 50]].toarray().reshape(224, 224)
    np.testing.assert_array_equal(row[100:107, 50:57], kernel)


def test_a_matrix_that_is_too_large_is_refused_before_anything_of_its_size_is_made():
    def refused():
        with pytest.raises(ValueError, match=r"takes .* GiB, all but 80892036 entries of it zeros"):
            matrix.convolution_matrix(np.ones((3, 3)), (3000, 3000))

    _, peak = peak_of(refused)
    assert peak < 2**20  # an index for each of its entries takes 600 times as many bytes


def test_dtypes():
    assert matrix.convolution_matrix([1, 2], 3).dtype == np.int64
    assert matrix.convolution_matrix([True, False], 3).dtype == np.int64
    for dtype in (np.float16, np.float32, np.float64, np.int8):
        kernel = np.ones(2, dtype)
        assert matrix.convolution_matrix(kernel, 3).dtype == dtype
        sparse = matrix.convolution_matrix(kernel, 3, sparse=True).dtype
        assert sparse == (np.float32 if dtype == np.float16 else dtype)


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32])
def test_small_integers_do_not_overflow(sparse, dtype):
    kernel, x = np.full((3, 3), 100, dtype), np.full((2, 5, 5), 100, dtype)
    w = matrix.convolution_matrix(kernel, (5, 5), sparse=sparse)
    y = matrix.apply(w, x, (3, 3))
    assert y.dtype == np.int64
    np.testing.assert_array_equal(y[0], reference.cross_correlate_plain(x[0], kernel))


def test_tensors_will_do():
    import tensorflow as tf

    w = matrix.convolution_matrix(tf.constant([1.0, 2.0]), 3)
    y = matrix.apply(w, tf.constant([1.0, 2.0, 3.0]), (2,))
    np.testing.assert_array_equal(y, [5, 8])
    assert matrix.recognize(tf.constant(w), 3)


def test_apply_tells_images_from_batches_by_their_axes():
    w = matrix.convolution_matrix(np.ones((2, 2)), (3, 3))
    x = np.arange(9).reshape(3, 3)
    assert matrix.apply(w, x, (2, 2)).shape == (2, 2)
    assert matrix.apply(w, x[None], (2, 2)).shape == (1, 2, 2)
    assert matrix.apply(w, np.zeros((0, 3, 3)), (2, 2)).shape == (0, 2, 2)
    assert matrix.apply(np.ones((2, 3)), np.ones((4, 3)), 2).shape == (4, 2)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda m: m.convolution_matrix(np.ones((3, 3)), (5, 5, 5)),
            "kernel: expected (*kernel_size,) or (*kernel_size, channels, filters) with as many of "
            "the 1 to 3 axes as spatial, received shape (3, 3) for spatial (5, 5, 5)",
        ),
        (
            lambda m: m.convolution_matrix(np.ones((3, 3, 2, 3)), (5, 5), groups=2),
            "groups: expected a divisor of 4 channels and 3 filters, received groups 2 with x of "
            "shape (1, 5, 5, 4) and kernel of shape (3, 3, 2, 3): every group takes as many "
            "channels and filters",
        ),
        (
            lambda m: m.convolution_matrix([], 5),
            "x, kernel: expected no empty axis except the batch, received x of shape (1, 5, 1) and "
            "kernel of shape (0, 1, 1)",
        ),
        (
            lambda m: m.convolution_matrix([1, 2, 3], 2),
            "kernel_size: expected a kernel that fits into the padded input, received kernel_size "
            "(3,) with dilation_rate (1,) for spatial shape (2,) with padding 'valid': on axis 0 "
            "the kernel spans 3 elements and the input has 2 and 0 of padding, so there would be "
            "no output",
        ),
        (
            lambda m: m.convolution_matrix(np.ones((7, 7)), (224, 224)),
            "convolution_matrix: expected a dense matrix of at most 4 GiB, received kernel (7, 7) "
            "on spatial shape (224, 224), whose 47524 x 50176 matrix takes 17.8 GiB, all but "
            "2328676 entries of it zeros. Pass sparse=True",
        ),
        (
            lambda m: m.apply(np.ones((2, 3)), np.ones((2, 4)), (2,)),
            "matrix: expected one row for each output and one column for each value of the image, "
            "(2, 4) for out_shape (2,) and x of shape (2, 4), received (2, 3)",
        ),
        (
            lambda m: m.apply(np.ones((2, 3)), np.ones((1, 1, 3)), (2,)),
            "x: expected 1 axes like out_shape (2,), or a batch with one more, received shape "
            "(1, 1, 3)",
        ),
        (
            lambda m: m.apply(np.ones(3), np.ones(3), (1,)),
            "matrix: expected (rows, columns), at least one of each, received shape (3,)",
        ),
        (
            lambda m: m.with_bias(np.ones((4, 3)), [1, 2, 3]),
            "bias: expected a number or (filters,) with as many filters for each of the matrix's "
            "rows, received shape (3,) for a matrix of shape (4, 3)",
        ),
        (
            lambda m: m.with_bias(np.ones((4, 3)), [[1]]),
            "bias: expected a number or (filters,) with as many filters for each of the matrix's "
            "rows, received shape (1, 1) for a matrix of shape (4, 3)",
        ),
        (
            lambda m: m.recover_kernel(np.ones((4, 6)), 5, 2),
            "matrix: expected (4 x filters, 5 x channels) entries for the outputs (4,) of spatial "
            "shape (5,) under a kernel of size (2,), received shape (4, 6)",
        ),
        (
            lambda m: m.weight_counts(5, 2, channels=3, groups=2),
            "groups: expected a divisor of 3 channels and 1 filters, received groups 2 with x of "
            "shape (1, 5, 3) and kernel of shape (2, 1, 1): every group takes as many channels and "
            "filters",
        ),
    ],
)
def test_errors_say_what_was_expected_and_what_came(call, text):
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        call(matrix)
