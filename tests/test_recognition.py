"""labkit.matrix.recognize: every convolution is found, every broken entry is named."""

import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import sparse as sp
from strategies import convolutions

from labkit import matrix


def arguments(case):
    return {"groups": case.groups, **case.options}


def matrix_of(case, **changes):
    return matrix.convolution_matrix(case.kernel, case.spatial, **arguments(case), **changes)


@given(case=convolutions())
def test_every_convolution_is_recognized(case):
    for w in (matrix_of(case), matrix_of(case, sparse=True), matrix_of(case).astype(np.float32)):
        answer = matrix.recognize(
            w, case.spatial, case.kernel_size, keepdims=True, **arguments(case)
        )
        assert answer, answer
        again = matrix.convolution_matrix(answer.kernel, case.spatial, **arguments(case))
        np.testing.assert_array_equal(again, matrix_of(case))
        assert answer.kernel.shape == case.kernel.shape


@given(case=convolutions(groups=(1, 2)), place=st.integers(0), by=st.sampled_from([-3, 0.01, 50]))
def test_a_single_wrong_entry_is_named(case, place, by):
    w = matrix_of(case).astype(float)
    row, column = divmod(place % w.size, w.shape[1])
    entries = matrix.tied_entries(case.spatial, case.kernel.shape, **arguments(case))
    here = np.flatnonzero((entries.rows == row) & (entries.columns == column))
    twins = np.flatnonzero(entries.weights == entries.weights[here]) if here.size else []
    assume(len(twins) != 1)  # a weight with one place alone is free
    w[row, column] += by

    for given_matrix in (w, sp.csr_array(w)):
        answer = matrix.recognize(given_matrix, case.spatial, case.kernel_size, **arguments(case))
        assert not answer
        assert answer.kernel is None
        assert answer.broken == 1
        named = (answer.row, answer.column)
        if len(twins) == 2:  # of two that differ, either may be the wrong one
            assert (row, column) in (named, answer.tied_to)
        else:
            assert named == (row, column)
            assert answer.found == w[row, column]
            assert answer.expected == pytest.approx(w[row, column] - by)
        tap = np.unravel_index(entries.weights[here[0]], case.kernel.shape) if here.size else None
        assert answer.tap == (tap and tap[:-2])
        assert f"Row {answer.row}, column {answer.column} (" in str(answer)
        # what the entry connects
        filters, channels = case.kernel.shape[-1], case.x.shape[-1]
        assert np.ravel_multi_index(answer.input, case.spatial) * channels + answer.channel == (
            answer.column
        )
        assert answer.row % filters == answer.filter


@given(case=convolutions(groups=(1, 2)))
def test_an_unknown_size_is_found_and_none_smaller_fits(case):
    w, filters = matrix_of(case), case.kernel.shape[-1]
    answer = matrix.recognize(w, case.spatial, filters=filters, keepdims=True, **arguments(case))
    assert answer, answer
    again = matrix.convolution_matrix(answer.kernel, case.spatial, **arguments(case))
    np.testing.assert_array_equal(again, w)
    assert np.prod(answer.kernel_size) <= np.prod(case.kernel_size)
    assert answer.kernel_size == answer.kernel.shape[:-2]
    for axis, size in enumerate(answer.kernel_size):
        smaller = (*answer.kernel_size[:axis], size - 1, *answer.kernel_size[axis + 1 :])
        if size > 1:
            assert not matrix.recognize(
                w, case.spatial, smaller, filters=filters, **arguments(case)
            )


def test_the_search_trims_a_kernel_with_zero_borders():
    kernel = np.zeros((5, 5))
    kernel[2, 1:4] = [1, -2, 1]
    w = matrix.convolution_matrix(kernel, (8, 9), padding="same")
    answer = matrix.recognize(w, (8, 9), padding="same")
    assert answer.kernel_size == (1, 3)
    np.testing.assert_array_equal(answer.kernel, [[1, -2, 1]])
    assert matrix.recognize(np.zeros((4, 4)), 4, padding="same").kernel_size == (1,)


