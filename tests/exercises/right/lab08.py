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


# winners


def winners_min(times):
    names = list(times)
    found = []
    for column in zip(*times.values(), strict=True):
        ran = [(t, name) for t, name in zip(column, names, strict=True) if t is not None]
        found.append(min(ran)[1])
    return found


def winners_dict(times):
    sizes = range(len(next(iter(times.values()))))
    at = [{n: line[i] for n, line in times.items() if line[i] is not None} for i in sizes]
    return tuple(min(column, key=column.get) for column in at)


def winners_numpy(times):
    table = np.array([[np.nan if t is None else t for t in line] for line in times.values()])
    return [list(times)[index] for index in np.nanargmin(table, axis=0)]


def winners_infinity(times):
    table = np.array([[float("inf") if t is None else t for t in line] for line in times.values()])
    return np.array(list(times))[table.argmin(0)].tolist()


def winners_loop(times):
    best = [None] * len(next(iter(times.values())))
    for name, line in times.items():
        for size, seconds in enumerate(line):
            if seconds is None:
                continue
            if best[size] is None or seconds < times[best[size]][size]:
                best[size] = name
    return best


# keras_layer: made in functions, so that Keras is imported only when they are asked for


def _base():
    import keras

    class Base(keras.layers.Layer):
        """What the layers below share: everything but how they compute."""

        def __init__(
            self,
            filters,
            kernel_size,
            strides=(1, 1),
            padding="valid",
            activation=None,
            use_bias=True,
            **kwargs,
        ):
            super().__init__(**kwargs)
            self.filters, self.kernel_size = filters, tuple(kernel_size)
            self.strides, self.padding = tuple(strides), padding
            self.activation = keras.activations.get(activation)
            self.use_bias = use_bias

        def build(self, input_shape):
            self.kernel = self.add_weight(
                shape=(*self.kernel_size, input_shape[-1], self.filters), name="kernel"
            )
            if self.use_bias:
                self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")

        def pads(self, shape):
            if self.padding == "valid":
                return [(0, 0), (0, 0)]
            pads = []
            for n, a, s in zip(shape[1:3], self.kernel_size, self.strides, strict=True):
                total = max((-(-n // s) - 1) * s + a - n, 0)
                pads.append((total // 2, total - total // 2))
            return pads

        def call(self, inputs):
            x = keras.ops.pad(inputs, [(0, 0), *self.pads(inputs.shape), (0, 0)])
            y = self.convolve(x)
            y = y + self.bias if self.use_bias else y
            return self.activation(y)

        def places(self, x):
            return [
                (n - a) // s + 1
                for n, a, s in zip(x.shape[1:3], self.kernel_size, self.strides, strict=True)
            ]

        def get_config(self):
            return super().get_config() | {
                "filters": self.filters,
                "kernel_size": self.kernel_size,
                "strides": self.strides,
                "padding": self.padding,
                "activation": keras.activations.serialize(self.activation),
                "use_bias": self.use_bias,
            }

    return Base


def layer_shift(*args, **kwargs):
    class Shift(_base()):
        def convolve(self, x):
            (rows, columns), (s, t) = self.places(x), self.strides
            y = 0
            for i in range(self.kernel_size[0]):
                for j in range(self.kernel_size[1]):
                    seen = x[:, i : i + (rows - 1) * s + 1 : s, j : j + (columns - 1) * t + 1 : t]
                    y = y + seen @ self.kernel[i, j]
            return y

    return Shift(*args, **kwargs)


def layer_im2col(*args, **kwargs):
    from keras import ops

    class Patches(_base()):
        def convolve(self, x):
            (rows, columns), (s, t) = self.places(x), self.strides
            seen = [
                x[:, i : i + (rows - 1) * s + 1 : s, j : j + (columns - 1) * t + 1 : t]
                for i in range(self.kernel_size[0])
                for j in range(self.kernel_size[1])
            ]
            patches = ops.concatenate(seen, axis=-1)
            return patches @ ops.reshape(self.kernel, (-1, self.filters))

    return Patches(*args, **kwargs)


def layer_with_shape(*args, **kwargs):
    """Says its output's shape itself, as most books do."""

    class Said(_base()):
        def compute_output_shape(self, input_shape):
            sizes = [
                -(-n // s) if self.padding == "same" else (n - a) // s + 1
                for n, a, s in zip(input_shape[1:3], self.kernel_size, self.strides, strict=True)
            ]
            return (input_shape[0], *sizes, self.filters)

        def convolve(self, x):
            from keras import ops

            (rows, columns), (s, t) = self.places(x), self.strides
            outputs = []
            for n in range(rows):
                for m in range(columns):
                    window = x[:, n * s : n * s + self.kernel_size[0]]
                    window = window[:, :, m * t : m * t + self.kernel_size[1]]
                    outputs.append(ops.tensordot(window, self.kernel, ((1, 2, 3), (0, 1, 2))))
            stacked = ops.stack(outputs, axis=1)
            return ops.reshape(stacked, (-1, rows, columns, self.filters))

    return Said(*args, **kwargs)


def layer_einsum(*args, **kwargs):
    from keras import ops

    class Einsum(_base()):
        def convolve(self, x):
            rows, columns = self.places(x)
            down = np.arange(rows)[:, None] * self.strides[0] + np.arange(self.kernel_size[0])
            across = np.arange(columns)[:, None] * self.strides[1] + np.arange(self.kernel_size[1])
            x = ops.take(ops.take(x, down, axis=1), across, axis=3)
            return ops.einsum("bniwjc,ijcf->bnwf", x, self.kernel)

    return Einsum(*args, **kwargs)


def layer_matrix(*args, **kwargs):
    from keras import ops

    class Matrix(_base()):
        def convolve(self, x):
            (rows, columns), (s, t) = self.places(x), self.strides
            _, height, width, channels = x.shape
            matrix = 0
            for i in range(self.kernel_size[0]):
                for j in range(self.kernel_size[1]):
                    ones = np.zeros((rows, columns, height, width), "float32")
                    n, m = np.indices((rows, columns))
                    ones[n, m, n * s + i, m * t + j] = 1
                    matrix = matrix + ops.einsum("nmrk,cf->rkcnmf", ones, self.kernel[i, j])
            flat = ops.reshape(matrix, (height * width * channels, -1))
            y = ops.reshape(x, (-1, height * width * channels)) @ flat
            return ops.reshape(y, (-1, rows, columns, self.filters))

    return Matrix(*args, **kwargs)


RIGHT = {
    "winners": [winners_min, winners_dict, winners_numpy, winners_infinity, winners_loop],
    "keras_layer": [layer_shift, layer_im2col, layer_with_shape, layer_einsum, layer_matrix],
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
