#!/usr/bin/env bash
# A cell appended to a notebook from Colab or Kaggle makes it invalid, and nbformat writes it all the same.
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

import nbformat

cell = {"cell_type": "code", "source": "x = 1", "outputs": [], "execution_count": None}
cell["metadata"] = {"id": "a1B2c3"}  # as Colab writes it: minor version 0, the id in the metadata
text = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 0})
notebook = nbformat.reads(text, as_version=4)
notebook.cells.append(nbformat.v4.new_code_cell("print(x)"))
written = nbformat.writes(notebook)  # logs an error, raises none
try:
    nbformat.validate(json.loads(written))
    verdict = "valid"
except nbformat.ValidationError as error:
    verdict = str(error).splitlines()[0]
minor = notebook.nbformat_minor
print(f"Seen with nbformat {nbformat.__version__}: minor version {minor}, "
      f"an id in the first cell: {'id' in notebook.cells[0]}; what was written: {verdict}", flush=True)
holds = minor == 0 and "id" not in notebook.cells[0] and "'id' was unexpected" in verdict
sys.exit(0 if holds else "This has changed.")
END
echo "Expected: as_version=4 brings a notebook to the present 4.5, with ids; new_code_cell fits it."
venv/bin/python probe.py 2>errors.txt || { tail -3 errors.txt; exit 1; }
