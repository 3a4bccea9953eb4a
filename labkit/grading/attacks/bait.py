"""Bait outside the box: files, sockets and processes that notice when an attack reaches them."""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from labkit import paths
from labkit.grading.attacks.attack import resident
from labkit.grading.running.guarded_kernel import GuardedKernel
from labkit.kernels.sandbox.mounts import environment_folders

__all__ = ["Bait"]


class Bait(dict):
    """The plain values that an attack gets as ``BAIT``, and, as a context manager, the bait itself.

    The methods tell whether an attack has reached the bait.
    """

    def __enter__(self):
        place = tempfile.gettempdir()
        # It will contain a socket, whose path may have at most 107 bytes.
        place = place if len(os.fsencode(place)) <= 70 else "/tmp"
        self.folder = tempfile.TemporaryDirectory(prefix="labkit-bait-", dir=place)
        root = Path(self.folder.name)
        for name in ("gradebook.db", "others/eve/01.ipynb", "desk/notebook.ipynb"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text("bait")
        self.desk = root / "desk"
        self.victim = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(3600)"], env={"SECRET": "bait"}
        )
        self.sibling = GuardedKernel(str(self.desk))
        self.sockets = {
            "tcp": _bound(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            "udp": _bound(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            "unix": _bound(socket.AF_UNIX, socket.SOCK_STREAM, str(root / "socket")),
            "abstract": _bound(
                socket.AF_UNIX, socket.SOCK_STREAM, f"\0labkit-{secrets.token_hex(8)}"
            ),
        }
        home, labs = Path.home(), paths.labs()
        self.update(
            key=[f"{labs}/reference/*", f"{labs}/source/*", f"{root}/*"],
            gradebook=[str(root / "gradebook.db"), str(root)],
            others=[str(root / "others"), f"{root}/others/**", "/tmp/labkit-grade-*/**"],
            shadow=["/etc/shadow", "/etc/sudoers", "/etc/ssh/*", "/root/.ssh/*", "/var/log/*"],
            home=["/home/[!s]*", *_private(home)],
            names=["gradebook.db", "shadow", "id_rsa", ".bash_history"],
            folders=[str(root), str(root / "desk"), str(home), str(labs), os.getcwd()],
            tcp=self.sockets["tcp"].getsockname()[1],
            udp=self.sockets["udp"].getsockname()[1],
            path=str(root / "socket"),
            abstract=self.sockets["abstract"].getsockname().decode(),
            victim=self.victim.pid,
            sibling=self.sibling.km.provisioner.process.pid,
            warm=_parent(self.sibling.km.provisioner.process.pid),
            grader=os.getpid(),
            resident=resident(),
        )
        return self

    def __exit__(self, *_):
        self.victim.kill()
        self.victim.wait()
        self.sibling.stop()
        for one in self.sockets.values():
            one.close()
        self.folder.cleanup()

    def called(self, name):
        """Tell whether something connected or sent to a socket ("unix" means both Unix sockets)."""
        return any(
            _has_caller(self.sockets[one])
            for one in ((name, "abstract") if name == "unix" else (name,))
        )

    def dead(self):
        """Return which of the bait's processes have ended."""
        names = [] if self.victim.poll() is None else ["the victim"]
        return names + ([] if self.sibling.is_alive() else ["a sibling"])

    def written(self):
        """Return the files that an attack wrote outside the box."""
        return [
            str(path) for folder in self["folders"] for path in Path(folder).glob("labkit-was-here")
        ]


def _private(home):
    """Return up to 20 paths in a home folder that contain nothing of this Python's installation."""
    shown = environment_folders()
    private = [p for p in home.iterdir() if not any(one.is_relative_to(p) for one in shown)]
    return [str(path) for path in private[:20]]


def _parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _bound(family, kind, address):
    one = socket.socket(family, kind)
    one.bind(address)
    if kind == socket.SOCK_STREAM:
        one.listen()
    one.setblocking(False)
    return one


def _has_caller(one):
    try:
        one.recv(1) if one.type == socket.SOCK_DGRAM else one.accept()[0].close()
        return True
    except BlockingIOError:
        return False
