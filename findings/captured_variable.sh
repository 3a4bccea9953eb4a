#!/usr/bin/env bash
# A variable that a custom gradient captures is not trained on PyTorch; a warning is all that says so.
set -euo pipefail
folder=$(mktemp -d)
export TMPDIR="$folder"  # pip's own temporary folders too
trap 'pkill -P $$ 2>/dev/null && sleep 1; rm -rf "$folder"' EXIT  # first ends what still writes there
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 torch==2.13.0
cd "$folder"
export TF_CPP_MIN_LOG_LEVEL=3
cat > probe.py <<'END'
import sys

import keras
import numpy as np
from keras import ops

backend = keras.backend.backend()
to_numpy = ops.convert_to_numpy
class Captured(keras.layers.Layer):
    def build(self, shape):
        self.w = self.add_weight(shape=(2, 1), initializer="ones")

    def call(self, x):
        @ops.custom_gradient
        def product(x):
            def gradient(*args, upstream=None, variables=None):
                upstream = args[0] if upstream is None else upstream
                to_x = ops.matmul(upstream, ops.transpose(self.w))
                return (to_x, [ops.matmul(ops.transpose(x), upstream)]) if variables else to_x

            return ops.matmul(x, self.w), gradient

        return product(x)


layer, last = Captured(), keras.layers.Dense(1, kernel_initializer="ones")
model = keras.Sequential([keras.Input((2,)), layer, last])
model.compile("sgd", "mse")
model.fit(np.ones((4, 2), "float32"), np.zeros((4, 1), "float32"), verbose=0)
count = len(model.trainable_weights)
w, other = to_numpy(layer.w).ravel().tolist(), to_numpy(last.kernel).item()
seen = f"{count} trainable weights; captured {w}, was 1; the next layer's {other:.3f}, was 1"
print(f"Keras {keras.__version__} on {backend}: {seen}", flush=True)
holds = {
    "torch": lambda: w == [1, 1] and other != 1 and layer.w in model.trainable_weights,
}[backend]()
sys.exit(0 if holds else f"This has changed on {backend}.")
END
echo "Expected: a weight used inside keras.ops.custom_gradient trains, as on TensorFlow, or is refused."
echo "Seen:"
for backend in torch; do
    KERAS_BACKEND=$backend venv/bin/python probe.py
done
