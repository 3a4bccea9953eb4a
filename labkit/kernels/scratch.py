"""Folders for as long as a process lives; what a killed one has left, the next one sweeps up."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: nothing is held, and nothing swept
    fcntl = None

__all__ = ["Scratch", "sweep"]

_PREFIX, _HELD = "labkit-", ".held"
_SOCKET = 107 - len("/0123456789abcdef")  # what Linux leaves a folder of a socket's name, in bytes


class Scratch:
    """A temporary folder at :attr:`path`; a context manager that removes it."""

    def __init__(self, kind):
        self._handle = self._folder = None
        while self._handle is None:
            self.path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{kind}-"))
            self._handle = _hold(self.path / _HELD)

    def for_sockets(self):
        """Its name, or where that is too long for a socket in it, another; good while we live."""
        if len(os.fsencode(self.path)) <= _SOCKET:
            return str(self.path)
        if self._folder is None:
            self._folder = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        return f"/proc/{os.getpid()}/fd/{self._folder}"

    def remove(self):
        """Remove it; may be called twice."""
        shutil.rmtree(self.path, ignore_errors=True)
        for handle in (self._handle, self._folder):
            if handle is not None:
                os.close(handle)
        self._handle = self._folder = None

    def __enter__(self):
        return self.path

    def __exit__(self, *_):
        self.remove()


def sweep():
    """Remove the folders of processes that were killed."""
    if fcntl is None:
        return
    for held in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_HELD}"):
        with contextlib.suppress(OSError):  # somebody else's, or gone already
            handle = os.open(held, os.O_RDWR | os.O_NOFOLLOW)
            try:
                if _lock(handle):
                    # under another name first: a child of who was killed may still write there
                    swept = held.parent.rename(f"{held.parent}.swept")
                    shutil.rmtree(swept, ignore_errors=True)
            finally:
                os.close(handle)


def _hold(path):
    """A handle of the new file at `path`, locked until this process ends; None: it was swept up."""
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    if _lock(handle) and path.exists():
        return handle
    os.close(handle)
    return None


def _lock(handle):
    """Whether nobody else holds the file, and we do now."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
