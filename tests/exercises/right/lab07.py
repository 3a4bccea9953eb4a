"""Right answers to lab 07, in as many styles as people have. Each must be accepted."""

import math

import numpy as np

windows = np.lib.stride_tricks.sliding_window_view


# tied_gradient


def tied_loops(D, a):
    gradient = np.zeros(a)
    for row in range(D.shape[0]):
        for tap in range(a):
            gradient[tap] += D[row, row + tap]
    return gradient


def tied_trace(D, a):
    return [np.trace(D, offset=tap) for tap in range(a)]


def tied_diagonals(D, a):
    return np.array([np.diagonal(D, tap).sum() for tap in range(a)])


def tied_mask(D, a):
    rows, columns = np.indices(D.shape)
    return np.array([D[columns - rows == tap].sum() for tap in range(a)])


def tied_rows(D, a):
    return sum(D[row, row : row + a].astype(float) for row in range(len(D)))


def tied_patterns(D, a):
    return np.array([(D * np.eye(*D.shape, tap)).sum() for tap in range(a)])


def tied_tensorflow(D, a):
    import tensorflow as tf

    D = tf.constant(D)
    return tf.stack([tf.reduce_sum(tf.linalg.diag_part(D[:, i : i + len(D)])) for i in range(a)])


# input_gradient


def input_stamps(dy, kernel, n, stride):
    dx = np.zeros(n)
    for r, up in enumerate(dy):
        dx[r * stride : r * stride + len(kernel)] += up * kernel
    return dx


def input_matrix(dy, kernel, n, stride):
    W = np.zeros((len(dy), n))
    for r in range(len(dy)):
        W[r, r * stride : r * stride + len(kernel)] = kernel
    return W.T @ dy


def input_full(dy, kernel, n, stride):
    spread = np.zeros((len(dy) - 1) * stride + 1)
    spread[::stride] = dy
    dx = np.convolve(spread, kernel)
    return np.concatenate([dx, np.zeros(n - len(dx))])


def input_asking(dy, kernel, n, stride):
    return [
        sum(
            dy[r] * kernel[c - r * stride]
            for r in range(len(dy))
            if 0 <= c - r * stride < len(kernel)
        )
        for c in range(n)
    ]


def input_bincount(dy, kernel, n, stride):
    places = np.arange(len(dy))[:, None] * stride + np.arange(len(kernel))
    return np.bincount(places.ravel(), np.outer(dy, kernel).ravel(), minlength=n)


def input_flipped(dy, kernel, n, stride):
    A = len(kernel)
    box = np.zeros(n + A - 1)
    box[A - 1 : A - 1 + (len(dy) - 1) * stride + 1 : stride] = dy
    return windows(box, A) @ np.asarray(kernel)[::-1]


# conv_backward


def backward_loops(x, kernel, dy, stride, padding):
    p, (A, B) = padding, kernel.shape[:2]
    box = np.pad(x, [(0, 0), (p, p), (p, p), (0, 0)])
    d_box, d_kernel = np.zeros(box.shape), np.zeros(kernel.shape)
    d_bias = np.zeros(kernel.shape[3])
    for b, n, m, f in np.ndindex(dy.shape):
        r, c, d = n * stride, m * stride, dy[b, n, m, f]
        d_kernel[..., f] += box[b, r : r + A, c : c + B] * d
        d_box[b, r : r + A, c : c + B] += kernel[..., f] * d
        d_bias[f] += d
    return d_box[:, p : p + x.shape[1], p : p + x.shape[2]], d_kernel, d_bias


