"""The warm processes that belong to this process: started when first needed, and ended with it.

A process that starts other processes, which in turn start kernels, hands them the address of its
warm process in an environment variable (see :func:`share`), so that the imports happen only once.
"""

import array
import atexit
import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import threading
from pathlib import Path

from labkit.kernels.scratch import Scratch, sweep
from labkit.kernels.variables import for_imports, name_of

__all__ = ["PLAIN", "SCIENTIFIC", "Kernel", "NotWarm", "fork", "share"]

#: The modules of a kernel, and TensorFlow, whose import takes seconds
PLAIN = ("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger", "tensorflow")
#: The same, and what most notebooks import
SCIENTIFIC = (*PLAIN, "scipy.sparse", "matplotlib.font_manager", "matplotlib.figure")

VARIABLE = "LABKIT_ZYGOTE"  # holds the address of a warm process that another one started
STARTUP = 180  # seconds for its imports: a machine under load
_ANSWER = 30  # seconds for a fork


class NotWarm(RuntimeError):
    """No kernel can be forked here; the text says why."""


class _Warm:
    """One warm process of ours."""

    def __init__(self, name, environment, modules, home):
        sweep()
        self.scratch = Scratch("warm")
        self.address, self.process = f"{self.scratch.for_sockets()}/{name}", None
        try:
            self._start(environment, modules, home)
        except BaseException:
            self.stop()
            raise

    def _start(self, environment, modules, home):
        variables = for_imports(environment, home or self.scratch.path)
        command = [sys.executable, "-P", "-m", "labkit.kernels.warm.zygote", self.address, *modules]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=variables,
            cwd=self.scratch.path,
            start_new_session=True,  # Ctrl-C is not meant for it
        )
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self.process.stdout], [], [], STARTUP)
            more = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not more:
                raise NotWarm("the warm process did not come up")
            line += more
        told = json.loads(line)
        if told["unfit"]:
            raise NotWarm(f"the warm process is not fit to fork: {told['unfit']}")

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.stdout.close()
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
        self.scratch.remove()


_ours, _lock = {}, threading.Lock()


def _stop_all():
    with _lock:
        while _ours:
            _ours.popitem()[1].stop()


atexit.register(_stop_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_ours.clear)  # they are their parent's


def share(environment, modules, home=None):
    """Return the address of a warm process, and start one where there is none.

    Processes that find the address in the variable LABKIT_ZYGOTE use the same warm process.

    Args:
        environment: The variables that its kernels are started with, as a dict.
        modules: The names of the modules that it imports before it forks.
        home: Its home folder; by default a temporary one.

    Raises:
        NotWarm: No process can be forked here.
    """
    name = name_of(for_imports(environment, home or ""), modules)
    if not sys.platform.startswith("linux"):
        raise NotWarm("only Linux forks safely")
    given = os.environ.get(VARIABLE, "")
    with _lock:
        warm = _ours.get(name)
        if warm is not None and not warm.is_alive():
            warm.stop()
            del _ours[name]
            warm = None
        if warm is None:
            if given.endswith(name) and Path(given).exists():
                return given
            warm = _ours[name] = _Warm(name, environment, modules, home)
        return warm.address


class Kernel:
    """A forked kernel's process, with what :class:`subprocess.Popen` offers."""

    stdin = stdout = stderr = None

    def __init__(self, connection, pid, handle):
        self.connection, self.pid, self.handle = connection, pid, handle
        self.returncode = None

    def poll(self):
        """None while it runs; then its exit code, or -9 where nobody can know it."""
        if self.returncode is None and select.select([self.handle], [], [], 0)[0]:
            self.returncode = self._code()
            self.release()
        return self.returncode

    def _code(self):
        with contextlib.suppress(OSError, ValueError, KeyError):
            self.connection.settimeout(1)
            return json.loads(self.connection.recv(4096))["code"]
        return -9

    def wait(self, timeout=None):
        """Its exit code. Raises subprocess.TimeoutExpired."""
        if self.returncode is None and not select.select([self.handle], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("kernel", timeout)
        return self.poll()

    def release(self):
        """Let go of it. A kernel without a box ends with this, if it has not."""
        if self.handle is not None:
            os.close(self.handle)
            self.connection.close()
            self.handle = None


def fork(address, request, handles=()):
    """Have the warm process at `address` fork a :class:`Kernel`. Raises :class:`NotWarm`."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    pids = []
    try:
        connection.settimeout(_ANSWER)
        connection.connect(address)
        data = json.dumps(request).encode() + b"\n"
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", handles))]
        sent = connection.sendmsg([data], rights if handles else [])
        connection.sendall(data[sent:])
        line, pids, _, _ = socket.recv_fds(connection, 65536, 1)
        answer = json.loads(line)
        if "error" in answer or not pids:
            raise NotWarm(answer.get("error", "no process"))
        return Kernel(connection, answer["pid"], pids[0])
    except (OSError, ValueError, NotWarm) as error:
        connection.close()
        for handle in pids:
            os.close(handle)
        raise NotWarm(f"the warm process gave no kernel: {error}") from None
