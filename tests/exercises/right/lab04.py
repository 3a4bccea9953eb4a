"""Right answers to lab 04, in as many styles as people have. Each must be accepted."""

import math

import numpy as np

windows = np.lib.stride_tricks.sliding_window_view


# output_size


def size_formula(n, a, padding, stride, dilation):
    return (n + 2 * padding - dilation * (a - 1) - 1) // stride + 1


def size_floor(n, a, padding, stride, dilation):
    extent = dilation * (a - 1) + 1
    return math.floor((n + 2 * padding - extent) / stride) + 1


def size_range(n, a, padding, stride, dilation):
    return len(range(0, n + 2 * padding - dilation * (a - 1), stride))


def size_ceil(n, a, padding, stride, dilation):
    return math.ceil((n + 2 * padding - dilation * (a - 1)) / stride)


def size_walk(n, a, padding, stride, dilation):
    places, start = 0, -padding
    while start + dilation * (a - 1) < n + padding:
        places, start = places + 1, start + stride
    return places


def size_array(n, a, padding, stride, dilation):
    padded = np.zeros(n + 2 * padding)
    return np.int64(padded[: len(padded) - (a - 1) * dilation : stride].size)


# same_padding


def same_formula(n, a, stride, dilation):
    extent = dilation * (a - 1) + 1
    total = max((math.ceil(n / stride) - 1) * stride + extent - n, 0)
    return total // 2, total - total // 2


