#!/usr/bin/env bash
# LiteRT's default quantization leaves layers with fewer than 1024 weights in float32.
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
import tensorflow as tf

layers = keras.layers
model = keras.Sequential([
    keras.Input((28, 28, 1)),
    layers.Conv2D(6, 5, activation="tanh"),
    layers.AveragePooling2D(2),
    layers.Conv2D(16, 5, activation="tanh"),
    layers.AveragePooling2D(2),
    layers.Flatten(),
    layers.Dense(120, activation="tanh"),
    layers.Dense(84, activation="tanh"),
    layers.Dense(10),
])
converter = tf.lite.TFLiteConverter.from_keras_model(model)
converter.optimizations = [tf.lite.Optimize.DEFAULT]
interpreter = tf.lite.Interpreter(model_content=converter.convert())
shapes = {(6, 5, 5, 1), (16, 5, 5, 6), (120, 256), (84, 120), (10, 84)}
seen = {}
for tensor in interpreter.get_tensor_details():
    if tuple(tensor["shape"]) in shapes:
        seen[tuple(map(int, tensor["shape"]))] = tensor["dtype"].__name__
print(f"Seen with TensorFlow {tf.__version__}: {seen}", flush=True)
floats = {shape for shape, dtype in seen.items() if dtype == "float32"}
holds = set(seen) == shapes and floats == {(6, 5, 5, 1), (10, 84)}
sys.exit(0 if holds else "This has changed.")
END
echo "Expected: Optimize.DEFAULT stores all five of LeNet's weight matrices in 8 bits."
venv/bin/python probe.py 2>errors.txt || { tail -5 errors.txt; exit 1; }
