"""Right answers to lab 02, in as many styles as people have. Each must be accepted."""

import itertools

import numpy as np

windows = np.lib.stride_tricks.sliding_window_view


# conv_channels


def channels_loops(images, kernel):
    batch, N, M, C = images.shape
    A, B, _ = kernel.shape
    y = np.zeros((batch, N - A + 1, M - B + 1))
    for b, n, m in np.ndindex(*y.shape):
        for i, j, k in itertools.product(range(A), range(B), range(C)):
            y[b, n, m] += images[b, n + i, m + j, k] * kernel[i, j, k]
    return y


def channels_patches(images, kernel):
    A, B, _ = kernel.shape
    return [
        [
            [(image[n : n + A, m : m + B] * kernel).sum() for m in range(image.shape[1] - B + 1)]
            for n in range(image.shape[0] - A + 1)
        ]
        for image in images
    ]


def channels_einsum(images, kernel):
    return np.einsum("bnmkij,ijk->bnm", windows(images, kernel.shape[:2], (1, 2)), kernel)


def channels_one_by_one(images, kernel):
    def conv2d(image, plane):
        A, B = plane.shape
        rows = range(image.shape[0] - A + 1)
        columns = range(image.shape[1] - B + 1)
        return np.array(
            [[(image[n : n + A, m : m + B] * plane).sum() for m in columns] for n in rows]
        )

    return np.stack(
        [
            sum(conv2d(image[..., k], kernel[..., k]) for k in range(kernel.shape[-1]))
            for image in images
        ]
    )


def channels_shift_and_add(images, kernel):
    A, B, _ = kernel.shape
    N, M = images.shape[1] - A + 1, images.shape[2] - B + 1
    return sum(
        images[:, i : i + N, j : j + M] @ kernel[i, j]
        for i, j in itertools.product(range(A), range(B))
    )


def channels_matrix(images, kernel):
    W = matrix_loops(kernel[..., None], *images.shape[1:3])
    A, B, _ = kernel.shape
    y = images.reshape(len(images), -1) @ W.T
    return y.reshape(len(images), images.shape[1] - A + 1, images.shape[2] - B + 1)


def channels_fourier(images, kernel):
    A, B, _ = kernel.shape
    N, M = images.shape[1:3]
    spectra = np.fft.fft2(images, axes=(1, 2)) * np.conj(np.fft.fft2(kernel, (N, M), axes=(0, 1)))
    return np.fft.ifft2(spectra.sum(-1), axes=(1, 2)).real[:, : N - A + 1, : M - B + 1]


def channels_tensorflow(images, kernel):
    import tensorflow as tf

    images, kernel = tf.constant(images), tf.constant(kernel)
    A, B, _ = kernel.shape
    N, M = images.shape[1] - A + 1, images.shape[2] - B + 1
    total = 0
    for i in range(A):
        for j in range(B):
            total += tf.reduce_sum(images[:, i : i + N, j : j + M] * kernel[i, j], axis=-1)
    return total


def channels_volume(images, kernel):
    """The channels as a third axis along which the kernel fits exactly once."""
    return np.tensordot(windows(images, kernel.shape, (1, 2, 3))[..., 0, :, :, :], kernel, 3)


# conv_filters


def filters_stacked(images, kernels):
    return np.stack(
        [channels_einsum(images, kernels[..., f]) for f in range(kernels.shape[-1])], axis=-1
    )


def filters_moved(images, kernels):
    maps = np.array([channels_loops(images, kernel) for kernel in np.moveaxis(kernels, -1, 0)])
    return np.moveaxis(maps, 0, -1)


def filters_einsum(images, kernels):
    return np.einsum("bnmkij,ijkf->bnmf", windows(images, kernels.shape[:2], (1, 2)), kernels)


def filters_shift_and_add(images, kernels):
    A, B = kernels.shape[:2]
    N, M = images.shape[1] - A + 1, images.shape[2] - B + 1
    y = np.zeros((len(images), N, M, kernels.shape[-1]))
    for i, j in np.ndindex(A, B):
        y += images[:, i : i + N, j : j + M] @ kernels[i, j]
    return y


