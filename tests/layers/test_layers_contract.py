"""One contract for every layer and implementation, tested against the built-in layers.

It covers outputs, first and second derivatives, over a grid and over what Hypothesis draws, dtype
policies, channels first, and training with compilation and without. The same file runs on JAX and
PyTorch: see test_layers_backends.py.
"""

from itertools import product

import keras
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from layer_gradients import outputs_and_gradients, second_derivatives

from labkit import geometry, layers, reference
from labkit.layers.implementations import IMPLEMENTATIONS

BACKEND = keras.backend.backend()

# relative to the largest number of each array: forward, backward
TOLERANCES = {"fft": (2e-5, 4e-5), "winograd": (2e-5, 4e-5)}
DIRECT = (1e-5, 2e-5)

SPATIAL = (7, 8, 6)
CONV = {"filters": 4, "kernel_size": 3}

# layer, options, channels
GRID = [
    ("Conv1D", CONV | {"padding": "causal", "dilation_rate": 2}, 3),
    ("Conv1D", CONV | {"strides": 2, "padding": "same", "use_bias": False}, 3),
    ("Conv2D", CONV, 3),
    ("Conv2D", CONV | {"padding": "same", "activation": "tanh"}, 2),
    ("Conv2D", CONV | {"kernel_size": (2, 3), "strides": (3, 2), "padding": "same"}, 3),
    ("Conv2D", CONV | {"kernel_size": (3, 2), "dilation_rate": (1, 3), "padding": "same"}, 2),
    ("Conv2D", CONV | {"groups": 2, "padding": "same"}, 4),
    ("Conv2D", CONV | {"kernel_size": 1, "strides": 2}, 3),
    ("Conv3D", CONV | {"strides": 2, "padding": "same"}, 2),
    ("Conv3D", CONV | {"kernel_size": (1, 2, 3), "dilation_rate": (1, 2, 1)}, 2),
    ("Conv1DTranspose", CONV | {"strides": 3, "padding": "same", "output_padding": 1}, 2),
    ("Conv2DTranspose", CONV | {"strides": 2}, 3),
    ("Conv2DTranspose", CONV | {"kernel_size": (4, 3), "strides": (2, 1), "padding": "same"}, 3),
    ("Conv2DTranspose", CONV | {"kernel_size": 2, "strides": 3, "output_padding": 0}, 2),
    ("Conv3DTranspose", CONV | {"kernel_size": 2, "strides": 2, "padding": "same"}, 2),
    ("DepthwiseConv1D", {"kernel_size": 3, "strides": 2, "depth_multiplier": 2}, 3),
    ("DepthwiseConv2D", {"kernel_size": 3, "padding": "same"}, 3),
    ("DepthwiseConv2D", {"kernel_size": (2, 3), "strides": 2, "depth_multiplier": 2}, 3),
    ("MaxPooling1D", {"pool_size": 3, "strides": 1, "padding": "same"}, 2),
    ("MaxPooling2D", {"pool_size": (2, 3)}, 2),
    ("MaxPooling2D", {"pool_size": 3, "strides": 2, "padding": "same"}, 2),
    ("MaxPooling3D", {"pool_size": 2}, 2),
    ("AveragePooling1D", {"pool_size": 3, "strides": 2}, 2),
    ("AveragePooling2D", {"pool_size": 3, "strides": 2, "padding": "same"}, 2),
    ("AveragePooling3D", {"pool_size": 2, "strides": 1, "padding": "same"}, 2),
]


def _ways(name):
    return [
        (implementation, gradient)
        for implementation in ("auto", *getattr(layers, name).implementations)
        for gradient in ("auto", "manual")
    ]


EVERY = [
    pytest.param(name, options, channels, *way, id=f"{number}-{name}-{'-'.join(way)}")
    for number, (name, options, channels) in enumerate(GRID)
    for way in _ways(name)
]


DOUBLES = [
    pytest.param(name, *way, id=f"{name}-{'-'.join(way)}")
    for name in ("Conv2D", "Conv2DTranspose", "DepthwiseConv2D", "MaxPooling2D", "AveragePooling2D")
    for way in _ways(name)
]


def _pair(name, options, implementation, gradient):
    """Ours and the built-in, or a skip where this way does not compute such a layer."""
    try:
        ours = getattr(layers, name)(**options, implementation=implementation, gradient=gradient)
    except ValueError as error:
        if not str(error).startswith(f"implementation {implementation!r}: expected"):
            raise
        pytest.skip(str(error))
    if BACKEND == "torch" and name.startswith("Average") and options.get("padding") == "same":
        return ours, AverageInside(ours)
    return ours, getattr(keras.layers, name)(**options)


