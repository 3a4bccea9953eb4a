#!/usr/bin/env bash
# Adding up a thousand ones in bfloat16 gives 256 on Keras's NumPy backend.
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
seen = float(to_numpy(ops.cast(ops.sum(ops.ones((1000,), dtype="bfloat16")), "float32")))
print(f"Keras {keras.__version__} on {backend}: {seen}", flush=True)
holds = {
    "jax": lambda: seen == 1000,
    "numpy": lambda: seen == 256,
}[backend]()
sys.exit(0 if holds else f"This has changed on {backend}.")
END
echo "Expected: a sum of 1000 ones in bfloat16 is about 1000: sums are accumulated in float32, as on JAX."
echo "Seen:"
for backend in jax numpy; do
    KERAS_BACKEND=$backend venv/bin/python probe.py
done
