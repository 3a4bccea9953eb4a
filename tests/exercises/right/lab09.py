"""Right answers to lab 09, in as many styles as people have. Each must be accepted."""

import collections
import itertools
import math

import numpy as np

# layer_counts


def counts_formula(height, width, channels, maps, kernel):
    unit = kernel * kernel * channels + 1
    return maps * unit, maps * unit * (height - kernel + 1) * (width - kernel + 1)


def counts_shapes(height, width, channels, maps, kernel):
    kernels = np.zeros((kernel, kernel, channels, maps))
    parameters = kernels.size + maps
    places = np.zeros((height, width))[kernel - 1 :, kernel - 1 :].size
    return [parameters, parameters * places]


def counts_loops(height, width, channels, maps, kernel):
    connections = 0
    for _ in itertools.product(range(maps), range(height - kernel + 1), range(width - kernel + 1)):
        connections += channels * kernel**2 + 1
    return sum(channels * kernel**2 + 1 for _ in range(maps)), connections


def counts_numpy(height, width, channels, maps, kernel):
    parameters = np.prod([kernel, kernel, channels, maps]) + maps
    return np.array([1, np.prod(np.array([height, width]) - kernel + 1)]) * parameters


def counts_floats(height, width, channels, maps, kernel):
    weights = float(kernel) ** 2 * channels * maps
    units = maps * (height - (kernel - 1.0)) * (width - (kernel - 1.0))
    return weights + maps, units * (weights / maps) + units


# c3_inputs

COLUMNS = [
    "012", "123", "234", "345", "450", "501",
    "0123", "1234", "2345", "3450", "4501", "5012",
    "0134", "1245", "0235", "012345",
]  # fmt: skip


def c3_text(m):
    return [int(number) for number in COLUMNS[m]]


def c3_rule(m):
    if m < 6:
        return [(m + i) % 6 for i in range(3)]
    if m < 12:
        return [(m + i) % 6 for i in range(4)]
    if m < 15:
        return [(m + i) % 6 for i in (0, 1, 3, 4)]
    return list(range(6))


def c3_mask(m):
    mask = np.zeros(6, bool)
    mask[[int(number) for number in COLUMNS[m]]] = True
    return np.flatnonzero(mask)


def c3_dictionary(m):
    table = {
        0: (0, 1, 2), 1: (1, 2, 3), 2: (2, 3, 4), 3: (3, 4, 5), 4: (0, 4, 5), 5: (0, 1, 5),
        6: (0, 1, 2, 3), 7: (1, 2, 3, 4), 8: (2, 3, 4, 5), 9: (0, 3, 4, 5), 10: (0, 1, 4, 5),
        11: (0, 1, 2, 5), 12: (0, 1, 3, 4), 13: (1, 2, 4, 5), 14: (0, 2, 3, 5),
        15: (0, 1, 2, 3, 4, 5),
    }  # fmt: skip
    return table[m]


def c3_rows(m):
    rows = [
        "X...XXX..XXXX.XX",
        "XX...XXX..XXXX.X",
        "XXX...XXX..X.XXX",
        ".XXX..XXXX..X.XX",
        "..XXX..XXXX.XX.X",
        "...XXX..XXXX.XXX",
    ]
    return [number for number, row in enumerate(rows) if row[m] == "X"]


