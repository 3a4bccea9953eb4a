"""Right answers to lab 01, in as many styles as people have. Each must be accepted."""

import itertools

import numpy as np

windows = np.lib.stride_tricks.sliding_window_view


# conv1d


def conv1d_loops(x, kernel):
    y = np.zeros(len(x) - len(kernel) + 1)
    for n in range(len(y)):
        for i in range(len(kernel)):
            y[n] += x[n + i] * kernel[i]
    return y


def conv1d_plain_python(x, kernel):
    x, kernel = list(x), list(kernel)
    return [
        sum(a * b for a, b in zip(x[n:], kernel, strict=False))
        for n in range(len(x) - len(kernel) + 1)
    ]


def conv1d_windows(x, kernel):
    return windows(x, len(kernel)) @ kernel


def conv1d_numpy(x, kernel):
    return np.correlate(x, kernel, mode="valid")


def conv1d_mirrored_numpy(x, kernel):
    return np.convolve(x, kernel[::-1], "valid")


def conv1d_shift_and_add(x, kernel):
    size = len(x) - len(kernel) + 1
    return sum(weight * x[i : i + size] for i, weight in enumerate(kernel))


def conv1d_matrix(x, kernel):
    return np.array(matrix1d_rows_of_lists(kernel, len(x))) @ x


def conv1d_fourier(x, kernel):
    spectrum = np.fft.fft(x) * np.conj(np.fft.fft(kernel, len(x)))
    return np.fft.ifft(spectrum).real[: len(x) - len(kernel) + 1]


def conv1d_recursive(x, kernel):
    if len(x) < len(kernel):
        return []
    return [np.dot(x[: len(kernel)], kernel), *conv1d_recursive(x[1:], kernel)]


def conv1d_tensorflow(x, kernel):
    import tensorflow as tf

    x, kernel = tf.constant(x), tf.constant(kernel)
    size = len(kernel)
    places = range(len(x) - size + 1)
    return tf.stack([tf.reduce_sum(x[n : n + size] * kernel) for n in places])


def conv1d_jax(x, kernel):
    import jax.numpy as jnp

    return jnp.correlate(jnp.asarray(x), jnp.asarray(kernel), mode="valid")


# flip


def flip_slices(kernel):
    return kernel[::-1, ::-1]


def flip_numpy(kernel):
    return np.flip(kernel)


def flip_two_quarters(kernel):
    return np.rot90(kernel, 2)


def flip_lists(kernel):
    return [list(reversed(row)) for row in reversed(kernel.tolist())]


def flip_loops(kernel):
    rows, columns = kernel.shape
    result = np.zeros(kernel.shape)
    for i, j in itertools.product(range(rows), range(columns)):
        result[i, j] = kernel[rows - i - 1][columns - j - 1]
    return result


def flip_flat(kernel):
    return np.ravel(kernel)[::-1].reshape(kernel.shape)


def flip_matrices(kernel):
    rows, columns = kernel.shape
    return np.eye(rows)[::-1] @ kernel @ np.eye(columns)[::-1]


def flip_tensorflow(kernel):
    import tensorflow as tf

    return tf.reverse(kernel, axis=[0, 1])


# conv2d


def conv2d_loops(image, kernel):
    (N, M), (A, B) = image.shape, kernel.shape
    C = [[0] * (M - B + 1) for _ in range(N - A + 1)]
    for n in range(N - A + 1):
        for m in range(M - B + 1):
            for i in range(A):
                for j in range(B):
                    C[n][m] += image[n + i][m + j] * kernel[i][j]
    return C


def conv2d_slices(image, kernel):
    A, B = kernel.shape
    shape = image.shape[0] - A + 1, image.shape[1] - B + 1
    return np.array(
        [
            [np.sum(image[n : n + A, m : m + B] * kernel) for m in range(shape[1])]
            for n in range(shape[0])
        ]
    )


def conv2d_einsum(image, kernel):
    return np.einsum("nmab,ab->nm", windows(image, kernel.shape), kernel)


