"""Right answers to lab 03, in as many styles as people have. Each must be accepted."""

import math

import numpy as np

windows = np.lib.stride_tricks.sliding_window_view


def convolve(images, kernels):
    return np.einsum("bnmkij,ijkf->bnmf", windows(images, kernels.shape[:2], (1, 2)), kernels)


# conv_bias


def bias_broadcast(images, kernels, bias):
    return convolve(images, kernels) + bias


def bias_loops(images, kernels, bias):
    batch, N, M, C = images.shape
    A, B, _, F = kernels.shape
    y = np.zeros((batch, N - A + 1, M - B + 1, F))
    for b, n, m, f in np.ndindex(*y.shape):
        y[b, n, m, f] = bias[f]
        for i, j, k in np.ndindex(A, B, C):
            y[b, n, m, f] += images[b, n + i, m + j, k] * kernels[i, j, k, f]
    return y


def bias_filter_by_filter(images, kernels, bias):
    maps = [convolve(images, kernels[..., [f]]) + bias[f] for f in range(len(bias))]
    return np.concatenate(maps, axis=-1)


def bias_channel_of_ones(images, kernels, bias):
    """The bias as the weight of one more channel, which is 1 everywhere."""
    ones = np.concatenate([images, np.ones((*images.shape[:3], 1))], axis=-1)
    weights = np.concatenate([kernels, np.zeros_like(kernels[:, :, :1], float)], axis=2)
    weights[0, 0, -1] = bias
    return convolve(ones, weights)


def bias_im2col(images, kernels, bias):
    A, B, _, F = kernels.shape
    N, M = images.shape[1] - A + 1, images.shape[2] - B + 1
    rows = [
        [*image[n : n + A, m : m + B].ravel(), 1]
        for image in images
        for n in range(N)
        for m in range(M)
    ]
    weights = np.vstack([kernels.reshape(-1, F), bias])
    return (np.array(rows) @ weights).reshape(-1, N, M, F)


def bias_tensorflow(images, kernels, bias):
    import tensorflow as tf

    images, kernels, bias = (tf.cast(array, tf.float64) for array in (images, kernels, bias))
    A, B = kernels.shape[:2]
    N, M = images.shape[1] - A + 1, images.shape[2] - B + 1
    y = tf.zeros((images.shape[0], N, M, kernels.shape[3]), tf.float64) + bias
    for i in range(A):
        for j in range(B):
            y += tf.tensordot(images[:, i : i + N, j : j + M], kernels[i, j], 1)
    return y


# bias_column


