#!/usr/bin/env bash
# A uint8 photograph turns black when OpenVINO makes it gray.
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
pixel = np.array([[[255, 128, 10]]], "uint8")
seen = [to_numpy(ops.image.rgb_to_grayscale(p)).item() for p in (pixel, pixel.astype("float32"))]
print(f"Keras {keras.__version__} on {backend}: {seen}", flush=True)
holds = {
    "jax": lambda: seen[0] == 152 == int(seen[1]),
    "openvino": lambda: seen[0] == 0 and int(seen[1]) == 152,
}[backend]()
sys.exit(0 if holds else f"This has changed on {backend}.")
END
echo "Expected: rgb_to_grayscale of a uint8 pixel (255, 128, 10) is about 152 on every backend."
echo "Seen:"
for backend in jax openvino; do
    KERAS_BACKEND=$backend venv/bin/python probe.py
done
