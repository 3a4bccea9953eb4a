#!/usr/bin/env bash
# Reading a notebook with a duplicate cell id invents another id, a new one at each reading.
set -euo pipefail
folder=$(mktemp -d)
export TMPDIR="$folder"  # pip's own temporary folders too
trap 'pkill -P $$ 2>/dev/null && sleep 1; rm -rf "$folder"' EXIT  # first ends what still writes there
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check nbformat==5.11.1
cd "$folder"
export TF_CPP_MIN_LOG_LEVEL=3
cat > probe.py <<'END'
import json
import sys
import warnings

import nbformat

warnings.simplefilter("ignore")  # it does warn, when asked to
cell = {"id": "train", "cell_type": "code", "source": "", "metadata": {}, "outputs": []}
cell["execution_count"] = None
text = json.dumps({"cells": [cell, cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
first, second = ([c.id for c in nbformat.reads(text, as_version=4).cells] for _ in range(2))
print(f"Seen with nbformat {nbformat.__version__}: {first}, then {second}", flush=True)
holds = first[0] == second[0] == "train" and first[1] != second[1] and "train" not in first[1:]
sys.exit(0 if holds else "This has changed.")
END
echo "Expected: reading changes nothing, or refuses: two readings of one file agree."
venv/bin/python probe.py
