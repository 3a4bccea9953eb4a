"""The laws of convolution and pooling, held to by the reference over all that it accepts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import convolutions, integers_like

from labkit import geometry, reference


def correlate(case, x=None, kernel=None, **changes):
    x = case.x if x is None else x
    kernel = case.kernel if kernel is None else kernel
    return reference.cross_correlate(
        x, kernel, **{"groups": case.groups, **case.options, **changes}
    )


@given(case=convolutions(), a=st.integers(-3, 3), seed=st.integers(0, 99))
def test_linear_in_the_image_and_in_the_kernel(case, a, seed):
    x, kernel = integers_like(case.x.shape, seed), integers_like(case.kernel.shape, seed)
    y = correlate(case)
    np.testing.assert_array_equal(correlate(case, x=a * case.x + x), a * y + correlate(case, x=x))
    both = correlate(case, kernel=a * case.kernel + kernel)
    np.testing.assert_array_equal(both, a * y + correlate(case, kernel=kernel))


@given(case=convolutions(groups=(2, 3)))
def test_groups_are_separate_convolutions_side_by_side(case):
    images = np.split(case.x, case.groups, axis=-1)
    kernels = np.split(case.kernel, case.groups, axis=-1)
    each = [correlate(case, x, k, groups=1) for x, k in zip(images, kernels, strict=True)]
    np.testing.assert_array_equal(correlate(case), np.concatenate(each, axis=-1))


@given(case=convolutions())
def test_dilation_is_a_sparse_kernel(case):
    rate = case.options["dilation_rate"]
    extents = [(k - 1) * d + 1 for k, d in zip(case.kernel_size, rate, strict=True)]
    with_holes = np.zeros((*extents, *case.kernel.shape[-2:]), int)
    with_holes[tuple(slice(None, None, d) for d in rate)] = case.kernel
    y = correlate(case, kernel=with_holes, dilation_rate=1)
    np.testing.assert_array_equal(correlate(case), y)


@given(case=convolutions())
def test_stride_leaves_outputs_out(case):
    window = geometry.windows(case.spatial, case.kernel_size, **case.options)
    every = correlate(case, strides=1, padding=window.pads)
    kept = every[:, *(slice(None, None, s) for s in window.strides)]
    np.testing.assert_array_equal(correlate(case), kept)


@given(case=convolutions(), shift=st.integers(1, 3))
def test_equivariant_to_translation(case, shift):
    """Move the image by whole strides, and the output moves along by as many outputs."""
    options = {**case.options, "padding": "valid"}
    steps = [s * shift for s in options["strides"]]
    room = tuple((n + step, n + step) for n, step in zip(case.spatial, steps, strict=True))
    x = np.pad(case.x, ((0, 0), *room, (0, 0)))  # wide zeros, so that nothing falls off
    moved = np.roll(x, steps, axis=range(1, x.ndim - 1))
    y, y_moved = (correlate(case, each, **options) for each in (x, moved))
    inner = (slice(None), *(slice(shift, None) for _ in steps))
    outer = (slice(None), *(slice(None, -shift) for _ in steps))
    np.testing.assert_array_equal(y_moved[inner], y[outer])


@given(case=convolutions())
def test_convolution_is_cross_correlation_with_the_kernel_turned_around(case):
    axes = tuple(range(len(case.kernel_size)))
    turned = np.flip(case.kernel, axes)
    y = reference.convolve(case.x, turned, groups=case.groups, **case.options)
    np.testing.assert_array_equal(y, correlate(case))


@given(seed=st.integers(0, 999), a=st.integers(1, 5), b=st.integers(1, 5), c=st.integers(1, 5))
def test_full_convolution_is_commutative_associative_and_numpys(seed, a, b, c):
    def full(x, k):
        return reference.convolve_plain(x, k, padding="full")

    x, y, z = (integers_like(n, seed + n) for n in (a, b + 5, c + 10))
    np.testing.assert_array_equal(full(x, y), full(y, x))
    np.testing.assert_array_equal(full(full(x, y), z), full(x, full(y, z)))
    np.testing.assert_array_equal(full(x, y), np.convolve(x, y))


@pytest.mark.parametrize("shape", [(7,), (5, 7), (4, 5, 3)])
def test_full_convolution_is_scipys(shape):
    from scipy import signal

    x, kernel = integers_like(shape, 0), integers_like(tuple(n - 1 for n in shape), 1)
    for mode in ("full", "valid"):
        ours = reference.convolve_plain(x, kernel, padding=mode)
        np.testing.assert_array_equal(ours, signal.convolve(x, kernel, mode, method="direct"))


@given(case=convolutions(groups=(1,)), seed=st.integers(0, 99))
def test_the_transposed_convolution_is_the_adjoint(case, seed):
    """<A x, y> = <x, A^T y>, with x large and y small; both sides from the definition."""
    options = {**case.options, "padding": "same"}
    extra = {"output_padding": None}
    large = geometry.transpose_output_shape(case.spatial, case.kernel_size, **options, **extra)
    pads = geometry.transpose_pad_amounts(case.spatial, case.kernel_size, **options, **extra)
    depth, filters = case.kernel.shape[-2:]
    x = integers_like((1, *large, depth), seed)
    y = integers_like((1, *case.spatial, filters), seed + 1)
    forward = reference.cross_correlate(x, case.kernel, **{**options, "padding": pads})
    backward = reference.cross_correlate_transpose(y, case.kernel, **options)
    assert np.vdot(forward, y) == np.vdot(x, backward)


@given(case=convolutions(), add=st.integers(-5, 5))
def test_max_pooling_commutes_with_rising_functions_and_average_pooling_is_a_convolution(case, add):
    size = case.kernel_size
    x = case.x
    pooled = reference.max_pool(3 * x + add, size, strides=case.options["strides"], padding="same")
    same = reference.max_pool(x, size, strides=case.options["strides"], padding="same")
    np.testing.assert_array_equal(pooled, 3 * same + add)

    if all(n >= k for n, k in zip(case.spatial, size, strict=True)):
        channels = x.shape[-1]
        mean = np.full((*size, 1, channels), 1 / np.prod(size))
        np.testing.assert_allclose(
            reference.average_pool(x, size, strides=case.options["strides"]),
            reference.cross_correlate(x, mean, strides=case.options["strides"], groups=channels),
            atol=1e-12,
        )
