#!/usr/bin/env bash
# A normalization that guards its division against 0 still has no usable gradient on a flat patch.
set -euo pipefail
folder=$(mktemp -d)
export TMPDIR="$folder"  # pip's own temporary folders too
trap 'pkill -P $$ 2>/dev/null && sleep 1; rm -rf "$folder"' EXIT  # first ends what still writes there
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 jax==0.10.2 tensorflow-cpu==2.21.0
cd "$folder"
export TF_CPP_MIN_LOG_LEVEL=3
cat > probe.py <<'END'
import sys

import keras
import numpy as np
from keras import ops

backend = keras.backend.backend()
to_numpy = ops.convert_to_numpy
def gradient(function, x):
    x = np.asarray(x, "float32")
    if backend == "tensorflow":
        import tensorflow as tf

        x = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return tape.gradient(y, x).numpy().tolist()
    if backend == "jax":
        import jax

        return np.asarray(jax.grad(function)(x)).tolist()
    import torch

    x = torch.tensor(x, requires_grad=True)
    function(x).backward()
    return x.grad.numpy().tolist()


seen = gradient(lambda x: ops.sum(keras.layers.UnitNormalization()(x)), [[0.0, 0.0]])
print(f"Keras {keras.__version__} on {backend}: {seen}", flush=True)
holds = {
    "tensorflow": lambda: min(seen[0]) > 1e11,
    "jax": lambda: all(np.isnan(seen[0])),
}[backend]()
sys.exit(0 if holds else f"This has changed on {backend}.")
END
echo "Expected: UnitNormalization has an epsilon, so the gradient at a vector of zeros is finite and of ordinary size, and the same everywhere."
echo "Seen:"
for backend in tensorflow jax; do
    KERAS_BACKEND=$backend venv/bin/python probe.py
done
