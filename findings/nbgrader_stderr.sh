#!/usr/bin/env bash
# A warning on stderr costs all the points of an nbgrader test, though nothing has failed.
set -euo pipefail
folder=$(mktemp -d)
export TMPDIR="$folder"  # pip's own temporary folders too
trap 'pkill -P $$ 2>/dev/null && sleep 1; rm -rf "$folder"' EXIT  # first ends what still writes there
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check nbgrader==0.9.6
cd "$folder"
export TF_CPP_MIN_LOG_LEVEL=3
cat > probe.py <<'END'
import sys
from importlib.metadata import version

import nbformat
from nbgrader.utils import determine_grade

v4 = nbformat.v4
grade = {"grade": True, "solution": False, "locked": True, "points": 5, "grade_id": "test"}


def points(source, *outputs):
    cell = v4.new_code_cell(source, outputs=list(outputs), metadata={"nbgrader": grade})
    return determine_grade(cell)[0]


warning = v4.new_output("stream", name="stderr", text="I0000 oneDNN custom operations are on.\n")
plain = v4.new_output("stream", name="stdout", text="passed\n")
seen = {"stdout": points("assert True", plain), "stderr": points("assert True", warning)}
print(f"Seen with nbgrader {version('nbgrader')}: {seen}", flush=True)
sys.exit(0 if seen == {"stdout": 5, "stderr": 0} else "This has changed.")
END
echo "Expected: a test cell that runs to its end earns its 5 points, whatever a library logs."
venv/bin/python probe.py 2>errors.txt || { tail -3 errors.txt; exit 1; }
