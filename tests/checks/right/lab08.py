"""Right answers to lab 08, in as many styles as people have. Each must be accepted."""

import numpy as np

windows = np.lib.stride_tricks.sliding_window_view


# im2col


def im2col_loops(x, size, stride):
    (A, B), (_, N, M, _) = size, x.shape
    return np.array(
        [
            image[r : r + A, c : c + B].ravel()
            for image in x
            for r in range(0, N - A + 1, stride)
            for c in range(0, M - B + 1, stride)
        ]
    )


def im2col_windows(x, size, stride):
    patches = windows(x, size, axis=(1, 2))[:, ::stride, ::stride]
    return patches.transpose(0, 1, 2, 4, 5, 3).reshape(-1, size[0] * size[1] * x.shape[3])


def im2col_taps(x, size, stride):
    (A, B), (_, N, M, _) = size, x.shape
    rows, columns = (N - A) // stride + 1, (M - B) // stride + 1
    taps = [
        x[:, i::stride, j::stride][:, :rows, :columns].reshape(-1, x.shape[3])
        for i in range(A)
        for j in range(B)
    ]
    return np.concatenate(taps, axis=1)


def im2col_index(x, size, stride):
    (A, B), (_, N, M, C) = size, x.shape
    r = np.arange(0, N - A + 1, stride)[:, None, None, None] + np.arange(A)[:, None]
    c = np.arange(0, M - B + 1, stride)[:, None, None] + np.arange(B)
    return x[:, r, c].reshape(-1, A * B * C)


def im2col_strides(x, size, stride):
    x = np.ascontiguousarray(x)
    (A, B), (batch, N, M, C) = size, x.shape
    rows, columns = (N - A) // stride + 1, (M - B) // stride + 1
    b, r, c, k = x.strides
    view = np.lib.stride_tricks.as_strided(
        x, (batch, rows, columns, A, B, C), (b, r * stride, c * stride, r, c, k)
    )
    return view.reshape(batch * rows * columns, -1).astype(np.float32)


def im2col_tensorflow(x, size, stride):
    import tensorflow as tf

    patches = tf.image.extract_patches(
        tf.constant(x, tf.float32), [1, *size, 1], [1, stride, stride, 1], [1] * 4, "VALID"
    )
    return tf.reshape(patches, (-1, patches.shape[-1]))


# shift_and_add


def shift_slices(x, kernel, stride):
    A, B, _, filters = kernel.shape
    rows, columns = (x.shape[1] - A) // stride + 1, (x.shape[2] - B) // stride + 1
    y = np.zeros((len(x), rows, columns, filters))
    for i in range(A):
        for j in range(B):
            y += x[:, i::stride, j::stride][:, :rows, :columns] @ kernel[i, j]
    return y


def shift_then_keep(x, kernel, stride):
    A, B = kernel.shape[:2]
    rows, columns = x.shape[1] - A + 1, x.shape[2] - B + 1
    full = sum(
        np.einsum("bnmc,cf->bnmf", x[:, i : i + rows, j : j + columns], kernel[i, j])
        for i, j in np.ndindex(A, B)
    )
    return full[:, ::stride, ::stride]


def shift_rolled(x, kernel, stride):
    A, B = kernel.shape[:2]
    total = 0
    for i, j in np.ndindex(A, B):
        moved = np.roll(x, (-i, -j), axis=(1, 2)).astype(float)
        total = total + np.tensordot(moved, kernel[i, j], 1)
    return total[:, : x.shape[1] - A + 1 : stride, : x.shape[2] - B + 1 : stride]


def shift_by_patches(x, kernel, stride):
    A, B = kernel.shape[:2]
    patches = windows(x, (A, B), axis=(1, 2))[:, ::stride, ::stride]
    return np.einsum("bnmcij,ijcf->bnmf", patches, kernel)


def shift_loops(x, kernel, stride):
    A, B, C, filters = kernel.shape
    rows, columns = (x.shape[1] - A) // stride + 1, (x.shape[2] - B) // stride + 1
    y = np.zeros((len(x), rows, columns, filters))
    for b, n, m in np.ndindex(len(x), rows, columns):
        for i, j in np.ndindex(A, B):
            for c in range(C):
                y[b, n, m] += x[b, n * stride + i, m * stride + j, c] * kernel[i, j, c]
    return y.tolist()


def shift_product(x, kernel, stride):
    A, B, _, filters = kernel.shape
    rows, columns = (x.shape[1] - A) // stride + 1, (x.shape[2] - B) // stride + 1
    patches = im2col_loops(x, (A, B), stride)
    return (patches @ kernel.reshape(-1, filters)).reshape(len(x), rows, columns, filters)


# extra_values


def extra_formulas(height, width, channels, a, b, filters):
    places = (height - a + 1) * (width - b + 1)
    return (
        places * filters * height * width * channels,
        places * a * b * channels,
        places * filters,
    )


def extra_shapes(height, width, channels, a, b, filters):
    out = (height - a + 1, width - b + 1, filters)
    inside = (height, width, channels)
    return [np.prod(out + inside), np.prod((*out[:2], a, b, channels)), np.prod(out)]


def extra_counted(height, width, channels, a, b, filters):
    starts = len(range(height - a + 1)) * len(range(width - b + 1))
    per_place = np.array([filters * height * width * channels, a * b * channels, filters])
    return starts * per_place


def extra_from_output(height, width, channels, a, b, filters):
    output = (height - a + 1) * (width - b + 1) * filters
    return output * height * width * channels, output // filters * a * b * channels, output


def extra_empty(height, width, channels, a, b, filters):
    view = windows(np.broadcast_to(0, (height, width)), (a, b))
    places = view.shape[0] * view.shape[1]
    return places * filters * height * width * channels, view.size * channels, places * filters


RIGHT = {
    "extra_values": [
        extra_formulas,
        extra_shapes,
        extra_counted,
        extra_from_output,
        extra_empty,
    ],
    "im2col": [
        im2col_loops,
        im2col_windows,
        im2col_taps,
        im2col_index,
        im2col_strides,
        im2col_tensorflow,
    ],
    "shift_and_add": [
        shift_slices,
        shift_then_keep,
        shift_rolled,
        shift_by_patches,
        shift_loops,
        shift_product,
    ],
}