def conv2d_shift_and_add(image, kernel):
    A, B = kernel.shape
    N, M = image.shape[0] - A + 1, image.shape[1] - B + 1
    C = np.zeros((N, M), np.float32)
    for i in range(A):
        for j in range(B):
            C += (kernel[i, j] * image[i : i + N, j : j + M]).astype(np.float32)
    return C


def conv2d_im2col(image, kernel):
    A, B = kernel.shape
    N, M = image.shape[0] - A + 1, image.shape[1] - B + 1
    columns = [image[n : n + A, m : m + B].ravel() for n in range(N) for m in range(M)]
    return (np.array(columns) @ kernel.ravel()).reshape(N, M)


def conv2d_matrix(image, kernel):
    A, B = kernel.shape
    W = matrix2d_loops(kernel, *image.shape)
    return (W @ image.ravel()).reshape(image.shape[0] - A + 1, image.shape[1] - B + 1)


def conv2d_fourier(image, kernel):
    spectrum = np.fft.fft2(image) * np.conj(np.fft.fft2(kernel, image.shape))
    A, B = kernel.shape
    return np.fft.ifft2(spectrum)[: image.shape[0] - A + 1, : image.shape[1] - B + 1].real


def conv2d_by_rows(image, kernel):
    A = len(kernel)
    return np.array(
        [
            sum(np.correlate(image[n + i], kernel[i], "valid") for i in range(A))
            for n in range(len(image) - A + 1)
        ]
    )


def conv2d_jax(image, kernel):
    import jax.numpy as jnp

    A, B = kernel.shape
    image, kernel = jnp.asarray(image), jnp.asarray(kernel)
    rows = [
        jnp.stack(
            [(image[n : n + A, m : m + B] * kernel).sum() for m in range(image.shape[1] - B + 1)]
        )
        for n in range(image.shape[0] - A + 1)
    ]
    return jnp.stack(rows)


# matrix1d


def matrix1d_slices(kernel, n):
    W = np.zeros((n - len(kernel) + 1, n))
    for row in range(len(W)):
        W[row, row : row + len(kernel)] = kernel
    return W


def matrix1d_rows_of_lists(kernel, n):
    A = len(kernel)
    return [[0] * row + list(kernel) + [0] * (n - A - row) for row in range(n - A + 1)]


def matrix1d_diagonals(kernel, n):
    rows = n - len(kernel) + 1
    return sum(weight * np.eye(rows, n, k=i) for i, weight in enumerate(kernel))


def matrix1d_rolled(kernel, n):
    first = np.concatenate([kernel, np.zeros(n - len(kernel))])
    return np.stack([np.roll(first, row) for row in range(n - len(kernel) + 1)])


def matrix1d_indices(kernel, n):
    A = len(kernel)
    taps = np.arange(n) - np.arange(n - A + 1)[:, None]
    inside = (taps >= 0) & (taps < A)
    return np.where(inside, np.asarray(kernel)[np.clip(taps, 0, A - 1)], 0)


def matrix1d_unit_vectors(kernel, n):
    return np.array([np.correlate(unit, kernel, "valid") for unit in np.eye(n)]).T


def matrix1d_toeplitz(kernel, n):
    from scipy.linalg import toeplitz

    A = len(kernel)
    return toeplitz(np.r_[kernel[0], np.zeros(n - A)], np.r_[kernel, np.zeros(n - A)])


def matrix1d_sparse(kernel, n):
    from scipy.sparse import diags_array

    rows = n - len(kernel) + 1
    return diags_array(list(kernel), offsets=range(len(kernel)), shape=(rows, n))


# matrix2d


def matrix2d_loops(kernel, height, width):
    A, B = kernel.shape
    W = np.zeros(((height - A + 1) * (width - B + 1), height * width))
    for n in range(height - A + 1):
        for m in range(width - B + 1):
            for i in range(A):
                for j in range(B):
                    W[n * (width - B + 1) + m, (n + i) * width + m + j] = kernel[i, j]
    return W