def test_by_hand():
    w = matrix.convolution_matrix([[1, 2], [3, 4]], (3, 3))
    w[3, 0] = 9
    answer = matrix.recognize(w, (3, 3), (2, 2))
    assert str(answer) == (
        "Not a convolution: a weight where a zero must be. Row 3, column 0 (output (1, 1), input "
        "(0, 0)) holds 9, but that output does not read that input. In all, 0 of 16 tied weights "
        "and 1 of 20 zeros are broken."
    )
    w[3, 0], w[1, 2] = 0, 5
    answer = matrix.recognize(w, (3, 3), (2, 2))
    assert str(answer) == (
        "Not a convolution: two tied weights differ. Row 1, column 2 (output (0, 1), input (0, 2)) "
        "holds 5; row 0, column 1 holds 2; both are tap (0, 1) of the kernel. In all, 1 of 16 tied "
        "weights and 0 of 20 zeros are broken."
    )
    assert (answer.row, answer.column, answer.expected, answer.found) == (1, 2, 2, 5)
    assert (answer.output, answer.input, answer.tap, answer.tied_to) == (
        (0, 1),
        (0, 2),
        (0, 1),
        (0, 1),
    )
    w[1, 2] = 2
    assert str(matrix.recognize(w, (3, 3))) == (
        "A convolution with a kernel of size (2, 2): 4 weights in 16 places, zeros everywhere else."
    )


def test_numbers_are_short_to_read():
    w = matrix.convolution_matrix([1 / 3, 2 / 3], 4)
    w[1, 1] = 2 / 7
    assert "holds 0.285714; row 0, column 0 holds 0.333333; both" in str(matrix.recognize(w, 4, 2))


def test_channels_and_filters_are_named_when_there_are_several():
    w = matrix.convolution_matrix(np.arange(24).reshape(3, 2, 4), 5, groups=2)
    w[7, 5] = 1
    assert str(matrix.recognize(w, 5, 3, groups=2)) == (
        "Not a convolution: a weight where a zero must be. Row 7, column 5 (output (1,) of filter "
        "3, input (1,) of channel 1) holds 1, but that output does not read that input. In all, 0 "
        "of 72 tied weights and 1 of 168 zeros are broken."
    )


def test_the_classic_impostors():
    image = (4, 5)
    right = matrix.convolution_matrix([[1.0, 2], [3, 4]], image)
    impostors = {
        "dense": np.random.default_rng(0).standard_normal(right.shape),
        "local, not shared": right * np.arange(1, right.size + 1).reshape(right.shape),
        "columns reversed": right[:, ::-1],
        "rows in another order": right[[1, 0, *range(2, len(right))]],
        "column-major image": right.reshape(12, 4, 5).swapaxes(1, 2).reshape(12, 20),
        "wraps over the image's edge": np.stack([np.roll(right[0], n) for n in range(12)]),
    }
    for name, impostor in impostors.items():
        assert not matrix.recognize(impostor, image, (2, 2)), name
    # what only renames the kernel is none
    assert matrix.recognize(right[::-1, ::-1], image).kernel.tolist() == [[4, 3], [2, 1]]
    assert matrix.recognize(right * 2 - right, image)


def test_toeplitz_is_enough_on_one_axis_but_not_on_two():
    from scipy import linalg

    w = linalg.toeplitz([3, 0, 0], [3, 1, 0, 0, 0])[:3]
    assert matrix.recognize(w, 5, 3).kernel.tolist() == [3, 1, 0]
    wide = linalg.toeplitz([1] + [0] * 11, [1, 2, 0, 0, 0, 3, 4] + [0] * 13)
    assert not matrix.recognize(wide, (4, 5), (2, 2))


def test_the_tolerance_forgives_rounding_but_not_more():
    kernel = np.array([0.1, 0.2, 0.3]) * 1e4
    w = matrix.convolution_matrix(kernel, 9)
    noisy = w + np.random.default_rng(0).uniform(-1, 1, w.shape) * 1e-3
    assert matrix.recognize(w.astype(np.float32), 9, 3)
    assert matrix.recognize(noisy, 9, 3)  # a millionth of the largest, 3e-3
    assert not matrix.recognize(noisy, 9, 3, tolerance=1e-4)
    assert not matrix.recognize(noisy + 1, 9, 3)
    np.testing.assert_allclose(matrix.recognize(noisy, 9, 3).kernel, kernel, atol=2e-3)
    # exact, when asked for
    third = matrix.convolution_matrix([1 / 3, 2 / 3], 4)
    assert matrix.recognize(third, 4, tolerance=0)
    third[1, 1] = np.nextafter(third[1, 1], 1)
    answer = matrix.recognize(third, 4, tolerance=0)
    assert (answer.row, answer.column) == (1, 1)
    assert "holds 0.33333333333333337; row 0, column 0 holds 0.3333333333333333;" in str(answer)


