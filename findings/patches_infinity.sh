#!/usr/bin/env bash
# Patches are cut out by a convolution: one infinite pixel makes its neighbors NaN.
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
image = np.arange(16, dtype="float32").reshape(1, 4, 4, 1)
image[0, 1, 1, 0] = np.inf
seen = to_numpy(ops.image.extract_patches(image, (2, 2), strides=1))[0, 0, 0].tolist()
print(f"Keras {keras.__version__} on {backend}: {seen}", flush=True)
holds = {
    "jax": lambda: str(seen) == "[nan, nan, nan, inf]",
    "numpy": lambda: str(seen) == "[nan, nan, nan, inf]",
}[backend]()
sys.exit(0 if holds else f"This has changed on {backend}.")
END
echo "Expected: extract_patches copies pixels, so a patch with one infinite pixel keeps its three finite ones."
echo "Seen:"
for backend in jax numpy; do
    KERAS_BACKEND=$backend venv/bin/python probe.py
done
