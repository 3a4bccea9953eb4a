"""Right answers to lab 11, in as many styles as people have. Each must be accepted."""

import functools
import math

import numpy as np

# lrn


def lrn_slices(a, n, k, alpha, beta):
    y = np.zeros(a.shape)
    for i in range(a.shape[-1]):
        near = a[..., max(0, i - n // 2) : i + n // 2 + 1].astype(float)
        y[..., i] = a[..., i] / (k + alpha * (near**2).sum(-1)) ** beta
    return y


def lrn_loops(a, n, k, alpha, beta):
    height, width, channels = a.shape
    y = np.zeros((height, width, channels))
    for r in range(height):
        for c in range(width):
            for i in range(channels):
                total = 0.0
                for j in range(max(0, i - n // 2), min(channels - 1, i + n // 2) + 1):
                    total += float(a[r, c, j]) ** 2
                y[r, c, i] = a[r, c, i] / (k + alpha * total) ** beta
    return y


def lrn_padded(a, n, k, alpha, beta):
    squares = np.pad(np.square(a, dtype=float), [(0, 0), (0, 0), (n // 2, n // 2)])
    sums = np.lib.stride_tricks.sliding_window_view(squares, n, axis=-1).sum(-1)
    return a * (k + alpha * sums) ** -beta


def lrn_cumulative(a, n, k, alpha, beta):
    channels = a.shape[-1]
    sums = np.concatenate(
        [np.zeros((*a.shape[:2], 1)), np.cumsum(np.asarray(a, float) ** 2, axis=-1)], axis=-1
    )
    high = np.minimum(np.arange(channels) + n // 2 + 1, channels)
    low = np.maximum(np.arange(channels) - n // 2, 0)
    return a / (k + alpha * (sums[..., high] - sums[..., low])) ** beta


def lrn_shifts(a, n, k, alpha, beta):
    squares = np.asarray(a, float) ** 2
    total = squares.copy()
    for shift in range(1, min(n // 2, a.shape[-1] - 1) + 1):
        total[..., shift:] += squares[..., :-shift]
        total[..., :-shift] += squares[..., shift:]
    return np.exp(-beta * np.log(k + alpha * total)) * a


def lrn_tensorflow(a, n, k, alpha, beta):
    import tensorflow as tf

    a = tf.cast(a, tf.float64)
    channels = a.shape[-1]
    band = tf.linalg.band_part(tf.ones((channels, channels), tf.float64), n // 2, n // 2)
    return a / (k + alpha * tf.einsum("hwc,cd->hwd", a * a, band)) ** beta


# receptive_field


def field_forward(layers):
    size = stride = 1
    for kernel, step in layers:
        size += (kernel - 1) * stride
        stride *= step
    return size, stride


def field_backward(layers):
    size = 1
    for kernel, step in reversed(layers):
        size = (size - 1) * step + kernel
    return size, math.prod(step for _, step in layers)


def field_pixels(layers):
    def reach(unit, depth):
        if depth == 0:
            return {unit}
        kernel, step = layers[depth - 1]
        ends = (unit * step, unit * step + kernel - 1)
        return {min(reach(ends[0], depth - 1)), max(reach(ends[1], depth - 1))}

    first, second = reach(0, len(layers)), reach(1, len(layers))
    return [max(first) - min(first) + 1, min(second) - min(first)]


def field_reduce(layers):
    return functools.reduce(
        lambda seen, layer: (seen[0] + (layer[0] - 1) * seen[1], seen[1] * layer[1]), layers, (1, 1)
    )


def field_numpy(layers):
    kernels, strides = np.array(layers).T
    before = np.concatenate([[1], np.cumprod(strides)])
    return np.array([1 + ((kernels - 1) * before[:-1]).sum(), before[-1]])


def field_recursive(layers):
    if not layers:
        return (1, 1)
    (kernel, step), *rest = layers
    size, stride = field_recursive(rest)
    return (size - 1) * step + kernel, stride * step


# conv_cost


def cost_formula(height, width, channels, filters, kernel, stride, padding, groups):
    rows = (height + 2 * padding - kernel) // stride + 1
    columns = (width + 2 * padding - kernel) // stride + 1
    weights = kernel * kernel * channels // groups * filters
    return weights + filters, weights * rows * columns


def cost_groups(height, width, channels, filters, kernel, stride, padding, groups):
    parameters = work = 0
    for _ in range(groups):
        weights = kernel**2 * (channels // groups) * (filters // groups)
        parameters += weights + filters // groups
        places = 1
        for size in (height, width):
            places *= int((size + 2 * padding - kernel) / stride) + 1
        work += places * weights
    return [parameters, work]


def cost_places(height, width, channels, filters, kernel, stride, padding, groups):
    one_filter = kernel * kernel * (channels / groups)
    rows = len(range(0, height + 2 * padding - kernel + 1, stride))
    columns = len(range(0, width + 2 * padding - kernel + 1, stride))
    return filters * (one_filter + 1), filters * one_filter * rows * columns


def cost_numpy(height, width, channels, filters, kernel, stride, padding, groups):
    shape = (kernel, kernel, channels // groups, filters)
    out = (np.array([height, width]) + 2 * padding - kernel) // stride + 1
    return np.prod(shape) + filters, np.prod(shape) * np.prod(out)


def cost_connections(height, width, channels, filters, kernel, stride, padding, groups):
    mask = np.kron(np.eye(groups), np.ones((channels // groups, filters // groups)))
    weights = int(mask.sum()) * kernel * kernel
    rows, columns = (
        math.floor((size + 2 * padding - kernel) / stride + 1) for size in (height, width)
    )
    return (weights + filters, rows * columns * weights)


# training_memory


def memory_formula(shapes, parameters, batch, bytes_per_number):
    maps = sum(height * width * channels for height, width, channels in shapes)
    return bytes_per_number * (2 * batch * maps + 3 * sum(parameters))


def memory_numpy(shapes, parameters, batch, bytes_per_number):
    maps = np.prod(shapes, axis=1).sum()
    return (maps * batch * 2 + np.sum(parameters) * 3) * bytes_per_number


def memory_loop(shapes, parameters, batch, bytes_per_number):
    total = 0
    for shape, count in zip(shapes, parameters, strict=True):
        total += 2 * batch * math.prod(shape) * bytes_per_number
        total += 3 * count * bytes_per_number
    return total


def memory_arrays(shapes, parameters, batch, bytes_per_number):
    return sum(bytes_per_number * batch * math.prod(s) for s in shapes for _ in range(2)) + sum(
        bytes_per_number * count for count in [*parameters, *parameters, *parameters]
    )


def memory_float(shapes, parameters, batch, bytes_per_number):
    images = float(batch) * sum(float(h) * w * c for h, w, c in shapes)
    return bytes_per_number * (images * 2.0 + 3.0 * float(sum(parameters)))


# occlusion_map


def occlusion_copies(score, image, size, stride, fill):
    rows = (image.shape[0] - size) // stride + 1
    columns = (image.shape[1] - size) // stride + 1
    found = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            covered = image.astype(float)
            covered[i * stride : i * stride + size, j * stride : j * stride + size] = fill
            found[i, j] = score(covered)
    return found


def occlusion_restored(score, image, size, stride, fill):
    image = np.array(image, float)
    rows = []
    for top in range(0, len(image) - size + 1, stride):
        row = []
        for left in range(0, image.shape[1] - size + 1, stride):
            square = (slice(top, top + size), slice(left, left + size))
            before = image[square].copy()
            image[square] = fill
            row.append(score(image))
            image[square] = before
        rows.append(row)
    return rows


def occlusion_mask(score, image, size, stride, fill):
    height, width = image.shape[:2]
    r, c = np.indices(image.shape)[:2]

    def entry(top, left):
        inside = (r >= top) & (r < top + size) & (c >= left) & (c < left + size)
        return score(np.where(inside, fill, image))

    tops, lefts = range(0, height - size + 1, stride), range(0, width - size + 1, stride)
    return np.array([[entry(top, left) for left in lefts] for top in tops])


def occlusion_lists(score, image, size, stride, fill):
    hidden = np.full(image.shape[2:], fill).tolist()

    def covered(top, left):
        return [
            [
                hidden if top <= r < top + size and left <= c < left + size else value
                for c, value in enumerate(row)
            ]
            for r, row in enumerate(image.tolist())
        ]

    height, width = image.shape[:2]
    return [
        [score(covered(top, left)) for left in range(0, width - size + 1, stride)]
        for top in range(0, height - size + 1, stride)
    ]


def occlusion_every_place(score, image, size, stride, fill):
    height, width = image.shape[:2]
    every = np.empty((height - size + 1, width - size + 1))
    for place in np.ndindex(every.shape):
        covered = image.copy().astype(float)
        covered[place[0] :, place[1] :][:size, :size] = fill
        every[place] = score(covered)
    return every[::stride, ::stride]


def occlusion_tensorflow(score, image, size, stride, fill):
    import tensorflow as tf

    image = tf.cast(image, tf.float64)
    height, width = image.shape[:2]
    rows = []
    for top in range(0, height - size + 1, stride):
        row = []
        for left in range(0, width - size + 1, stride):
            hole = tf.pad(
                tf.ones((size, size), tf.float64),
                [[top, height - size - top], [left, width - size - left]],
            )
            hole = tf.reshape(hole, (height, width, *[1] * (image.ndim - 2)))
            row.append(score((image * (1 - hole) + fill * hole).numpy()))
        rows.append(row)
    return tf.constant(rows)


RIGHT = {
    "lrn": [lrn_slices, lrn_loops, lrn_padded, lrn_cumulative, lrn_shifts, lrn_tensorflow],
    "receptive_field": [
        field_forward,
        field_backward,
        field_pixels,
        field_reduce,
        field_numpy,
        field_recursive,
    ],
    "conv_cost": [cost_formula, cost_groups, cost_places, cost_numpy, cost_connections],
    "training_memory": [memory_formula, memory_numpy, memory_loop, memory_arrays, memory_float],
    "occlusion_map": [
        occlusion_copies,
        occlusion_restored,
        occlusion_mask,
        occlusion_lists,
        occlusion_every_place,
        occlusion_tensorflow,
    ],
}
