#!/usr/bin/env bash
# In float64, the slope of a leaky ReLU is rounded to float32 on TensorFlow.
set -euo pipefail
folder=$(mktemp -d)
export TMPDIR="$folder"  # pip's own temporary folders too
trap 'pkill -P $$ 2>/dev/null && sleep 1; rm -rf "$folder"' EXIT  # first ends what still writes there
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 tensorflow-cpu==2.21.0
cd "$folder"
export TF_CPP_MIN_LOG_LEVEL=3
cat > probe.py <<'END'
import sys

import keras
import numpy as np
from keras import ops

backend = keras.backend.backend()
to_numpy = ops.convert_to_numpy
x = ops.convert_to_tensor(np.array([-1.0]), dtype="float64")
y = to_numpy(ops.leaky_relu(x, negative_slope=0.1))
seen = f"{y.dtype} {y[0]!r}"
print(f"Keras {keras.__version__} on {backend}: {seen}", flush=True)
holds = {
    "tensorflow": lambda: y.dtype == "float64" and y[0] == np.float64(np.float32(-0.1)) != -0.1,
}[backend]()
sys.exit(0 if holds else f"This has changed on {backend}.")
END
echo "Expected: leaky_relu(-1.0) in float64 with a negative slope of 0.1 is -0.1 to 16 digits."
echo "Seen:"
for backend in tensorflow; do
    KERAS_BACKEND=$backend venv/bin/python probe.py
done
