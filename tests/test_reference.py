"""labkit.reference: numbers by hand, and stock Keras over a grid; test_laws.py has the laws."""

import itertools
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from labkit import reference

# by hand


def test_cross_correlation_by_hand():
    y = reference.cross_correlate_plain([0, 1, 2, 3, 4, 5], [1, 0, -2])
    np.testing.assert_array_equal(y, [-4, -5, -6, -7])
    image = [[1, 2, 0, 1], [0, 1, 3, 1], [2, 0, 1, 1]]
    y = reference.cross_correlate_plain(image, [[1, 0, -1], [0, 2, 1]])
    # 1*1 + 0*2 - 1*0 + 0*0 + 2*1 + 1*3 = 6 and so on
    np.testing.assert_array_equal(y, [[6, 8], [-2, 3]])
    y = reference.convolve_plain(image, [[1, 0, -1], [0, 2, 1]])
    np.testing.assert_array_equal(y, [[8, 2], [1, 8]])


def test_every_argument_by_hand():
    x, kernel = [1, 2, 3, 4, 5], [1, 10, 100]
    for options, expected in [
        ({"strides": 2}, [321, 543]),
        ({"dilation_rate": 2}, [531]),
        ({"padding": "same"}, [210, 321, 432, 543, 54]),
        ({"padding": "same", "strides": 2}, [210, 432, 54]),
        ({"padding": "full"}, [100, 210, 321, 432, 543, 54, 5]),
        ({"padding": "causal"}, [100, 210, 321, 432, 543]),
        ({"padding": 1, "strides": 3}, [210, 543]),
        ({"padding": ((0, 2),)}, [321, 432, 543, 54, 5]),
    ]:
        y = reference.cross_correlate_plain(x, kernel, **options)
        np.testing.assert_array_equal(y, expected, err_msg=str(options))


def test_channels_filters_bias_and_groups_by_hand():
    x = np.array([[[1, 10], [2, 20], [3, 30]]])  # one image, three pixels, two channels
    kernel = np.array([[[1, 0], [0, 1]], [[1, 0], [0, -1]]])  # two taps, two channels, two filters
    y = reference.cross_correlate(x, kernel, [100, 0])
    np.testing.assert_array_equal(y, [[[103, -10], [105, -10]]])
    y = reference.cross_correlate(x, kernel[:, :1], groups=2)  # each filter its own channel
    np.testing.assert_array_equal(y, [[[3, 0], [5, 0]]])


def test_same_puts_the_odd_zero_after():
    """TensorFlow's asymmetry, by values: a symmetric convention gives [1, 5, 9, 4] here."""
    y = reference.cross_correlate_plain([1, 2, 3, 4], [1, 1], padding="same")
    np.testing.assert_array_equal(y, [3, 5, 7, 4])
    y = reference.cross_correlate_plain(np.arange(1, 7), [1, 10, 100], padding="same", strides=2)
    np.testing.assert_array_equal(y, [321, 543, 65])


def test_a_volume_by_hand():
    x = np.arange(8).reshape(2, 2, 2)
    kernel = np.zeros((2, 2, 1), int)
    kernel[0, 1, 0], kernel[1, 0, 0] = 1, 10
    np.testing.assert_array_equal(reference.cross_correlate_plain(x, kernel), [[[42, 53]]])


def test_pooling_by_hand():
    x = np.array([[4, -1, 0, 2], [3, -5, 1, 2], [-1, -2, -3, -4]])[None, ..., None]
    pooled = reference.max_pool(x, 2)[0, ..., 0]
    np.testing.assert_array_equal(pooled, [[4, 2]])
    overlapping = reference.max_pool(x, 2, strides=1)[0, ..., 0]
    np.testing.assert_array_equal(overlapping, [[4, 1, 2], [3, 1, 2]])
    # padding is no zero: the maximum of negative values is negative
    same = reference.max_pool(x, 2, padding="same")[0, ..., 0]
    np.testing.assert_array_equal(same, [[4, 2], [-1, -3]])
    mean = reference.average_pool(x, 2, padding="same")[0, ..., 0]
    np.testing.assert_array_equal(mean, [[0.25, 1.25], [-1.5, -3.5]])


