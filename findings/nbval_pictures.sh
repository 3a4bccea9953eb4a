#!/usr/bin/env bash
# nbval compares no PNG: a figure that has changed passes.
set -euo pipefail
folder=$(mktemp -d)
export TMPDIR="$folder"  # pip's own temporary folders too
trap 'pkill -P $$ 2>/dev/null && sleep 1; rm -rf "$folder"' EXIT  # first ends what still writes there
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check nbval==0.11.0 pytest==9.2.0 ipykernel==7.4.0 nbformat==5.11.1
cd "$folder"
export TF_CPP_MIN_LOG_LEVEL=3
cat > make.py <<'END'
import nbformat

v4 = nbformat.v4
source = """from IPython.display import display
display({"text/plain": "a figure", "image/png": "%s"}, raw=True)"""
new, old = "iVBORw0KGgoAAAANSUhEUg==", "iVBORw0KGgoAAAAAAAAAAA=="
stored = v4.new_output("display_data", {"text/plain": "a figure", "image/png": old})
cells = [v4.new_code_cell(source % new, outputs=[stored], execution_count=1)]
nbformat.write(v4.new_notebook(cells=cells), "notebook.ipynb")
END
venv/bin/python make.py
echo "Expected: nbval --nbval fails where the stored picture is another one than the computed."
echo "Seen with $(venv/bin/pip list 2>/dev/null | grep -i '^nbval'):"
if venv/bin/python -m pytest --nbval --nbval-current-env -q -p no:cacheprovider notebook.ipynb
then exit 0
else echo "This has changed."; exit 1
fi
