#!/usr/bin/env bash
# nbclient stores one output for each flush, where JupyterLab stores one for the whole cell.
set -euo pipefail
folder=$(mktemp -d)
export TMPDIR="$folder"  # pip's own temporary folders too
trap 'pkill -P $$ 2>/dev/null && sleep 1; rm -rf "$folder"' EXIT  # first ends what still writes there
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check nbclient==0.11.0 ipykernel==7.4.0 nbformat==5.11.1
cd "$folder"
export TF_CPP_MIN_LOG_LEVEL=3
cat > probe.py <<'END'
import sys

import nbclient
import nbformat

v4 = nbformat.v4
source = """import time
for epoch in range(3):
    print(epoch, flush=True)
    time.sleep(0.3)"""


def stored(**options):
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source)])
    nbclient.NotebookClient(notebook, kernel_name="python3", **options).execute()
    return [output.text for output in notebook.cells[0].outputs]


plain, merged = stored(), stored(coalesce_streams=True)
print(f"Seen with nbclient {nbclient.__version__}: {plain}; with coalesce_streams {merged}")
holds = plain == ["0\n", "1\n", "2\n"] and merged == ["0\n1\n2\n"]
sys.exit(0 if holds else "This has changed.")
END
echo "Expected: what a cell prints to one stream is stored as one output, in any program."
PATH="$folder/venv/bin:$PATH" venv/bin/python probe.py 2>errors.txt || { tail -3 errors.txt; exit 1; }