def test_results_are_exact_int64_or_float64():
    pixels = np.full((1, 3, 1), 255, np.uint8)
    y = reference.cross_correlate(pixels, np.full((3, 1, 1), 255, np.uint8))
    assert y.dtype == np.int64
    assert y.item() == 3 * 255**2  # far beyond what a uint8 holds
    largest = np.full((1, 1, 1), 2**64 - 1, np.uint64)  # beyond int64: float64
    assert reference.cross_correlate(largest, [[[1]]]).item() == 2.0**64
    half = np.ones((1, 3, 1), np.float16)
    assert reference.cross_correlate(half, half.reshape(3, 1, 1)).dtype == np.float64
    assert reference.cross_correlate(pixels, [[[1]]], [0.5]).dtype == np.float64
    assert reference.max_pool(pixels, 3).dtype == np.int64
    assert reference.average_pool(pixels, 3).dtype == np.float64


def test_intermediate_sums_may_exceed_64_bits():
    big = 2**62
    y = reference.cross_correlate_plain([big, big, -big], [1, 1, 1])
    np.testing.assert_array_equal(y, [big])  # 2**63 on the way
    assert y.dtype == np.int64
    y = reference.cross_correlate_plain([-(2**63), 2**62], [1, 1])  # whose abs() overflows too
    np.testing.assert_array_equal(y, [-(2**62)])
    x, kernel = np.full((1, 2, 1), big), np.ones((2, 1, 1), int)
    y = reference.cross_correlate_transpose(x, kernel, [-big])
    np.testing.assert_array_equal(y[0, :, 0], [0, big, 0])


def test_a_result_beyond_64_bits_is_said_and_not_wrapped():
    text = (
        "expected a result that fits into int64, received integers that give 9223372036854775808: "
        "pass floats, as x.astype(float), to get it rounded"
    )
    with pytest.raises(OverflowError, match=f"^{re.escape(text)}$"):
        reference.cross_correlate_plain([2**62, 2**62], [1, 1])
    assert reference.cross_correlate_plain([2.0**62, 2**62], [1, 1]) == 2.0**63


def test_nan_reaches_only_the_outputs_that_read_it():
    y = reference.cross_correlate_plain([1.0, np.nan, 1, 1, 1], [1, 1], padding="same")
    np.testing.assert_array_equal(np.isnan(y), [True, True, False, False, False])


def test_an_empty_batch_stays_one():
    x = np.zeros((0, 5, 4, 3))
    assert reference.cross_correlate(x, np.zeros((2, 2, 3, 6))).shape == (0, 4, 3, 6)
    assert reference.max_pool(x, 2).shape == (0, 2, 2, 3)


def test_inputs_are_not_changed():
    x, kernel, bias = np.ones((1, 4, 1)), np.ones((2, 1, 1)), np.ones(1)
    reference.convolve(x, kernel, bias, padding="same")
    reference.cross_correlate_transpose(x, kernel, bias)
    assert x.all() and kernel.all() and bias.all()  # noqa: PT018  three arrays of ones


# stock Keras

STRIDES_AND_DILATIONS = [(1, 1), (2, 1), (3, 1), (1, 2), (1, 3)]


def images_and_kernels(rank, sizes=range(1, 8), kernel_sizes=range(1, 5), groups=1):
    """Square and oblong images with square and oblong kernels, in float64."""
    rng = np.random.default_rng(rank)
    if rank == 3:
        sizes, kernel_sizes = (3, 4), (1, 2, 3)
    for size, kernel_size in itertools.product(sizes, kernel_sizes):
        spatial = (size, size + 2, size + 1)[:rank]
        taps = (kernel_size, max(kernel_size - 1, 1), kernel_size)[:rank]
        yield (
            rng.standard_normal((2, *spatial, 2 * groups)),
            rng.standard_normal((*taps, 2, 3 * groups)),
        )


