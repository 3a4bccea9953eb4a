#!/usr/bin/env bash
# Half a pixel is rounded up by affine_transform on JAX, and to the even pixel on OpenVINO.
set -euo pipefail
folder=$(mktemp -d)
export TMPDIR="$folder"  # pip's own temporary folders too
trap 'pkill -P $$ 2>/dev/null && sleep 1; rm -rf "$folder"' EXIT  # first ends what still writes there
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 jax==0.10.2 openvino==2026.4.1
cd "$folder"
export TF_CPP_MIN_LOG_LEVEL=3
cat > probe.py <<'END'
import sys

import keras
import numpy as np
from keras import ops

backend = keras.backend.backend()
to_numpy = ops.convert_to_numpy
row = np.arange(5, dtype="float32").reshape(1, 1, 5, 1)
half_right = np.array([[1, 0, 0.5, 0, 1, 0, 0, 0]], "float32")
moved = ops.image.affine_transform(row, half_right, interpolation="nearest")
seen = to_numpy(moved).ravel().tolist()
print(f"Keras {keras.__version__} on {backend}: {seen}", flush=True)
holds = {
    "jax": lambda: seen == [1, 2, 3, 4, 0],
    "openvino": lambda: seen == [0, 2, 2, 4, 4],
}[backend]()
sys.exit(0 if holds else f"This has changed on {backend}.")
END
echo "Expected: nearest-neighbor interpolation at x + 0.5 picks the same pixels on every backend."
echo "Seen:"
for backend in jax openvino; do
    KERAS_BACKEND=$backend venv/bin/python probe.py
done
