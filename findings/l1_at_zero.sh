#!/usr/bin/env bash
# An L1 penalty moves weights away from 0 on JAX, where the slope of |x| at 0 is 1.
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
dense = keras.layers.Dense(
    1, use_bias=False, kernel_initializer="zeros", kernel_regularizer=keras.regularizers.L1(1.0)
)

model = keras.Sequential([keras.Input((1,)), dense])
model.compile(keras.optimizers.SGD(0.1), "mse")
nothing = np.zeros((4, 1), "float32")
model.fit(nothing, nothing, verbose=0)
seen = to_numpy(dense.kernel).item()
print(f"Keras {keras.__version__} on {backend}: {seen}", flush=True)
holds = {
    "jax": lambda: abs(seen + 0.1) < 1e-6,
    "torch": lambda: seen == 0,
}[backend]()
sys.exit(0 if holds else f"This has changed on {backend}.")
END
echo "Expected: a weight of 0 that no example uses stays 0 under an L1 penalty."
echo "Seen:"
for backend in jax torch; do
    KERAS_BACKEND=$backend venv/bin/python probe.py
done