@pytest.mark.parametrize(("strides", "dilation_rate"), STRIDES_AND_DILATIONS)
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_convolution_is_that_of_keras(rank, padding, strides, dilation_rate):
    from keras import ops

    options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate}
    # TensorFlow's float64 volumes are wrong where a "same" stride leaps over whole kernels
    dtype, tolerance = (np.float32, 1e-4) if rank == 3 else (np.float64, 1e-12)
    compared = 0
    for x, kernel in images_and_kernels(rank):
        context = f"{x.shape} {kernel.shape} {options}"
        try:
            ours = reference.cross_correlate(x, kernel, **options)
        except ValueError as error:
            assert "no output" in str(error)  # noqa: PT017  refused for this reason or not at all
            continue
        theirs = ops.conv(x.astype(dtype), kernel.astype(dtype), **options)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance, err_msg=context)
        compared += 1
    assert compared >= 3


@pytest.mark.parametrize("groups", [2, 4])
@pytest.mark.parametrize("rank", [1, 2])
def test_grouped_convolution_is_that_of_keras(rank, groups):
    from keras import ops

    for x, kernel in images_and_kernels(rank, (5,), (2, 3), groups):
        for padding in ("valid", "same"):
            ours = reference.cross_correlate(x, kernel, padding=padding, groups=groups)
            np.testing.assert_allclose(ours, ops.conv(x, kernel, padding=padding), atol=1e-12)


def test_a_whole_layer_is_that_of_keras():
    """Through the layer, with bias, depthwise groups and causal padding; its sums are float32."""
    import keras

    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 9, 4)).astype(np.float32)
    for options in (
        {"padding": "causal", "dilation_rate": 2},
        {"padding": "causal", "strides": 3},
        {"padding": "same", "groups": 4},
    ):
        layer = keras.layers.Conv1D(8, 3, bias_initializer="normal", **options)
        theirs = layer(x)
        kernel, bias = layer.get_weights()
        ours = reference.cross_correlate(x, kernel, bias, **options)
        np.testing.assert_allclose(ours, theirs, atol=1e-5, err_msg=str(options))


def test_explicit_and_full_padding_are_zeros_around_a_valid_convolution_of_keras():
    from keras import ops

    rng = np.random.default_rng(0)
    x, kernel = rng.standard_normal((2, 5, 6, 2)), rng.standard_normal((3, 2, 2, 4))
    for padding, pads in [
        ("full", ((2, 2), (1, 1))),
        (2, ((2, 2), (2, 2))),
        (((1, 0), (0, 3)),) * 2,
    ]:
        padded = np.pad(x, ((0, 0), *pads, (0, 0)))
        for strides in (1, 2):
            ours = reference.cross_correlate(x, kernel, padding=padding, strides=strides)
            np.testing.assert_allclose(ours, ops.conv(padded, kernel, strides), atol=1e-12)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_transposed_convolution_is_that_of_keras(rank, padding):
    import keras

    compared = 0
    for x, kernel in images_and_kernels(rank, (1, 2, 4)):
        kernel = np.swapaxes(kernel, -1, -2)[..., :2]  # (*kernel_size, filters, channels)
        for strides in (1, 2, 3):
            for extra in (None, *range(strides)):
                options = {"strides": strides, "padding": padding, "output_padding": extra}
                # TensorFlow has no gradient, and so no transpose, that leaves the last input out
                even = any(k % 2 == 0 for k in kernel.shape[:-2])
                if padding == "same" and extra == 0 and even:
                    continue
                ours = reference.cross_correlate_transpose(x, kernel, **options)
                theirs = keras.ops.conv_transpose(x, kernel, **options)
                context = f"{x.shape} {kernel.shape} {options}"
                np.testing.assert_allclose(ours, theirs, atol=1e-12, err_msg=context)
                compared += 1
    assert compared >= 42


JAX = """
import itertools, numpy as np, keras
from labkit import reference
rng = np.random.default_rng(0)
compared = 0
for n, k, s, p, d in itertools.product((1, 4), (1, 2, 3, 4), (1, 2), ("valid", "same"), (1, 2)):
    x, kernel = rng.standard_normal((2, n, n + 1, 2)), rng.standard_normal((k, 2, 3, 2))
    for extra in (None, *range(s)):
        options = {"strides": s, "padding": p, "output_padding": extra, "dilation_rate": d}
        try:
            ours = reference.cross_correlate_transpose(x, kernel, **options)
        except ValueError as error:
            assert "at least one element" in str(error)
            continue
        theirs = keras.ops.conv_transpose(x, kernel, **options)
        np.testing.assert_allclose(ours, theirs, atol=1e-5, err_msg=str((x.shape, k, options)))
        compared += 1
    if s > 1 and d > 1 and p == "same":  # TensorFlow refuses stride with dilation
        forward = {"kernel": kernel[..., :2, :], "strides": s, "padding": p, "dilation_rate": d}
        ours, theirs = reference.cross_correlate(x, **forward), keras.ops.conv(x, **forward)
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
print(keras.backend.backend(), compared)
"""