def c3_rolled(m):
    pattern = {0: [1, 1, 1, 0, 0, 0], 1: [1, 1, 1, 1, 0, 0], 2: [1, 1, 0, 1, 1, 0]}
    row = np.roll(pattern[m // 6], m % 6) if m < 15 else np.ones(6)
    return np.nonzero(row)[0]


# subsample


def subsample_slices(x, weight, bias):
    four = x[0::2, 0::2] + x[0::2, 1::2] + x[1::2, 0::2] + x[1::2, 1::2]
    return 1.7159 * np.tanh(2 / 3 * (weight * four + bias))


def subsample_reshape(x, weight, bias):
    height, width, channels = x.shape
    sums = x.reshape(height // 2, 2, width // 2, 2, channels).sum((1, 3))
    return 1.7159 * np.tanh((sums * weight + bias) / 1.5)


def subsample_loops(x, weight, bias):
    height, width, channels = x.shape
    y = np.zeros((height // 2, width // 2, channels))
    for r, c, channel in np.ndindex(*y.shape):
        total = sum(float(x[2 * r + i, 2 * c + j, channel]) for i in (0, 1) for j in (0, 1))
        a = weight[channel] * total + bias[channel]
        y[r, c, channel] = 1.7159 * math.tanh(2 * a / 3)
    return y


def subsample_mean(x, weight, bias):
    windows = np.lib.stride_tricks.sliding_window_view(x, (2, 2), axis=(0, 1))[::2, ::2]
    a = 4 * weight * windows.mean((-2, -1)) + bias
    return 1.7159 * (1 - 2 / (np.exp(4 / 3 * a) + 1))


def subsample_matrix(x, weight, bias):
    def halves(size):
        return np.kron(np.eye(size // 2), np.ones((1, 2)))

    sums = np.einsum("rh,hwc,sw->rsc", halves(x.shape[0]), x, halves(x.shape[1]))
    return 1.7159 * np.tanh(2 / 3 * (sums * weight[None, None] + bias[None, None]))


def subsample_tensorflow(x, weight, bias):
    import tensorflow as tf

    x, weight, bias = (tf.cast(array, tf.float64) for array in (x, weight, bias))
    rows = x[0::2] + x[1::2]
    return 1.7159 * tf.tanh((weight * (rows[:, 0::2] + rows[:, 1::2]) + bias) * 2 / 3)


# lenet5


def lenet5_sequential():
    import keras

    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            keras.layers.Conv2D(6, 5, activation="tanh"),
            keras.layers.AveragePooling2D(2),
            keras.layers.Conv2D(16, 5, activation="tanh"),
            keras.layers.AveragePooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(120, activation="tanh"),
            keras.layers.Dense(84, activation="tanh"),
            keras.layers.Dense(10),
        ]
    )


def lenet5_functional():
    from keras import Input, Model, layers

    inputs = x = Input((32, 32, 1))
    for maps in (6, 16):
        x = layers.Conv2D(maps, (5, 5), padding="valid")(x)
        x = layers.Activation("tanh")(x)
        x = layers.AvgPool2D(pool_size=(2, 2), strides=2)(x)
    x = layers.Reshape((400,))(x)
    for units in (120, 84):
        x = layers.Dense(units, activation="tanh")(x)
    return Model(inputs, layers.Dense(10, activation="linear")(x))


def lenet5_all_convolutions():
    import keras

    tanh = {"activation": "tanh"}
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            keras.layers.Conv2D(6, 5, **tanh),
            keras.layers.AveragePooling2D(2),
            keras.layers.Conv2D(16, 5, **tanh),
            keras.layers.AveragePooling2D(2),
            keras.layers.Conv2D(120, 5, **tanh),
            keras.layers.Flatten(),
            keras.layers.Dense(84, **tanh),
            keras.layers.Dense(10),
        ]
    )


def lenet5_labkit():
    import keras

    from labkit.layers import AveragePooling2D, Conv2D

    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            Conv2D(6, 5, activation=keras.ops.tanh),
            AveragePooling2D(2),
            Conv2D(16, 5, activation=keras.ops.tanh, implementation="im2col"),
            AveragePooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(120, "tanh"),
            keras.layers.Dense(84, "tanh"),
            keras.layers.Dense(10),
        ]
    )


def lenet5_class():
    import keras

    class LeNet(keras.Model):
        def __init__(self):
            super().__init__()
            self.c1 = keras.layers.Conv2D(6, 5, activation="tanh")
            self.c3 = keras.layers.Conv2D(16, 5, activation="tanh")
            self.pool = keras.layers.AveragePooling2D(2)
            self.c5 = keras.layers.Dense(120, activation="tanh")
            self.f6 = keras.layers.Dense(84, activation="tanh")
            self.out = keras.layers.Dense(10)

        def call(self, x):
            x = self.pool(self.c3(self.pool(self.c1(x))))
            return self.out(self.f6(self.c5(keras.ops.reshape(x, (-1, 400)))))

    return LeNet()


# train


def train_compile_fit(model, images, labels):
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss)
    model.fit(images, labels, epochs=3, verbose=0)