def matrix2d_stamps(kernel, height, width):
    A, B = kernel.shape
    rows = []
    for n in range(height - A + 1):
        for m in range(width - B + 1):
            canvas = np.zeros((height, width))
            canvas[n : n + A, m : m + B] = kernel
            rows.append(canvas.ravel().tolist())
    return rows


def matrix2d_unit_images(kernel, height, width):
    units = np.eye(height * width).reshape(-1, height, width)
    return np.stack([conv2d_einsum(unit, kernel).ravel() for unit in units], axis=1)


def matrix2d_kronecker(kernel, height, width):
    A, B = kernel.shape
    return sum(
        kernel[i, j] * np.kron(np.eye(height - A + 1, height, i), np.eye(width - B + 1, width, j))
        for i in range(A)
        for j in range(B)
    )


def matrix2d_blocks(kernel, height, width):
    A = len(kernel)
    blocks = [matrix1d_slices(row, width) for row in kernel]
    empty = np.zeros_like(blocks[0])
    return np.block(
        [
            [blocks[c - n] if 0 <= c - n < A else empty for c in range(height)]
            for n in range(height - A + 1)
        ]
    )


def matrix2d_long_kernel(kernel, height, width):
    A, B = kernel.shape
    long = np.pad(kernel, [(0, 0), (0, width - B)]).ravel()[: (A - 1) * width + B]
    whole = matrix1d_slices(long, height * width)
    keep = [n * width + m for n in range(height - A + 1) for m in range(width - B + 1)]
    return whole[keep].astype("float32")


# recover_kernel


def recover_reshape(W, height, width, a, b):
    return W[0].reshape(height, width)[:a, :b]


def recover_loops(W, height, width, a, b):
    kernel = np.zeros((a, b))
    for i in range(a):
        for j in range(b):
            kernel[i, j] = W[0, i * width + j]
    return kernel


def recover_lists(W, height, width, a, b):
    first = W.tolist()[0]
    return [first[i * width : i * width + b] for i in range(a)]


def recover_last(W, height, width, a, b):
    return W[-1].reshape(height, width)[height - a :, width - b :]


def recover_average(W, height, width, a, b):
    fields = [
        W[n * (width - b + 1) + m].reshape(height, width)[n : n + a, m : m + b]
        for n in range(height - a + 1)
        for m in range(width - b + 1)
    ]
    return np.mean(fields, axis=0)


def recover_impulse(W, height, width, a, b):
    kernel = np.empty((a, b))
    for i, j in np.ndindex(a, b):
        image = np.zeros((height, width))
        image[i, j] = 1
        kernel[i, j] = (W @ image.ravel())[0]
    return kernel


def recover_indices(W, height, width, a, b):
    return W[0][np.arange(a)[:, None] * width + np.arange(b)]


# is_convolution


def is_convolution_rebuild(W, height, width, a, b):
    if W.shape != ((height - a + 1) * (width - b + 1), height * width):
        return False
    candidate = matrix2d_loops(recover_reshape(W, height, width, a, b), height, width)
    return bool(np.allclose(W, candidate, rtol=0, atol=1e-6))


def is_convolution_default_tolerance(W, height, width, a, b):
    rows = (height - a + 1) * (width - b + 1)
    return W.shape == (rows, height * width) and np.allclose(
        W, matrix2d_stamps(recover_reshape(W, height, width, a, b), height, width)
    )


def is_convolution_loops(W, height, width, a, b):
    N, M = height - a + 1, width - b + 1
    if np.shape(W) != (N * M, height * width):
        return False
    for n, m in itertools.product(range(N), range(M)):
        for r, c in itertools.product(range(height), range(width)):
            i, j = r - n, c - m
            inside = 0 <= i < a and 0 <= j < b
            expected = W[0, i * width + j] if inside else 0
            if abs(W[n * M + m, r * width + c] - expected) > 1e-5:
                return False
    return True