def filters_im2col(images, kernels):
    A, B, _C, F = kernels.shape
    N, M = images.shape[1] - A + 1, images.shape[2] - B + 1
    rows = [
        image[n : n + A, m : m + B].ravel() for image in images for n in range(N) for m in range(M)
    ]
    return (np.array(rows) @ kernels.reshape(-1, F)).reshape(-1, N, M, F)


def filters_matrix(images, kernels):
    W = matrix_kronecker(kernels, *images.shape[1:3])
    A, B, _, F = kernels.shape
    return np.stack(
        [
            (W @ image.ravel()).reshape(image.shape[0] - A + 1, image.shape[1] - B + 1, F)
            for image in images
        ]
    )


def filters_lists(images, kernels):
    kernels = kernels.tolist()
    A, B, C, F = len(kernels), len(kernels[0]), len(kernels[0][0]), len(kernels[0][0][0])
    result = []
    for image in images.tolist():
        result.append(
            [
                [
                    [
                        sum(
                            image[n + i][m + j][k] * kernels[i][j][k][f]
                            for i in range(A)
                            for j in range(B)
                            for k in range(C)
                        )
                        for f in range(F)
                    ]
                    for m in range(len(image[0]) - B + 1)
                ]
                for n in range(len(image) - A + 1)
            ]
        )
    return result


def filters_tensorflow(images, kernels):
    import tensorflow as tf

    A, B, C, F = kernels.shape
    patches = tf.image.extract_patches(
        tf.cast(images, tf.float64), [1, A, B, 1], [1, 1, 1, 1], [1, 1, 1, 1], "VALID"
    )
    return patches @ tf.reshape(tf.cast(kernels, tf.float64), (A * B * C, F))


def filters_jax(images, kernels):
    import jax.numpy as jnp

    images, kernels = jnp.asarray(images), jnp.asarray(kernels)
    A, B = kernels.shape[:2]
    N, M = images.shape[1] - A + 1, images.shape[2] - B + 1
    shifted = [images[:, i : i + N, j : j + M] for i in range(A) for j in range(B)]
    return jnp.einsum(
        "tbnmk,tkf->bnmf", jnp.stack(shifted), kernels.reshape(-1, *kernels.shape[2:])
    )


# channel_matrix


def matrix_loops(kernels, height, width):
    A, B, C, F = kernels.shape
    N, M = height - A + 1, width - B + 1
    W = np.zeros((N * M * F, height * width * C))
    for n, m, f, i, j, k in np.ndindex(N, M, F, A, B, C):
        W[(n * M + m) * F + f, ((n + i) * width + m + j) * C + k] = kernels[i, j, k, f]
    return W


def matrix_stamps(kernels, height, width):
    A, B, C, F = kernels.shape
    rows = []
    for n, m, f in np.ndindex(height - A + 1, width - B + 1, F):
        canvas = np.zeros((height, width, C))
        canvas[n : n + A, m : m + B] = kernels[..., f]
        rows.append(canvas.ravel())
    return np.array(rows)


def matrix_axes(kernels, height, width):
    A, B, C, F = kernels.shape
    N, M = height - A + 1, width - B + 1
    W = np.zeros((N, M, F, height, width, C), np.float32)
    for n, m in np.ndindex(N, M):
        W[n, m, :, n : n + A, m : m + B] = np.moveaxis(kernels, -1, 0)
    return W.reshape(N * M * F, height * width * C)


def matrix_kronecker(kernels, height, width):
    A, B = kernels.shape[:2]
    N, M = height - A + 1, width - B + 1
    return sum(
        np.kron(np.kron(np.eye(N, height, i), np.eye(M, width, j)), kernels[i, j].T)
        for i, j in np.ndindex(A, B)
    )


def matrix_unit_images(kernels, height, width):
    C = kernels.shape[2]
    units = np.eye(height * width * C).reshape(-1, height, width, C)
    return filters_einsum(units, kernels).reshape(len(units), -1).T