class AverageInside(keras.layers.Layer):
    """The average of what lies inside the image, where Keras on PyTorch is wrong (keras#23233)."""

    def __init__(self, like):
        super().__init__()
        self.like = like

    def call(self, inputs):
        pads = geometry.pad_amounts(
            inputs.shape[1:-1], self.like.pool_size, strides=self.like.strides, padding="same"
        )
        total, count = (
            keras.ops.average_pool(
                keras.ops.pad(x, ((0, 0), *pads, (0, 0))), self.like.pool_size, self.like.strides
            )
            for x in (inputs, keras.ops.ones_like(inputs))
        )
        return total / count

    def compute_output_shape(self, input_shape):
        return self.like.compute_output_shape(input_shape)


def _input(rank, channels, batch=2):
    rng = np.random.default_rng(rank + 10 * channels)
    return rng.standard_normal((batch, *SPATIAL[:rank], channels)).astype("float32")


def _share_weights(ours, builtin, shape):
    rng = np.random.default_rng(7)
    ours.build(shape)
    builtin.build(shape)
    ours.set_weights([rng.standard_normal(w.shape).astype("float32") for w in ours.weights])
    builtin.set_weights(ours.get_weights())


_EXPECTED = {}


def _expected(compute, builtin, x, *case):
    """What the built-in layer gives, computed once for all the ways that are compared with it."""
    key = (compute.__name__, x.shape, *map(repr, case))
    if key not in _EXPECTED:
        _EXPECTED[key] = compute(builtin, x)
    return _EXPECTED[key]


def _outputs(layer, x):
    return keras.ops.convert_to_numpy(layer(x))


def _assert_close(mine, theirs, tolerance, what):
    scale = max(1.0, np.abs(theirs).max())
    error = np.abs(mine - theirs).max() / scale
    assert mine.shape == theirs.shape
    assert error <= tolerance, f"{what}: differs by {error:.2g} of the largest, {tolerance:.2g}"


@pytest.mark.parametrize(("name", "options", "channels", "implementation", "gradient"), EVERY)
def test_outputs_and_gradients_are_the_builtins(name, options, channels, implementation, gradient):
    ours, builtin = _pair(name, options, implementation, gradient)
    x = _input(ours.rank, channels)
    _share_weights(ours, builtin, x.shape)
    forward, backward = TOLERANCES.get(implementation, DIRECT)
    mine = outputs_and_gradients(ours, x)
    theirs = _expected(outputs_and_gradients, builtin, x, name, options)
    assert mine[0].shape == tuple(ours.compute_output_shape(x.shape))
    for number, (a, b) in enumerate(zip(mine, theirs, strict=True)):
        _assert_close(a, b, backward if number else forward, f"array {number}")


@pytest.mark.parametrize("filters", [1, 32])
@pytest.mark.parametrize("size", range(3, 17))
def test_banded_rows_end_with_every_remainder(filters, size):
    """The last window may end before the row does, so that no output reads the rest."""
    x = _input(1, 2)[:1, :1].repeat(size, axis=1) + np.arange(size, dtype="float32")[:, None]
    # sizes and strides make the remainders; JAX, which compiles each layer, gets two kernels
    kernel_sizes = [k for k in ((2, 5) if BACKEND == "jax" else (1, 2, 3, 5, 8)) if k <= size]
    for kernel_size, strides, padding in product(kernel_sizes, (1, 2, 3, 4), ("valid", "same")):
        options = {"kernel_size": kernel_size, "strides": strides, "padding": padding}
        ours, builtin = _pair("Conv1D", options | {"filters": filters}, "banded", "auto")
        _share_weights(ours, builtin, x.shape)
        _assert_close(_outputs(ours, x), _outputs(builtin, x), DIRECT[0], options)


