"""A box: a bubblewrap sandbox that stands ready for one kernel to enter.

bubblewrap makes the namespaces and mounts around a process that does nothing but hold them; a
forked kernel enters through the handles in :attr:`Box.namespaces`. Killing bubblewrap ends every
process in the box, whatever they did to stay; so does the end of the process that opened it.
"""

import contextlib
import functools
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from labkit.kernels.sandbox import mounts
from labkit.kernels.sandbox.bubblewrap import NoSandbox, bubblewrap
from labkit.kernels.sandbox.cgroups import Group
from labkit.kernels.sandbox.limits import Limits
from labkit.kernels.sandbox.mounts import View

__all__ = ["Box", "NoSandbox", "why_not"]

_NAMESPACES = ("ipc", "uts", "net", "cgroup", "mnt", "pid", "user")
_GET_OWNER = 0xB701  # NS_GET_USERNS: the user namespace that another one belongs to
_ACCOUNTS = b"student:x:1000:1000:student:/home/student:/bin/sh\n"
_PATIENCE = 20  # seconds for a box to stand: a machine under load


@functools.cache
def why_not():
    """Why this machine gives no sandbox, by trying; None: it does."""
    try:
        with Box(View(hidden=())):  # nothing runs in it
            return None
    except NoSandbox as error:
        return str(error)


class Box:
    """One sandbox, ready for a kernel to enter. As a context manager it is closed at the end.

    Args:
        view: A :class:`~labkit.kernels.sandbox.mounts.View`, which says what the box hides.
        limits: How much of the machine it may use; by default a fresh ``Limits()``.
        patience: Seconds to wait for bubblewrap.

    Raises:
        NoSandbox: This machine cannot provide one.
    """

    def __init__(self, view, limits=None, patience=_PATIENCE):
        self.view, self.limits = view, limits or Limits()
        #: Handles of its namespaces, in the order in which they are to be entered
        self.namespaces = []
        self._first, self._group, self._process = None, None, None
        try:
            self._open(patience)
            self._group = Group(self.limits)
        except BaseException:
            self.close()
            raise

    def _open(self, patience):
        told, tell = os.pipe()
        accounts, fill = os.pipe()
        os.write(fill, _ACCOUNTS)
        os.close(fill)
        holder = shutil.which("cat") or "/bin/cat"
        command = [bubblewrap(), "--unshare-all", "--unshare-user", "--disable-userns"]
        command += ["--uid", "1000", "--gid", "1000", "--hostname", "box", "--new-session"]
        command += ["--die-with-parent", "--info-fd", str(tell), "--cap-drop", "ALL"]
        command += mounts.arguments(self.view, self.limits)
        command += ["--ro-bind", os.path.realpath(holder), "/run/holder"]
        command += ["--ro-bind-data", str(accounts), "/etc/passwd"]
        command += ["--remount-ro", "/", "--chdir", "/home/student", "--", "/run/holder"]
        with tempfile.TemporaryFile() as errors:
            try:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    env={},
                    cwd="/",
                    pass_fds=(tell, accounts),
                )
            except OSError as error:
                raise NoSandbox(f"no sandbox: {command[0]}: {error.strerror}") from None
            finally:
                os.close(tell)
                os.close(accounts)
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(b"\n")  # comes back once the holder runs
                self._process.stdin.flush()
            ready, _, _ = select.select([self._process.stdout], [], [], patience)
            came = os.read(self._process.stdout.fileno(), 1) if ready else b""
            with open(told, "rb") as info:
                if came != b"\n":
                    errors.seek(0)
                    raise NoSandbox(_explained(errors.read(2000).decode("utf-8", "replace")))
                self.pid = json.loads(info.read())["child-pid"]
        self._first = os.pidfd_open(self.pid)
        for name in _NAMESPACES:
            path = f"/proc/{self.pid}/ns/{name}"
            if os.path.exists(path):
                self.namespaces.append(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
        import fcntl  # Windows has none

        # Who enters the owner of all may enter the others; the last, inside it, allows no more
        self.namespaces.insert(0, fcntl.ioctl(self.namespaces[0], _GET_OWNER))

    @property
    def root(self):
        """The box's file system as the world outside sees it."""
        return Path(f"/proc/{self.pid}/root")

    @property
    def groups(self):
        """The files to which a process writes "0" to be counted with the box."""
        return self._group.entries

    def close(self):
        """End all that runs in the box, now; may be called twice."""
        if self._first is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._first, signal.SIGKILL)
            # Linux lets go of it only when every process in the box is gone
            select.select([self._first], [], [], 10)
            os.close(self._first)
            self._first = None
        elif self._process is not None:
            self._process.kill()
        if self._process is not None:
            try:
                self._process.wait(10)  # it has seen its child's end
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
            self._process.stdout.close()
            self._process = None
        for handle in self.namespaces:
            os.close(handle)
        self.namespaces = []
        if self._group is not None:
            self._group.close()
            self._group = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _explained(said):
    """What bubblewrap said, and what usually helps."""
    said = " ".join(said.split()) or "it did not come up in time"
    advice = "user namespaces are switched off here"
    if Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").exists():
        advice = "Ubuntu's AppArmor restricts them: install its profile for bwrap"
    refused = "ermission" in said or "not permitted" in said or "denied" in said
    return f"no sandbox: bubblewrap says: {said}" + (f" ({advice})" if refused else "")