def backward_taps(x, kernel, dy, stride, padding):
    p, (A, B) = padding, kernel.shape[:2]
    rows, columns = dy.shape[1:3]
    box = np.pad(np.asarray(x, float), [(0, 0), (p, p), (p, p), (0, 0)])
    d_box, d_kernel = np.zeros_like(box), np.zeros(kernel.shape)
    for i in range(A):
        for j in range(B):
            where = (
                slice(None),
                slice(i, i + (rows - 1) * stride + 1, stride),
                slice(j, j + (columns - 1) * stride + 1, stride),
            )
            d_kernel[i, j] = np.einsum("bnmc,bnmf->cf", box[where], dy)
            d_box[where] += dy @ kernel[i, j].T
    end = None if p == 0 else -p
    return d_box[:, p:end, p:end], d_kernel, dy.sum(axis=(0, 1, 2))


def backward_im2col(x, kernel, dy, stride, padding):
    p, (A, B, C, F) = padding, kernel.shape
    box = np.pad(x, [(0, 0), (p, p), (p, p), (0, 0)]).astype(float)
    numbers = np.arange(box[0].size).reshape(box.shape[1:])
    view = windows(numbers, (A, B), axis=(0, 1))[::stride, ::stride]
    index = np.moveaxis(view, 2, -1).reshape(-1, A * B * C)
    columns = box.reshape(len(x), -1)[:, index]
    flat = np.asarray(dy, float).reshape(len(x), -1, F)
    d_kernel = np.einsum("bpk,bpf->kf", columns, flat).reshape(kernel.shape)
    d_columns = flat @ kernel.reshape(-1, F).T
    d_box = np.zeros((len(x), box[0].size))
    for b in range(len(x)):
        np.add.at(d_box[b], index, d_columns[b])
    d_box = d_box.reshape(box.shape)
    return [
        d_box[:, p : p + x.shape[1], p : p + x.shape[2]],
        d_kernel,
        flat.sum(1).sum(0),
    ]


def backward_matrix(x, kernel, dy, stride, padding):
    p, (A, B) = padding, kernel.shape[:2]
    H, V = x.shape[1:3]
    d_x, d_kernel = np.zeros(x.shape), np.zeros(kernel.shape)
    for n, m in np.ndindex(dy.shape[1:3]):
        for i, j in np.ndindex(A, B):
            r, c = n * stride + i - p, m * stride + j - p
            if 0 <= r < H and 0 <= c < V:
                d_x[:, r, c] += dy[:, n, m] @ kernel[i, j].T
                d_kernel[i, j] += x[:, r, c].T @ dy[:, n, m]
    return d_x, d_kernel, np.einsum("bnmf->f", dy)


def backward_full(x, kernel, dy, stride, padding):
    p, (A, B) = padding, kernel.shape[:2]
    height, width = (n + 2 * p for n in x.shape[1:3])
    spread = np.zeros((len(x), height + A - 1, width + B - 1, dy.shape[3]))
    rows, columns = ((k - 1) * stride + 1 for k in dy.shape[1:3])
    spread[:, A - 1 : A - 1 + rows : stride, B - 1 : B - 1 + columns : stride] = dy
    view = windows(spread, (A, B), axis=(1, 2))
    d_box = np.einsum("bnmfij,ijcf->bnmc", view, kernel[::-1, ::-1])
    box = np.pad(x, [(0, 0), (p, p), (p, p), (0, 0)])
    fields = windows(box, (A, B), axis=(1, 2))[:, ::stride, ::stride]
    fields = fields[:, : dy.shape[1], : dy.shape[2]]
    return (
        d_box[:, p : p + x.shape[1], p : p + x.shape[2]],
        np.einsum("bnmcij,bnmf->ijcf", fields, dy),
        dy.reshape(-1, dy.shape[3]).sum(0),
    )


# numerical_gradient


def numerical_copies(f, x, h):
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        plus, minus = x.astype(float), x.astype(float)
        plus[place] += h
        minus[place] -= h
        gradient[place] = (f(plus) - f(minus)) / (2 * h)
    return gradient


def numerical_put_back(f, x, h):
    x = np.array(x, float)
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        old = x[place]
        x[place] = old + h
        above = f(x)
        x[place] = old - h
        gradient[place] = (above - f(x)) / (2 * h)
        x[place] = old
    return gradient


