"""Control groups: what counts the memory and the processes of a box together, where we may.

Both generations: version 1 has a tree for memory and one for processes, version 2 one for both.
Where they cannot be used (an ordinary user without a delegated group), each process is limited by
itself, and the number of processes by the user's namespace.
"""

import contextlib
import functools
import os
import secrets
import time
from pathlib import Path

__all__ = ["Group", "available"]

_V1 = {"memory": "memory.limit_in_bytes", "pids": "pids.max"}
_V2 = {"memory": "memory.max", "pids": "pids.max"}


@functools.cache
def _places():
    """[(folder to make groups in, {controller: its file})] that this process may use."""
    mounted, own = [], {}
    try:
        for line in Path("/proc/self/mounts").read_text().splitlines():
            _, folder, kind, options, *_ = line.split()
            if kind in ("cgroup", "cgroup2"):
                mounted.append((Path(folder), kind, options.split(",")))
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            own |= dict.fromkeys(controllers.split(","), path)
    except (OSError, ValueError):
        return []
    found = []
    for folder, kind, options in mounted:
        if kind == "cgroup":
            files = {name: _V1[name] for name in _V1 if name in options}
            candidates = [folder / own.get(name, "/").lstrip("/") for name in files]
        else:
            here = folder / own.get("", "/").lstrip("/")
            candidates = [here, here.parent] if here != folder else [here]
            files = _V2
        for candidate in candidates:
            if files and (usable := _try(candidate, files)):
                found.append((candidate, usable))
                break
    return found


def _try(folder, files):
    """Those of `files` that a group in `folder` would have, found out by making one."""
    _sweep(folder)
    made = folder / _name()
    try:
        made.mkdir()
    except OSError:
        return {}
    try:
        return {name: few for name, few in files.items() if os.access(made / few, os.W_OK)}
    finally:
        with contextlib.suppress(OSError):
            made.rmdir()


def _name():
    return f"labkit-{os.getpid()}-{secrets.token_hex(8)}"


def _sweep(folder):
    """Remove the groups whose makers were killed."""
    for made in folder.glob("labkit-*-*"):
        owner = made.name.split("-")[1]
        if owner.isdigit() and not Path("/proc", owner).exists():
            with contextlib.suppress(OSError):
                made.rmdir()


def available():
    """The controllers that can be used here: a subset of {"memory", "pids"}."""
    return {name for _, files in _places() for name in files}


class Group:
    """Limits for all processes that enter through :attr:`entries`."""

    def __init__(self, limits):
        most = {"memory": limits.memory, "pids": limits.processes}
        self._made = []
        for folder, files in _places():
            made = folder / _name()
            with contextlib.suppress(OSError):  # one that is full, say: the other limits hold
                made.mkdir()
                self._made.append(made)
                for name, file in files.items():
                    (made / file).write_text(str(most[name]))

    @property
    def entries(self):
        """The files to which a process writes "0" to enter."""
        return [str(made / "cgroup.procs") for made in self._made]

    def close(self):
        """Remove the group, whose processes have ended; Linux may need a moment to believe it."""
        for made in self._made:
            for _ in range(50):
                try:
                    made.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.01)
        self._made = []
