#!/usr/bin/env bash
# model.quantize leaves every convolution in float32.
set -euo pipefail
folder=$(mktemp -d)
export TMPDIR="$folder"  # pip's own temporary folders too
trap 'pkill -P $$ 2>/dev/null && sleep 1; rm -rf "$folder"' EXIT  # first ends what still writes there
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 jax==0.10.2
cd "$folder"
export TF_CPP_MIN_LOG_LEVEL=3
cat > probe.py <<'END'
import sys

import keras
import numpy as np
from keras import ops

backend = keras.backend.backend()
to_numpy = ops.convert_to_numpy
import warnings

warnings.simplefilter("ignore")  # it does say so, layer by layer, beside Flatten and pooling
layers = keras.layers
model = keras.Sequential([
    keras.Input((28, 28, 1)),
    layers.Conv2D(32, 3, activation="relu"),
    layers.Conv2D(64, 3, activation="relu"),
    layers.GlobalAveragePooling2D(),
    layers.Dense(10),
])
model.quantize("int8")
kernels = [l.kernel.dtype for l in model.layers if isinstance(l, layers.Conv2D)]
dense = {w.dtype for w in model.layers[-1].weights}
seen = f"convolutions {kernels}, dense layer {sorted(dense)}"
print(f"Keras {keras.__version__} on {backend}: {seen}", flush=True)
holds = {
    "jax": lambda: kernels == ["float32", "float32"] and "int8" in dense,
}[backend]()
sys.exit(0 if holds else f"This has changed on {backend}.")
END
echo "Expected: model.quantize('int8') stores LeNet's kernels as 8-bit integers."
echo "Seen:"
for backend in jax; do
    KERAS_BACKEND=$backend venv/bin/python probe.py
done
