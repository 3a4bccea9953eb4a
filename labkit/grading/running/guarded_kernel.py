"""A kernel for untrusted code: every wait ends, and every message is bounded.

When a kernel has died, nbval's own class waits for the whole cell timeout; and because it reads a
cell's output only after the cell has ended, a flood of output fills a queue or loses messages. This
class reads both channels while it waits, notices at once when the process ends, and drops output
beyond a limit. The kernel runs in a sandbox and is forked from a warm process
(:mod:`labkit.kernels`).
"""

import subprocess
import time
from pathlib import Path

import zmq
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager, RunningKernel
from traitlets import Bool

from labkit.grading.running.preloaded import PRELOADED
from labkit.grading.running.reply import CellText, Reply, read_reply, receive
from labkit.kernels.warm import client as warm

__all__ = ["GuardedKernel"]

TICK = 0.1  # seconds between two checks of whether the kernel lives
GRACE = 0.6  # seconds in which an interrupted cell must end, or its kernel is killed
STARVED = 10  # seconds by which GRACE grows at most while the kernel or we wait for a core
LINGER = 0.5  # seconds to wait for a cell's last output once its reply is here
MAX_MESSAGE = 32 * 2**20  # bytes: zmq hangs up on a peer that sends a larger message
MAX_QUEUE = 32  # messages that zmq keeps for us; further output is lost


class _Specs(NbvalKernelspecManager):
    """Always this Python's kernel, from labkit's provisioner, whatever a notebook asks for."""

    sandbox = Bool()

    def get_kernel_spec(self, kernel_name):
        spec = super().get_kernel_spec(kernel_name)
        name = "labkit-sandbox" if self.sandbox else "labkit-warm"
        config = {"modules": PRELOADED} if self.sandbox else {}
        return KernelSpec(
            resource_dir="",
            argv=spec.argv,
            metadata={"kernel_provisioner": {"provisioner_name": name, "config": config}},
        )


