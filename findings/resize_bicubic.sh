#!/usr/bin/env bash
# Bicubic resizing uses another kernel on PyTorch than on the other backends.
set -euo pipefail
folder=$(mktemp -d)
export TMPDIR="$folder"  # pip's own temporary folders too
trap 'pkill -P $$ 2>/dev/null && sleep 1; rm -rf "$folder"' EXIT  # first ends what still writes there
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 jax==0.10.2 torch==2.13.0
cd "$folder"
export TF_CPP_MIN_LOG_LEVEL=3
cat > probe.py <<'END'
import sys

import keras
import numpy as np
from keras import ops

backend = keras.backend.backend()
to_numpy = ops.convert_to_numpy
image = np.array([0, 255, 0, 255, 255], "float32").reshape(1, 1, 5, 1)
row = to_numpy(ops.image.resize(image, (1, 7), interpolation="bicubic")).ravel()
seen = row.round(1).tolist()
a = {"jax": -0.5, "torch": -0.75}[backend]  # the free parameter of the cubic kernel


def cubic(d):
    d = abs(d)
    near = (a + 2) * d**3 - (a + 3) * d**2 + 1
    return near if d <= 1 else a * (d**3 - 5 * d**2 + 8 * d - 4) if d < 2 else 0


center = (4 + 0.5) * 5 / 7 - 0.5  # where the fifth pixel of seven lies among the five
fifth = sum(cubic(center - i) * value for i, value in enumerate(image.ravel()))
print(f"a cubic kernel with a = {a} gives {fifth:.1f} for the fifth pixel")
print(f"Keras {keras.__version__} on {backend}: {seen}", flush=True)
holds = {
    "jax": lambda: abs(row[4] - fifth) < 0.2,
    "torch": lambda: abs(row[4] - fifth) < 0.2,
}[backend]()
sys.exit(0 if holds else f"This has changed on {backend}.")
END
echo "Expected: keras.ops.image.resize gives the same picture on every backend, up to rounding."
echo "Seen:"
for backend in jax torch; do
    KERAS_BACKEND=$backend venv/bin/python probe.py
done
