#!/usr/bin/env bash
# MNIST's border of 4 pixels is not empty, and its digits are centered off the middle of the image.
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
ink = images > 0
outside = ink.copy()
outside[:, 4:24, 4:24] = False
share = outside.any((1, 2)).mean()
edge = int((images.any(2)[:, [0, -1]].any(1) | images.any(1)[:, [0, -1]].any(1)).sum())
mass = images.astype("float64")
rows = (mass.sum(2) @ np.arange(28) / mass.sum((1, 2))).mean()
columns = (mass.sum(1) @ np.arange(28) / mass.sum((1, 2))).mean()
seen = (f"{share:.1%} have ink in the outer 4 pixels, {edge} at the very edge; "
        f"the mean center of mass is ({rows:.2f}, {columns:.2f})")
print(f"Seen in all {len(images)} images of MNIST: {seen}", flush=True)
sys.exit(0 if 0.75 < share < 0.76 and edge == 920 and abs(rows - 14) < 0.01 and abs(columns - 14) < 0.01 else "This has changed.")
END
echo "Expected: digits of 20x20 in images of 28x28 leave 4 empty pixels on each side, around the middle at 13.5."
venv/bin/python probe.py "$file"