def matrix_blocks_sorted(kernels, height, width):
    """One block for each filter and channel, and then rows and columns in order."""
    _A, _B, C, F = kernels.shape
    plain = [
        [matrix_loops(kernels[:, :, k : k + 1, f : f + 1], height, width) for k in range(C)]
        for f in range(F)
    ]
    blocks = np.block(plain)
    rows = np.arange(len(blocks)).reshape(F, -1).T.ravel()
    columns = np.arange(blocks.shape[1]).reshape(C, -1).T.ravel()
    return blocks[rows][:, columns]


def matrix_sparse(kernels, height, width):
    from scipy import sparse

    A, B = kernels.shape[:2]
    N, M = height - A + 1, width - B + 1
    total = 0
    for i, j in np.ndindex(A, B):
        places = sparse.kron(sparse.eye_array(N, height, k=i), sparse.eye_array(M, width, k=j))
        total = total + sparse.kron(places, sparse.coo_array(kernels[i, j].T))
    return total.tocsr()


# chain


def chain_loop(shape, layers):
    rows, columns, channels = shape
    weights = 0
    for a, b, filters in layers:
        weights += a * b * channels * filters
        rows, columns, channels = rows - a + 1, columns - b + 1, filters
    return rows, columns, channels, weights


def chain_dict(shape, layers):
    rows, columns, channels, weights = chain_loop(shape, layers)
    return {"weights": weights, "rows": rows, "columns": columns, "channels": channels}


def chain_recursive(shape, layers):
    if not layers:
        return [*shape, 0]
    (a, b, filters), *rest = layers
    deeper = chain_recursive((shape[0] - a + 1, shape[1] - b + 1, filters), rest)
    return [*deeper[:3], deeper[3] + a * b * shape[2] * filters]


def chain_closed(shape, layers):
    a, b, filters = np.array(layers).T
    depths = np.array([shape[2], *filters])
    return np.array(
        [
            shape[0] - (a - 1).sum(),
            shape[1] - (b - 1).sum(),
            filters[-1],
            (a * b * depths[:-1] * depths[1:]).sum(),
        ]
    )


def chain_measured(shape, layers):
    x, weights = np.zeros((1, *shape), np.int8), 0
    for a, b, filters in layers:
        kernels = np.zeros((a, b, x.shape[-1], filters), np.int8)
        x = np.zeros((1, x.shape[1] - a + 1, x.shape[2] - b + 1, filters), np.int8)
        weights += kernels.size
    return (*x.shape[1:], weights)


def chain_floats(shape, layers):
    return tuple(map(float, chain_loop(shape, layers)))


# conv_nd


def nd_shift_and_add(x, kernels):
    *size, _, filters = kernels.shape
    places = [n - a + 1 for n, a in zip(x.shape[1:-1], size, strict=True)]
    y = np.zeros((len(x), *places, filters))
    for tap in np.ndindex(*size):
        cut = tuple(slice(t, t + p) for t, p in zip(tap, places, strict=True))
        y += x[(slice(None), *cut)] @ kernels[tap]
    return y


def nd_places(x, kernels):
    size = kernels.shape[:-2]
    places = [n - a + 1 for n, a in zip(x.shape[1:-1], size, strict=True)]
    y = np.zeros((len(x), *places, kernels.shape[-1]))
    for place in np.ndindex(*places):
        cut = tuple(slice(p, p + a) for p, a in zip(place, size, strict=True))
        patches = x[(slice(None), *cut)].reshape(len(x), -1)
        y[(slice(None), *place)] = patches @ kernels.reshape(-1, kernels.shape[-1])
    return y


def nd_windows(x, kernels):
    rank = x.ndim - 2
    found = windows(x, kernels.shape[:rank], tuple(range(1, rank + 1)))
    found = np.moveaxis(found, rank + 1, -1)
    return np.tensordot(found, kernels, rank + 1)


def nd_as_volumes(x, kernels):
    """Everything is a volume, if axes of size one are added."""
    missing = 5 - x.ndim
    x = x.reshape(len(x), *[1] * missing, *x.shape[1:])
    kernels = kernels.reshape(*[1] * missing, *kernels.shape)
    y = np.einsum("bxyzcijk,ijkcf->bxyzf", windows(x, kernels.shape[:3], (1, 2, 3)), kernels)
    return y.reshape(len(y), *y.shape[1 + missing :])


