"""labkit.gradients.check_gradients: it finds what is wrong, and only that."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit import gradients, reference

RNG = np.random.default_rng(0)
X, KERNEL, BIAS = (
    RNG.standard_normal((2, 6, 5, 2)),
    RNG.standard_normal((3, 2, 2, 3)),
    RNG.standard_normal(3),
)
OPTIONS = {"strides": (2, 1), "padding": "same"}
DY = RNG.standard_normal((2, 3, 5, 3))
PARAMETERS = {"x": X, "kernel": KERNEL, "bias": BIAS}


def convolution(x, kernel, bias):
    return np.sum(DY * reference.cross_correlate(x, kernel, bias, **OPTIONS))


def right_gradients():
    return gradients.convolution_gradients(X, KERNEL, DY, **OPTIONS)._asdict()


def test_right_gradients_pass_entry_by_entry():
    check = gradients.check_gradients(convolution, PARAMETERS, right_gradients())
    assert check, check
    assert check.checked == check.total == {"x": X.size, "kernel": KERNEL.size, "bias": BIAS.size}
    assert not check.skipped
    assert check.worst.error < 1e-7
    for name, gradient in right_gradients().items():
        np.testing.assert_allclose(check.numeric[name], gradient, atol=1e-7)
    assert re.fullmatch(
        r"The gradients agree\. The largest relative error is \d\.\de-\d\d, at \w+\[[\d, ]+\] "
        r"\(allowed: 1e-06\)\.\nChecked: x 120 of 120, kernel 36 of 36, bias 3 of 3\.",
        str(check),
    )


def test_the_whole_chain_of_a_small_network():
    """Convolution, ReLU, pooling, dense, softmax: by hand, one through the other."""
    rng = np.random.default_rng(1)
    labels = np.array([2, 0])
    parameters = {"kernel": KERNEL, "bias": BIAS, "weights": rng.standard_normal((12, 4))}

    def forward(kernel, bias, weights):
        hidden = reference.cross_correlate(X, kernel, bias, **OPTIONS)
        active = np.maximum(hidden, 0)
        pooled = reference.max_pool(active, 2, padding="same")[:, :, :2]
        flat = pooled.reshape(2, -1)
        return hidden, active, flat, gradients.softmax_cross_entropy(flat @ weights, labels)

    hidden, active, flat, (_, d_logits) = forward(**parameters)
    d_flat, d_weights, _ = gradients.dense_gradients(flat, parameters["weights"], d_logits)
    d_pooled = np.zeros((2, 2, 3, 3))
    d_pooled[:, :, :2] = d_flat.reshape(2, 2, 2, 3)
    d_active = gradients.max_pool_gradient(active, d_pooled, 2, padding="same")
    d_hidden = gradients.relu_gradient(hidden, d_active)
    conv = gradients.convolution_gradients(X, KERNEL, d_hidden, **OPTIONS)
    check = gradients.check_gradients(
        lambda **p: forward(**p)[-1][0],
        parameters,
        {"kernel": conv.kernel, "bias": conv.bias, "weights": d_weights},
    )
    assert check, check
    assert sum(check.checked.values()) > 80


@pytest.mark.parametrize(
    ("slip", "words"),
    [
        (lambda d: d | {"kernel": -d["kernel"]}, "each analytic one is -1 times the numeric one"),
        (
            lambda d: d | {"kernel": d["kernel"] / 2},
            "each analytic one is 0.5 times the numeric one",
        ),
        (lambda d: d | {"kernel": 0 * d["kernel"]}, "the analytic ones are 0"),
        (lambda d: d | {"kernel": d["kernel"][::-1, ::-1]}, "kernel: 36 of 36 entries differ\n"),
        (
            lambda d: d | {"bias": d["bias"] / 2},
            "bias: 3 of 3 entries differ: each analytic one is 0.5",
        ),
        (lambda d: d | {"x": np.roll(d["x"], 1, 1)}, "x: 120 of 120 entries differ\n"),
    ],
)
def test_slips_are_found_and_described(slip, words):
    check = gradients.check_gradients(convolution, PARAMETERS, slip(right_gradients()))
    assert not check
    assert words in str(check), check
    assert str(check).count("entries agree") == 2  # the other two parameters
    assert str(check).startswith(f"The gradients differ, most of all at {check.worst}: analytic ")


def test_a_gradient_where_there_is_none_is_wrong():
    check = gradients.check_gradients(lambda p: 0.0, np.ones(2), np.ones(2))
    assert str(check) == (
        "The gradients differ, most of all at parameter[0]: analytic 1, numeric 0 (relative error "
        "1.0e+00, allowed 1e-06).\n  parameter: 2 of 2 entries differ\nChecked: parameter 2 of 2."
    )


@settings(max_examples=12)  # each takes 180 convolutions
@given(place=st.integers(0, KERNEL.size - 1), by=st.sampled_from([1e-3, -1.0, 30.0]))
def test_one_wrong_entry_is_named(place, by):
    claimed = right_gradients()["kernel"]
    index = np.unravel_index(place, claimed.shape)
    claimed[index] += by
    check = gradients.check_gradients(
        lambda kernel: convolution(X, kernel, BIAS), {"kernel": KERNEL}, {"kernel": claimed}
    )
    assert [entry.index for entry in check.wrong] == [index]
    assert check.worst.index == index
    assert check.worst.analytic == claimed[index]
    assert check.worst.numeric == pytest.approx(claimed[index] - by, rel=1e-6, abs=1e-8)


@given(
    offset=st.floats(-2, 2),
    jump=st.sampled_from([1.0, 0.1, 1e-3]),
    side=st.booleans(),
)
def test_a_kink_never_makes_a_right_gradient_wrong(offset, jump, side):
    """Wherever in or near the step it lies; with the slope of either side as the gradient."""
    bend = offset * 1e-5
    right = 1 + jump * (side if abs(bend) < 1e-5 else bend < 0)
    check = gradients.check_gradients(lambda p: p + jump * max(p - bend, 0), 0.0, right)
    assert not check.wrong, check
    if abs(offset) < 0.45:  # deep inside the narrow step: it is seen
        assert len(check.skipped) == 1
        assert not check  # nothing checked is nothing known
        assert str(check) == (
            "Nothing is known: not one entry could be checked.\nChecked: parameter 0 of 1.\n"
            "Skipped, since the function has a kink or a jump there: 1 (parameter)."
        )
    if abs(offset) > 1.01:
        assert check


def test_kinks_are_skipped_and_reported_and_the_rest_is_checked():
    x = np.array([-1.0, 0.0, 2.0, 0.0, 0.0, 0.0])
    check = gradients.check_gradients(
        lambda x: np.maximum(x, 0).sum(), x, gradients.relu_gradient(x, np.ones(6))
    )
    assert check
    assert [entry.index for entry in check.skipped] == [(1,), (3,), (4,), (5,)]
    assert check.checked == {"parameter": 2}
    assert str(check).endswith(
        "Checked: parameter 2 of 6.\nSkipped, since the function has a kink or a jump there: 4 "
        "(parameter[1], parameter[3], parameter[4], ...)."
    )
    assert np.isnan(check.numeric["parameter"]).tolist() == [False, True, False, True, True, True]


def test_ties_of_max_pooling_are_kinks():
    x = np.array([1.0, 1.0, 0.0, 3.0]).reshape(1, 4, 1)
    dx = gradients.max_pool_gradient(x, np.ones((1, 2, 1)), 2)
    check = gradients.check_gradients(lambda x: reference.max_pool(x, 2).sum(), x, dx)
    assert check
    assert [entry.index[1] for entry in check.skipped] == [0, 1]


def test_a_jump_is_skipped_too():
    check = gradients.check_gradients(lambda p: p + (p > 0), 0.0, 1.0)
    assert not check
    assert len(check.skipped) == 1


@pytest.mark.parametrize(
    ("function", "derivative"),
    [
        (np.exp, np.exp),
        (np.sin, np.cos),
        (lambda p: 1 / p, lambda p: -1 / p**2),
        (lambda p: p**7, lambda p: 7 * p**6),
        (lambda p: 1e6 + p, lambda p: 1.0),  # a large value hides the small change
        (lambda p: 1e-9 * p**2, lambda p: 2e-9 * p),
        (
            lambda p: np.exp(30 * np.tanh(p)),
            lambda p: 30 / np.cosh(p) ** 2 * np.exp(30 * np.tanh(p)),
        ),
        (lambda p: 0 * p, lambda p: 0.0),
    ],
)
def test_smooth_functions_are_never_taken_for_kinks(function, derivative):
    for p in (-3.0, -0.7, 0.3, 1.1, 8.0):
        check = gradients.check_gradients(lambda q: np.sum(function(q)), p, derivative(p))
        assert check, (p, str(check))
        if derivative(p):
            assert not gradients.check_gradients(
                lambda q: np.sum(function(q)), p, 1.01 * derivative(p)
            )


def test_a_sample_is_stated_and_repeatable():
    check = gradients.check_gradients(convolution, PARAMETERS, right_gradients(), sample=5, seed=3)
    assert check
    assert check.checked == {"x": 5, "kernel": 5, "bias": 3}
    assert "Checked: x 5 of 120, kernel 5 of 36, bias 3 of 3." in str(check)
    again = gradients.check_gradients(convolution, PARAMETERS, right_gradients(), sample=5, seed=3)
    np.testing.assert_array_equal(check.numeric["x"], again.numeric["x"])


def test_the_callers_arrays_are_not_touched():
    kernel = KERNEL.copy()

    def spy(kernel):
        assert kernel is not KERNEL
        return np.sum(kernel**3)

    gradients.check_gradients(spy, {"kernel": KERNEL}, {"kernel": 3 * KERNEL**2})
    np.testing.assert_array_equal(kernel, KERNEL)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda check: check(lambda p: p, np.ones(2), np.ones(2)),
            "function: expected one number in float64, received shape (2,) and dtype float64: sum "
            "an output with fixed weights, np.sum(dy * y), and keep float64, since differences "
            "drown in float32's rounding",
        ),
        (
            lambda check: check(lambda p: np.float32(p), 1.0, 1.0),
            "function: expected one number in float64, received shape () and dtype float32: sum an "
            "output with fixed weights, np.sum(dy * y), and keep float64, since differences drown "
            "in float32's rounding",
        ),
        (
            lambda check: check(lambda p: p, 1.0, 1.0, step=0),
            "step: expected a number of at least 1e-12, received 0",
        ),
        (
            lambda check: check(lambda p: p, 1.0, 1.0, sample=0),
            "sample: expected integers of at least 1, received 0",
        ),
        (
            lambda check: check(lambda p: np.nan, 1.0, 1.0),
            "function: expected a finite number, received nan",
        ),
        (
            lambda check: check(lambda p: None, 1.0, 1.0),
            "function: expected an array of real numbers, received shape () and dtype object",
        ),
        (
            lambda check: check(lambda p: 0.0, np.ones((2, 3)), np.ones((3, 2))),
            "gradients['parameter']: expected the parameter's shape (2, 3), received (3, 2)",
        ),
        (
            lambda check: check(lambda k: 0.0, {"k": 1.0}, {"kernel": 1.0}),
            "gradients: expected one for each of the parameters ['k'], received ['kernel']",
        ),
        (
            lambda check: check(lambda k: 0.0, {"k": 1.0}, 1.0),
            "gradients: expected one for each of the parameters ['k'], received float",
        ),
        (
            lambda check: check(lambda k: 0.0, {"k": [1.0, np.inf]}, {"k": [1.0, 2.0]}),
            "k: expected finite numbers, received inf at (1,)",
        ),
        (
            lambda check: check(lambda k: 0.0, {"k": [1.0]}, {"k": [np.nan]}),
            "gradients['k']: expected finite numbers, received nan at (0,)",
        ),
    ],
)
def test_errors_say_what_was_expected_and_what_came(call, text):
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        call(gradients.check_gradients)


def test_a_random_function_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"expected the same number twice, received .*dropout"):
        gradients.check_gradients(lambda p: p * rng.random(), 1.0, 1.0)
