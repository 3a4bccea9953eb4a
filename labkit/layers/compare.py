"""Comparison of a layer with one that should be the same, with a report of what differs where."""

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike

__all__ = ["Comparison", "Finding", "compare"]


class Finding(NamedTuple):
    """One thing that was compared."""

    what: str  # the thing's name
    same: bool
    text: str  # what differs and where, or that nothing does


class Comparison(NamedTuple):
    """The result of `compare`, which prints as a small table. It is true if all is the same."""

    findings: tuple[Finding, ...]

    def __bool__(self) -> bool:
        return all(finding.same for finding in self.findings)

    def __str__(self) -> str:
        width = max(len(finding.what) for finding in self.findings)
        rows = (f"{'ok' if f.same else 'NO':2}  {f.what:{width}}  {f.text}" for f in self.findings)
        return "\n".join(rows)

    def _repr_html_(self) -> str:
        return f"<pre>{_escaped(str(self))}</pre>"


def compare(
    mine: Any,
    builtin: Any,
    x: ArrayLike,
    *,
    rtol: float = 1e-5,
    gradient_rtol: float = 2e-5,
    seed: int = 0,
) -> Comparison:
    """Compare ``mine`` with ``builtin``, both Keras layers, on the input ``x``.

    Both are built if need be, and mine gets the weights of the other. Then the weights' names and
    shapes, the outputs, their dtype and the shape computed beforehand, the gradients of the input
    and of every weight, and the saved form are compared. A difference raises no error: the report
    has a line for each thing, with the largest difference and where it is.

    Args:
        mine, builtin: layers, built or not. The weights of mine are overwritten.
        x: a batch of inputs.
        rtol, gradient_rtol: the largest difference of outputs and of gradients that counts as the
            same, relative to the largest number of the array.
        seed: for the random gradient of the outputs.

    Returns:
        A `Comparison`, which is true if all is the same.

    Raises:
        TypeError: one of the two is no layer.

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
        return Comparison(tuple(findings))  # nothing else can be compared then
    mine.set_weights(builtin.get_weights())
    rng = np.random.default_rng(seed)
    received, expected = (
        np.asarray(ops.convert_to_numpy(ops.cast(layer(x), "float32"))) for layer in (mine, builtin)
    )
    upstream = rng.standard_normal(expected.shape).astype("float32")
    findings.append(_array("outputs", received, expected, rtol))
    findings.append(_dtype(mine, builtin, x))
    findings.append(_shape(mine, builtin, x, received.shape))
    if received.shape == expected.shape:
        names = ["gradient of the input"]
        names += [f"gradient of {weight.name}" for weight in builtin.trainable_weights]
        both = (_gradients(layer, x, upstream) for layer in (mine, builtin))
        for name, a, b in zip(names, *both, strict=True):
            findings.append(_array(name, a, b, gradient_rtol))
    findings.append(_saved(mine, x, received, rtol))
    return Comparison(tuple(findings))


def _weights(mine, builtin):
    received, expected = (
        [(w.name, tuple(w.shape)) for w in each.weights] for each in (mine, builtin)
    )
    text = ", ".join(f"{name} {shape}" for name, shape in received) or "none"
    if received != expected:
        names = ", ".join(f"{name} {shape}" for name, shape in expected) or "none"
        text = f"expected {names}; received {text}"
    return Finding("weights", received == expected, text)


def _array(what: str, received: Any, expected: Any, rtol: float) -> Finding:
    if received is None or expected is None:
        same = received is expected
        return Finding(what, same, "none" if same else "one of them has none: it does not learn")
    if received.shape != expected.shape:
        return Finding(what, False, f"expected shape {expected.shape}, received {received.shape}")
    difference = np.abs(received - expected)
    if not difference.size:
        return Finding(what, True, "empty")
    where = np.unravel_index(np.argmax(np.nan_to_num(difference, nan=np.inf)), received.shape)
    place = tuple(map(int, where))
    largest, scale = float(difference[where]), float(np.abs(expected).max())
    same = largest <= rtol * max(scale, float(np.finfo("float32").tiny))
    text = (
        f"largest difference {largest:.2g} at {place}: {received[where]:.6g}, not "
        f"{expected[where]:.6g}"
    )
    return Finding(what, same, text if largest else "equal to the last bit")


def _dtype(mine, builtin, x):
    received, expected = (
        keras.backend.standardize_dtype(layer(x).dtype) for layer in (mine, builtin)
    )
    text = received if received == expected else f"expected {expected}, received {received}"
    return Finding("dtype", received == expected, text)


def _shape(mine, builtin, x, outputs):
    # Keras traces a layer that does not define its output's shape.
    symbolic = keras.KerasTensor((None, *x.shape[1:]), dtype=mine.compute_dtype)
    stated, expected = (
        tuple(layer.compute_output_spec(symbolic).shape) for layer in (mine, builtin)
    )
    same = stated == expected and stated[1:] == outputs[1:]
    text = f"{stated}" if same else f"expected {expected}, said {stated}, and gave {outputs}"
    return Finding("output shape", same, text)


def _gradients(layer, x, upstream):
    """Return the gradients of the input and of every trainable weight."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        x = tf.convert_to_tensor(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(tf.cast(layer(x), "float32") * upstream)
        arrays = [x, *(weight.value for weight in layer.trainable_weights)]
        gradients = tape.gradient(loss, arrays)
    elif backend == "jax":
        import jax

        fixed = [weight.value for weight in layer.non_trainable_variables]

        def loss(x, weights):
            outputs = layer.stateless_call(weights, fixed, x)[0]
            return (outputs.astype("float32") * upstream).sum()

        weights = [weight.value for weight in layer.trainable_weights]
        d_x, d_weights = jax.grad(loss, (0, 1))(jax.numpy.asarray(x), weights)
        gradients = [d_x, *d_weights]
    else:
        x = ops.convert_to_tensor(x).clone().requires_grad_(True)
        layer.zero_grad()
        (ops.cast(layer(x), "float32") * ops.convert_to_tensor(upstream)).sum().backward()
        gradients = [x.grad, *(weight.value.grad for weight in layer.trainable_weights)]
    return [
        None if g is None else np.asarray(ops.convert_to_numpy(ops.cast(g, "float32")))
        for g in gradients
    ]


def _saved(layer, x, outputs, rtol):
    """Check that a model of the layer, saved and loaded, computes the same."""
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
    # A model may add in another order than a layer that is called by itself, and round differently.
    finding = _array("saved and loaded", loaded, outputs, rtol)
    return finding._replace(text="computes the same" if finding.same else finding.text)


def _escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")