def test_the_largest_numbers_do_not_overflow():
    w = np.array([[1e308, 0], [0, -1e308]])
    assert not matrix.recognize(w, 2, 1)


def test_unsigned_numbers_do_not_wrap_around():
    w = matrix.convolution_matrix(np.array([1, 200], np.uint8), 4)
    w[0, 1] = 201
    assert not matrix.recognize(w, 4, 2)


def test_the_shape_alone_can_say_no():
    answer = matrix.recognize(np.ones((4, 7)), 5, 2)
    assert str(answer) == (
        "Not a convolution: expected (4 x filters, 5 x channels) entries for the outputs (4,) of "
        "spatial shape (5,) under a kernel of size (2,), received shape (4, 7)."
    )
    assert answer.row is None
    wrong_filters = matrix.recognize(np.ones((4, 5)), 5, 2, filters=3)
    assert "expected (4 x 3 filters, 5 x channels) entries" in str(wrong_filters)
    odd = matrix.recognize(np.ones((6, 12)), 4, 2, groups=2)  # 2 filters, but 3 channels
    assert "4 x channels, both in 2 groups) entries" in str(odd)
    assert str(matrix.recognize(np.ones((6, 5)), 5)) == (
        "Not a convolution: on spatial shape 5 with strides 1 and padding 'valid' no kernel has a "
        "matrix of shape (6, 5): rows are outputs x filters (1), columns are pixels x channels."
    )


def test_any_matrix_is_a_convolution_with_enough_filters():
    w = np.random.default_rng(0).standard_normal((3, 4))
    assert not matrix.recognize(w, 4)
    assert matrix.recognize(w, 4, filters=3).kernel.shape == (4, 1, 3)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda r: r([[1, 2, 0], [0, 1, np.nan]], 3),
            "matrix: expected finite numbers, received nan at row 1, column 2 of shape (2, 3): "
            "what is not a number equals no other weight",
        ),
        (
            lambda r: r(sp.csr_array([[1, -np.inf, 0]]), 3),
            "matrix: expected finite numbers, received -inf at row 0, column 1 of shape (1, 3): "
            "what is not a number equals no other weight",
        ),
        (
            lambda r: r([1, 2, 3], 3),
            "matrix: expected (rows, columns), at least one of each, received shape (3,)",
        ),
        (
            lambda r: r(np.zeros((0, 3)), 3),
            "matrix: expected (rows, columns), at least one of each, received shape (0, 3)",
        ),
        (
            lambda r: r(np.eye(3), 3, tolerance=-1),
            "tolerance: expected a number of at least 0, received -1",
        ),
        (
            lambda r: r(np.eye(3), 3, 1, tolerance="little"),
            "tolerance: expected a number of at least 0, received 'little'",
        ),
        (
            lambda r: r(np.eye(3), 3, 1, filters="all"),
            "filters: expected an integer, received 'all'",
        ),
        (
            lambda r: r(np.eye(3), 3, filters=0),
            "filters: expected integers of at least 1, received 0",
        ),
        (
            lambda r: r(np.eye(3), 3, padding="sam"),
            "padding: expected one of valid, same, full, causal, received 'sam'. Did you mean "
            "'same'?",
        ),
        (
            lambda r: r(np.eye(3), 3, 4),
            "kernel_size: expected a kernel that fits into the padded input, received kernel_size "
            "(4,) with dilation_rate (1,) for spatial shape (3,) with padding 'valid': on axis 0 "
            "the kernel spans 4 elements and the input has 3 and 0 of padding, so there would be "
            "no output",
        ),
    ],
)
def test_errors_say_what_was_expected_and_what_came(call, text):
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        call(matrix.recognize)
