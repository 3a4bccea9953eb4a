#!/usr/bin/env bash
# A cell tagged raises-exception that raises nothing passes in nbclient and in nbval.
set -euo pipefail
folder=$(mktemp -d)
export TMPDIR="$folder"  # pip's own temporary folders too
trap 'pkill -P $$ 2>/dev/null && sleep 1; rm -rf "$folder"' EXIT  # first ends what still writes there
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check nbclient==0.11.0 nbval==0.11.0 pytest==9.2.0 ipykernel==7.4.0 nbformat==5.11.1
cd "$folder"
export TF_CPP_MIN_LOG_LEVEL=3
cat > make.py <<'END'
import nbclient
import nbformat

v4 = nbformat.v4
cell = v4.new_code_cell("x = 1", execution_count=1)
cell.metadata["tags"] = ["raises-exception"]
notebook = v4.new_notebook(cells=[cell])
nbformat.write(notebook, "notebook.ipynb")
nbclient.NotebookClient(notebook, kernel_name="python3").execute()
print(f"nbclient {nbclient.__version__} reports nothing", flush=True)
END
echo "Expected: the tag is a claim, like pytest.raises, and a cell that raises nothing breaks it."
echo "Seen with $(venv/bin/pip list 2>/dev/null | grep -i '^nbval'):"
PATH="$folder/venv/bin:$PATH" venv/bin/python make.py 2>errors.txt || { tail -3 errors.txt; echo "This has changed."; exit 1; }
venv/bin/python -m pytest --nbval --nbval-current-env -q -p no:cacheprovider notebook.ipynb ||
    { echo "This has changed."; exit 1; }