def is_convolution_two_constraints(W, height, width, a, b):
    ones = np.array(matrix2d_stamps(np.ones((a, b)), height, width))
    if W.shape != ones.shape:
        return False
    numbered = np.array(matrix2d_stamps(np.arange(1, a * b + 1).reshape(a, b), height, width))
    zeros = np.abs(W[ones == 0]).max(initial=0) < 1e-6
    return zeros and all(np.ptp(W[numbered == tap]) < 1e-6 for tap in range(1, a * b + 1))


def is_convolution_projection(W, height, width, a, b):
    basis = [
        np.array(matrix2d_stamps(unit.reshape(a, b), height, width)).ravel()
        for unit in np.eye(a * b)
    ]
    if W.size != basis[0].size or len(W) != (height - a + 1) * (width - b + 1):
        return False
    basis = np.array(basis).T
    weights = np.linalg.lstsq(basis, W.ravel())[0]
    return np.abs(basis @ weights - W.ravel()).max() < 1e-6


def is_convolution_exception(W, height, width, a, b):
    try:
        np.testing.assert_allclose(
            W,
            matrix2d_kronecker(W[0].reshape(height, width)[:a, :b], height, width),
            atol=1e-7,
        )
    except (AssertionError, ValueError):
        return 0
    return 1


# count_parameters


def count_tuple(height, width, a, b):
    outputs = (height - a + 1) * (width - b + 1)
    return height * width * outputs, outputs * a * b, a * b


def count_dict(height, width, a, b):
    dense, local, convolutional = count_tuple(height, width, a, b)
    return {"convolutional": convolutional, "dense": dense, "local": local}


def count_list(height, width, a, b):
    return list(count_tuple(height, width, a, b))


def count_array(height, width, a, b):
    return np.array(count_tuple(height, width, a, b))


def count_floats(height, width, a, b):
    return tuple(float(count) for count in count_tuple(height, width, a, b))


def count_from_matrix(height, width, a, b):
    W = matrix2d_loops(np.arange(1, a * b + 1).reshape(a, b), height, width)
    return W.size, np.count_nonzero(W), len(np.unique(W[W != 0]))


RIGHT = {
    "conv1d": [
        conv1d_loops,
        conv1d_plain_python,
        conv1d_windows,
        conv1d_numpy,
        conv1d_mirrored_numpy,
        conv1d_shift_and_add,
        conv1d_matrix,
        conv1d_fourier,
        conv1d_recursive,
        conv1d_tensorflow,
        conv1d_jax,
    ],
    "flip": [
        flip_slices,
        flip_numpy,
        flip_two_quarters,
        flip_lists,
        flip_loops,
        flip_flat,
        flip_matrices,
        flip_tensorflow,
    ],
    "conv2d": [
        conv2d_loops,
        conv2d_slices,
        conv2d_einsum,
        conv2d_shift_and_add,
        conv2d_im2col,
        conv2d_matrix,
        conv2d_fourier,
        conv2d_by_rows,
        conv2d_jax,
    ],
    "matrix1d": [
        matrix1d_slices,
        matrix1d_rows_of_lists,
        matrix1d_diagonals,
        matrix1d_rolled,
        matrix1d_indices,
        matrix1d_unit_vectors,
        matrix1d_toeplitz,
        matrix1d_sparse,
    ],
    "matrix2d": [
        matrix2d_loops,
        matrix2d_stamps,
        matrix2d_unit_images,
        matrix2d_kronecker,
        matrix2d_blocks,
        matrix2d_long_kernel,
    ],
    "recover_kernel": [
        recover_reshape,
        recover_loops,
        recover_lists,
        recover_last,
        recover_average,
        recover_impulse,
        recover_indices,
    ],
    "is_convolution": [
        is_convolution_rebuild,
        is_convolution_default_tolerance,
        is_convolution_loops,
        is_convolution_two_constraints,
        is_convolution_projection,
        is_convolution_exception,
    ],
    "count_parameters": [
        count_tuple,
        count_dict,
        count_list,
        count_array,
        count_floats,
        count_from_matrix,
    ],
}
