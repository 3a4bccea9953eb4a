"""Right answers to lab 10, in as many styles as people have. Each must be accepted."""

import math
import statistics

import numpy as np

# glorot


def glorot_numpy(noise):
    taps = np.prod(noise.shape[:-2])
    limit = np.sqrt(6 / (taps * noise.shape[-2] + taps * noise.shape[-1]))
    return (2 * noise - 1) * limit


def glorot_reduce(noise):
    *size, inputs, outputs = noise.shape
    taps = 1
    for number in size:
        taps = taps * number
    limit = (6 / (taps * (inputs + outputs))) ** 0.5
    return noise * (2 * limit) - limit


def glorot_by_size(noise):
    fan_in = noise.size / noise.shape[-1]
    fan_out = noise.size / noise.shape[-2]
    return np.interp(noise, [0, 1], np.array([-1, 1]) * math.sqrt(6 / (fan_in + fan_out)))


def glorot_scaled_variance(noise):
    taps = math.prod(noise.shape[:-2])
    variance = 1 / ((taps * noise.shape[-2] + taps * noise.shape[-1]) / 2)
    return (noise - 0.5) * math.sqrt(12 * variance)


def glorot_tensorflow(noise):
    import tensorflow as tf

    noise = tf.convert_to_tensor(noise)
    *size, inputs, outputs = noise.shape
    limit = tf.sqrt(tf.cast(6 / (math.prod(size) * (inputs + outputs)), noise.dtype))
    return limit * (2 * noise - 1)


def glorot_in_place(noise):
    weights = noise.copy()
    weights -= 0.5
    weights *= 2
    weights *= math.sqrt(6 / (math.prod(weights.shape[:-2]) * sum(weights.shape[-2:])))
    return weights


# the optimizers


def adagrad_numpy(w, gradient, memory, learning_rate):
    memory = memory + gradient**2
    return w - learning_rate * gradient / np.sqrt(memory + 1e-7), memory


def adagrad_epsilon_outside(w, gradient, memory, learning_rate):
    total = memory + np.square(gradient)
    return w - learning_rate / (np.sqrt(total) + 1e-7) * gradient, total


def adagrad_small_epsilon(w, gradient, memory, learning_rate):
    total = np.add(memory, np.multiply(gradient, gradient))
    return [w - learning_rate * gradient * (total + 1e-10) ** -0.5, total]


def adagrad_loop(w, gradient, memory, learning_rate):
    weights, total = np.array(w, float), np.array(memory, float)
    for place, g in np.ndenumerate(gradient):
        total[place] += float(g) ** 2
        weights[place] -= learning_rate * g / math.sqrt(total[place] + 1e-7)
    return weights, total


def adagrad_where(w, gradient, memory, learning_rate):
    total = memory + gradient**2
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.where(total > 0, gradient / np.sqrt(total), 0)
    return w - learning_rate * step, total


def adagrad_tensorflow(w, gradient, memory, learning_rate):
    import tensorflow as tf

    w, gradient, memory = (tf.cast(array, tf.float64) for array in (w, gradient, memory))
    memory += gradient * gradient
    return w - learning_rate * gradient * tf.math.rsqrt(memory + 1e-7), memory


def rmsprop_numpy(w, gradient, memory, learning_rate, rho):
    memory = rho * memory + (1 - rho) * gradient**2
    return w - learning_rate * gradient / np.sqrt(memory + 1e-7), memory


def rmsprop_epsilon_outside(w, gradient, memory, learning_rate, rho):
    average = memory + (1 - rho) * (gradient**2 - memory)
    return w - learning_rate * gradient / (np.sqrt(average) + 1e-8), average


def rmsprop_loop(w, gradient, memory, learning_rate, rho):
    weights, average = np.array(w, float), np.array(memory, float)
    for place, g in np.ndenumerate(gradient):
        average[place] = rho * average[place] + (1 - rho) * float(g) * float(g)
        weights[place] -= learning_rate * g / math.sqrt(average[place] + 1e-7)
    return weights, average


def rmsprop_average(w, gradient, memory, learning_rate, rho):
    both = np.stack([np.asarray(memory, float), np.square(gradient, dtype=float)])
    average = np.average(both, axis=0, weights=[rho, 1 - rho])
    return w - learning_rate * np.asarray(gradient) / np.hypot(np.sqrt(average), 1e-4), average


def rmsprop_stacked(w, gradient, memory, learning_rate, rho):
    average = rho * memory + (1 - rho) * gradient**2
    return np.stack([w - learning_rate * gradient / np.sqrt(average + 1e-7), average])


