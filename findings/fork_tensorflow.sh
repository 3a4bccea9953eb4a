#!/usr/bin/env bash
# Importing TensorFlow starts no thread, so a process may fork afterwards; the first tensor starts several.
set -euo pipefail
folder=$(mktemp -d)
export TMPDIR="$folder"  # pip's own temporary folders too
trap 'pkill -P $$ 2>/dev/null && sleep 1; rm -rf "$folder"' EXIT  # first ends what still writes there
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 tensorflow-cpu==2.21.0
cd "$folder"
export TF_CPP_MIN_LOG_LEVEL=3
cat > probe.py <<'END'
import os
import sys


def threads():
    return len(os.listdir("/proc/self/task"))


import keras
import tensorflow as tf

imported = threads()
child = os.fork()  # here nothing has been computed yet
if child == 0:
    os._exit(0 if float(tf.reduce_sum(tf.ones((3, 3)))) == 9 else 1)
status = os.waitpid(child, 0)[1]
layer = keras.layers.Dense(2)
tf.constant(1.0)
computed = threads()
print(f"Seen with TensorFlow {tf.__version__}, Keras {keras.__version__}: threads after the import "
      f"{imported}, after a constant {computed}; a child forked in between computes: "
      f"{status == 0}", flush=True)
sys.exit(0 if imported == 1 and computed > 1 and status == 0 else "This has changed.")
END
echo "Expected: importing TensorFlow starts its thread pools, so a forked child cannot compute."
echo "(A child that is forked after the parent's first tensor may wait for ever, as one expects.)"
[ "$(uname)" = Linux ] || { echo "Skipped: it counts threads in /proc."; exit 0; }
KERAS_BACKEND=tensorflow OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 timeout 120 venv/bin/python probe.py 2>errors.txt ||
    { tail -5 errors.txt; exit 1; }
