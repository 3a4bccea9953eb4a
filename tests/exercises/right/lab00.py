"""Right answers to lab 00, in as many styles as people have. Each must be accepted."""

import functools
import itertools
import operator

import numpy as np

# weighted_sum


def weighted_sum_product(values, weights):
    return (values * weights).sum()


def weighted_sum_dot(values, weights):
    return np.dot(values, weights)


def weighted_sum_loop(values, weights):
    total = 0
    for n in range(len(values)):
        total += values[n] * weights[n]
    return total


def weighted_sum_zip(values, weights):
    return sum(float(value) * weight for value, weight in zip(values, weights, strict=True))


def weighted_sum_matrix(values, weights):
    return values.reshape(1, -1) @ weights.reshape(-1) @ np.ones(1)


def weighted_sum_recursive(values, weights):
    if not len(values):
        return 0
    return values[0] * weights[0] + weighted_sum_recursive(values[1:], weights[1:])


def weighted_sum_tensorflow(values, weights):
    import tensorflow as tf

    return tf.reduce_sum(tf.constant(values) * tf.constant(weights))


# photo_facts


def facts_shape(image):
    return image.shape[0], image.shape[1], image.min(), image.max()


def facts_unpacked(image):
    height, width, _ = image.shape
    return [height, width, int(np.min(image)), int(np.max(image))]


def facts_dict(image):
    return {
        "height": len(image),
        "width": len(image[0]),
        "brightest": image.max(),
        "darkest": image.min(),
    }


def facts_sorted(image):
    values = sorted(image.ravel().tolist())
    return (*image.shape[:2], values[0], values[-1])


def facts_loops(image):
    darkest, brightest = 255, 0
    for row in image:
        for pixel in row:
            for value in pixel:
                darkest, brightest = min(darkest, int(value)), max(brightest, int(value))
    return len(image), len(image[0]), darkest, brightest


def facts_array(image):
    return np.array([*image.shape[:2], image.min(), image.max()], int)


# is_gray


def gray_two_comparisons(image):
    red, green, blue = np.moveaxis(image, -1, 0)
    return (red == green).all() and (green == blue).all()


def gray_loops(image):
    for row in image:
        for red, green, blue in row:
            if red != green or green != blue:
                return False
    return True


def gray_spread(image):
    return np.ptp(image, axis=-1).max() == 0


def gray_broadcast(image):
    return bool(np.all(image == image[..., :1]))


def gray_sets(image):
    return all(len(set(pixel)) == 1 for pixel in image.reshape(-1, 3).tolist())


def gray_differences(image):
    return int(not np.diff(image.astype(int), axis=2).any())


# differences


def differences_slices(row):
    row = np.asarray(row, float)
    return row[1:] - row[:-1]


def differences_loop(row):
    result = np.zeros(len(row) - 1)
    for n in range(len(row) - 1):
        result[n] = float(row[n + 1]) - float(row[n])
    return result


def differences_list(row):
    return [after - before for before, after in itertools.pairwise(row.tolist())]


def differences_numpy(row):
    return np.diff(row.astype(float))


def differences_convolve(row):
    return np.convolve(row.astype(float), [1, -1], mode="valid")


def differences_matrix(row):
    n = len(row)
    return (np.eye(n - 1, n, k=1) - np.eye(n - 1, n)) @ row


def differences_jax(row):
    import jax.numpy as jnp

    return jnp.diff(jnp.asarray(row, float))


# brighten


def brighten_clip(image, amount):
    return np.clip(image.astype(int) + amount, 0, 255)


def brighten_bytes(image, amount):
    return np.clip(image.astype(np.int16) + amount, 0, 255).astype(np.uint8)


def brighten_loops(image, amount):
    bright = np.zeros(image.shape)
    for place in np.ndindex(image.shape):
        bright[place] = max(0, min(255, int(image[place]) + amount))
    return bright


def brighten_where(image, amount):
    changed = image + float(amount)
    changed = np.where(changed > 255, 255, changed)
    return np.where(changed < 0, 0, changed)


def brighten_masks(image, amount):
    changed = image.astype("float32")
    changed += amount
    changed[changed < 0] = 0
    changed[changed > 255] = 255
    return changed


def brighten_table(image, amount):
    """What becomes of each of the 256 values, looked up."""
    table = [sorted((0, value + amount, 255))[1] for value in range(256)]
    return np.array(table)[image]


def brighten_lists(image, amount):
    change = functools.partial(operator.add, amount)
    return [
        [[min(max(value, 0), 255) for value in map(change, pixel)] for pixel in row]
        for row in image.tolist()
    ]


RIGHT = {
    "weighted_sum": [
        weighted_sum_product,
        weighted_sum_dot,
        weighted_sum_loop,
        weighted_sum_zip,
        weighted_sum_matrix,
        weighted_sum_recursive,
        weighted_sum_tensorflow,
    ],
    "photo_facts": [
        facts_shape,
        facts_unpacked,
        facts_dict,
        facts_sorted,
        facts_loops,
        facts_array,
    ],
    "is_gray": [
        gray_two_comparisons,
        gray_loops,
        gray_spread,
        gray_broadcast,
        gray_sets,
        gray_differences,
    ],
    "differences": [
        differences_slices,
        differences_loop,
        differences_list,
        differences_numpy,
        differences_convolve,
        differences_matrix,
        differences_jax,
    ],
    "brighten": [
        brighten_clip,
        brighten_bytes,
        brighten_loops,
        brighten_where,
        brighten_masks,
        brighten_table,
        brighten_lists,
    ],
}