def rmsprop_jax(w, gradient, memory, learning_rate, rho):
    import jax.numpy as jnp

    w, gradient, memory = map(jnp.asarray, (w, gradient, memory))
    average = rho * memory + (1 - rho) * jnp.square(gradient)
    return w - learning_rate * gradient / jnp.sqrt(average + 1e-7), average


# dropout


def dropout_where(x, noise, rate, training):
    return np.where(noise >= rate, x / (1 - rate), 0) if training else x


def dropout_mask(x, noise, rate, training):
    if not training:
        return x
    return x * (noise >= rate) / (1 - rate)


def dropout_copy(x, noise, rate, training):
    y = np.array(x, float)
    if training:
        y[noise < rate] = 0
        y /= 1 - rate
    return y


def dropout_loop(x, noise, rate, training):
    y = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        if not training:
            y[place] = x[place]
        elif noise[place] >= rate:
            y[place] = x[place] / (1.0 - rate)
    return y


def dropout_arithmetic(x, noise, rate, training):
    keep = np.maximum(noise >= rate, not training)
    return keep * x / (1 - rate * training)


def dropout_tensorflow(x, noise, rate, training):
    import tensorflow as tf

    x = tf.cast(x, tf.float64)
    return tf.where(noise >= rate, x / (1 - rate), tf.zeros_like(x)) if training else x


# batch_norm


def batch_norm_numpy(x, gamma, beta, moving_mean, moving_variance, training, epsilon):
    mean, variance = moving_mean, moving_variance
    if training:
        mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


def batch_norm_flat(x, gamma, beta, moving_mean, moving_variance, training, epsilon):
    flat = np.asarray(x, float).reshape(-1, x.shape[-1])
    if training:
        moving_mean = np.mean(flat, axis=0)
        moving_variance = np.mean(flat**2, axis=0) - moving_mean**2
    scale = gamma / np.sqrt(moving_variance + epsilon)
    return (flat * scale + (beta - moving_mean * scale)).reshape(x.shape)


def batch_norm_loops(x, gamma, beta, moving_mean, moving_variance, training, epsilon):
    out = np.empty(x.shape)
    for c in range(x.shape[3]):
        mean, variance = moving_mean[c], moving_variance[c]
        if training:
            values = [float(value) for value in x[:, :, :, c].ravel()]
            mean, variance = statistics.fmean(values), statistics.pvariance(values)
        out[:, :, :, c] = gamma[c] * (x[:, :, :, c] - mean) / math.sqrt(variance + epsilon)
        out[:, :, :, c] += beta[c]
    return out


def batch_norm_channels_first(x, gamma, beta, moving_mean, moving_variance, training, epsilon):
    maps = np.moveaxis(x, -1, 0)
    rows = []
    for row, g, b, mean, variance in zip(
        maps, gamma, beta, moving_mean, moving_variance, strict=True
    ):
        if training:
            mean, variance = row.mean(), row.var()
        rows.append(g * (row - mean) * (variance + epsilon) ** -0.5 + b)
    return np.stack(rows, axis=-1)


def batch_norm_einsum(x, gamma, beta, moving_mean, moving_variance, training, epsilon):
    x = np.asarray(x, float)
    if training:
        n = x.size // x.shape[-1]
        moving_mean = np.einsum("bhwc->c", x) / n
        centered = x - moving_mean
        moving_variance = np.einsum("bhwc,bhwc->c", centered, centered) / n
    return np.einsum(
        "bhwc,c->bhwc", x - moving_mean, gamma / np.sqrt(moving_variance + epsilon)
    ) + np.asarray(beta)


def batch_norm_tensorflow(x, gamma, beta, moving_mean, moving_variance, training, epsilon):
    import tensorflow as tf

    x, gamma, beta, mean, variance = (
        tf.cast(array, tf.float64) for array in (x, gamma, beta, moving_mean, moving_variance)
    )
    if training:
        mean = tf.reduce_mean(x, [0, 1, 2])
        variance = tf.reduce_mean(tf.square(x - mean), [0, 1, 2])
    return gamma * (x - mean) * tf.math.rsqrt(variance + epsilon) + beta


# ablation_effect


def ablation_numpy(with_it, without):
    d = with_it - without
    return d.mean(), d.std(ddof=1) / np.sqrt(len(d))


def ablation_statistics(with_it, without):
    d = [float(a - b) for a, b in zip(with_it, without, strict=True)]
    return statistics.mean(d), statistics.stdev(d) / math.sqrt(len(d))