def train_momentum(model, images, labels):
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), loss, metrics=["accuracy"])
    return model.fit(images, labels, batch_size=100, epochs=5, validation_split=0.1, verbose=0)


def train_one_hot(model, images, labels):
    import keras

    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    model.compile("rmsprop", loss)
    model.fit(images, keras.utils.to_categorical(labels, 10), epochs=4, verbose=0)
    return model


def train_gradient_tape(model, images, labels):
    import keras
    import tensorflow as tf

    optimizer = keras.optimizers.Adam(0.01)
    for _ in range(10):
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, model(images))
            loss = tf.reduce_mean(losses)
        weights = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))


def train_by_hand(model, images, labels):
    flat, (kernel, bias) = images.reshape(len(images), -1), model.get_weights()
    for _ in range(20):
        scores = np.exp(flat @ kernel + bias)
        errors = np.eye(10)[labels] - scores / scores.sum(1, keepdims=True)
        kernel, bias = kernel + flat.T @ errors / len(flat), bias + errors.mean(0)
    model.set_weights([kernel, bias])


def train_dataset(model, images, labels):
    import keras
    import tensorflow as tf

    batches = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(400).batch(50)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.AdamW(3e-3), loss, steps_per_execution=4)
    model.fit(batches.repeat(3), verbose=0)


# confusion


def confusion_loop(labels, predictions, classes):
    table = np.zeros((classes, classes), int)
    for true, said in zip(labels, predictions, strict=True):
        table[true, said] += 1
    return table


def confusion_add_at(labels, predictions, classes):
    table = np.zeros((classes, classes))
    np.add.at(table, (labels, predictions), 1)
    return table


def confusion_one_hot(labels, predictions, classes):
    return np.eye(classes)[labels].T @ np.eye(classes)[predictions]


def confusion_counter(labels, predictions, classes):
    counted = collections.Counter(zip(labels.tolist(), predictions.tolist(), strict=True))
    return [[counted[row, column] for column in range(classes)] for row in range(classes)]


def confusion_masks(labels, predictions, classes):
    return np.array(
        [
            [((labels == r) & (predictions == c)).sum() for c in range(classes)]
            for r in range(classes)
        ]
    )


def confusion_histogram(labels, predictions, classes):
    edges = np.arange(classes + 1) - 0.5
    return np.histogram2d(labels, predictions, bins=(edges, edges))[0]


RIGHT = {
    "layer_counts": [counts_formula, counts_shapes, counts_loops, counts_numpy, counts_floats],
    "c3_inputs": [c3_text, c3_rule, c3_mask, c3_dictionary, c3_rows, c3_rolled],
    "subsample": [
        subsample_slices,
        subsample_reshape,
        subsample_loops,
        subsample_mean,
        subsample_matrix,
        subsample_tensorflow,
    ],
    "lenet5": [
        lenet5_sequential,
        lenet5_functional,
        lenet5_all_convolutions,
        lenet5_labkit,
        lenet5_class,
    ],
    "train": [
        train_compile_fit,
        train_momentum,
        train_one_hot,
        train_gradient_tape,
        train_by_hand,
        train_dataset,
    ],
    "confusion": [
        confusion_loop,
        confusion_add_at,
        confusion_one_hot,
        confusion_counter,
        confusion_masks,
        confusion_histogram,
    ],
}
