#!/usr/bin/env bash
# Moving MNIST by parts of a pixel blurs it: what has learned from that errs more on untouched digits.
set -euo pipefail
file=$(realpath -m "${DATA_DIR:-.}/mnist.npz")
[ -f "$file" ] || { echo "Skipped: DATA_DIR names no folder with mnist.npz (x_train, x_test)."; exit 0; }
folder=$(mktemp -d)
export TMPDIR="$folder"  # pip's own temporary folders too
trap 'pkill -P $$ 2>/dev/null && sleep 1; rm -rf "$folder"' EXIT  # first ends what still writes there
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check scikit-learn==1.9.1
cd "$folder"
cat > probe.py <<'END'
import sys

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier

with np.load(sys.argv[1]) as file:
    images, labels = file["x_train"][:20000] / np.float32(255), file["y_train"][:20000]
    test_images, test_labels = file["x_test"] / np.float32(255), file["y_test"]
random = np.random.default_rng(0)


def moved(images, whole):
    """Move each image up and left by up to a pixel, by bilinear interpolation."""
    part = random.uniform(0, 1, (2, len(images), 1, 1)).astype("float32")
    part = part.round() if whole else part
    padded = np.pad(images, ((0, 0), (0, 1), (0, 1)))
    rows = padded[:, :-1] * (1 - part[0]) + padded[:, 1:] * part[0]
    return rows[:, :, :-1] * (1 - part[1]) + rows[:, :, 1:] * part[1]


def rows(images):
    return images.reshape(len(images), -1)


def errors(network, images):
    return round(float(1 - network.score(rows(images), test_labels)), 4)


seen = {}
for whole in (True, False):
    network = MLPClassifier((128,), batch_size=128, random_state=0)
    for _ in range(8):
        network.partial_fit(rows(moved(images, whole)), labels, classes=range(10))
    seen["whole pixels" if whole else "parts of a pixel"] = {
        "untouched": errors(network, test_images),
        "moved by parts of a pixel": errors(network, moved(test_images, False)),
    }
print(f"Seen with scikit-learn {sklearn.__version__}, errors on the test images:")
for training, found in seen.items():
    print(f"    trained on images moved by {training}: {found}", flush=True)
by_parts = seen["parts of a pixel"]
holds = by_parts["untouched"] > 1.05 * max(
    by_parts["moved by parts of a pixel"], seen["whole pixels"]["untouched"]
)
sys.exit(0 if holds else "This has changed.")
END
echo "Expected: training on images moved a little, by whole pixels or by parts, helps alike,"
echo "and the untouched test images, which are centered, are the easiest."
venv/bin/python probe.py "$file"