@pytest.mark.parametrize("policy", ["float16", "bfloat16", "mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("implementation", ["auto", *IMPLEMENTATIONS])
def test_half_precisions(policy, implementation):
    options = CONV | {"padding": "same", "dtype": policy}
    ours = layers.Conv2D(**options, implementation=implementation, gradient="manual")
    x = _input(2, 3)
    ours.build(x.shape)
    outputs, *gradients = outputs_and_gradients(ours, x)
    exact = layers.Conv2D(**CONV, padding="same", implementation="shift")
    exact.build(x.shape)
    exact.set_weights([w.astype("float32") for w in ours.get_weights()])
    expected, *exact_gradients = outputs_and_gradients(exact, x)
    assert keras.backend.standardize_dtype(ours(x).dtype) == policy.removeprefix("mixed_")
    tolerance = 0.02 if "bfloat16" in policy else 3e-3
    if implementation == "winograd":  # its sums of inputs round, too
        tolerance *= 3
    _assert_close(outputs, expected, tolerance, "outputs")
    for a, b in zip(gradients, exact_gradients, strict=True):
        _assert_close(a, b, tolerance, "gradients")


TWICE = [
    pytest.param(name, options, *way, id=f"{name}-{number}-{'-'.join(way)}")
    for number, (name, options) in enumerate(
        [
            ("Conv1D", CONV | {"padding": "causal"}),
            ("Conv2D", CONV | {"padding": "same"}),
            ("Conv2D", {"filters": 2, "kernel_size": 2, "strides": 2, "groups": 2}),
            ("Conv2DTranspose", CONV | {"strides": 2}),
            ("DepthwiseConv2D", {"kernel_size": 3, "strides": 2}),
            ("MaxPooling2D", {"pool_size": 2}),
            ("AveragePooling2D", {"pool_size": 2, "strides": 1}),
        ]
    )
    for way in _ways(name)
]


@pytest.mark.parametrize(("name", "options", "implementation", "gradient"), TWICE)
def test_second_derivatives_are_the_builtins(name, options, implementation, gradient):
    """A penalty on gradients: what the forward pass keeps for the backward pass counts, too."""
    ours, builtin = _pair(name, options, implementation, gradient)
    x = _input(ours.rank, 2)
    _share_weights(ours, builtin, x.shape)
    theirs = _expected(second_derivatives, builtin, x, name, options)
    pairs = zip(second_derivatives(ours, x), theirs, strict=True)
    for number, (a, b) in enumerate(pairs):
        _assert_close(a, b, 1e-4, f"array {number}")


@pytest.mark.skipif(BACKEND == "jax", reason="has no float64 unless told so before it starts")
@pytest.mark.parametrize(("name", "implementation", "gradient"), DOUBLES)
def test_double_precision_stays_double(name, implementation, gradient):
    """`keras.ops` makes float32 of it on PyTorch, in products and maxima."""
    options = {"pool_size": 2} if "Pooling" in name else CONV
    options = {"kernel_size": 3} if name.startswith("Depthwise") else options
    ours, builtin = _pair(name, options | {"dtype": "float64"}, implementation, gradient)
    x = _input(2, 3).astype("float64")
    _share_weights(ours, builtin, x.shape)
    mine, theirs = ours(x), builtin(x)
    assert keras.backend.standardize_dtype(mine.dtype) == "float64"
    _assert_close(*map(keras.ops.convert_to_numpy, (mine, theirs)), 1e-13, "outputs")
    gradients = zip(outputs_and_gradients(ours, x), outputs_and_gradients(builtin, x), strict=True)
    for a, b in gradients:  # which are compared in float32
        _assert_close(a, b, 1e-6, "gradients")


@pytest.mark.parametrize("name", ["Conv2D", "Conv2DTranspose", "DepthwiseConv2D", "MaxPooling2D"])
def test_channels_first_is_channels_last_turned(name):
    options = {"kernel_size": 3} | ({"filters": 4} if name.startswith("Conv") else {})
    options = {"pool_size": 2} if name.startswith("Max") else options
    for implementation in getattr(layers, name).implementations:
        make = getattr(layers, name)
        first = make(**options, implementation=implementation, data_format="channels_first")
        last = make(**options, implementation=implementation)
        x = _input(2, 3)
        turned = np.moveaxis(x, -1, 1)
        first.build(turned.shape)
        last.build(x.shape)
        last.set_weights(first.get_weights())
        # Keras gives a list here, for a transpose with its channels first
        assert tuple(first.compute_output_shape(turned.shape)) == tuple(first(turned).shape)
        turned_back = np.moveaxis(_outputs(first, turned), 1, -1)
        _assert_close(turned_back, _outputs(last, x), 1e-6, name)


@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize("implementation", ["auto", *IMPLEMENTATIONS])
def test_a_training_step_compiled_and_not(jit_compile, implementation):
    if implementation == "sparse" and jit_compile and BACKEND == "tensorflow":
        pytest.skip("XLA has no sparse products on TensorFlow")
    if jit_compile and BACKEND == "torch":
        pytest.skip("torch.compile builds with a C++ compiler, which a machine need not have")
    x, y = _input(2, 3, batch=4), np.ones((4, 1), np.float32)
    ends = []
    for gradient in ("auto", "manual"):
        keras.utils.set_random_seed(1)
        how = {"implementation": implementation, "gradient": gradient}
        conv = layers.Conv2D(4, 3, padding="same", activation="tanh", **how)
        pool = layers.MaxPooling2D(implementation="shift", gradient=gradient)
        model = keras.Sequential([conv, pool, keras.layers.Flatten(), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(0.01), "mse", jit_compile=jit_compile)
        losses = model.fit(x, y, epochs=3, verbose=0).history["loss"]
        assert losses[-1] < losses[0]
        ends.append(model.get_weights())
    for a, b in zip(*ends, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("implementation", ["native", "shift"])
def test_ties_go_to_the_first_maximum(implementation):
    x = np.zeros((1, 4, 4, 1), np.float32)
    layer = layers.MaxPooling2D(2, implementation=implementation, gradient="manual")
    _, gradient = outputs_and_gradients(layer, x)
    _, builtin = outputs_and_gradients(keras.layers.MaxPooling2D(2), x)
    np.testing.assert_array_equal(gradient, builtin)
    assert np.count_nonzero(gradient[0, ::2, ::2]) == 4 == np.count_nonzero(gradient)


def test_ties_in_overlapping_windows():
    x = np.random.default_rng(0).integers(0, 2, (2, 7, 6, 3)).astype("float32")
    options = {"pool_size": 3, "strides": 2, "padding": "same"}
    mine = outputs_and_gradients(layers.MaxPooling2D(**options, gradient="manual"), x)
    theirs = outputs_and_gradients(keras.layers.MaxPooling2D(**options), x)
    for a, b in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)


@st.composite
def convolutions(draw):
    rank = draw(st.integers(1, 3))
    sizes = st.tuples(*[st.integers(1, 3)] * rank)
    options = {"kernel_size": draw(sizes)}
    options[draw(st.sampled_from(["strides", "dilation_rate"]))] = draw(sizes)
    options["groups"] = draw(st.integers(1, 2))
    options["filters"] = options["groups"] * draw(st.integers(1, 3))
    names = ["valid", "same"] + (["causal"] if rank == 1 else [])
    options["padding"] = draw(st.sampled_from(names))
    spatial = draw(st.tuples(*[st.integers(1, 7)] * rank))
    channels = options["groups"] * draw(st.integers(1, 2))
    return options, (draw(st.integers(1, 2)), *spatial, channels)


@pytest.mark.skipif(BACKEND == "jax", reason="compiles for a minute for every few examples")
@pytest.mark.parametrize("implementation", [name for name in IMPLEMENTATIONS if name != "winograd"])
@given(convolutions())
def test_any_convolution_is_the_definitions(implementation, convolution):
    options, shape = convolution
    layer = getattr(layers, f"Conv{len(shape) - 2}D")(**options, implementation=implementation)
    x = np.random.default_rng(0).standard_normal(shape).astype("float32")
    try:
        outputs = _outputs(layer, x)
    except ValueError as error:
        assume("there would be no output" not in str(error))
        raise
    kernel, bias = layer.get_weights()
    del options["filters"], options["kernel_size"]
    expected = reference.cross_correlate(x, kernel, bias, **options)
    _assert_close(outputs, expected, TOLERANCES.get(implementation, DIRECT)[0], "outputs")


def test_one_output_along_a_stride_is_right_where_the_builtin_is_not(rng):
    # Keras's layer reads beyond its input here, on TensorFlow 2.21 with oneDNN
    x = rng.standard_normal((2, 2, 1, 1), np.float32)
    layer = layers.Conv2D(1, (1, 2), strides=(1, 2), padding="same", implementation="native")
    outputs = _outputs(layer, x)
    expected = reference.cross_correlate(x, layer.get_weights()[0], strides=(1, 2), padding="same")
    np.testing.assert_allclose(outputs, expected, rtol=1e-5)


@pytest.mark.skipif(BACKEND == "jax", reason="has no float64 unless told so before it starts")
@pytest.mark.parametrize("strides", [2, 3, (4, 1, 5)])
@pytest.mark.parametrize("implementation", ["auto", "native", "im2col"])
def test_strides_beyond_the_kernel_in_double_precision(strides, implementation, rng):
    """TensorFlow 2.21, and with it Keras's Conv3D, returns wrong values here, without an error."""
    for size in (4, 6, 7):
        x = rng.standard_normal((2, size, size + 1, size + 2, 1))
        options = {"strides": strides, "padding": "same", "dtype": "float64"}
        layer = layers.Conv3D(2, 1, implementation=implementation, **options)
        outputs, d_x, *_ = outputs_and_gradients(layer, x)
        kernel = layer.get_weights()[0]
        expected = reference.cross_correlate(x, kernel, strides=strides, padding="same")
        np.testing.assert_allclose(outputs, expected, rtol=1e-5, atol=1e-6)
        single = layers.Conv3D.from_config(layer.get_config() | {"dtype": "float32"})
        single.build(x.shape)
        single.set_weights(layer.get_weights())
        expected = outputs_and_gradients(single, x.astype("float32"))
        np.testing.assert_allclose(d_x, expected[1], rtol=1e-5, atol=1e-6)


def test_integers_are_taken_where_the_builtin_takes_them():
    """On JAX Keras's convolution casts them; on the others it raises."""
    x = np.arange(2 * 5 * 4 * 3).reshape(2, 5, 4, 3).astype("uint8")
    ours, builtin = _pair("Conv2D", CONV, "shift", "manual")
    _share_weights(ours, builtin, x.shape)
    if BACKEND == "jax":
        _assert_close(_outputs(ours, x), _outputs(builtin, x), 1e-5, "outputs")
        return
    with pytest.raises(ValueError, match="expected floating-point inputs, received dtype uint8"):
        ours(x)
    with pytest.raises((ValueError, RuntimeError)):
        builtin(x)


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_an_empty_batch_has_outputs_of_the_right_shape(implementation):
    how = {"implementation": implementation}
    convolution = layers.Conv2D(**CONV, padding="same", gradient="manual", **how)
    x = _input(2, 4)
    convolution.build(x.shape)
    outputs, d_x, d_kernel, _ = outputs_and_gradients(convolution, x[:0])
    assert (outputs.shape, d_x.shape) == ((0, 7, 8, 4), (0, 7, 8, 4))
    assert not d_kernel.any()
    assert layers.Conv2D(**CONV, groups=2, **how)(x[:0]).shape == (0, 5, 6, 4)
    assert layers.DepthwiseConv2D(3, depth_multiplier=2, **how)(x[:0]).shape == (0, 5, 6, 8)


@pytest.mark.parametrize("implementation", ["native", "shift"])
def test_pooling_an_empty_batch(implementation):
    for layer in (layers.MaxPooling2D, layers.AveragePooling2D):
        pool = layer(2, implementation=implementation, gradient="manual")
        assert pool(_input(2, 3)[:0]).shape == (0, 3, 4, 3)


@pytest.mark.parametrize("pool_size", [2, 3, (4, 1)])
@pytest.mark.parametrize("implementation", ["auto", "native", "shift"])
def test_averages_count_no_padding(pool_size, implementation):
    """Uneven padding included, where Keras on PyTorch counts copies of the edge."""
    x = _input(2, 3)
    options = {"pool_size": pool_size, "strides": 2, "padding": "same"}
    expected = reference.average_pool(x, **options)
    for gradient in ("auto", "manual"):
        layer = layers.AveragePooling2D(**options, implementation=implementation, gradient=gradient)
        np.testing.assert_allclose(_outputs(layer, x), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", ["Max", "Average"])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8", "bool"])
def test_integers_are_pooled_as_the_builtin_pools_them(kind, padding, dtype, rng):
    """Each backend has its own rules: which it takes, what dtype comes out, how it rounds."""
    x = rng.integers(0, 9, (2, 5, 6, 3)).astype(dtype)
    options, name = {"pool_size": 2, "padding": padding}, f"{kind}Pooling2D"
    expected, error = _outputs_or_error(getattr(keras.layers, name)(**options), x)
    for implementation, gradient in _ways(name):
        ours = getattr(layers, name)(**options, implementation=implementation, gradient=gradient)
        outputs, our_error = _outputs_or_error(ours, x)
        assert our_error is error
        np.testing.assert_array_equal(outputs, expected, strict=True)


@pytest.mark.skipif(BACKEND == "torch", reason="does not average integers")
def test_bright_pixels_are_averaged_without_overflow():
    """Keras 3.15 on JAX adds uint8 pixels modulo 256; TensorFlow averages no integers."""
    x = np.full((1, 2, 2, 1), 200, "uint8")
    for implementation, gradient in _ways("AveragePooling2D"):
        how = {"implementation": implementation, "gradient": gradient}
        outputs, error = _outputs_or_error(layers.AveragePooling2D(2, **how), x)
        assert error is not None if BACKEND == "tensorflow" else outputs.item() == 200


def _outputs_or_error(layer, x):
    try:
        return _outputs(layer, x), None
    except Exception as error:  # whichever it is
        return np.zeros(0), type(error)