def numerical_units(f, x, h):
    x = np.asarray(x, float)
    units = h * np.eye(x.size).reshape(x.size, *x.shape)
    slopes = [(f(x + unit) - f(x - unit)) / h / 2 for unit in units]
    return np.reshape(slopes, x.shape)


def numerical_both_sides(f, x, h):
    """The mean of the two one-sided differences is the central one."""
    x = np.asarray(x, np.float64)

    def along(unit):
        ahead, behind = f(x + unit) - f(x), f(x) - f(x - unit)
        return (ahead / h + behind / h) / 2

    return np.array([along(h * unit) for unit in np.eye(x.size).reshape(-1, *x.shape)]).reshape(
        x.shape
    )


def numerical_lists(f, x, h):
    flat = [float(value) for value in np.ravel(x)]

    def at(index, step):
        moved = [*flat[:index], flat[index] + step, *flat[index + 1 :]]
        return f(np.array(moved).reshape(np.shape(x)))

    slopes = [(at(i, h) - at(i, -h)) / (2 * h) for i in range(len(flat))]
    return np.array(slopes).reshape(np.shape(x)).tolist()


def numerical_iterator(f, x, h):
    gradient = np.empty(np.shape(x), np.float64)
    for place, value in np.ndenumerate(x):
        both = []
        for side in (+1, -1):
            moved = np.array(x, dtype=np.float64)
            moved[place] = float(value) + side * h
            both.append(f(moved))
        gradient[place] = np.diff(both[::-1]).item() / (2 * h)
    return gradient


# relu_backward


def relu_where(x, dy):
    return np.where(x > 0, dy, 0)


def relu_mask(x, dy):
    return dy * (x > 0)


def relu_copy(x, dy):
    dx = np.array(dy)
    dx[x <= 0] = 0
    return dx


def relu_heaviside(x, dy):
    return np.heaviside(np.asarray(x, float), 0) * dy


def relu_loop(x, dy):
    dx = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        if x[place] > 0:
            dx[place] = dy[place]
    return dx


def relu_tensorflow(x, dy):
    import tensorflow as tf

    x, dy = tf.constant(x), tf.constant(dy)
    return tf.where(x > 0, dy, tf.zeros_like(dy))


# max_pool_backward


def pool_argmax(x, dy, size, stride):
    dx = np.zeros(x.shape)
    for n in range(dy.shape[0]):
        for m in range(dy.shape[1]):
            r, c = n * stride, m * stride
            window = x[r : r + size, c : c + size]
            i, j = np.unravel_index(np.argmax(window), window.shape)
            dx[r + i, c + j] += dy[n, m]
    return dx


def pool_compare(x, dy, size, stride):
    dx = [[0.0] * x.shape[1] for _ in range(x.shape[0])]
    for n, m in np.ndindex(dy.shape):
        best = None
        for r in range(n * stride, n * stride + size):
            for c in range(m * stride, m * stride + size):
                if best is None or x[r, c] > x[best]:
                    best = (r, c)
        dx[best[0]][best[1]] += float(dy[n, m])
    return dx


def pool_divmod(x, dy, size, stride):
    dx = np.zeros(np.shape(x))
    for (n, m), up in np.ndenumerate(dy):
        window = x[n * stride :, m * stride :][:size, :size]
        i, j = divmod(int(window.argmax()), size)
        dx[n * stride + i, m * stride + j] += up
    return dx


def pool_vectorized(x, dy, size, stride):
    view = windows(x, (size, size))[::stride, ::stride]
    i, j = np.divmod(view.reshape(*dy.shape, -1).argmax(-1), size)
    n, m = np.indices(dy.shape)
    dx = np.zeros(x.shape)
    np.add.at(dx, (n * stride + i, m * stride + j), dy)
    return dx