class GuardedKernel(RunningKernel):
    """nbval's kernel in a sandbox, with its streams closed; :meth:`run` runs code in it.

    Args:
        cwd: The folder of which the student's code gets a copy; without a sandbox, the code works
            in the folder itself.
        startup_timeout: Seconds in which the kernel must answer.
        sandbox: Whether the kernel runs in a sandbox.

    Raises:
        RuntimeError: The kernel did not start or answer in time. This is the machine's fault,
            never the student's.
        NoSandbox: There is no sandbox on this machine; a subclass of RuntimeError.
    """

    def __init__(self, cwd, startup_timeout=60, sandbox=True):
        self.context = zmq.Context()
        self.context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE)
        self.context.setsockopt(zmq.RCVHWM, MAX_QUEUE)
        if sandbox:
            # Do not reconnect: student code could close the sockets and let another process listen.
            self.context.setsockopt(zmq.RECONNECT_IVL, -1)
        self.km = KernelManager(
            kernel_name=CURRENT_ENV_KERNEL_NAME, kernel_spec_manager=_Specs(sandbox=sandbox)
        )
        # Otherwise student code could fill or forge the grader's own output.
        devnull = subprocess.DEVNULL
        self.km.start_kernel(
            cwd=cwd,
            stdin=devnull,
            stdout=devnull,
            stderr=devnull,
            extra_arguments=["--HistoryManager.enabled=False"],
        )
        self.kc = self.km.client(context=self.context)
        self.kc.start_channels()
        try:
            self._wait_for_ready(startup_timeout)
        except BaseException:
            self.stop()
            raise

    def _wait_for_ready(self, timeout):
        """Wait as jupyter_client does, but without listening for 0.2 s more."""
        end = time.monotonic() + timeout
        while self.is_alive():
            if time.monotonic() > end:
                raise RuntimeError(f"the kernel did not respond within {timeout:g} seconds")
            reply = self._wait(self.kc.kernel_info(), min(end, time.monotonic() + 5), CellText())
            if reply is not None:
                return
        raise RuntimeError("the kernel died before it replied to kernel_info")

    def is_alive(self):
        """Whether the kernel runs."""
        return hasattr(self, "km") and self.km.is_alive()

    def stop(self):
        """Kill the kernel at once. This may be called twice."""
        if not hasattr(self, "km"):
            return
        manager = self.km
        del self.km
        if hasattr(self, "kc"):
            self.kc.stop_channels()
        manager.shutdown_kernel(now=True)
        self.context.destroy(linger=0)

    def run(self, source, timeout, expressions=None):
        """Run a cell and then evaluate expressions.

        Nothing that the kernel does or sends raises an error here.

        Args:
            source: The code of the cell.
            timeout: Seconds after which the cell is interrupted. If it ignores that for `GRACE`
                seconds, not counting those in which it had no core, its kernel is killed.
            expressions: What to evaluate after the cell, as ``{name: Python expression}``.

        Returns:
            A :class:`~labkit.grading.running.reply.Reply`.
        """
        start = time.monotonic()
        if not self.is_alive():
            return Reply("died", 0.0)
        msg_id = self.kc.execute(
            source,
            store_history=False,
            allow_stdin=False,
            stop_on_error=False,
            user_expressions=expressions or {},
        )
        text = CellText()
        reply = self._wait(msg_id, start + timeout, text)
        timed_out, waited = reply is None and self.is_alive(), 0.0
        if timed_out:
            self.km.interrupt_kernel()
            waited = self._wait_for_the_interrupted(msg_id, text)
        seconds = time.monotonic() - start
        if timed_out:
            return Reply("timeout", seconds, text=str(text), waited=waited)
        if reply is None:
            return Reply("died", seconds, text=str(text))
        return read_reply(reply, seconds, str(text))

    def _wait_for_the_interrupted(self, msg_id, text):
        """Kill the kernel if its cell does not end in `GRACE` seconds; return those without a core.

        The seconds without a core do not count: a busy machine must not cost a student the
        functions that the cell had already defined.
        """
        begin, before, waited = time.monotonic(), self._without_core(), 0.0
        while time.monotonic() < begin + GRACE + waited:
            if self._wait(msg_id, begin + GRACE + waited, text) or not self.is_alive():
                return waited
            waited = min(self._without_core() - before, STARVED)
        self.stop()
        return waited

    def _without_core(self):
        """Seconds for which the kernel's first thread and this one waited for a core."""
        return sum(map(_without_core, (self.km.provisioner.process.pid, "self")))

    def _wait(self, msg_id, deadline, text):
        """Return the content of the reply to `msg_id`; None if it is late or the kernel is dead."""
        shell, iopub = self.kc.shell_channel, self.kc.iopub_channel
        poller = zmq.Poller()
        poller.register(shell.socket, zmq.POLLIN)
        poller.register(iopub.socket, zmq.POLLIN)
        process = self.km.provisioner.process
        if isinstance(process, warm.Kernel) and process.handle is not None:
            poller.register(process.handle, zmq.POLLIN)  # becomes readable when the process ends
        reply, idle, checked = None, False, time.monotonic()
        while not (reply is not None and idle):
            now = time.monotonic()
            if now >= deadline:
                return reply
            ready = dict(poller.poll(1000 * min(TICK, deadline - now)))
            if shell.socket in ready:
                message = receive(shell, msg_id)
                if message.get("msg_type") in ("execute_reply", "kernel_info_reply"):
                    reply = message["content"]
                    # The idle message may have been lost in a flood of output.
                    deadline = min(deadline, time.monotonic() + LINGER)
            if iopub.socket in ready:
                message = receive(iopub, msg_id, text)
                idle = text.take(message) or idle
            ended = any(isinstance(source, int) for source in ready)
            if shell.socket not in ready and (ended or now - checked > TICK):
                checked = now
                if not self.is_alive() and not shell.msg_ready():
                    return reply
        return reply


def _without_core(pid):
    """Seconds for which the first thread of a process was ready to run and had no core."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, LookupError):  # not Linux, or the process has ended
        return 0.0
