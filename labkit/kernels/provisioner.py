"""Warm kernels for whatever starts kernels through jupyter_client: nbval, nbclient, JupyterLab.

Chosen by a kernelspec's metadata, or for all of them by the environment variable
``JUPYTER_DEFAULT_PROVISIONER_NAME``: ``labkit-warm`` (a forked kernel with the rights of whoever
starts it) or ``labkit-sandbox`` (one in a box). Where nothing can be forked (macOS, Windows, other
kernels than IPython's) labkit-warm starts kernels as ever and says so once; labkit-sandbox refuses.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import sys
import time
from pathlib import Path

from jupyter_client.provisioning import LocalProvisioner
from traitlets import Instance, Tuple, default

from labkit import paths
from labkit.kernels import variables as environment
from labkit.kernels.sandbox.box import Box, NoSandbox
from labkit.kernels.sandbox.limits import Limits
from labkit.kernels.sandbox.mounts import View
from labkit.kernels.scratch import Scratch
from labkit.kernels.warm import client as warm

__all__ = ["SandboxProvisioner", "WarmProvisioner"]

_FAILED = "failed.txt"  # in a kernel's folder: why it did not come up
_PATIENCE = 60  # seconds for a forked kernel to listen
_said = set()


class WarmProvisioner(LocalProvisioner):
    """Kernels forked from a process that has imported TensorFlow."""

    folder = None  # where its sockets lie

    async def launch_kernel(self, cmd, **kwargs):
        arguments = _arguments(cmd)
        try:
            if arguments is None:
                raise warm.NotWarm("not an IPython kernel of this Python")
            if kwargs["env"].get("KERAS_BACKEND", "tensorflow") != "tensorflow":
                raise warm.NotWarm("another backend than TensorFlow")
            return await self._launch(arguments, kwargs)
        except warm.NotWarm as reason:
            return await self._launch_cold(cmd, kwargs, reason)

    async def _launch_cold(self, cmd, kwargs, reason):
        if str(reason) not in _said:
            _said.add(str(reason))
            self.log.warning("labkit: kernels start cold, as ever: %s", reason)
        return await super().launch_kernel(cmd, **kwargs)

    async def _launch(self, arguments, kwargs):
        env, home = kwargs["env"], kwargs["env"].get("HOME", os.path.expanduser("~"))
        if self.folder is None:  # stays over a restart, so that clients find the kernel again
            self.folder = Scratch("kernel")
        place = self.folder.for_sockets()
        info = self.connection_info | {"transport": "ipc", "ip": f"{place}/s"}
        for path in _sockets(info):
            path.unlink(missing_ok=True)
        request = {
            "arguments": arguments,
            "connection": _plain(info),
            "cwd": str(kwargs.get("cwd") or os.getcwd()),
            "env": {name: value for name, value in env.items() if name not in _NOT_FOR_KERNELS},
            "folder": place,
            "failed": _FAILED,
        }
        address = await _in_thread(warm.share, env, warm.PLAIN, home)
        self.process = warm.fork(address, request)
        self.pid, self.pgid, self.cwd = self.process.pid, None, request["cwd"]
        await _listening(info, self.process)
        return info

    async def send_signal(self, signum):
        if not isinstance(self.process, warm.Kernel):
            await super().send_signal(signum)
        elif self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self._signal(signum)

    def _signal(self, signum):
        os.killpg(self.process.pid, signum)

    async def wait(self):
        if not isinstance(self.process, warm.Kernel):
            return await super().wait()
        while await self.poll() is None:
            await asyncio.sleep(0.005)
        code, self.process = self.process.returncode, None
        return code

    async def cleanup(self, restart=False):
        if self.folder and not restart:
            self.folder.remove()
            self.folder = None
        await super().cleanup(restart=restart)


class SandboxProvisioner(WarmProvisioner):
    """Kernels forked from a warm process into a sandbox; it refuses where there is none.

    The traits can be set in a kernelspec: ``{"kernel_provisioner": {"provisioner_name":
    "labkit-sandbox", "config": {"modules": (...)}}}``.

    Attributes:
        view: What the sandbox hides. Unless it is set, what :mod:`labkit.paths` hides from
            students, so that a kernel started by JupyterLab or nbval shows no solution either.
        limits: How much of the machine the sandbox may use.
        modules: The names of the modules that the warm process imports beforehand.
    """

    view = Instance(View)
    limits = Instance(Limits, ())
    modules = Tuple(warm.SCIENTIFIC)
    box = None

    @default("view")
    def _view(self):
        with contextlib.suppress(FileNotFoundError):
            return View(paths.hidden_from_students(), shown=(paths.datasets(),))
        return View(paths.hidden_from_students())

    async def _launch_cold(self, cmd, kwargs, reason):
        raise NoSandbox(f"no sandboxed kernel: {reason}")

    async def _launch(self, arguments, kwargs):
        self._close()
        self.box = Box(self.view, self.limits)  # in this thread: with its end, the box would end
        try:
            return await self._enter(arguments, kwargs)
        except BaseException:
            self._close()
            raise

    async def _enter(self, arguments, kwargs):
        inside, outside = "/run/kernel", f"{self.box.root}/run/kernel"
        info = self.connection_info | {"transport": "ipc", "ip": f"{outside}/s"}
        request = {
            "arguments": arguments,
            "connection": _plain(info) | {"ip": f"{inside}/s"},
            "cwd": str(kwargs.get("cwd") or os.getcwd()),
            "env": environment.in_a_box(kwargs["env"]),
            "folder": inside,
            "failed": _FAILED,
            "groups": self.box.groups,
            "limits": self.limits.as_dict(),
        }
        address = await _in_thread(warm.share, kwargs["env"], tuple(self.modules))
        self.process = warm.fork(address, request, self.box.namespaces)
        self.pid, self.pgid, self.cwd = self.process.pid, None, request["cwd"]
        await _listening(info, self.process)
        return info

    def _signal(self, signum):
        if signum == signal.SIGKILL:
            self._close()
        else:
            signal.pidfd_send_signal(self.process.handle, signum)

    async def poll(self):
        code = await super().poll()
        if self.process and code is not None:
            self._close()  # what it may have left behind ends with it
        return code

    async def cleanup(self, restart=False):
        self._close()
        await super().cleanup(restart=restart)

    def _close(self):
        if self.box is not None:
            self.box.close()
            self.box = None


_NOT_FOR_KERNELS = {warm.VARIABLE, "JPY_PARENT_PID"}


def _arguments(cmd):
    """What an IPython kernel of this Python is told beside its connection file; None: another."""
    if "ipykernel_launcher" not in cmd or "-f" not in cmd:
        return None
    if Path(shutil.which(cmd[0]) or cmd[0]).resolve() != Path(sys.executable).resolve():
        return None
    rest = list(cmd[cmd.index("ipykernel_launcher") + 1 :])
    place = rest.index("-f")
    return rest[:place] + rest[place + 2 :]


def _plain(info):
    return info | {"key": info["key"].decode() if isinstance(info["key"], bytes) else info["key"]}


def _sockets(info):
    ports = ("shell_port", "stdin_port", "control_port", "iopub_port", "hb_port")
    return [Path(f"{info['ip']}-{info[port]}") for port in ports]


async def _listening(info, process):
    """Wait until the kernel's sockets are there: who connects earlier waits longer."""
    end = time.monotonic() + _PATIENCE
    waiting = _sockets(info)
    while waiting := [path for path in waiting if not _accepts(path)]:
        if process.poll() is not None or time.monotonic() > end:
            raise warm.NotWarm(f"the forked kernel did not come up {_left_word(info)}".strip())
        await asyncio.sleep(0.002)


def _accepts(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(str(path)) == 0


def _left_word(info):
    try:
        return f"({Path(info['ip']).with_name(_FAILED).read_text('utf-8', 'replace')})"
    except OSError:
        return ""


async def _in_thread(function, *arguments):
    """Call what may take seconds without holding up a server's other kernels."""
    return await asyncio.to_thread(function, *arguments)
