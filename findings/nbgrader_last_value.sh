#!/usr/bin/env bash
# A number that an nbgrader test cell happens to end with becomes the grade.
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


def shown(value):
    return v4.new_output("execute_result", {"text/plain": value}, execution_count=1)


accuracy = points("assert accuracy > 0.9\naccuracy", shown("0.97"))
quiet = points("assert accuracy > 0.9")
seen = {"the cell ends with assert": quiet, "the cell ends with accuracy, 0.97": accuracy}
print(f"Seen with nbgrader {version('nbgrader')}: {seen}", flush=True)
sys.exit(0 if list(seen.values()) == [5, 0.97] else "This has changed.")
END
echo "Expected: a test cell without an exception earns its 5 points; its last value is only shown."
venv/bin/python probe.py 2>errors.txt || { tail -3 errors.txt; exit 1; }
