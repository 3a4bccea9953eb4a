"""A kernel that holds code nobody vouches for: every wait ends, every message is bounded.

nbval's own kernel waits out the whole cell timeout when the kernel has died, and reads a cell's
output only after the cell has ended, so a flood of output fills a queue or loses messages. This one
reads both channels while it waits, sees at once when the process ends, and drops output past a
limit. It runs in a sandbox and starts warm (:mod:`labkit.kernels`).
"""

import re
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import zmq
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager, RunningKernel
from traitlets import Bool

from labkit.kernels.warm import client as warm

__all__ = ["GuardedKernel", "Reply"]

TICK = 0.1  # seconds between two looks at whether the kernel lives
GRACE = 0.6  # seconds an interrupted cell gets to end before its kernel is killed
STARVED = 10  # seconds more, at most, as far as a busy machine lets it or us wait for a core
LINGER = 0.5  # seconds to wait for a cell's last output once its reply is here
MAX_MESSAGE = 32 * 2**20  # bytes: zmq hangs up on a peer that sends a larger message
MAX_QUEUE = 32  # messages that zmq keeps for us; what a cell prints beyond is lost
MAX_OUTPUT = 64 * 2**20  # bytes of a cell's output: of what comes then, only the end is looked for
SMALL = 10_000  # bytes: what says that a cell has ended is no larger
MAX_TEXT = 4_000  # characters of output and of traceback that are kept

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_CELL_FILE = re.compile(r"\(\d+\.py, (line \d+)\)")  # IPython's name for a cell says nothing


@dataclass(frozen=True)
class Reply:
    """What came back from running one cell."""

    status: str  #: "ok", "error", "timeout" (interrupted, kernel may live) or "died"
    seconds: float
    error: str = ""  #: "NameError: name 'npp' is not defined", and its traceback
    traceback: str = ""
    text: str = ""  #: the beginning of what the cell printed
    values: dict = field(default_factory=dict)  #: the asked-for expressions, as text/plain
    waited: float = 0.0  #: of `seconds` after a timeout: what was spent waiting for a core


class _Specs(NbvalKernelspecManager):
    """This environment's kernel, provided by ours; whatever a notebook's kernelspec says."""

    sandbox = Bool()

    def get_kernel_spec(self, kernel_name):
        spec = super().get_kernel_spec(kernel_name)
        name = "labkit-sandbox" if self.sandbox else "labkit-warm"
        return KernelSpec(
            resource_dir="",
            argv=spec.argv,
            metadata={"kernel_provisioner": {"provisioner_name": name}},
        )


class GuardedKernel(RunningKernel):
    """nbval's kernel in a sandbox, started with its streams closed and driven by :meth:`run`.

    `cwd` is the folder of which the student's code gets a copy, or, without `sandbox`, which it
    sees as its own. Raises RuntimeError when the kernel does not answer within `startup_timeout`
    seconds, and its subclass :class:`~labkit.kernels.sandbox.box.NoSandbox` when there is no
    sandbox here: that is the machine's fault, never the student's.
    """

    def __init__(self, cwd, startup_timeout=60, sandbox=True):
        self.context = zmq.Context()
        self.context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE)
        self.context.setsockopt(zmq.RCVHWM, MAX_QUEUE)
        if sandbox:
            # A kernel that closes its sockets has ended for us: nobody is to follow where it leads
            self.context.setsockopt(zmq.RECONNECT_IVL, -1)
        self.km = KernelManager(
            kernel_name=CURRENT_ENV_KERNEL_NAME, kernel_spec_manager=_Specs(sandbox=sandbox)
        )
        # else student code could fill or forge the grader's own output
        nowhere = subprocess.DEVNULL
        self.km.start_kernel(
            cwd=cwd,
            stdin=nowhere,
            stdout=nowhere,
            stderr=nowhere,
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
        """As jupyter_client's, without its 0.2 s of listening for more."""
        end = time.monotonic() + timeout
        while self.is_alive():
            if time.monotonic() > end:
                raise RuntimeError(f"Kernel didn't respond in {timeout:g} seconds")
            reply = self._wait(self.kc.kernel_info(), min(end, time.monotonic() + 5), _Text())
            if reply is not None:
                return
        raise RuntimeError("Kernel died before replying to kernel_info")

    def is_alive(self):
        return hasattr(self, "km") and self.km.is_alive()

    def stop(self):
        """Kill the kernel now; may be called twice."""
        if not hasattr(self, "km"):
            return
        manager = self.km
        del self.km
        if hasattr(self, "kc"):
            self.kc.stop_channels()
        manager.shutdown_kernel(now=True)
        self.context.destroy(linger=0)

    def run(self, source, timeout, expressions=None):
        """Run `source`, then evaluate `expressions` ({name: python}), in at most `timeout` seconds.

        After a timeout the cell is interrupted; a cell that ignores this for `GRACE` seconds
        loses its kernel (see `Reply.waited`). Never raises for anything that the kernel does or
        sends.
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
        text = _Text()
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
        return _read_reply(reply, seconds, str(text))

    def _wait_for_the_interrupted(self, msg_id, text):
        """End the kernel, if its cell does not end in `GRACE` seconds; the seconds without a core.

        Those do not count: that others use the machine shall cost nobody what the cell defined.
        """
        begin, before, waited = time.monotonic(), self._without_core(), 0.0
        while time.monotonic() < begin + GRACE + waited:
            if self._wait(msg_id, begin + GRACE + waited, text) or not self.is_alive():
                return waited
            waited = min(self._without_core() - before, STARVED)
        self.stop()
        return waited

    def _without_core(self):
        """Seconds that the kernel's first thread and this one were ready to run, and did not."""
        return sum(map(_without_core, (self.km.provisioner.process.pid, "self")))

    def _wait(self, msg_id, deadline, text):
        """The content of the reply to `msg_id`, or None: too late, or the kernel is dead."""
        shell, iopub = self.kc.shell_channel, self.kc.iopub_channel
        poller = zmq.Poller()
        poller.register(shell.socket, zmq.POLLIN)
        poller.register(iopub.socket, zmq.POLLIN)
        process = self.km.provisioner.process
        if isinstance(process, warm.Kernel) and process.handle is not None:
            poller.register(process.handle, zmq.POLLIN)  # readable as soon as the process has ended
        reply, idle, looked = None, False, time.monotonic()
        while not (reply is not None and idle):
            now = time.monotonic()
            if now >= deadline:
                return reply
            ready = dict(poller.poll(1000 * min(TICK, deadline - now)))
            if shell.socket in ready:
                message = _receive(shell, msg_id)
                if message.get("msg_type") in ("execute_reply", "kernel_info_reply"):
                    reply = message["content"]
                    # the idle message may have been lost in a flood of output
                    deadline = min(deadline, time.monotonic() + LINGER)
            if iopub.socket in ready:
                message = _receive(iopub, msg_id, text)
                idle = text.take(message) or idle
            ended = any(isinstance(one, int) for one in ready)
            if shell.socket not in ready and (ended or now - looked > TICK):
                looked = now
                if not self.is_alive() and not shell.msg_ready():
                    return reply
        return reply


def _without_core(pid):
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, LookupError):  # not Linux, or the process has ended
        return 0.0


