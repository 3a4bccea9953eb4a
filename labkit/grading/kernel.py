"""A kernel that holds code nobody vouches for: every wait ends, every message is bounded.

nbval's own kernel waits out the whole cell timeout when the kernel has died, and reads a cell's
output only after the cell has ended, so a flood of output fills a queue or loses messages. This one
reads both channels while it waits, looks whether the process lives, and drops output past a limit.
"""

import re
import subprocess
import time
from dataclasses import dataclass, field
from queue import Empty

import zmq
from jupyter_client.manager import KernelManager
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager, RunningKernel

__all__ = ["GuardedKernel", "Reply"]

TICK = 0.1  # seconds between two looks at whether the kernel lives
GRACE = 1.0  # seconds an interrupted cell gets to end before its kernel is killed
LINGER = 0.5  # seconds to wait for a cell's last output once its reply is here
MAX_MESSAGE = 64 * 2**20  # bytes: zmq hangs up on a peer that sends a larger message
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


class GuardedKernel(RunningKernel):
    """nbval's kernel, started with its streams closed and driven by :meth:`run`.

    `cwd` is the folder the student's code sees as its own. Raises RuntimeError when the kernel does
    not answer within `startup_timeout` seconds: that is the machine's fault, never the student's.
    """

    def __init__(self, cwd, startup_timeout=60):
        self.context = zmq.Context()
        self.context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE)
        self.km = KernelManager(
            kernel_name=CURRENT_ENV_KERNEL_NAME, kernel_spec_manager=NbvalKernelspecManager()
        )
        nowhere = (
            subprocess.DEVNULL
        )  # else student code could fill or forge the grader's own output
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
            self.kc.wait_for_ready(timeout=startup_timeout)
        except BaseException:
            self.stop()
            raise

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

        After a timeout the cell is interrupted; a cell that ignores this for a second loses its
        kernel. Never raises for anything that the kernel does or sends.
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
        timed_out = reply is None and self.is_alive()
        if timed_out:
            self.km.interrupt_kernel()
            if self._wait(msg_id, time.monotonic() + GRACE, text) is None:
                self.stop()
        seconds = time.monotonic() - start
        if timed_out:
            return Reply("timeout", seconds, text=str(text))
        if reply is None:
            return Reply("died", seconds, text=str(text))
        return _read_reply(reply, seconds, str(text))

    def _wait(self, msg_id, deadline, text):
        """The content of the reply to `msg_id`, or None: too late, or the kernel is dead."""
        shell, iopub = self.kc.shell_channel, self.kc.iopub_channel
        poller = zmq.Poller()
        poller.register(shell.socket, zmq.POLLIN)
        poller.register(iopub.socket, zmq.POLLIN)
        reply, idle, looked = None, False, time.monotonic()
        while not (reply is not None and idle):
            now = time.monotonic()
            if now >= deadline:
                return reply
            ready = dict(poller.poll(1000 * min(TICK, deadline - now)))
            if shell.socket in ready:
                message = _receive(shell, msg_id)
                if message.get("msg_type") == "execute_reply":
                    reply = message["content"]
                    # the idle message may have been lost in a flood of output
                    deadline = min(deadline, time.monotonic() + LINGER)
            if iopub.socket in ready:
                message = _receive(iopub, msg_id)
                idle = text.take(message) or idle
            if shell.socket not in ready and now - looked > TICK:
                looked = now
                if not self.is_alive() and not shell.msg_ready():
                    return reply
        return reply


class _Text:
    """The first MAX_TEXT characters that a cell prints."""

    def __init__(self):
        self.parts, self.room = [], MAX_TEXT

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


def _receive(channel, msg_id):
    """One message if it belongs to `msg_id`, else {}: nothing a kernel sends may raise here."""
    try:
        message = channel.get_msg(timeout=0)
    except (Empty, zmq.ZMQError):
        return {}
    except Exception:  # forged: bad signature, broken JSON, nested without end, missing parts
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