def same_remainder(n, a, stride, dilation):
    extent = (a - 1) * dilation + 1
    left = n % stride or stride
    total = extent - left if extent > left else 0
    return [total // 2, (total + 1) // 2]


def same_search(n, a, stride, dilation):
    total = 0
    while (n + total - dilation * (a - 1) - 1) // stride + 1 < -(-n // stride):
        total += 1
    return divmod(total, 2)[0], sum(divmod(total, 2))


def same_last_place(n, a, stride, dilation):
    last_start = range(0, n, stride)[-1]
    beyond = max(last_start + dilation * (a - 1) - (n - 1), 0)
    return np.array([np.floor(beyond / 2), np.ceil(beyond / 2)])


def same_numpy(n, a, stride, dilation):
    outputs = np.ceil(n / stride)
    total = np.maximum(0, (outputs - 1) * stride + (a - 1) * dilation + 1 - n).astype(int)
    before = total >> 1
    return int(before), int(total - before)


# zero_pad


def pad_numpy(images, pads):
    return np.pad(images, [(0, 0), *pads, (0, 0)])


def pad_box(images, pads):
    (top, bottom), (left, right) = pads
    count, height, width, channels = images.shape
    box = np.zeros((count, top + height + bottom, left + width + right, channels), images.dtype)
    box[:, top : top + height, left : left + width, :] = images
    return box


def pad_concatenate(images, pads):
    (top, bottom), (left, right) = pads
    count, _, width, channels = images.shape
    rows = np.concatenate(
        [
            np.zeros((count, top, width, channels)),
            images,
            np.zeros((count, bottom, width, channels)),
        ],
        axis=1,
    )
    sides = [np.zeros((count, rows.shape[1], size, channels)) for size in (left, right)]
    return np.concatenate([sides[0], rows, sides[1]], axis=2)


def pad_each(images, pads):
    return np.stack([np.pad(image, (*pads, (0, 0)), "constant") for image in images])


def pad_matrices(images, pads):
    def selection(size, before, after):
        return np.eye(size + before + after)[:, before : before + size]

    rows = selection(images.shape[1], *pads[0])
    columns = selection(images.shape[2], *pads[1])
    return np.einsum("rh,bhwc,sw->brsc", rows, images, columns)


def pad_tensorflow(images, pads):
    import tensorflow as tf

    return tf.pad(images, [(0, 0), pads[0], pads[1], (0, 0)])


# padded_conv2d


def conv_pad_and_slide(image, kernel, pads):
    box = np.pad(image, pads)
    A, B = kernel.shape
    rows, columns = box.shape[0] - A + 1, box.shape[1] - B + 1
    return np.array(
        [[(box[n : n + A, m : m + B] * kernel).sum() for m in range(columns)] for n in range(rows)]
    )


def conv_windows(image, kernel, pads):
    return np.einsum("nmab,ab->nm", windows(np.pad(image, pads), kernel.shape), kernel)


def conv_asking(image, kernel, pads):
    (top, bottom), (left, right) = pads
    (N, M), (A, B) = image.shape, kernel.shape

    def pixel(r, c):
        return image[r, c] if 0 <= r < N and 0 <= c < M else 0

    return [
        [
            sum(pixel(n - top + i, m - left + j) * kernel[i, j] for i in range(A) for j in range(B))
            for m in range(left + M + right - B + 1)
        ]
        for n in range(top + N + bottom - A + 1)
    ]


def conv_shifts(image, kernel, pads):
    box = np.pad(image, pads).astype(float)
    rows, columns = np.subtract(box.shape, kernel.shape) + 1
    return sum(
        weight * box[i : i + rows, j : j + columns] for (i, j), weight in np.ndenumerate(kernel)
    )


def conv_fourier(image, kernel, pads):
    box = np.pad(image, pads)
    spectrum = np.fft.fft2(box) * np.conj(np.fft.fft2(kernel, box.shape))
    rows, columns = np.subtract(box.shape, kernel.shape) + 1
    return np.fft.ifft2(spectrum).real[:rows, :columns]


def conv_tensorflow(image, kernel, pads):
    import tensorflow as tf

    box = tf.pad(tf.constant(image), pads)
    A, B = kernel.shape
    rows, columns = box.shape[0] - A + 1, box.shape[1] - B + 1
    return tf.add_n(
        [box[i : i + rows, j : j + columns] * kernel[i, j] for i in range(A) for j in range(B)]
    )


# padded_matrix


def matrix_cut(kernel, n, before, after):
    size = n + before + after
    W = np.zeros((size - len(kernel) + 1, size))
    for row in range(len(W)):
        W[row, row : row + len(kernel)] = kernel
    return W[:, before : before + n]


def matrix_entries(kernel, n, before, after):
    W = np.zeros((n + before + after - len(kernel) + 1, n))
    for row in range(len(W)):
        for tap, weight in enumerate(kernel):
            column = row + tap - before
            if 0 <= column < n:
                W[row, column] = weight
    return W


def matrix_diagonals(kernel, n, before, after):
    rows = n + before + after - len(kernel) + 1
    return sum(w * np.eye(rows, n, tap - before) for tap, w in enumerate(kernel.tolist()))


def matrix_of_units(kernel, n, before, after):
    columns = [windows(np.pad(unit, (before, after)), len(kernel)) @ kernel for unit in np.eye(n)]
    return np.stack(columns, axis=1)


def matrix_gather(kernel, n, before, after):
    rows = np.arange(n + before + after - len(kernel) + 1)[:, None]
    tap = np.arange(n)[None, :] - rows + before
    inside = (tap >= 0) & (tap < len(kernel))
    return np.where(inside, np.asarray(kernel)[tap * inside], 0)


# pixel_use


def use_marks(height, width, a, b, padding):
    table = np.zeros((height + 2 * padding, width + 2 * padding), int)
    for n in range(table.shape[0] - a + 1):
        for m in range(table.shape[1] - b + 1):
            table[n : n + a, m : m + b] += 1
    return table[padding : padding + height, padding : padding + width]


def use_outer(height, width, a, b, padding):
    def along(size, taps):
        starts = np.arange(-padding, size + padding - taps + 1)[:, None]
        places = np.arange(size)[None, :]
        return ((starts <= places) & (places < starts + taps)).sum(0)

    return np.outer(along(height, a), along(width, b))


def use_formula(height, width, a, b, padding):
    def along(size, taps):
        last = size + padding - taps
        return [min(x, last) - max(x - taps + 1, -padding) + 1 for x in range(size)]

    return [[rows * columns for columns in along(width, b)] for rows in along(height, a)]


def use_lists(height, width, a, b, padding):
    table = [[0] * width for _ in range(height)]
    for n in range(-padding, height + padding - a + 1):
        for m in range(-padding, width + padding - b + 1):
            for r in range(max(n, 0), min(n + a, height)):
                for c in range(max(m, 0), min(m + b, width)):
                    table[r][c] += 1
    return table


def use_matrix(height, width, a, b, padding):
    numbers = np.pad(np.arange(1, height * width + 1).reshape(height, width), padding)
    read = windows(numbers, (a, b)).ravel()
    return np.bincount(read, minlength=height * width + 1)[1:].reshape(height, width)


RIGHT = {
    "output_size": [size_formula, size_floor, size_range, size_ceil, size_walk, size_array],
    "same_padding": [same_formula, same_remainder, same_search, same_last_place, same_numpy],
    "zero_pad": [pad_numpy, pad_box, pad_concatenate, pad_each, pad_matrices, pad_tensorflow],
    "padded_conv2d": [
        conv_pad_and_slide,
        conv_windows,
        conv_asking,
        conv_shifts,
        conv_fourier,
        conv_tensorflow,
    ],
    "padded_matrix": [
        matrix_cut,
        matrix_entries,
        matrix_diagonals,
        matrix_of_units,
        matrix_gather,
    ],
    "pixel_use": [use_marks, use_outer, use_formula, use_lists, use_matrix],
}
