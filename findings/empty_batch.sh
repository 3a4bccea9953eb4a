#!/usr/bin/env bash
# A convolution of an empty batch has the shape of its input on TensorFlow with oneDNN.
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
layer = keras.layers.Conv2D(3, 3, use_bias=False)
shape = tuple(layer(np.zeros((0, 8, 8, 2), "float32")).shape)
seen = f"{shape}, announced {layer.compute_output_shape((0, 8, 8, 2))}"
print(f"Keras {keras.__version__} on {backend}: {seen}", flush=True)
holds = {
    "tensorflow": lambda: shape == (0, 8, 8, 2),
    "jax": lambda: shape == (0, 6, 6, 3),
}[backend]()
sys.exit(0 if holds else f"This has changed on {backend}.")
END
echo "Expected: 3 filters of 3x3 on a batch of 0 images of 8x8x2 give the shape (0, 6, 6, 3), as the layer itself announces."
echo "Seen:"
for backend in tensorflow jax; do
    KERAS_BACKEND=$backend venv/bin/python probe.py
done
