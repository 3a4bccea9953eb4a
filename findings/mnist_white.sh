#!/usr/bin/env bash
# MNIST's white is not 255: most ink has the value 253.
set -euo pipefail
file=$(realpath -m "${DATA_DIR:-.}/mnist.npz")
[ -f "$file" ] || { echo "Skipped: DATA_DIR names no folder with mnist.npz (x_train, x_test)."; exit 0; }
folder=$(mktemp -d)
export TMPDIR="$folder"  # pip's own temporary folders too
trap 'pkill -P $$ 2>/dev/null && sleep 1; rm -rf "$folder"' EXIT  # first ends what still writes there
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6
cd "$folder"
export TF_CPP_MIN_LOG_LEVEL=3
cat > probe.py <<'END'
import sys

import numpy as np

with np.load(sys.argv[1]) as file:
    images = np.concatenate([file["x_train"], file["x_test"]])
counts = np.bincount(images.ravel(), minlength=256)
order = np.argsort(-counts)[:5].tolist()
seen = {value: int(counts[value]) for value in order}
print(f"Seen in all {len(images)} images of MNIST: {seen}", flush=True)
sys.exit(0 if order == [0, 253, 254, 252, 255] else "This has changed.")
END
echo "Expected: black ink on white paper, inverted, has 0 and 255 as its two commonest values."
venv/bin/python probe.py "$file"
