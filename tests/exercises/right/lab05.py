"""Right answers to lab 05, in as many styles as people have. Each must be accepted."""

import numpy as np

windows = np.lib.stride_tricks.sliding_window_view


# strided_conv2d


def strided_loops(image, kernel, stride):
    A, B = kernel.shape
    rows = (image.shape[0] - A) // stride + 1
    columns = (image.shape[1] - B) // stride + 1
    out = np.zeros((rows, columns))
    for n in range(rows):
        for m in range(columns):
            r, c = n * stride, m * stride
            out[n, m] = (image[r : r + A, c : c + B] * kernel).sum()
    return out


def strided_keep(image, kernel, stride):
    return np.einsum("nmab,ab->nm", windows(image, kernel.shape), kernel)[::stride, ::stride]


def strided_starts(image, kernel, stride):
    (N, M), (A, B) = image.shape, kernel.shape
    return [
        [
            sum(image[r + i, c + j] * kernel[i, j] for i in range(A) for j in range(B))
            for c in range(0, M - B + 1, stride)
        ]
        for r in range(0, N - A + 1, stride)
    ]


def strided_shifts(image, kernel, stride):
    rows, columns = (np.subtract(image.shape, kernel.shape)) // stride + 1
    image = image.astype(float)
    return sum(
        weight * image[i::stride, j::stride][:rows, :columns]
        for (i, j), weight in np.ndenumerate(kernel)
    )


def strided_by_matrix(image, kernel, stride):
    (N, M), (A, B) = image.shape, kernel.shape
    starts = [(r, c) for r in range(0, N - A + 1, stride) for c in range(0, M - B + 1, stride)]
    W = np.zeros((len(starts), N, M))
    for row, (r, c) in enumerate(starts):
        W[row, r : r + A, c : c + B] = kernel
    shape = (len(range(0, N - A + 1, stride)), -1)
    return (W.reshape(len(starts), -1) @ image.ravel()).reshape(shape)


def strided_tensorflow(image, kernel, stride):
    import tensorflow as tf

    image = tf.constant(image)
    A, B = kernel.shape
    N, M = image.shape
    rows = [
        tf.stack(
            [
                tf.reduce_sum(image[r : r + A, c : c + B] * kernel)
                for c in range(0, M - B + 1, stride)
            ]
        )
        for r in range(0, N - A + 1, stride)
    ]
    return tf.stack(rows)


# strided_matrix


def rows_deleted(kernel, n, stride):
    size = n - len(kernel) + 1
    W = np.zeros((size, n))
    for row in range(size):
        W[row, row : row + len(kernel)] = kernel
    return W[::stride]


