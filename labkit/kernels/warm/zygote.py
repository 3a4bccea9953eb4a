"""A warm process: it has imported what every lab imports, and forks a ready kernel when asked.

``python -P -m labkit.kernels.warm.zygote SOCKET MODULE…`` listens on a Unix socket until its
standard input or its parent ends. A request is a line of JSON and, for a kernel in a box, handles
of the box's namespaces; the answer is a line of JSON and the handle (pidfd) of the kernel's
process.

It forks only while it has one thread and TensorFlow has not begun to compute: a fork has none of
the other threads, and what these were doing would stay half done in it for ever. No student's code
ever runs in this process, and nothing secret is in it: its forks have all of its memory.
"""

import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import traceback

from labkit.kernels.system import prctl
from labkit.kernels.warm import child

__all__ = ["MAX_REQUEST", "main", "unfit"]

MAX_REQUEST = 2**20  # bytes
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER


def unfit():
    """Why this process must not fork; None: it may."""
    threads = os.listdir("/proc/self/task")
    if len(threads) > 1:
        return f"{len(threads)} threads are running, expected 1"
    eager = sys.modules.get("tensorflow.python.eager.context")
    context = getattr(eager, "_context", None)
    if getattr(context, "_context_handle", None) is not None:
        return "TensorFlow has executed an operation"
    return None


class Zygote:
    """Serves until standard input ends, or the process that `parent`, a handle, stands for."""

    def __init__(self, path, parent):
        self.parent = parent  # readable when it has ended: its pipe may live on in a child of its
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(128)
        self.kernels = {}  # pid of a kernel -> the connection that asked for it
        self.selector = selectors.DefaultSelector()
        self.woken, self.wake = socket.socketpair()
        for end in (self.woken, self.wake):
            end.setblocking(False)
        signal.set_wakeup_fd(self.wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self):
        """Returns only in a forked kernel, with what is to be done there; else exits."""
        for source in (self.listener, self.woken, self.parent, 0):
            self.selector.register(source, selectors.EVENT_READ)
        while True:
            for key, _ in self.selector.select():
                if key.fileobj in (0, self.parent):  # neither ever says anything: it has ended
                    self.leave()
                elif key.fileobj is self.woken:
                    self.woken.recv(4096)
                    self.reap()
                elif key.fileobj is self.listener:
                    connection, _ = self.listener.accept()
                    job = self.answer(connection)
                    if job is not None:
                        return job
                else:  # who asked for this kernel is gone, or has nothing to say
                    self.hang_up(key.fileobj)

    def answer(self, connection):
        """Fork a kernel for a request; its job in the fork, None here."""
        handles = []
        try:
            connection.settimeout(10)
            request, handles = _receive(connection)
            reason = unfit()
            if reason:
                raise RuntimeError(f"the warm process must not fork: {reason}")
            if handles:
                pid, job = child.fork_into_box(request, handles, connection)
            else:
                pid, job = child.fork(request, connection)
            if job is not None:
                return job
            if pid:
                self.kernels[pid] = connection
                self.selector.register(connection, selectors.EVENT_READ)
                return None
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            with contextlib.suppress(OSError):
                connection.sendall(json.dumps({"error": text}).encode() + b"\n")
        finally:
            for handle in handles:
                os.close(handle)
        connection.close()
        return None

    def reap(self):
        """Tell who asked for a kernel how it ended."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            connection = self.kernels.pop(pid, None)
            if connection is not None:
                code = os.waitstatus_to_exitcode(status)
                with contextlib.suppress(OSError):
                    connection.sendall(json.dumps({"code": code}).encode() + b"\n")
                self.forget(connection)

    def hang_up(self, connection):
        """End the kernel that nobody holds any more."""
        for pid, known in self.kernels.items():
            if known is connection:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
        self.selector.unregister(connection)

    def forget(self, connection):
        with contextlib.suppress(KeyError, ValueError):
            self.selector.unregister(connection)
        connection.close()

    def leave(self):
        """End, and all kernels with it."""
        for pid in self.kernels:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        os._exit(0)


def _receive(connection):
    """A request: its JSON, and the handles that came with it."""
    data, handles, _, _ = socket.recv_fds(connection, 65536, 16)
    try:
        while not data.endswith(b"\n"):
            more = connection.recv(65536)
            if not more or len(data) + len(more) > MAX_REQUEST:
                raise ValueError("a request that does not end")
            data += more
        return json.loads(data), handles
    except BaseException:
        for handle in handles:
            os.close(handle)
        raise


def main(arguments=None):
    """Import, listen, fork; see the module's text."""
    path, *modules = sys.argv[1:] if arguments is None else arguments
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.pidfd_open(os.getppid())
    prctl(_SUBREAPER, 1)
    gc.disable()  # looking for garbage while all is new takes a tenth of the time
    failed = {}
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception as error:  # a broken installation: each kernel will say so itself
            failed[name] = f"{type(error).__name__}: {error}"
    gc.collect()
    gc.enable()
    gc.freeze()  # what is here now is not looked at by the forks' collectors: it stays shared
    server = Zygote(
        path, parent
    )  # the name stays: collected in a fork, it would close others' handles
    print(json.dumps({"unfit": unfit(), "failed": failed}), flush=True)
    job = server.serve()
    # from here on, this is a kernel
    try:
        code = job()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else bool(end.code)
    except BaseException:
        traceback.print_exc()
        code = 1
    child.end(code)


if __name__ == "__main__":
    main()
