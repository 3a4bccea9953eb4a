#!/usr/bin/env bash
# pytest-xdist 3.8 ignores xdist_group under pytest 9.
set -euo pipefail
folder=$(mktemp -d)
export TMPDIR="$folder"  # pip's own temporary folders too
trap 'pkill -P $$ 2>/dev/null && sleep 1; rm -rf "$folder"' EXIT  # first ends what still writes there
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pytest==9.2.0 pytest-xdist==3.8.0
cd "$folder"
export TF_CPP_MIN_LOG_LEVEL=3
cat > test_group.py <<'END'
import os
import time

import pytest


@pytest.mark.parametrize("number", range(10))
@pytest.mark.xdist_group("together")
def test_it(number):
    time.sleep(0.2)
    with open("workers.txt", "a") as file:
        file.write(os.environ["PYTEST_XDIST_WORKER"] + "\n")
END
echo "Expected: --dist loadgroup runs all tests of one xdist_group in one worker."
echo "Seen with $(venv/bin/pip list 2>/dev/null | grep -i '^pytest' | tr -s ' ' | tr '\n' ' '): tests per worker"
venv/bin/python -m pytest -q -n 2 --dist loadgroup -p no:cacheprovider test_group.py
sort workers.txt | uniq -c
[ "$(sort -u workers.txt | wc -l)" = 2 ] || { echo "This has changed."; exit 1; }