def pool_matrix(x, dy, size, stride):
    numbers = windows(np.arange(x.size).reshape(x.shape), (size, size))[::stride, ::stride]
    numbers = numbers.reshape(dy.size, -1)
    winners = numbers[np.arange(dy.size), x.ravel()[numbers].argmax(1)]
    W = np.zeros((dy.size, x.size))
    W[np.arange(dy.size), winners] = 1
    return (W.T @ dy.ravel()).reshape(x.shape)


# softmax_gradient


def softmax_stable(logits, labels):
    z = logits - logits.max(axis=1, keepdims=True)
    total = np.exp(z).sum(axis=1, keepdims=True)
    rows = np.arange(len(z))
    gradient = np.exp(z) / total
    gradient[rows, labels] -= 1
    return (np.log(total[:, 0]) - z[rows, labels]).mean(), gradient / len(z)


def softmax_scipy(logits, labels):
    from scipy.special import log_softmax

    logs = log_softmax(np.asarray(logits, float), axis=1)
    one_hot = np.eye(logits.shape[1])[labels]
    return -(logs * one_hot).sum() / len(logits), (np.exp(logs) - one_hot) / len(logits)


def softmax_rows(logits, labels):
    loss, gradient = 0.0, []
    for row, label in zip(np.asarray(logits, float).tolist(), labels, strict=True):
        top = max(row)
        powers = [math.exp(value - top) for value in row]
        loss += math.log(sum(powers)) - (row[label] - top)
        p = [power / sum(powers) for power in powers]
        p[label] -= 1
        gradient.append([value / len(labels) for value in p])
    return loss / len(labels), gradient


def softmax_logaddexp(logits, labels):
    logits = np.asarray(logits, float)
    logs = logits - np.logaddexp.reduce(logits, axis=1)[:, None]
    right = logs[np.arange(len(logs)), labels]
    gradient = np.exp(logs)
    np.subtract.at(gradient, (np.arange(len(logs)), labels), 1)
    return [-np.mean(right), gradient / len(logs)]


def softmax_tensorflow(logits, labels):
    import tensorflow as tf

    logits = tf.cast(logits, tf.float64)
    one_hot = tf.one_hot(labels, logits.shape[1], dtype=tf.float64)
    loss = tf.reduce_mean(tf.reduce_logsumexp(logits, 1) - tf.reduce_sum(logits * one_hot, 1))
    return loss, (tf.nn.softmax(logits) - one_hot) / len(labels)


# network_gradients


def _forward(x, kernel, bias):
    view = windows(np.asarray(x, float), kernel.shape[:2], axis=(1, 2))
    return view, np.einsum("bnmij,ijf->bnmf", view, kernel) + bias


def network_einsum(x, labels, kernel, bias, weights, offset):
    view, z = _forward(x, kernel, bias)
    flat = np.maximum(z, 0).reshape(len(x), -1)
    loss, dl = softmax_stable(flat @ weights + offset, labels)
    dz = (dl @ weights.T).reshape(z.shape) * (z > 0)
    return {
        "loss": loss,
        "kernel": np.einsum("bnmij,bnmf->ijf", view, dz),
        "bias": dz.sum((0, 1, 2)),
        "weights": flat.T @ dl,
        "offset": dl.sum(0),
    }


def network_pieces(x, labels, kernel, bias, weights, offset):
    _, z = _forward(x, kernel, bias)
    flat = relu_where(z, z).reshape(len(x), -1)
    loss, dl = softmax_scipy(flat @ weights + offset, labels)
    dz = relu_mask(z, (dl @ weights.T).reshape(z.shape))
    _, d_kernel, d_bias = backward_taps(
        np.asarray(x, float)[..., None], np.asarray(kernel, float)[:, :, None], dz, 1, 0
    )
    return loss, d_kernel[:, :, 0], d_bias, flat.T @ dl, dl.sum(axis=0)


