"""Set labkit up on a machine that has only Python and pip, then start the labs or run the tests.

    python3 bootstrap.py labs [ARGUMENTS OF labkit start]
    python3 bootstrap.py test [ARGUMENTS OF pytest]

Everything goes into ./.venv, at the versions in constraints.txt. Running it again is quick and
picks up whatever an update of the project changed.
"""

import hashlib
import os
import signal
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
EXTRAS = {"labs": "labs,teach", "test": "test"}


def install(extras):
    """Bring .venv to what pyproject.toml and constraints.txt ask for."""
    python = BIN / ("python.exe" if os.name == "nt" else "python")
    stamp = VENV / f"installed-{extras.replace(',', '-')}"
    wanted = hashlib.sha256(sys.version.encode())
    for name in ("pyproject.toml", "constraints.txt"):
        wanted.update((ROOT / name).read_bytes())
    if python.exists() and stamp.exists() and stamp.read_text() == wanted.hexdigest():
        return python
    # This pip fills the new environment (--python): Debian's Python has pip but no ensurepip.
    if not python.exists():
        venv.create(VENV, with_pip=False, symlinks=os.name != "nt", clear=VENV.exists())
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    pip += ["--disable-pip-version-check", "-c", str(ROOT / "constraints.txt")]
    print("labkit: installing into .venv (TensorFlow is large: a few minutes) ...", flush=True)
    subprocess.run([*pip, "pip", "-e", f"{ROOT}[{extras}]"], check=True)
    stamp.write_text(wanted.hexdigest())
    return python


def main():
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        sys.exit(
            f"labkit needs Python 3.11, 3.12 or 3.13; this is {sys.version.split()[0]}. "
            "Run bootstrap.py with one of those, for example: python3.12 bootstrap.py labs"
        )
    if len(sys.argv) < 2 or sys.argv[1] not in EXTRAS:
        sys.exit(__doc__)
    what, rest = sys.argv[1], sys.argv[2:]
    try:
        python = install(EXTRAS[what])
    except subprocess.CalledProcessError as error:
        sys.exit(
            f"labkit: pip could not install (exit status {error.returncode}, message above). "
            "Check the network and run the same line again: it goes on where it was."
        )
    command = (
        ["labkit", "start", *rest]
        if what == "labs"
        else ["pytest", "-n", "2", "--dist", "worksteal", *rest]
    )
    child = subprocess.Popen([str(python), "-m", *command], cwd=ROOT if what == "test" else None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the child's, which may ask a question
    sys.exit(child.wait())


if __name__ == "__main__":
    main()