def column_stack(W, bias):
    return np.column_stack([W, np.tile(bias, len(W) // len(bias))])


def column_loop(W, bias):
    result = np.zeros((W.shape[0], W.shape[1] + 1))
    result[:, :-1] = W
    for row in range(len(W)):
        result[row, -1] = bias[row % len(bias)]
    return result


def column_lists(W, bias):
    return [[*row, bias[r % len(bias)]] for r, row in enumerate(W.tolist())]


def column_padded(W, bias):
    result = np.pad(W.astype(float), [(0, 0), (0, 1)])
    result.reshape(-1, len(bias), result.shape[1])[..., -1] = bias
    return result


def column_resize(W, bias):
    return np.c_[W, np.resize(bias, len(W))]


def column_product(W, bias):
    """(W b) = (W I) with the identity's places replaced by what bias makes of them."""
    places = len(W) // len(bias)
    column = np.kron(np.ones(places), bias).reshape(-1, 1)
    return np.hstack((W, column)).astype("float32")


def column_sparse(W, bias):
    from scipy import sparse

    column = sparse.coo_array(np.tile(bias, len(W) // len(bias))[:, None])
    return sparse.hstack([sparse.coo_array(W), column])


# collapse


def collapse_loops(first, second):
    A, B, C, D = first.shape
    P, Q, _, F = second.shape
    kernel = np.zeros((A + P - 1, B + Q - 1, C, F))
    for i, j, p, q in np.ndindex(A, B, P, Q):
        for c, d, f in np.ndindex(C, D, F):
            kernel[i + p, j + q, c, f] += first[i, j, c, d] * second[p, q, d, f]
    return kernel


def collapse_stamps(first, second):
    A, B, C, _ = first.shape
    P, Q, _, F = second.shape
    kernel = np.zeros((A + P - 1, B + Q - 1, C, F))
    for p, q in np.ndindex(P, Q):
        kernel[p : p + A, q : q + B] += first @ second[p, q]
    return kernel


def collapse_windows(first, second):
    P, Q = second.shape[:2]
    padded = np.pad(first, [(P - 1, P - 1), (Q - 1, Q - 1), (0, 0), (0, 0)])
    found = windows(padded, (P, Q), (0, 1))
    return np.einsum("uvcdpq,pqdf->uvcf", found, second[::-1, ::-1])


def collapse_fourier(first, second):
    size = [a + p - 1 for a, p in zip(first.shape[:2], second.shape[:2], strict=True)]
    spectra = np.fft.fft2(first, size, axes=(0, 1)) @ np.fft.fft2(second, size, axes=(0, 1))
    return np.fft.ifft2(spectra, axes=(0, 1)).real


def collapse_impulse(first, second):
    """Ask the two layers themselves: what do they make of a single 1?"""
    A, B, C, _ = first.shape
    P, Q = second.shape[:2]
    U, V = A + P - 1, B + Q - 1
    images = np.eye(U * V * C).reshape(-1, U, V, C)
    answers = convolve(convolve(images, first), second)[:, 0, 0]
    return answers.reshape(U, V, C, -1)


def collapse_by_channels(first, second):
    """One-channel convolutions by NumPy, row by row."""
    A, B, C, D = first.shape
    P, Q, _, F = second.shape
    kernel = np.zeros((A + P - 1, B + Q - 1, C, F))
    for c, d, f, i, p in np.ndindex(C, D, F, A, P):
        kernel[i + p, :, c, f] += np.convolve(first[i, :, c, d], second[p, :, d, f])
    return kernel


def collapse_tensorflow(first, second):
    import tensorflow as tf

    first, second = tf.cast(first, tf.float64), tf.cast(second, tf.float64)
    P, Q = second.shape[:2]
    total = 0
    for p in range(P):
        for q in range(Q):
            product = tf.linalg.matmul(first, second[p, q][None, None])
            total += tf.pad(product, [(p, P - 1 - p), (q, Q - 1 - q), (0, 0), (0, 0)])
    return total


# collapse_bias


def carried_sum(first_bias, second, second_bias):
    return first_bias @ second.sum((0, 1)) + second_bias


def carried_einsum(first_bias, second, second_bias):
    return np.einsum("d,pqdf->f", first_bias, second) + second_bias


def carried_loops(first_bias, second, second_bias):
    result = [float(b) for b in second_bias]
    P, Q, D, F = second.shape
    for p, q, d, f in np.ndindex(P, Q, D, F):
        result[f] += first_bias[d] * second[p, q, d, f]
    return result


def carried_image(first_bias, second, second_bias):
    image = np.ones((1, *second.shape[:2], 1)) * first_bias
    return (convolve(image, second) + second_bias).ravel()


def carried_tiled(first_bias, second, second_bias):
    P, Q, _, F = second.shape
    return np.tile(first_bias, P * Q) @ second.reshape(-1, F) + second_bias


def carried_tensorflow(first_bias, second, second_bias):
    import tensorflow as tf

    arrays = (first_bias, second, second_bias)
    first_bias, second, second_bias = (tf.cast(array, tf.float64) for array in arrays)
    return (
        tf.linalg.matvec(tf.reduce_sum(second, (0, 1)), first_bias, transpose_a=True) + second_bias
    )


# nonlinearity


def by_dictionary(name, z):
    return {
        "sigmoid": lambda: 1 / (1 + np.exp(-z)),
        "tanh": lambda: np.tanh(z),
        "relu": lambda: np.maximum(0, z),
        "leaky_relu": lambda: np.where(z > 0, z, 0.1 * z),
        "elu": lambda: np.where(z > 0, z, np.exp(z) - 1),
    }[name]()


def by_if(name, z):
    if name == "sigmoid":
        return np.exp(-np.logaddexp(0, -z))
    if name == "tanh":
        return 1 - 2 / (np.exp(2.0 * z) + 1)
    if name == "relu":
        return (z + abs(z)) / 2
    if name == "leaky_relu":
        return np.maximum(z, z / 10)
    return np.maximum(z, 0) + np.expm1(np.minimum(z, 0))


def by_one_number(name, z):
    def one(x):
        if name == "sigmoid":
            return 1 / (1 + math.exp(-x)) if x > 0 else 1 - 1 / (1 + math.exp(x))
        if name == "tanh":
            return math.tanh(x)
        if x > 0:
            return x
        return {"relu": 0, "leaky_relu": 0.1 * x, "elu": math.expm1(x)}[name]

    return np.array([one(float(x)) for x in z.ravel()]).reshape(z.shape)


def by_masks(name, z):
    z = z.astype(float)
    result = z.copy()
    below = z < 0
    if name == "sigmoid":
        result = 0.5 + 0.5 * np.tanh(0.5 * z)
    elif name == "tanh":
        result = np.tanh(z)
    elif name == "relu":
        result[below] = 0
    elif name == "leaky_relu":
        result[below] *= 0.1
    else:
        result[below] = np.exp(z[below]) - 1
    return result


def by_scipy(name, z):
    from scipy import special

    if name in ("sigmoid", "tanh"):
        return special.expit(z) if name == "sigmoid" else 2 * special.expit(2 * z) - 1
    left = {"relu": 0 * z, "leaky_relu": 0.1 * z, "elu": special.expm1(np.clip(z, None, 0))}[name]
    return np.select([z > 0], [z], left)


def by_tensorflow(name, z):
    import tensorflow as tf

    z = tf.cast(z, tf.float64)
    if name == "sigmoid":
        return tf.sigmoid(z)
    if name == "tanh":
        return tf.tanh(z)
    left = {"relu": 0 * z, "leaky_relu": 0.1 * z, "elu": tf.math.expm1(tf.minimum(z, 0))}[name]
    return tf.where(z > 0, z, left)


# conv_layer


def layer_composed(images, kernels, bias, name):
    return by_dictionary(name, convolve(images, kernels) + bias)


def layer_loops(images, kernels, bias, name):
    return by_one_number(name, bias_loops(images, kernels, bias))


def layer_filters(images, kernels, bias, name):
    maps = [by_if(name, convolve(images, kernels[..., f : f + 1]) + b) for f, b in enumerate(bias)]
    return np.concatenate(maps, -1)


def layer_im2col(images, kernels, bias, name):
    return by_masks(name, bias_im2col(images, kernels, bias))


def layer_image_by_image(images, kernels, bias, name):
    return [by_scipy(name, bias_broadcast(image[None], kernels, bias)[0]) for image in images]


def layer_tensorflow(images, kernels, bias, name):
    return by_tensorflow(name, bias_tensorflow(images, kernels, bias))


# saturation


def slopes_of(name, z):
    z = np.asarray(z, float)
    if name == "sigmoid":
        s = 1 / (1 + np.exp(-z))
        return s * (1 - s)
    if name == "tanh":
        return 1 - np.tanh(z) ** 2
    left = {"relu": 0, "leaky_relu": 0.1, "elu": np.exp(np.minimum(z, 0))}[name]
    return np.where(z > 0, 1.0, left)


def saturation_means(name, z, threshold):
    slopes = slopes_of(name, z)
    return np.mean(slopes < threshold), slopes.mean()


def saturation_counts(name, z, threshold):
    slopes = slopes_of(name, z).ravel().tolist()
    return [sum(s < threshold for s in slopes) / len(slopes), sum(slopes) / len(slopes)]


def saturation_dict(name, z, threshold):
    fraction, slope = saturation_means(name, z, threshold)
    return {"slope": slope, "fraction": fraction}


def saturation_array(name, z, threshold):
    return np.array(saturation_means(name, z, threshold))


def saturation_differences(name, z, threshold):
    """The slope measured: a small step to both sides (no number of z is that near the kink)."""
    step = 1e-6
    slopes = (by_scipy(name, z + step) - by_scipy(name, z - step)) / (2 * step)
    return np.count_nonzero(slopes < threshold) / z.size, np.average(slopes)


def saturation_tensorflow(name, z, threshold):
    import tensorflow as tf

    z = tf.Variable(z, dtype=tf.float64)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(by_tensorflow(name, z))
    slopes = tf.convert_to_tensor(tape.gradient(total, z))
    flat = tf.cast(slopes < threshold, tf.float64)
    return tf.reduce_mean(flat), tf.reduce_mean(slopes)


RIGHT = {
    "conv_bias": [
        bias_broadcast,
        bias_loops,
        bias_filter_by_filter,
        bias_channel_of_ones,
        bias_im2col,
        bias_tensorflow,
    ],
    "bias_column": [
        column_stack,
        column_loop,
        column_lists,
        column_padded,
        column_resize,
        column_product,
        column_sparse,
    ],
    "collapse": [
        collapse_loops,
        collapse_stamps,
        collapse_windows,
        collapse_fourier,
        collapse_impulse,
        collapse_by_channels,
        collapse_tensorflow,
    ],
    "collapse_bias": [
        carried_sum,
        carried_einsum,
        carried_loops,
        carried_image,
        carried_tiled,
        carried_tensorflow,
    ],
    "nonlinearity": [
        by_dictionary,
        by_if,
        by_one_number,
        by_masks,
        by_scipy,
        by_tensorflow,
    ],
    "conv_layer": [
        layer_composed,
        layer_loops,
        layer_filters,
        layer_im2col,
        layer_image_by_image,
        layer_tensorflow,
    ],
    "saturation": [
        saturation_means,
        saturation_counts,
        saturation_dict,
        saturation_array,
        saturation_differences,
        saturation_tensorflow,
    ],
}