def network_by_image(x, labels, kernel, bias, weights, offset):
    parts = []
    for image, label in zip(x, labels, strict=True):
        view, z = _forward(image[None], kernel, bias)
        a = np.maximum(z, 0)
        loss, dl = softmax_logaddexp(a.reshape(1, -1) @ weights + offset, [label])
        dz = np.where(z > 0, (dl @ weights.T).reshape(z.shape), 0)
        d_kernel = np.tensordot(view, dz, ((0, 1, 2), (0, 1, 2)))
        parts.append((loss, d_kernel, dz.sum((0, 1, 2)), np.outer(a, dl), dl[0]))
    names = ("loss", "kernel", "bias", "weights", "offset")
    return {name: np.mean(values, axis=0) for name, *values in zip(names, *parts, strict=True)}


def network_loops(x, labels, kernel, bias, weights, offset):
    x = np.asarray(x, float)
    A, B, F = kernel.shape
    batch, N, M = len(x), x.shape[1] - A + 1, x.shape[2] - B + 1
    z = np.zeros((batch, N, M, F))
    for b, n, m, f in np.ndindex(z.shape):
        z[b, n, m, f] = (x[b, n : n + A, m : m + B] * kernel[..., f]).sum() + bias[f]
    a = np.where(z > 0, z, 0)
    loss, dl = softmax_stable(a.reshape(batch, -1) @ weights + offset, labels)
    d_weights = np.zeros(weights.shape)
    for b in range(batch):
        d_weights += np.outer(a[b].ravel(), dl[b])
    da = (dl @ np.asarray(weights).T).reshape(z.shape)
    d_kernel, d_bias = np.zeros(kernel.shape), np.zeros(F)
    for b, n, m, f in np.ndindex(z.shape):
        if z[b, n, m, f] > 0:
            d_kernel[..., f] += da[b, n, m, f] * x[b, n : n + A, m : m + B]
            d_bias[f] += da[b, n, m, f]
    return [loss, d_kernel, d_bias, d_weights, dl.sum(0)]


def network_im2col(x, labels, kernel, bias, weights, offset):
    view, _ = _forward(x, kernel, bias)
    batch, N, M = view.shape[:3]
    columns, F = view.reshape(batch * N * M, -1), kernel.shape[2]
    z = columns @ np.reshape(kernel, (-1, F)) + bias
    flat = np.clip(z, 0, None).reshape(batch, -1)
    loss, dl = softmax_stable(flat @ weights + offset, labels)
    dz = (dl @ np.transpose(weights)).reshape(z.shape) * np.sign(np.maximum(z, 0))
    return {
        "offset": dl.sum(0),
        "weights": np.einsum("bi,bc->ic", flat, dl),
        "bias": dz.sum(0),
        "kernel": (columns.T @ dz).reshape(kernel.shape),
        "loss": float(loss),
    }


RIGHT = {
    "tied_gradient": [
        tied_loops,
        tied_trace,
        tied_diagonals,
        tied_mask,
        tied_rows,
        tied_patterns,
        tied_tensorflow,
    ],
    "input_gradient": [
        input_stamps,
        input_matrix,
        input_full,
        input_asking,
        input_bincount,
        input_flipped,
    ],
    "conv_backward": [
        backward_loops,
        backward_taps,
        backward_im2col,
        backward_matrix,
        backward_full,
    ],
    "numerical_gradient": [
        numerical_copies,
        numerical_put_back,
        numerical_units,
        numerical_both_sides,
        numerical_lists,
        numerical_iterator,
    ],
    "relu_backward": [
        relu_where,
        relu_mask,
        relu_copy,
        relu_heaviside,
        relu_loop,
        relu_tensorflow,
    ],
    "max_pool_backward": [pool_argmax, pool_compare, pool_divmod, pool_vectorized, pool_matrix],
    "softmax_gradient": [
        softmax_stable,
        softmax_scipy,
        softmax_rows,
        softmax_logaddexp,
        softmax_tensorflow,
    ],
    "network_gradients": [
        network_einsum,
        network_pieces,
        network_by_image,
        network_loops,
        network_im2col,
    ],
}