def nd_recursive(x, kernels):
    """A convolution over the first axis, whose products are convolutions over the others."""
    if x.ndim == 2:
        return x @ kernels
    places = x.shape[1] - len(kernels) + 1
    return np.stack(
        [
            sum(nd_recursive(x[:, n + i], kernels[i]) for i in range(len(kernels)))
            for n in range(places)
        ],
        axis=1,
    )


def nd_by_rank(x, kernels):
    spec = {1: "bxci,icf->bxf", 2: "bxycij,ijcf->bxyf", 3: "bxyzcijk,ijkcf->bxyzf"}[x.ndim - 2]
    return np.einsum(spec, windows(x, kernels.shape[:-2], tuple(range(1, x.ndim - 1))), kernels)


def nd_tensorflow(x, kernels):
    import tensorflow as tf

    x, kernels = tf.constant(x), tf.constant(kernels)
    size = kernels.shape[:-2]
    places = [n - a + 1 for n, a in zip(x.shape[1:-1], size, strict=True)]
    total = 0
    for tap in np.ndindex(*size):
        cut = tf.slice(x, [0, *tap, 0], [-1, *places, -1])
        total += tf.tensordot(cut, kernels[tap], 1)
    return total


# dense_per_pixel


def pixel_matmul(images, weights):
    return images @ weights


def pixel_loops(images, weights):
    y = np.zeros((*images.shape[:3], weights.shape[1]))
    for b, n, m in np.ndindex(*images.shape[:3]):
        y[b, n, m] = weights.T @ images[b, n, m]
    return y


def pixel_einsum(images, weights):
    return np.einsum("bnmk,kf->bnmf", images, weights)


def pixel_flat(images, weights):
    flat = images.reshape(-1, images.shape[-1])
    return np.dot(flat, weights).reshape(*images.shape[:-1], -1)


def pixel_broadcast(images, weights):
    return (images[..., :, None] * weights).sum(-2)


def pixel_filter_by_filter(images, weights):
    return np.stack([(images * column).sum(-1) for column in weights.T], -1)


def pixel_conv(images, weights):
    return filters_einsum(images, weights.reshape(1, 1, *weights.shape))


def pixel_tensorflow(images, weights):
    import tensorflow as tf

    return tf.tensordot(tf.constant(images), tf.constant(weights), 1)


def pixel_matrix(images, weights):
    W = np.kron(np.eye(images.shape[1] * images.shape[2]), weights.T)
    return (images.reshape(len(images), -1) @ W.T).reshape(*images.shape[:3], -1)


RIGHT = {
    "conv_channels": [
        channels_loops,
        channels_patches,
        channels_einsum,
        channels_one_by_one,
        channels_shift_and_add,
        channels_matrix,
        channels_fourier,
        channels_tensorflow,
        channels_volume,
    ],
    "conv_filters": [
        filters_stacked,
        filters_moved,
        filters_einsum,
        filters_shift_and_add,
        filters_im2col,
        filters_matrix,
        filters_lists,
        filters_tensorflow,
        filters_jax,
    ],
    "channel_matrix": [
        matrix_loops,
        matrix_stamps,
        matrix_axes,
        matrix_kronecker,
        matrix_unit_images,
        matrix_blocks_sorted,
        matrix_sparse,
    ],
    "chain": [
        chain_loop,
        chain_dict,
        chain_recursive,
        chain_closed,
        chain_measured,
        chain_floats,
    ],
    "conv_nd": [
        nd_shift_and_add,
        nd_places,
        nd_windows,
        nd_as_volumes,
        nd_recursive,
        nd_by_rank,
        nd_tensorflow,
    ],
    "dense_per_pixel": [
        pixel_matmul,
        pixel_loops,
        pixel_einsum,
        pixel_flat,
        pixel_broadcast,
        pixel_filter_by_filter,
        pixel_conv,
        pixel_tensorflow,
        pixel_matrix,
    ],
}
