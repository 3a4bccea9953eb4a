"""Right answers to lab 06, in as many styles as people have. Each must be accepted."""

import functools
import itertools

import numpy as np

windows = np.lib.stride_tricks.sliding_window_view


# max_pool


def max_pool_loops(x, pool, stride):
    (A, B), (S, T), (N, M, C) = pool, stride, x.shape
    y = np.full(((N - A) // S + 1, (M - B) // T + 1, C), -np.inf)
    for n in range(y.shape[0]):
        for m in range(y.shape[1]):
            for i in range(A):
                for j in range(B):
                    for c in range(C):
                        y[n, m, c] = max(y[n, m, c], x[n * S + i, m * T + j, c])
    return y


def max_pool_slices(x, pool, stride):
    rows = range(0, x.shape[0] - pool[0] + 1, stride[0])
    columns = range(0, x.shape[1] - pool[1] + 1, stride[1])
    return [[x[r : r + pool[0], c : c + pool[1]].max(axis=(0, 1)) for c in columns] for r in rows]


def max_pool_windows(x, pool, stride):
    return windows(x, pool, axis=(0, 1))[:: stride[0], :: stride[1]].max(axis=(-1, -2))


def max_pool_shifted(x, pool, stride):
    """The largest of the strided copies of the image, one for each place in the window."""
    height = (x.shape[0] - pool[0]) // stride[0] * stride[0] + 1
    width = (x.shape[1] - pool[1]) // stride[1] * stride[1] + 1
    copies = [
        x[i : i + height : stride[0], j : j + width : stride[1]]
        for i, j in np.ndindex(*map(int, pool))
    ]
    return functools.reduce(np.maximum, copies)


def max_pool_rows_then_columns(x, pool, stride):
    def along(x, size, step):
        starts = range(0, len(x) - size + 1, step)
        return np.array([x[start : start + size].max(axis=0) for start in starts])

    rows = along(x, pool[0], stride[0])
    return along(rows.swapaxes(0, 1), pool[1], stride[1]).swapaxes(0, 1)


def max_pool_plain_python(x, pool, stride):
    image = x.tolist()
    (A, B), (S, T) = pool, stride
    return [
        [
            [
                max(image[r + i][c + j][k] for i in range(A) for j in range(B))
                for k in range(len(image[0][0]))
            ]
            for c in range(0, len(image[0]) - B + 1, T)
        ]
        for r in range(0, len(image) - A + 1, S)
    ]


def max_pool_by_channel(x, pool, stride):
    def one(image):
        N, M = (image.shape[0] - pool[0]) // stride[0] + 1, (image.shape[1] - pool[1]) // stride[1]
        y = np.empty((N, M + 1))
        for place in itertools.product(range(N), range(M + 1)):
            r, c = np.multiply(place, stride)
            y[place] = np.sort(image[r : r + pool[0], c : c + pool[1]].ravel())[-1]
        return y

    return np.stack([one(x[..., k]) for k in range(x.shape[-1])], axis=-1)


def max_pool_gather(x, pool, stride):
    rows = np.arange((x.shape[0] - pool[0]) // stride[0] + 1)[:, None] * stride[0]
    columns = np.arange((x.shape[1] - pool[1]) // stride[1] + 1)[:, None] * stride[1]
    rows, columns = rows + np.arange(pool[0]), columns + np.arange(pool[1])
    return x[rows[:, None, :, None], columns[None, :, None, :]].max(axis=(2, 3))


def max_pool_tensorflow(x, pool, stride):
    import tensorflow as tf

    x = tf.constant(x)
    rows = range(0, x.shape[0] - pool[0] + 1, stride[0])
    columns = range(0, x.shape[1] - pool[1] + 1, stride[1])
    return tf.stack(
        [
            tf.stack(
                [tf.reduce_max(x[r : r + pool[0], c : c + pool[1]], axis=[0, 1]) for c in columns]
            )
            for r in rows
        ]
    )


# average_pool


def average_pool_cut(x, pool, stride, pad):
    (A, B), (S, T), (P, Q), (N, M, C) = pool, stride, pad, x.shape
    y = np.zeros(((N + 2 * P - A) // S + 1, (M + 2 * Q - B) // T + 1, C))
    for n, m in np.ndindex(y.shape[:2]):
        r, c = n * S - P, m * T - Q
        y[n, m] = x[max(r, 0) : r + A, max(c, 0) : c + B].mean(axis=(0, 1))
    return y


def average_pool_nan(x, pool, stride, pad):
    padded = np.pad(x.astype(float), [(p, p) for p in pad] + [(0, 0)], constant_values=float("nan"))
    return np.nanmean(windows(padded, pool, axis=(0, 1))[:: stride[0], :: stride[1]], axis=(-1, -2))


def average_pool_counted(x, pool, stride, pad):
    """The sums of the image over the sums of an image of ones."""

    def sums(image):
        padded = np.pad(image, [(p, p) for p in pad] + [(0, 0)])
        return windows(padded, pool, axis=(0, 1))[:: stride[0], :: stride[1]].sum(axis=(3, 4))

    return sums(x) / sums(np.ones(x.shape))


def average_pool_plain_python(x, pool, stride, pad):
    N, M, C = x.shape
    y = []
    for r in range(-pad[0], N + pad[0] - pool[0] + 1, stride[0]):
        y.append([])
        for c in range(-pad[1], M + pad[1] - pool[1] + 1, stride[1]):
            inside = [
                x[i, j]
                for i in range(r, r + pool[0])
                for j in range(c, c + pool[1])
                if 0 <= i < N and 0 <= j < M
            ]
            y[-1].append([float(sum(pixel[k] for pixel in inside)) / len(inside) for k in range(C)])
    return y


def average_pool_matrices(x, pool, stride, pad):
    """One matrix for the rows, one for the columns."""

    def averages(size, window, step, pad):
        starts = np.arange(-pad, size + pad - window + 1, step)[:, None]
        inside = (np.arange(size) >= starts) & (np.arange(size) < starts + window)
        return inside / inside.sum(axis=1, keepdims=True)

    rows, columns = (averages(x.shape[i], pool[i], stride[i], pad[i]) for i in (0, 1))
    return np.einsum("nr,rcf,mc->nmf", rows, x, columns)


def average_pool_integral_image(x, pool, stride, pad):
    (N, M), (A, B) = x.shape[:2], pool
    total = np.pad(x.astype(float).cumsum(0).cumsum(1), [(1, 0), (1, 0), (0, 0)])
    top = np.arange(-pad[0], N + pad[0] - A + 1, stride[0])
    left = np.arange(-pad[1], M + pad[1] - B + 1, stride[1])
    r0, r1 = np.clip(top, 0, N), np.clip(top + A, 0, N)
    c0, c1 = np.clip(left, 0, M), np.clip(left + B, 0, M)
    sums = total[r1][:, c1] - total[r0][:, c1] - total[r1][:, c0] + total[r0][:, c0]
    return sums / ((r1 - r0)[:, None] * (c1 - c0))[..., None]


def average_pool_masked(x, pool, stride, pad):
    inside = np.pad(np.ones(x.shape, bool), [(p, p) for p in pad] + [(0, 0)])
    image = np.ma.masked_array(np.pad(x, [(p, p) for p in pad] + [(0, 0)]), ~inside)
    rows = range(0, image.shape[0] - pool[0] + 1, stride[0])
    columns = range(0, image.shape[1] - pool[1] + 1, stride[1])
    return np.array(
        [
            [np.asarray(image[r : r + pool[0], c : c + pool[1]].mean(axis=(0, 1))) for c in columns]
            for r in rows
        ]
    )


def average_pool_jax(x, pool, stride, pad):
    import jax.numpy as jnp

    padded = np.pad(x.astype(float), [(p, p) for p in pad] + [(0, 0)], constant_values=np.nan)
    seen = windows(padded, pool, axis=(0, 1))[:: stride[0], :: stride[1]]
    return jnp.nanmean(jnp.asarray(seen), axis=(3, 4))


# average_matrix


def average_matrix_loops(height, width, pool, stride):
    (A, B), (S, T) = pool, stride
    rows, columns = (height - A) // S + 1, (width - B) // T + 1
    W = np.zeros((rows * columns, height * width))
    for n in range(rows):
        for m in range(columns):
            for i in range(A):
                for j in range(B):
                    W[n * columns + m, (n * S + i) * width + m * T + j] = 1 / (A * B)
    return W


def average_matrix_stamps(height, width, pool, stride):
    rows = []
    for r in range(0, height - pool[0] + 1, stride[0]):
        for c in range(0, width - pool[1] + 1, stride[1]):
            canvas = np.zeros((height, width))
            canvas[r : r + pool[0], c : c + pool[1]] = 1
            rows.append((canvas / canvas.sum()).ravel().tolist())
    return rows


def average_matrix_kronecker(height, width, pool, stride):
    def one(size, window, step):
        starts = np.arange(0, size - window + 1, step)[:, None]
        pixels = np.arange(size)
        return ((pixels >= starts) & (pixels < starts + window)) / window

    return np.kron(one(height, pool[0], stride[0]), one(width, pool[1], stride[1]))


def average_matrix_deleted_rows(height, width, pool, stride):
    (A, B), (S, T) = pool, stride
    whole = np.array(average_matrix_stamps(height, width, pool, (1, 1)))
    whole = whole.reshape(height - A + 1, width - B + 1, height * width)
    return whole[::S, ::T].reshape(-1, height * width)


def average_matrix_unit_images(height, width, pool, stride):
    units = np.eye(height * width).reshape(-1, height, width)
    columns = [average_pool_cut(unit[..., None], pool, stride, (0, 0)).ravel() for unit in units]
    return np.stack(columns, axis=1).astype("float32")


def average_matrix_sparse(height, width, pool, stride):
    from scipy.sparse import coo_array

    places = np.arange(height * width).reshape(height, width)
    reads = windows(places, pool)[:: stride[0], :: stride[1]].reshape(-1, pool[0] * pool[1])
    rows = np.repeat(np.arange(len(reads)), reads.shape[1])
    weights = np.full(reads.size, 1 / reads.shape[1])
    return coo_array((weights, (rows, reads.ravel())), shape=(len(reads), height * width))


# is_linear


def is_linear_additive(f, shape):
    a, b = np.random.default_rng().standard_normal((2, *shape))
    return bool(np.allclose(f(a + b), f(a) + f(b)))


def is_linear_superposition(f, shape):
    rng = np.random.default_rng(1)
    for _ in range(5):
        a, b = rng.normal(size=shape), rng.normal(size=shape)
        c, d = rng.normal(size=2)
        if not np.allclose(f(c * a + d * b), c * f(a) + d * f(b), atol=1e-6):
            return False
    return True


def is_linear_matrix(f, shape):
    """Build the matrix that it would have to be, and try it on another image."""
    units = np.eye(shape[0] * shape[1]).reshape(-1, *shape)
    W = np.stack([np.ravel(f(unit)) for unit in units], axis=1)
    image = np.random.default_rng(2).uniform(-5, 5, shape)
    return np.abs(W @ image.ravel() - np.ravel(f(image))).max() < 1e-6


def is_linear_exception(f, shape):
    rng = np.random.default_rng(3)
    a, b = 10 * rng.standard_normal(shape), rng.standard_normal(shape)
    try:
        np.testing.assert_allclose(f(a - b), f(a) - f(b), atol=1e-8)
        np.testing.assert_allclose(f(-2.5 * a), -2.5 * f(a), atol=1e-8)
    except AssertionError:
        return 0
    return 1


def is_linear_integers(f, shape):
    a, b = np.random.default_rng(4).integers(-9, 10, (2, *shape))
    return np.abs(f(a + b) - (f(a) + f(b))).sum() < 1e-9


def is_linear_zero_and_sums(f, shape):
    if np.any(f(np.zeros(shape))):
        return False
    trials = np.random.default_rng(5).standard_normal((20, 2, *shape))
    return all(np.allclose(f(a) + f(b) - f(a + b), 0) for a, b in trials)


# unchanged


def unchanged_copy(f, images, shift):
    moved = np.zeros_like(images)
    moved[:, :, shift:] = images[:, :, :-shift]
    return np.isclose(f(moved), f(images)).mean()


def unchanged_pad(f, images, shift):
    moved = np.pad(images, [(0, 0), (0, 0), (shift, 0)])[..., :-shift]
    return float((np.abs(f(moved) - f(images)) < 1e-6).mean())


def unchanged_roll(f, images, shift):
    moved = np.roll(images, shift, axis=-1)
    moved[..., :shift] = 0
    same = np.isclose(f(images), f(moved)).ravel()
    return same.sum() / same.size


def unchanged_loop(f, images, shift):
    moved = [
        [[0] * shift + list(row[: len(row) - shift]) for row in image] for image in images.tolist()
    ]
    pairs = list(zip(np.ravel(f(np.array(moved))), np.ravel(f(images)), strict=True))
    return sum(abs(after - before) < 1e-5 for after, before in pairs) / len(pairs)


def unchanged_matrix(f, images, shift):
    """Moving is a matrix, too."""
    width = images.shape[2]
    return np.isclose(f(images @ np.eye(width, k=shift)), f(images)).mean()


def unchanged_one_by_one(f, images, shift):
    counts = []
    for image in images:
        one = image[None].astype(float)
        moved = np.concatenate([np.zeros((1, one.shape[1], shift)), one[:, :, :-shift]], axis=2)
        counts.append(np.isclose(f(one), f(moved)).mean())
    return sum(counts) / len(counts)


# global_average_pool


def global_mean(x):
    return x.mean(axis=(1, 2))


def global_loops(x):
    y = np.zeros((x.shape[0], x.shape[3]))
    for b in range(x.shape[0]):
        for c in range(x.shape[3]):
            for n in range(x.shape[1]):
                for m in range(x.shape[2]):
                    y[b, c] += x[b, n, m, c]
    return y / (x.shape[1] * x.shape[2])


def global_lists(x):
    return [[float(np.average(image[..., c])) for c in range(image.shape[-1])] for image in x]


def global_flat(x):
    return x.reshape(len(x), -1, x.shape[-1]).mean(1)


def global_matrix(x):
    """Pooling is a matrix: here with a single row."""
    pixels = x.shape[1] * x.shape[2]
    return np.einsum("p,bpc->bc", np.full(pixels, 1 / pixels), x.reshape(len(x), pixels, -1))


def global_twice(x):
    return np.stack([np.mean(np.mean(image, axis=0), axis=0) for image in x])


def global_through_pooling(x):
    return np.stack([average_pool_cut(image, image.shape[:2], (1, 1), (0, 0))[0, 0] for image in x])


def global_tensorflow(x):
    import tensorflow as tf

    return tf.reduce_mean(tf.cast(x, tf.float64), axis=[1, 2])


# class_scores


def scores_einsum(image, kernel, weights, bias):
    maps = np.einsum("nmab,abf->nmf", windows(image, kernel.shape[:2]), kernel)
    return np.maximum(maps, 0).mean(axis=(0, 1)) @ weights + bias


def scores_loops(image, kernel, weights, bias):
    A, B, filters = kernel.shape
    N, M = image.shape[0] - A + 1, image.shape[1] - B + 1
    scores = [float(number) for number in bias]
    for f in range(filters):
        total = 0
        for n in range(N):
            for m in range(M):
                value = np.sum(image[n : n + A, m : m + B] * kernel[:, :, f])
                total += value if value > 0 else 0
        for k in range(len(scores)):
            scores[k] += total / (N * M) * weights[f][k]
    return scores


def scores_map_of_scores(image, kernel, weights, bias):
    """The dense layer as a 1 x 1 convolution: scores at every place, averaged at the end."""
    maps = np.einsum("nmab,abf->nmf", windows(image, kernel.shape[:2]), kernel)
    return (maps * (maps > 0) @ weights + bias).mean(axis=(0, 1))


def scores_im2col(image, kernel, weights, bias):
    A, B, filters = kernel.shape
    patches = windows(image, (A, B)).reshape(-1, A * B)
    maps = patches @ kernel.reshape(A * B, filters)
    return (maps.clip(min=0).sum(axis=0) / len(patches)) @ weights + bias


def scores_matrices(image, kernel, weights, bias):
    from labkit import matrix

    pooled = []
    for f in range(kernel.shape[-1]):
        W = matrix.convolution_matrix(kernel[..., f], image.shape)
        row = np.full(len(W), 1 / len(W))
        pooled.append(row @ np.maximum(W @ image.ravel(), 0))
    return np.dot(pooled, weights) + bias


def scores_reference(image, kernel, weights, bias):
    from labkit import reference

    maps = [reference.cross_correlate_plain(image, kernel[..., f]) for f in range(kernel.shape[-1])]
    return np.array([np.maximum(one, 0).mean() for one in maps]) @ weights + bias


def scores_tensorflow(image, kernel, weights, bias):
    import tensorflow as tf

    maps = tf.nn.conv2d(
        tf.cast(image, tf.float64)[None, :, :, None],
        tf.cast(kernel, tf.float64)[:, :, None, :],
        strides=1,
        padding="VALID",
    )
    pooled = tf.reduce_mean(tf.nn.relu(maps), axis=[1, 2])
    return (pooled @ tf.cast(weights, tf.float64))[0] + tf.cast(bias, tf.float64)


RIGHT = {
    "max_pool": [
        max_pool_loops,
        max_pool_slices,
        max_pool_windows,
        max_pool_shifted,
        max_pool_rows_then_columns,
        max_pool_plain_python,
        max_pool_by_channel,
        max_pool_gather,
        max_pool_tensorflow,
    ],
    "average_pool": [
        average_pool_cut,
        average_pool_nan,
        average_pool_counted,
        average_pool_plain_python,
        average_pool_matrices,
        average_pool_integral_image,
        average_pool_masked,
        average_pool_jax,
    ],
    "average_matrix": [
        average_matrix_loops,
        average_matrix_stamps,
        average_matrix_kronecker,
        average_matrix_deleted_rows,
        average_matrix_unit_images,
        average_matrix_sparse,
    ],
    "is_linear": [
        is_linear_additive,
        is_linear_superposition,
        is_linear_matrix,
        is_linear_exception,
        is_linear_integers,
        is_linear_zero_and_sums,
    ],
    "unchanged": [
        unchanged_copy,
        unchanged_pad,
        unchanged_roll,
        unchanged_loop,
        unchanged_matrix,
        unchanged_one_by_one,
    ],
    "global_average_pool": [
        global_mean,
        global_loops,
        global_lists,
        global_flat,
        global_matrix,
        global_twice,
        global_through_pooling,
        global_tensorflow,
    ],
    "class_scores": [
        scores_einsum,
        scores_loops,
        scores_map_of_scores,
        scores_im2col,
        scores_matrices,
        scores_reference,
        scores_tensorflow,
    ],
}
