#!/usr/bin/env bash
# The average of uint8 pixels is computed modulo 256 by AveragePooling2D on JAX and NumPy.
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
image = np.full((1, 2, 2, 1), 200, "uint8")
average = to_numpy(keras.layers.AveragePooling2D(2)(image))
seen = f"{average.item()} ({average.dtype})"
print(f"Keras {keras.__version__} on {backend}: {seen}", flush=True)
holds = {
    "jax": lambda: average.item() == (4 * 200 % 256) / 4,
    "numpy": lambda: average.item() == (4 * 200 % 256) / 4,
}[backend]()
sys.exit(0 if holds else f"This has changed on {backend}.")
END
echo "Expected: the average of four pixels of 200 is 200 (or integers are refused, as on TensorFlow and PyTorch)."
echo "Seen:"
for backend in jax numpy; do
    KERAS_BACKEND=$backend venv/bin/python probe.py
done
