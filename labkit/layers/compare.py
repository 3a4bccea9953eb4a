"""Compare a layer with another one that should be the same, and report what differs and where."""

import tempfile
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
from keras import ops

__all__ = ["Comparison", "Finding", "compare"]


class Finding(NamedTuple):
    """One thing that was compared."""

    what: str
    same: bool
    text: str


class Comparison(NamedTuple):
    """What `compare` found; prints as a small table. True when everything is the same."""

    findings: tuple

    def __bool__(self):
        return all(finding.same for finding in self.findings)

    def __str__(self):
        width = max(len(finding.what) for finding in self.findings)
        rows = (f"{'ok' if f.same else 'NO':2}  {f.what:{width}}  {f.text}" for f in self.findings)
        return "\n".join(rows)

    def _repr_html_(self):
        return f"<pre>{_escaped(str(self))}</pre>"


def compare(mine, builtin, x, *, rtol=1e-5, gradient_rtol=2e-5, seed=0):
    """Compare ``mine`` with ``builtin``, both Keras layers, on the input ``x``.

    Both are built, and mine is given the other's weights; then outputs, the gradients by the input
    and by every weight, dtype, the shape that is computed beforehand, the weights' names and shapes
    and the saved form are compared. Nothing is raised for a difference: the report has a line for
    each, with the largest difference and where it is.

    Args:
        mine, builtin: layers, built or not. Weights are set on mine.
        x: a batch of inputs.
        rtol, gradient_rtol: how much may differ, relative to the largest number of the array.
        seed: of the numbers that the outputs' gradient is made of.

    Returns:
        A `Comparison`: true when all is the same.

    Raises:
        TypeError: something that is no layer.

    >>> import keras
    >>> from labkit.layers import Conv2D
    >>> x = np.random.default_rng(0).standard_normal((2, 8, 8, 3)).astype("float32")
    >>> bool(compare(Conv2D(4, 3, implementation="matrix"), keras.layers.Conv2D(4, 3), x))
    True
    """
    x = np.asarray(x)
    for name, layer in {"mine": mine, "builtin": builtin}.items():
        if not isinstance(layer, keras.Layer):
            raise TypeError(f"{name}: expected a Keras layer, an object, received {layer!r}")
        if not layer.built:
            layer.build(x.shape)
    findings = [_weights(mine, builtin)]
    if not findings[0].same:
        return Comparison(tuple(findings))  # nothing else can be
    mine.set_weights(builtin.get_weights())
    rng = np.random.default_rng(seed)
    outputs = [np.asarray(ops.convert_to_numpy(ops.cast(f(x), "float32"))) for f in (mine, builtin)]
    upstream = rng.standard_normal(outputs[1].shape).astype("float32")
    findings.append(_array("outputs", *outputs, rtol))
    findings.append(_dtype(mine, builtin, x))
    findings.append(_shape(mine, builtin, x, outputs[0].shape))
    if findings[1].same or outputs[0].shape == outputs[1].shape:
        names = ["gradient of the input"]
        names += [f"gradient of {weight.name}" for weight in builtin.trainable_weights]
        pairs = zip(*(_gradients(layer, x, upstream) for layer in (mine, builtin)), strict=True)
        for name, pair in zip(names, pairs, strict=True):
            findings.append(_array(name, *pair, gradient_rtol))
    findings.append(_saved(mine, x, outputs[0], rtol))
    return Comparison(tuple(findings))


def _weights(mine, builtin):
    ours, theirs = ([(w.name, tuple(w.shape)) for w in each.weights] for each in (mine, builtin))
    text = ", ".join(f"{name} {shape}" for name, shape in ours) or "none"
    if ours != theirs:
        expected = ", ".join(f"{name} {shape}" for name, shape in theirs) or "none"
        text = f"expected {expected}; received {text}"
    return Finding("weights", ours == theirs, text)


def _array(what, mine, theirs, rtol):
    if mine is None or theirs is None:
        same = mine is theirs
        return Finding(what, same, "none" if same else "one of them has none: it does not learn")
    if mine.shape != theirs.shape:
        return Finding(what, False, f"expected shape {theirs.shape}, received {mine.shape}")
    difference = np.abs(mine - theirs)
    if not difference.size:
        return Finding(what, True, "empty")
    where = np.unravel_index(np.argmax(np.nan_to_num(difference, nan=np.inf)), mine.shape)
    place = tuple(map(int, where))
    largest, scale = float(difference[where]), float(np.abs(theirs).max())
    same = largest <= rtol * max(scale, np.finfo("float32").tiny)
    text = (
        f"largest difference {largest:.2g} at {place}: {mine[where]:.6g}, not {theirs[where]:.6g}"
    )
    return Finding(what, same, text if largest else "equal to the last bit")


def _dtype(mine, builtin, x):
    ours, theirs = (keras.backend.standardize_dtype(layer(x).dtype) for layer in (mine, builtin))
    text = ours if ours == theirs else f"expected {theirs}, received {ours}"
    return Finding("dtype", ours == theirs, text)


def _shape(mine, builtin, x, outputs):
    # a layer that does not say its shape is traced for it
    symbolic = keras.KerasTensor((None, *x.shape[1:]), dtype=mine.compute_dtype)
    said = [tuple(layer.compute_output_spec(symbolic).shape) for layer in (mine, builtin)]
    same = said[0] == said[1] and said[0][1:] == outputs[1:]
    text = f"{said[0]}" if same else f"expected {said[1]}, said {said[0]}, and gave {outputs}"
    return Finding("output shape", same, text)


def _gradients(layer, x, upstream):
    """By the input, then by every trainable weight."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        x = tf.convert_to_tensor(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(tf.cast(layer(x), "float32") * upstream)
        wanted = [x, *(weight.value for weight in layer.trainable_weights)]
        found = tape.gradient(loss, wanted)
    elif backend == "jax":
        import jax

        fixed = [weight.value for weight in layer.non_trainable_variables]

        def loss(x, weights):
            outputs = layer.stateless_call(weights, fixed, x)[0]
            return (outputs.astype("float32") * upstream).sum()

        weights = [weight.value for weight in layer.trainable_weights]
        d_x, d_weights = jax.grad(loss, (0, 1))(jax.numpy.asarray(x), weights)
        found = [d_x, *d_weights]
    else:
        x = ops.convert_to_tensor(x).clone().requires_grad_(True)
        layer.zero_grad()
        (ops.cast(layer(x), "float32") * ops.convert_to_tensor(upstream)).sum().backward()
        found = [x.grad, *(weight.value.grad for weight in layer.trainable_weights)]
    return [
        None if g is None else np.asarray(ops.convert_to_numpy(ops.cast(g, "float32")))
        for g in found
    ]


def _saved(layer, x, outputs, rtol):
    """A model of the layer, saved and loaded, must compute the same."""
    model = keras.Sequential([keras.Input(x.shape[1:], dtype=x.dtype), layer])
    names = {keras.saving.get_registered_name(type(layer)): type(layer)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer.keras"
        try:
            model.save(path)
            again = keras.saving.load_model(path, custom_objects=names)
        except (TypeError, ValueError, NotImplementedError) as error:
            return Finding("saved and loaded", False, str(error).splitlines()[0])
        loaded = np.asarray(ops.convert_to_numpy(ops.cast(again(x), "float32")))
    # a model may add in another order than a layer called by itself: not to the last bit
    finding = _array("saved and loaded", loaded, outputs, rtol)
    return finding._replace(text="computes the same" if finding.same else finding.text)


def _escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")
