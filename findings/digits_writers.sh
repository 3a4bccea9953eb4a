#!/usr/bin/env bash
# Near digits of scikit-learn's are alike: KFold finds twice as many errors in the file's order as shuffled.
set -euo pipefail
folder=$(mktemp -d)
export TMPDIR="$folder"  # pip's own temporary folders too
trap 'pkill -P $$ 2>/dev/null && sleep 1; rm -rf "$folder"' EXIT  # first ends what still writes there
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check scikit-learn==1.9.1
cd "$folder"
export TF_CPP_MIN_LOG_LEVEL=3
cat > probe.py <<'END'
import sys

import sklearn
from sklearn.datasets import load_digits
from sklearn.model_selection import KFold, cross_val_score
from sklearn.svm import SVC

images, labels = load_digits(return_X_y=True)


def errors(folds):
    return 1 - cross_val_score(SVC(gamma=0.001), images, labels, cv=folds).mean()


plain = errors(KFold(5))
shuffled = [errors(KFold(5, shuffle=True, random_state=seed)) for seed in range(5)]
print(f"Seen with scikit-learn {sklearn.__version__}: {plain:.2%} of errors in the order of the file, "
      f"{min(shuffled):.2%} to {max(shuffled):.2%} shuffled", flush=True)
sys.exit(0 if plain > 2 * max(shuffled) else "This has changed.")
END
echo "Expected: the labels run 0 to 9 again and again, so the order does not matter to a cross-validation."
venv/bin/python probe.py