def ablation_variances(with_it, without):
    n = len(with_it)
    variance = np.cov(with_it, without)
    spread = variance[0, 0] + variance[1, 1] - 2 * variance[0, 1]
    return np.mean(with_it) - np.mean(without), np.sqrt(max(spread, 0) / n)


def ablation_by_hand(with_it, without):
    total = squares = 0.0
    for a, b in zip(with_it, without, strict=True):
        total += a - b
    mean = total / len(with_it)
    for a, b in zip(with_it, without, strict=True):
        squares += (a - b - mean) ** 2
    return [mean, (squares / (len(with_it) - 1) / len(with_it)) ** 0.5]


def ablation_array(with_it, without):
    d = np.subtract(with_it, without, dtype=float)
    return np.array([d.mean(), np.sqrt(d.var(ddof=1) / d.size)])


# clear_effects


def clear_comprehension(effects):
    names = [name for name, (mean, error) in effects.items() if abs(mean) > 2 * error]
    return sorted(names, key=lambda name: effects[name][0], reverse=True)


def clear_pairs(effects):
    found = []
    for name in effects:
        mean, error = effects[name]
        if mean > 2 * error or mean < -2 * error:
            found.append((mean, name))
    found.sort(reverse=True)
    return [name for _, name in found]


def clear_intervals(effects):
    order = sorted(effects.items(), key=lambda item: -item[1][0])
    return tuple(name for name, (m, e) in order if not m - 2 * e <= 0 <= m + 2 * e)


def clear_numpy(effects):
    names = list(effects)
    means, errors = np.array(list(effects.values())).T
    order = np.argsort(-means)
    return [names[i] for i in order if np.abs(means[i]) / errors[i] > 2]


def clear_insertion(effects):
    names = []
    for name, (mean, error) in effects.items():
        if abs(mean / error) <= 2:
            continue
        place = 0
        while place < len(names) and effects[names[place]][0] > mean:
            place += 1
        names.insert(place, name)
    return names


# permute_pixels


def permute_reshape(images, order):
    return images.reshape(len(images), -1)[:, order].reshape(images.shape)


def permute_each(images, order):
    return np.stack([image.ravel()[order].reshape(image.shape) for image in images])


def permute_take(images, order):
    count, height, width = images.shape
    flat = np.take(np.reshape(images, (count, height * width)), order, axis=1)
    return flat.reshape(count, height, width).tolist()


def permute_loops(images, order):
    out = np.zeros_like(images)
    count, height, width = images.shape
    for number in range(count):
        for r in range(height):
            for c in range(width):
                source = order[r * width + c]
                out[number, r, c] = images[number, source // width, source % width]
    return out


def permute_matrix(images, order):
    matrix = np.eye(len(order))[order]
    return (images.reshape(len(images), -1) @ matrix.T).reshape(images.shape)


def permute_unravel(images, order):
    rows, columns = np.unravel_index(order, images.shape[1:])
    return images[:, rows, columns].reshape(images.shape)


RIGHT = {
    "glorot": [
        glorot_numpy,
        glorot_reduce,
        glorot_by_size,
        glorot_scaled_variance,
        glorot_tensorflow,
        glorot_in_place,
    ],
    "adagrad_step": [
        adagrad_numpy,
        adagrad_epsilon_outside,
        adagrad_small_epsilon,
        adagrad_loop,
        adagrad_where,
        adagrad_tensorflow,
    ],
    "rmsprop_step": [
        rmsprop_numpy,
        rmsprop_epsilon_outside,
        rmsprop_loop,
        rmsprop_average,
        rmsprop_stacked,
        rmsprop_jax,
    ],
    "dropout": [
        dropout_where,
        dropout_mask,
        dropout_copy,
        dropout_loop,
        dropout_arithmetic,
        dropout_tensorflow,
    ],
    "batch_norm": [
        batch_norm_numpy,
        batch_norm_flat,
        batch_norm_loops,
        batch_norm_channels_first,
        batch_norm_einsum,
        batch_norm_tensorflow,
    ],
    "ablation_effect": [
        ablation_numpy,
        ablation_statistics,
        ablation_variances,
        ablation_by_hand,
        ablation_array,
    ],
    "clear_effects": [
        clear_comprehension,
        clear_pairs,
        clear_intervals,
        clear_numpy,
        clear_insertion,
    ],
    "permute_pixels": [
        permute_reshape,
        permute_each,
        permute_take,
        permute_loops,
        permute_matrix,
        permute_unravel,
    ],
}