def rows_written(kernel, n, stride):
    W = np.zeros(((n - len(kernel)) // stride + 1, n))
    for row in range(len(W)):
        W[row, row * stride : row * stride + len(kernel)] = kernel
    return W


def rows_of_units(kernel, n, stride):
    return np.stack(
        [np.correlate(unit, np.asarray(kernel, float), "valid")[::stride] for unit in np.eye(n)],
        axis=1,
    )


def rows_of_lists(kernel, n, stride):
    kernel = list(kernel)
    return [
        [0] * start + kernel + [0] * (n - start - len(kernel))
        for start in range(0, n - len(kernel) + 1, stride)
    ]


def rows_selected(kernel, n, stride):
    size = n - len(kernel) + 1
    full = sum(w * np.eye(size, n, tap) for tap, w in enumerate(kernel.tolist()))
    return np.eye(size)[::stride] @ full


# dilate_kernel


def dilate_slices(kernel, dilation):
    A, B = kernel.shape
    wide = np.zeros((dilation * (A - 1) + 1, dilation * (B - 1) + 1))
    wide[::dilation, ::dilation] = kernel
    return wide


def dilate_kron(kernel, dilation):
    unit = np.zeros((dilation, dilation))
    unit[0, 0] = 1
    wide = np.kron(kernel, unit)
    return wide[: wide.shape[0] - dilation + 1, : wide.shape[1] - dilation + 1]


def dilate_loops(kernel, dilation):
    A, B = len(kernel), len(kernel[0])
    wide = [[0.0] * (dilation * (B - 1) + 1) for _ in range(dilation * (A - 1) + 1)]
    for i in range(A):
        for j in range(B):
            wide[i * dilation][j * dilation] = float(kernel[i][j])
    return wide


def dilate_insert(kernel, dilation):
    wide = np.asarray(kernel, float)
    for axis in (0, 1):
        gaps = np.repeat(np.arange(1, wide.shape[axis]), dilation - 1)
        wide = np.insert(wide, gaps, 0, axis=axis)
    return wide


def dilate_matrices(kernel, dilation):
    def spread(size):
        return np.eye(dilation * (size - 1) + 1)[:, ::dilation]

    return spread(kernel.shape[0]) @ kernel @ spread(kernel.shape[1]).T


# dilated_conv2d


def dilated_through_kernel(image, kernel, dilation):
    wide = dilate_slices(kernel, dilation)
    return np.einsum("nmab,ab->nm", windows(image, wide.shape), wide)


def dilated_loops(image, kernel, dilation):
    (N, M), (A, B) = image.shape, kernel.shape
    out = np.zeros((N - dilation * (A - 1), M - dilation * (B - 1)))
    for n, m in np.ndindex(out.shape):
        for i, j in np.ndindex(A, B):
            out[n, m] += image[n + i * dilation, m + j * dilation] * kernel[i, j]
    return out


def dilated_slices(image, kernel, dilation):
    A, B = kernel.shape
    rows, columns = dilation * (A - 1) + 1, dilation * (B - 1) + 1
    return [
        [
            (image[n : n + rows : dilation, m : m + columns : dilation] * kernel).sum()
            for m in range(image.shape[1] - columns + 1)
        ]
        for n in range(image.shape[0] - rows + 1)
    ]


def dilated_shifts(image, kernel, dilation):
    (N, M), (A, B) = image.shape, kernel.shape
    rows, columns = N - dilation * (A - 1), M - dilation * (B - 1)
    out = np.zeros((rows, columns))
    for (i, j), weight in np.ndenumerate(kernel):
        out += weight * image[i * dilation :, j * dilation :][:rows, :columns]
    return out


def dilated_views(image, kernel, dilation):
    extent = [dilation * (taps - 1) + 1 for taps in kernel.shape]
    view = windows(image, extent)[..., ::dilation, ::dilation]
    return np.tensordot(view, kernel, 2)


def dilated_jax(image, kernel, dilation):
    import jax.numpy as jnp

    image, kernel = jnp.asarray(image), jnp.asarray(kernel)
    (N, M), (A, B) = image.shape, kernel.shape
    rows, columns = N - dilation * (A - 1), M - dilation * (B - 1)
    parts = [
        kernel[i, j]
        * image[i * dilation : i * dilation + rows, j * dilation : j * dilation + columns]
        for i in range(A)
        for j in range(B)
    ]
    return jnp.stack(parts).sum(0)


# which_formula


def _equal(a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    return a.shape == b.shape and np.allclose(a, b, atol=1e-3)


def _dilated_or_nothing(image, kernel, s):
    fits = all(n > s * (a - 1) for n, a in zip(image.shape, kernel.shape, strict=True))
    return dilated_loops(image, kernel, s) if fits else np.zeros((0, 0))


def which_table(image, kernel, s, output):
    is_stride = _equal(output, strided_loops(image, kernel, s))
    is_dilation = _equal(output, _dilated_or_nothing(image, kernel, s))
    if is_stride and is_dilation:
        return "both"
    if is_stride:
        return "stride"
    return "dilation" if is_dilation else "neither"


def which_words(image, kernel, s, output):
    words = ["neither", "stride", "dilation", "both"]
    stride = _equal(output, strided_keep(image, kernel, s))
    return words[stride + 2 * _equal(output, _dilated_or_nothing(image, kernel, s))]


def which_s_first(image, kernel, s, output):
    if s == 1:
        return "both" if _equal(output, strided_keep(image, kernel, 1)) else "neither"
    for name, formula in (("stride", strided_loops), ("dilation", _dilated_or_nothing)):
        if _equal(output, formula(image, kernel, s)):
            return name
    return "neither"


def which_errors(image, kernel, s, output):
    names = []
    for name, formula in (("stride", strided_shifts), ("dilation", _dilated_or_nothing)):
        try:
            np.testing.assert_allclose(output, formula(image, kernel, s), rtol=1e-4, atol=1e-3)
        except AssertionError:
            continue
        names.append(name)
    return "both" if len(names) == 2 else (names or ["neither"])[0]


def which_distances(image, kernel, s, output):
    def distance(y):
        return np.inf if y.shape != output.shape else float(np.abs(y - output).max())

    stride = distance(strided_loops(image, kernel, s)) < 0.01
    dilation = distance(_dilated_or_nothing(image, kernel, s)) < 0.01
    return {3: "both", 2: "stride", 1: "dilation", 0: "neither"}[2 * stride + dilation]


# transposed_conv1d


def transposed_stamps(y, kernel, stride):
    x = np.zeros((len(y) - 1) * stride + len(kernel))
    for r, value in enumerate(y):
        x[r * stride : r * stride + len(kernel)] += value * kernel
    return x


def transposed_matrix(y, kernel, stride):
    n = (len(y) - 1) * stride + len(kernel)
    return rows_written(kernel, n, stride).T @ y


def transposed_full(y, kernel, stride):
    spread = np.zeros((len(y) - 1) * stride + 1)
    spread[::stride] = y
    return np.convolve(spread, kernel)


def transposed_sums(y, kernel, stride):
    n, A = len(y), len(kernel)
    return [
        sum(y[r] * kernel[at - r * stride] for r in range(n) if 0 <= at - r * stride < A)
        for at in range((n - 1) * stride + A)
    ]


def transposed_add_at(y, kernel, stride):
    places = np.arange(len(y))[:, None] * stride + np.arange(len(kernel))
    return np.bincount(places.ravel(), weights=np.outer(y, kernel).ravel())


def transposed_tensorflow(y, kernel, stride):
    import tensorflow as tf

    places = tf.range(len(y))[:, None] * stride + tf.range(len(kernel))
    values = tf.constant(y)[:, None] * tf.constant(kernel)[None, :]
    size = (len(y) - 1) * stride + len(kernel)
    return tf.math.unsorted_segment_sum(
        tf.reshape(values, [-1]), tf.reshape(places, [-1]), num_segments=size
    )


RIGHT = {
    "strided_conv2d": [
        strided_loops,
        strided_keep,
        strided_starts,
        strided_shifts,
        strided_by_matrix,
        strided_tensorflow,
    ],
    "strided_matrix": [rows_deleted, rows_written, rows_of_units, rows_of_lists, rows_selected],
    "dilate_kernel": [dilate_slices, dilate_kron, dilate_loops, dilate_insert, dilate_matrices],
    "dilated_conv2d": [
        dilated_through_kernel,
        dilated_loops,
        dilated_slices,
        dilated_shifts,
        dilated_views,
        dilated_jax,
    ],
    "which_formula": [which_table, which_words, which_s_first, which_errors, which_distances],
    "transposed_conv1d": [
        transposed_stamps,
        transposed_matrix,
        transposed_full,
        transposed_sums,
        transposed_add_at,
        transposed_tensorflow,
    ],
}
