"""Adapters of lab 09: a LeNet-5 that a student built, and a network that a student trains."""

import numpy as np

__all__ = ["CLASSES", "lenet5", "numbers", "train"]

CLASSES = 10


def numbers(count, seed):
    """Return `count` weights for a whole network, the same for everybody who uses this seed."""
    return np.random.default_rng(seed).normal(0, 0.2, count)


def lenet5(answer, images, seed):
    """Build the student's model, set its weights, and run it.

    Args:
        answer: the student's function, which returns a Keras model.
        images: (batch, height, width, channels), float32.
        seed: of the weights, which are set in the order of `get_weights`.

    Returns:
        A dict: "input", the shape of one input; "parameters", how many there are; "outputs", which
        are empty where the model takes images of another shape.
    """
    model = answer()
    try:
        shape = tuple(model.input_shape[1:])
    except (AttributeError, ValueError):  # without an Input, its first call decides the shape
        model(images[:1])
        shape = images.shape[1:]
    weights = model.get_weights()
    sizes = [weight.size for weight in weights]
    outputs = np.zeros(0)
    if shape == images.shape[1:]:
        parts = np.split(numbers(sum(sizes), seed), np.cumsum(sizes)[:-1])
        model.set_weights([p.reshape(w.shape) for p, w in zip(parts, weights, strict=True)])
        outputs = np.asarray(model(images, training=False))
    return {"input": shape, "parameters": sum(sizes), "outputs": outputs}


def train(answer, network, images, labels, others):
    """Let the student's function train a small untrained network, and ask it about other images.

    Args:
        answer: the student's function of a model, images and labels.
        network: a word for messages, which stands in the model's place.
        images: (count, height, width, channels), float32.
        labels: (count,), whole numbers below CLASSES.
        others: images to ask about; their labels stay with the grader.

    Returns:
        A dict: "weights", which are "changed", "as they were" or "not numbers"; "says", the
        predicted classes of `others`.
    """
    import keras

    model = keras.Sequential(
        [keras.Input(images.shape[1:]), keras.layers.Flatten(), keras.layers.Dense(CLASSES)]
    )
    kernel, bias = model.get_weights()
    first = [np.full_like(kernel, 0.001), np.linspace(0.3, 0.2, len(bias), dtype=bias.dtype)]
    model.set_weights(first)
    answer(model, images, labels)
    weights = model.get_weights()
    if not all(np.isfinite(weight).all() for weight in weights):
        return {"weights": "not numbers", "says": []}
    equal = all(np.array_equal(*pair) for pair in zip(weights, first, strict=True))
    predicted = np.asarray(model(others, training=False)).argmax(-1)
    return {"weights": "as they were" if equal else "changed", "says": predicted.tolist()}