@pytest.mark.jax
def test_dilated_transposes_and_strided_dilation_are_those_of_keras_on_jax():
    """What TensorFlow cannot compute on a CPU."""
    run = subprocess.run(
        [sys.executable, "-c", JAX],
        env={**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    backend, compared = run.stdout.split()
    assert backend == "jax"
    assert int(compared) > 80


@pytest.mark.parametrize("strides", [None, 1, 2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_pooling_is_that_of_keras(rank, padding, strides):
    from keras import ops

    options = {"strides": strides, "padding": padding}
    compared = 0
    for x, kernel in images_and_kernels(rank, range(1, 7)):
        size = kernel.shape[:-2]
        for ours, theirs in (
            (reference.max_pool, ops.max_pool),
            (reference.average_pool, ops.average_pool),
        ):
            x32 = x.astype(np.float32)  # TensorFlow pools volumes in float32 alone
            if any(n < k for n, k in zip(x.shape[1:-1], size, strict=True)) and padding == "valid":
                continue
            context = f"{x.shape} {size} {options}"
            np.testing.assert_allclose(
                ours(x32, size, **options),
                theirs(x32, size, **options),
                atol=1e-6,
                err_msg=context,
            )
            compared += 1
    assert compared >= 6


# errors


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda r: r.cross_correlate(np.zeros((4, 4)), np.zeros((3, 3))),
            "x, kernel: expected (batch, *spatial, channels) and (*kernel_size, channels / groups, "
            "filters) with the same 1 to 3 spatial axes, received x of shape (4, 4) and kernel of "
            "shape (3, 3)",
        ),
        (
            lambda r: r.cross_correlate_plain(np.zeros((4, 4)), np.zeros(3)),
            "x, kernel: expected one image (*spatial,) and one kernel (*kernel_size,), both with "
            "the same 1 to 3 axes, received shapes (4, 4) and (3,)",
        ),
        (
            lambda r: r.cross_correlate(np.zeros((1, 4, 2)), np.zeros((3, 2, 5)), np.zeros(2)),
            "bias: expected one for each of 5 filters, shape (5,), received shape (2,)",
        ),
        (
            lambda r: r.convolve(np.zeros((1, 4, 2)), [["a"]]),
            "kernel: expected an array of real numbers, received shape (1, 1) and dtype <U1",
        ),
        (
            lambda r: r.cross_correlate_transpose(np.zeros((1, 4, 2)), np.zeros((3, 2, 5))),
            "x, kernel: expected (batch, *spatial, channels) and (*kernel_size, filters, channels) "
            "with 1 to 3 spatial axes, received shapes (1, 4, 2) and (3, 2, 5)",
        ),
        (
            lambda r: r.max_pool(np.zeros((4, 4)), 2),
            "x: expected (batch, *spatial, channels) with 1 to 3 spatial axes, none of them empty, "
            "received shape (4, 4)",
        ),
        (
            lambda r: r.max_pool(np.zeros((1, 4, 4, 1)), (2, 3), padding=2),
            "padding: expected less than the window on every side, received padding 2 with "
            "pool_size (2, 3): a window may not lie in the padding alone",
        ),
        (
            lambda r: r.average_pool(np.zeros((1, 4, 4, 1)), 5),
            "kernel_size: expected a kernel that fits into the padded input, received kernel_size "
            "(5, 5) with dilation_rate (1, 1) for spatial shape (4, 4) with padding 'valid': on "
            "axis 0 the kernel spans 5 elements and the input has 4 and 0 of padding, so there "
            "would be no output",
        ),
    ],
)
def test_errors_say_what_was_expected_and_what_came(call, text):
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        call(reference)
