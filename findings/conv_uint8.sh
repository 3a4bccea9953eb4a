#!/usr/bin/env bash
# A convolution takes images of integers on JAX only, while a dense layer takes them everywhere.
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
images = np.zeros((1, 5, 5, 1), "uint8")
seen = {}
for layer in (keras.layers.Dense(3), keras.layers.BatchNormalization(), keras.layers.Conv2D(3, 3)):
    try:
        seen[type(layer).__name__] = str(to_numpy(layer(images)).dtype)
    except Exception as error:
        seen[type(layer).__name__] = type(error).__name__
print(f"Keras {keras.__version__} on {backend}: {seen}", flush=True)
holds = {
    "jax": lambda: set(seen.values()) == {"float32"},
    "numpy": lambda: list(seen.values()) == ["float32", "float32", "TypeError"],
}[backend]()
sys.exit(0 if holds else f"This has changed on {backend}.")
END
echo "Expected: the layers of one library treat a batch of uint8 images alike: cast, or refused."
echo "Seen:"
for backend in jax numpy; do
    KERAS_BACKEND=$backend venv/bin/python probe.py
done
