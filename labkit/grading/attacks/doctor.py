"""Tell what this machine offers to contain students' code, and try every attack on it."""

from collections.abc import Iterable, Iterator

from labkit.grading.attacks import ATTACKS, Bait, Result, attempt
from labkit.kernels.sandbox import cgroups, landlock
from labkit.kernels.sandbox.box import why_not
from labkit.kernels.sandbox.bubblewrap import bubblewrap, bubblewrap_version, bubblewrap_warning

__all__ = ["capabilities", "examine"]


def capabilities() -> list[str]:
    """Return what this machine offers to contain students' code, as lines of text.

    Raises:
        NoSandbox: There is no bubblewrap, or none that can run here.
    """
    version = bubblewrap_version()
    numbers = ".".join(map(str, version)) if version else "of unknown version"
    warning = bubblewrap_warning()
    landlock_version = landlock.version()
    groups = ", ".join(sorted(cgroups.available()))
    return [
        f"bubblewrap {numbers} ({bubblewrap()})",
        *([f"warning: {warning}"] if warning else []),
        f"user namespaces: {why_not() or 'yes'}",
        "seccomp: yes",
        "Landlock: "
        + (f"version {landlock_version}" if landlock_version else "none, only the mounts protect"),
        f"control groups: {groups or 'none may be used, so each process is limited by itself'}",
    ]


def examine(names: Iterable[str] = ()) -> Iterator[Result]:
    """Try attacks, one after the other, and yield the result of each.

    Args:
        names: The ids of the attacks to try; by default all of them.

    Raises:
        LookupError: There is no attack of that name.
        RuntimeError: A kernel could not be started.
    """
    known = {attack.id: attack for attack in ATTACKS}
    for name in names:
        if name not in known:
            raise LookupError(f"no attack {name!r}: expected one of {', '.join(known)}")
    with Bait() as bait:
        for attack in [known[name] for name in names] or ATTACKS:
            yield attempt(attack, bait, str(bait.desk))