class _Text:
    """The first MAX_TEXT characters that a cell prints."""

    def __init__(self):
        self.parts, self.room, self.bytes = [], MAX_TEXT, MAX_OUTPUT

    def has_room_for(self, size):
        """Whether a message of that many bytes is worth decoding."""
        self.bytes -= size
        return size <= SMALL or self.bytes >= 0

    def take(self, message):
        """Keep what `message` prints; True when it says that the cell has ended."""
        content = message.get("content", {})
        if message.get("msg_type") == "stream" and self.room > 0:
            piece = str(content.get("text", ""))[: self.room]
            self.parts.append(piece)
            self.room -= len(piece)
        return message.get("msg_type") == "status" and content.get("execution_state") == "idle"

    def __str__(self):
        return "".join(self.parts)


def _receive(channel, msg_id, text=None):
    """One message if it belongs to `msg_id`, else {}: nothing a kernel sends may raise here.

    With `text`, only while there is room in it.
    """
    try:
        parts = channel.socket.recv_multipart(zmq.NOBLOCK)
        if text is not None and not text.has_room_for(sum(map(len, parts))):
            return {}
        _, parts = channel.session.feed_identities(parts)
        message = channel.session.deserialize(parts)
    except Exception:  # none there; forged: bad signature, broken JSON, nested without end, …
        return {}
    parent = message.get("parent_header")
    if not isinstance(parent, dict) or parent.get("msg_id") != msg_id:
        return {}
    return message if isinstance(message.get("content"), dict) else {}


def _read_reply(content, seconds, text):
    if content.get("status") == "ok":
        return Reply("ok", seconds, text=text, values=_values(content.get("user_expressions")))
    name, value = content.get("ename"), content.get("evalue")
    frames = content.get("traceback")
    frames = frames if isinstance(frames, list) else []
    traceback = "\n".join(str(frame)[:MAX_TEXT] for frame in frames[-20:])
    return Reply(
        "error",
        seconds,
        error=_CELL_FILE.sub(r"(\1)", _ANSI.sub("", f"{str(name)[:100]}: {str(value)[:500]}")),
        traceback=_ANSI.sub("", traceback)[-MAX_TEXT:],
        text=text,
    )


def _values(expressions):
    values = {}
    for name, value in (expressions if isinstance(expressions, dict) else {}).items():
        data = value.get("data") if isinstance(value, dict) else None
        plain = data.get("text/plain") if isinstance(data, dict) else None
        if isinstance(plain, str):
            values[name] = plain
        elif isinstance(value, dict) and value.get("status") == "error":
            values[name] = None
    return values
