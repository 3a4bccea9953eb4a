"""labkit.geometry: hand-computed sizes, TensorFlow's "same", laws, and the text of every error."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import convolutions

from labkit import geometry
from labkit.matrix import convolution_matrix


@pytest.mark.parametrize(
    ("size", "kernel_size", "options", "expected"),
    [
        (28, 5, {}, 24),  # LeNet-5 of today, C1
        (227, 11, {"strides": 4}, 55),  # AlexNet, first layer
        (224, 11, {"strides": 4}, 54),  # the size that its paper gives by mistake
        (224, 11, {"strides": 4, "padding": (1, 2)}, 55),
        (5, 3, {"strides": 3}, 1),  # what is left over is not read
        (5, 3, {"strides": 10}, 1),
        (5, 5, {}, 1),
        (5, 1, {"strides": 2}, 3),
        (9, 3, {"dilation_rate": 4}, 1),
        (10, 3, {"dilation_rate": 2, "strides": 2}, 3),
        (5, 3, {"padding": "same"}, 5),
        (5, 3, {"padding": "same", "strides": 2}, 3),
        (1, 9, {"padding": "same"}, 1),
        (5, 3, {"padding": "full"}, 7),
        (2, 4, {"padding": "full"}, 5),
        (5, 3, {"padding": "causal", "dilation_rate": 2}, 5),
        (5, 3, {"padding": 2}, 7),
        (5, 3, {"padding": (0, 3)}, 6),
        (5, 3, {"padding": "SAME"}, 5),
    ],
)
def test_output_size_by_hand(size, kernel_size, options, expected):
    assert geometry.output_size(size, kernel_size, **options) == expected


@pytest.mark.parametrize(
    ("size", "kernel_size", "strides", "dilation_rate", "expected"),
    [
        (8, 3, 1, 1, (1, 1)),
        (8, 2, 1, 1, (0, 1)),  # the odd one after
        (8, 4, 1, 1, (1, 2)),
        (8, 3, 2, 1, (0, 1)),  # a symmetric convention would put (1, 1) here
        (7, 3, 2, 1, (1, 1)),  # and the amount depends on the size
        (8, 5, 3, 1, (1, 2)),
        (9, 5, 3, 1, (1, 1)),
        (10, 2, 5, 1, (0, 0)),  # a stride beyond the kernel: never negative
        (6, 3, 1, 2, (2, 2)),
        (6, 2, 1, 3, (1, 2)),
    ],
)
def test_same_is_tensorflows(size, kernel_size, strides, dilation_rate, expected):
    pads = geometry.pad_amounts(
        size, kernel_size, strides=strides, padding="same", dilation_rate=dilation_rate
    )
    assert pads == (expected,)


def test_pad_amounts_of_the_other_paddings():
    assert geometry.pad_amounts((5, 6), (2, 3)) == ((0, 0), (0, 0))
    assert geometry.pad_amounts((5, 6), (2, 3), padding="full") == ((1, 1), (2, 2))
    assert geometry.pad_amounts((5, 6), (2, 3), padding="full", dilation_rate=3) == ((3, 3), (6, 6))
    assert geometry.pad_amounts(5, 4, padding="causal", strides=2) == ((3, 0),)
    assert geometry.pad_amounts((5, 6), (2, 3), padding=1) == ((1, 1), (1, 1))
    assert geometry.pad_amounts((5, 6), 2, padding=[[0, 1], [2, 0]]) == ((0, 1), (2, 0))


def test_arguments_may_be_numpy_integers_lists_and_arrays():
    expected = (2, 3)
    assert geometry.output_shape([4, 5], np.int64(3)) == expected
    assert geometry.output_shape(np.array([4, 5]), np.array([3, 3])) == expected
    assert geometry.output_shape((4, 5), 3, strides=[1, 1], dilation_rate=np.int32(1)) == expected
    assert all(type(n) is int for n in geometry.output_shape(np.array([4, 5]), np.int64(3)))


@given(case=convolutions())
def test_index_map_reads_what_a_slice_of_the_padded_image_holds(case):
    window = geometry.windows(case.spatial, case.kernel_size, **case.options)
    numbered = np.arange(np.prod(case.spatial)).reshape(case.spatial)
    padded = np.pad(numbered, window.pads, constant_values=-1)
    rows = []
    for position in np.ndindex(window.output):
        start = [n * s for n, s in zip(position, window.strides, strict=True)]
        taps = tuple(
            slice(n, n + (k - 1) * d + 1, d)
            for n, k, d in zip(start, window.kernel_size, window.dilation_rate, strict=True)
        )
        rows.append(padded[taps].ravel())
    index_map = geometry.index_map(case.spatial, case.kernel_size, **case.options)
    assert index_map.dtype == np.int64
    np.testing.assert_array_equal(index_map, rows)


@given(case=convolutions())
def test_no_output_is_missing(case):
    """One more output would read beyond the padded input."""
    window = geometry.windows(case.spatial, case.kernel_size, **case.options)
    for size, k, s, (before, after), d, n in zip(*window, strict=True):
        last = (n - 1) * s + (k - 1) * d
        assert last < size + before + after <= last + s


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_sizes_are_those_of_keras(padding):
    from keras.src.ops.operation_utils import compute_conv_output_shape

    for size, k, s, d in itertools.product(range(1, 12), range(1, 6), range(1, 5), range(1, 4)):
        fits = padding == "same" or size >= (k - 1) * d + 1
        if fits:
            expected = compute_conv_output_shape((1, size, 1), 1, (k,), s, padding, dilation_rate=d)
            ours = geometry.output_size(size, k, strides=s, padding=padding, dilation_rate=d)
            assert ours == expected[1], (size, k, s, d)


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_transposed_sizes_are_those_of_keras(padding):
    from keras.src.backend.common.backend_utils import compute_conv_transpose_output_shape

    grid = itertools.product(range(1, 6), range(1, 6), range(1, 5), range(1, 4))
    for size, k, s, d in grid:
        for extra in (None, *range(s)):
            (_, expected, _) = compute_conv_transpose_output_shape(
                (1, size, 1), (k,), 1, s, padding, extra, "channels_last", d
            )
            options = {"strides": s, "padding": padding, "dilation_rate": d}
            if expected > 0:
                ours = geometry.transpose_output_shape(size, k, output_padding=extra, **options)
                assert ours == (expected,), (size, k, s, d, extra)


@given(
    size=st.integers(1, 6),
    kernel_size=st.integers(1, 5),
    strides=st.integers(1, 4),
    dilation_rate=st.integers(1, 3),
    padding=st.sampled_from(["valid", "same"]),
    data=st.data(),
)
def test_the_transposes_padding_leads_back(
    size, kernel_size, strides, dilation_rate, padding, data
):
    options = {"strides": strides, "dilation_rate": dilation_rate}
    extra = data.draw(st.none() | st.integers(0, strides - 1))
    asked = {"padding": padding, "output_padding": extra} | options
    try:
        (large,) = geometry.transpose_output_shape(size, kernel_size, **asked)
    except ValueError as error:
        assert "at least one element" in str(error)  # noqa: PT017  only the empty output may be refused
        return
    pads = geometry.transpose_pad_amounts(size, kernel_size, **asked)
    assert geometry.output_shape(large, kernel_size, padding=pads, **options) == (size,)


STEPS = st.tuples(
    st.integers(1, 4),
    st.integers(1, 3),
    st.sampled_from(["valid", "same", "causal", "full", 1, (0, 2), (2, 1)]),
    st.integers(1, 2),
)


@given(chain=st.lists(STEPS, min_size=1, max_size=3))
def test_receptive_field_is_where_the_product_of_the_matrices_is_not_zero(chain):
    size = 40
    product, sizes = np.eye(size), [size]
    for taps, strides, padding, dilation_rate in chain:
        options = {
            "strides": strides,
            "padding": (padding,) if isinstance(padding, tuple) else padding,
            "dilation_rate": dilation_rate,
        }
        product = convolution_matrix(np.ones(taps), sizes[-1], **options) @ product
        sizes.append(len(product))
    field = geometry.receptive_field(chain, size=size)
    for output, row in enumerate(product):
        seen = np.flatnonzero(row)
        inside = [n for n in field.of(output) if 0 <= n < size]
        if len(inside) == field.size:  # else an inner layer's padding may hide an end
            assert (seen.min(), seen.max()) == (inside[0], inside[-1])
        assert set(seen) <= set(inside)


def test_receptive_field_by_hand():
    field = geometry.receptive_field
    assert field([]) == (1, 1, 0)
    assert field([(3,), (3,), (3,)]) == (7, 1, 0)  # three 3x3 see what one 7x7 sees
    alexnet = [(11, 4), (3, 2), (5, 1, 2), (3, 2)]
    assert field(alexnet) == (67, 16, -16)
    assert field([*alexnet, (3, 1, 1)]) == (99, 16, -32)
    assert field([{"kernel_size": 3, "dilation_rate": 4}]) == (9, 1, 0)
    assert field([(4, 1, "same"), (5, 1, "SAME", 2)]) == (12, 1, -5)  # before: 1 and 4
    assert field([(3, 2, "same")], size=7).start == -1
    assert field([(3, 2, "same")], size=8).start == 0


def test_channel_groups():
    assert geometry.channel_groups((8, 9, 6), (3, 6, 4)) == [(slice(0, 6), slice(0, 4))]
    depthwise = geometry.channel_groups((8, 9, 9, 2), (3, 3, 1, 4), groups=2)
    assert depthwise == [(slice(0, 1), slice(0, 2)), (slice(1, 2), slice(2, 4))]


PADDING_NAMES = "padding: expected one of valid, same, full, causal"


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda g: g.output_size(0, 3), "size: expected integers of at least 1, received 0"),
        (
            lambda g: g.output_size(5, -2),
            "kernel_size: expected integers of at least 1, received -2",
        ),
        (
            lambda g: g.output_shape((4, 5), 3, strides=(1, 0)),
            "strides: expected integers of at least 1, received (1, 0)",
        ),
        (lambda g: g.output_size(5, 2.0), "kernel_size: expected an integer, received 2.0"),
        (lambda g: g.output_size(5, True), "kernel_size: expected an integer, received True"),
        (
            lambda g: g.output_shape((4, 4), (3, 3, 3)),
            "kernel_size: expected an integer or a tuple of 2, one for each axis, received "
            "(3, 3, 3)",
        ),
        (
            lambda g: g.output_shape((4, None), 3),
            "spatial: expected an integer or a tuple of 2, one for each axis, received (4, None)",
        ),
        (
            lambda g: g.output_shape((4, 4), 3, dilation_rate="22"),
            "dilation_rate: expected an integer or a tuple of 2, one for each axis, received '22'",
        ),
        (
            lambda g: g.output_shape((4, 4, 4, 4), 3),
            "spatial: expected 1 to 3 axes, received (4, 4, 4, 4)",
        ),
        (
            lambda g: g.output_shape((9, 2), 3),
            "kernel_size: expected a kernel that fits into the padded input, received kernel_size "
            "(3, 3) with dilation_rate (1, 1) for spatial shape (9, 2) with padding 'valid': on "
            "axis 1 the kernel spans 3 elements and the input has 2 and 0 of padding, so there "
            "would be no output",
        ),
        (
            lambda g: g.output_shape((4, 4), 3, padding="sane"),
            f"{PADDING_NAMES}, received 'sane'. Did you mean 'same'?",
        ),
        (
            lambda g: g.output_shape((4, 4), 3, padding=(1, 2)),
            f"{PADDING_NAMES}, an integer, or 2 pairs ((before, after), ...), no amount below 0, "
            "received (1, 2)",
        ),
        (
            lambda g: g.output_size(4, 3, padding=-1),
            f"{PADDING_NAMES}, an integer, or ((before, after),), no amount below 0, received -1",
        ),
        (
            lambda g: g.output_shape((4, 4), 3, padding="causal"),
            "padding: expected 'causal' with one spatial axis, received spatial shape (4, 4): only "
            "time has a before and an after",
        ),
        (
            lambda g: g.receptive_field([(3,), (3, 2, "same")]),
            "chain[1]: expected the input's size with a strided 'same' step, received (3, 2, "
            "'same') and size None: how much is padded before depends on the size. Pass size=...",
        ),
        (
            lambda g: g.receptive_field([3]),
            "chain[0]: expected (kernel_size, strides, padding, dilation_rate), the last three "
            "optional, or a dict with these names, received 3",
        ),
        (
            lambda g: g.receptive_field([(3,), (0,)]),
            "chain[1]: kernel_size: expected integers of at least 1, received 0",
        ),
        (
            lambda g: g.transpose_output_shape((4, 4), 3, padding="full"),
            "padding: expected one of valid, same, received 'full'",
        ),
        (
            lambda g: g.transpose_output_shape((4, 4), 3, strides=2, output_padding=2),
            "output_padding: expected less than the stride on every axis, received (2, 2) with "
            "strides (2, 2): a whole stride more is one more input",
        ),
        (
            lambda g: g.transpose_output_shape(1, 2, padding="same", output_padding=0),
            "output_padding: expected an output of at least one element, received spatial shape "
            "(1,) with kernel_size (2,), strides (1,), padding 'same' and output_padding 0: the "
            "output would have 0",
        ),
        (
            lambda g: g.channel_groups((1, 4, 4), (3, 3, 4, 2)),
            "x, kernel: expected (batch, *spatial, channels) and (*kernel_size, channels / groups, "
            "filters) with the same 1 to 3 spatial axes, received x of shape (1, 4, 4) and kernel "
            "of shape (3, 3, 4, 2)",
        ),
        (
            lambda g: g.channel_groups((1, 4, 0), (3, 0, 2)),
            "x, kernel: expected no empty axis except the batch, received x of shape (1, 4, 0) and "
            "kernel of shape (3, 0, 2)",
        ),
        (
            lambda g: g.channel_groups((1, 4, 4, 4), (3, 3, 2, 3), groups=2),
            "groups: expected a divisor of 4 channels and 3 filters, received groups 2 with x of "
            "shape (1, 4, 4, 4) and kernel of shape (3, 3, 2, 3): every group takes as many "
            "channels and filters",
        ),
        (
            lambda g: g.channel_groups((1, 4, 4, 3), (3, 3, 4, 2)),
            "kernel: expected 3 input channels (3 / 1 groups), received 4: x of shape (1, 4, 4, 3) "
            "and kernel of shape (3, 3, 4, 2)",
        ),
        (
            lambda g: g.as_number(np.nan, "tolerance", minimum=0),
            "tolerance: expected a number of at least 0, received nan",
        ),
        (
            lambda g: g.as_array(["a"], "x"),
            "x: expected an array of real numbers, received shape (1,) and dtype <U1",
        ),
        (
            lambda g: g.as_array(np.array([1, None]), "x"),
            "x: expected an array of real numbers, received shape (2,) and dtype object",
        ),
        (
            lambda g: g.as_array([1j], "x"),
            "x: expected an array of real numbers, received shape (1,) and dtype complex128",
        ),
    ],
)
def test_errors_say_what_was_expected_and_what_came(call, text):
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        call(geometry)


def test_masked_entries_are_refused_and_not_lost():
    masked = np.ma.masked_greater([[1, 2], [3, 4]], 3)
    text = (
        "x: expected an array without masked entries, received one in which 1 of 4 are "
        "masked: give them a value first, for example with numpy.ma.filled(array, 0)"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        geometry.as_array(masked, "x")
    whole = np.ma.masked_array([1, 2], mask=False)
    np.testing.assert_array_equal(geometry.as_array(whole, "x"), [1, 2])


def test_a_ragged_list_is_no_array():
    with pytest.raises(ValueError, match=r"^x: expected an array of numbers, received list: "):
        geometry.as_array([[1], [1, 2]], "x")
