"""What this machine can hold: try every attack of the collection, and say which were held."""

import subprocess

from labkit.grading.attacks import ATTACKS, Bait, attempt
from labkit.kernels.sandbox import cgroups, landlock
from labkit.kernels.sandbox.box import bubblewrap, why_not

__all__ = ["examine", "means"]


def means():
    """What this machine offers to hold code, as lines of text.

    Raises :class:`~labkit.kernels.sandbox.box.NoSandbox` when it is not enough.
    """
    path = bubblewrap()
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    groups, version = cgroups.available(), landlock.version()
    counted = ", ".join(sorted(groups)) or "none may be used: each process is limited by itself"
    return [
        f"{said.stdout.strip() or 'bubblewrap'} ({path})",
        f"user namespaces: {why_not() or 'yes'}",
        "seccomp: yes",
        f"Landlock: {f'version {version}' if version else 'none: the mounts alone hold'}",
        f"control groups: {counted}",
    ]


def examine(names=()):
    """Try the attacks called `names` (none: all); yields a Result each.

    Raises LookupError when there is no such attack, and what starting a kernel raises.
    """
    known = {attack.id: attack for attack in ATTACKS}
    for name in names:
        if name not in known:
            raise LookupError(f"no attack {name!r}: expected one of {', '.join(known)}")
    with Bait() as bait:
        for attack in [known[name] for name in names] or ATTACKS:
            yield attempt(attack, bait, str(bait.desk))
