"""The fork: from a copy of the warm process to a kernel, in a box or without one."""

import array
import atexit
import contextlib
import json
import os
import random
import signal
import socket
import sys
import threading
import time
from functools import partial

from labkit.kernels.sandbox.harden import harden
from labkit.kernels.system import prctl, setns

__all__ = ["end", "fork", "fork_into_box"]

_PARENT_DEATH = 1  # PR_SET_PDEATHSIG
_MOST_PRINTED = 4 * 2**20  # characters that a kernel in a box prints in its life
_MOST_FILES, _MOST_BYTES = 20, 16 * 2**20  # of what lay in the kernel's folder


def fork(request, connection):
    """A kernel with this process's rights: (its pid, None) here, (0, its job) in the fork."""
    here = os.getpid()
    pid = os.fork()
    if pid:
        _hand_over(connection, pid)
        return pid, None
    return 0, partial(_told, request, partial(_start, request, here))


def _told(request, job):
    """Do `job`; should it fail, leave word where who asked for this kernel looks."""
    try:
        return job()
    except Exception as error:
        with open(os.path.join(request["folder"], request["failed"]), "w") as file:
            file.write(f"{type(error).__name__}: {error}")
        raise


def _start(request, parent):
    """The job of a kernel without a box; it ends with the warm process."""
    os.setsid()
    prctl(_PARENT_DEATH, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    _become_ordinary(request)
    os.chdir(request["cwd"])
    return _kernel(request)


def fork_into_box(request, namespaces, connection):
    """A kernel in the box of `namespaces`: (its pid, None) here, (0, its job) in the fork.

    A process enters a namespace for processes only with its children, hence the second fork. What
    is between ends at once, and the kernel becomes a child of this process (a subreaper).
    """
    read, write = os.pipe()
    between = os.fork()
    if between:
        os.close(write)
        with open(read, "rb") as told:
            pid = int(told.read() or 0)
        os.waitpid(between, 0)
        return pid, None
    try:
        for entry in request["groups"]:
            with open(entry, "w") as file:
                file.write("0")
        desk = os.open(request["cwd"], os.O_PATH | os.O_DIRECTORY)
        files = _files_of(desk)
        for namespace in namespaces:
            setns(namespace)
        pid = os.fork()
        if pid:
            _hand_over(connection, pid)
            os.write(write, str(pid).encode())
            os._exit(0)
        os.close(write)
        return 0, partial(_told, request, partial(_enter, request, files))
    except BaseException as error:
        with contextlib.suppress(OSError):
            connection.sendall(json.dumps({"error": f"{error}"}).encode() + b"\n")
        os._exit(1)


def _enter(request, files):
    """The kernel's job in a box: nothing but this module runs before all rights are given up."""
    os.setsid()
    os.chdir("/home/student")
    for name, content in files:
        with open(os.path.basename(name), "xb") as file:
            file.write(content)
    _become_ordinary(request)
    _bound_output()
    _end_cells_not_kernels()
    _run_no_commands()
    harden(request["limits"])
    return _kernel(request)


def _bound_output():
    """Drop what a kernel prints beyond a limit, so that a flood does not occupy it for seconds.

    Background threads are put to sleep for a moment at every further line: twenty of them that
    print without end would otherwise leave the cell one in twenty turns of Python's lock. Security
    does not depend on this: whoever reads the output has to bound it as well.
    """
    from ipykernel.iostream import OutStream

    write, room, cells = OutStream.write, _MOST_PRINTED, threading.main_thread()

    def bounded(stream, text):
        nonlocal room
        if isinstance(text, str):
            if room <= 0:
                if threading.current_thread() is not cells:
                    time.sleep(0.01)
                return len(text)
            room -= len(text)
        return write(stream, text)

    OutStream.write = bounded


def _end_cells_not_kernels():
    """Let ``exit()`` and ``quit()`` end their cell, as ``sys.exit()`` does, and not what follows.

    IPython would end the kernel a moment after the cell, in the midst of somebody else's function.
    """
    from ipykernel.zmqshell import ZMQInteractiveShell

    def ask_exit(shell):
        raise SystemExit

    ZMQInteractiveShell.ask_exit = ask_exit


def _run_no_commands():
    """Let ``!pip install …`` and ``files = !ls`` come to nothing, at once.

    A box has neither a shell nor a network: IPython would raise, and what stands below them in the
    cell would not be defined.
    """
    from ipykernel.zmqshell import ZMQInteractiveShell
    from IPython.utils.text import LSString, SList

    def system(shell, command):
        print("Commands are not run here.")
        shell.user_ns["_exit_code"] = 127  # as a shell says of a command that is not there

    def getoutput(shell, command, split=True, depth=0):
        return SList() if split else LSString()

    ZMQInteractiveShell.system = system
    ZMQInteractiveShell.getoutput = getoutput


def _files_of(folder):
    """The small files that lie in a folder (a handle): [(name, content)]."""
    found, room = [], _MOST_BYTES
    listed = os.open(".", os.O_RDONLY | os.O_DIRECTORY, dir_fd=folder)
    try:
        for name in sorted(os.listdir(listed))[:_MOST_FILES]:
            with contextlib.suppress(OSError):
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
                with os.fdopen(os.open(name, flags, dir_fd=listed), "rb") as file:
                    content = file.read(room + 1)
                if len(content) <= room:
                    room -= len(content)
                    found.append((name, content))
    finally:
        os.close(listed)
    return found


def _hand_over(connection, pid):
    """Give the handle of the kernel's process to who asked for it."""
    handle = os.pidfd_open(pid)
    message = json.dumps({"pid": pid}).encode() + b"\n"
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [handle]))]
    with contextlib.suppress(OSError):  # gone already: the kernel ends with it
        connection.sendmsg([message], rights)
    os.close(handle)


def _become_ordinary(request):
    """Undo what makes the warm process special: its handles, signals, environment and chance."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)

    os.closerange(3, 65536)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(request["env"])
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    sys.argv = ["ipykernel_launcher.py", *request["arguments"]]


def _kernel(request):
    from ipykernel.kernelapp import IPKernelApp

    folder, connection = request["folder"], request["connection"]
    path = os.path.join(folder, "connection.json")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(connection, file)
    IPKernelApp.launch_instance(["-f", path, *request["arguments"]])
    return 0


def end(code):
    """End this process as an interpreter would, without going back to the warm one's affairs."""
    with contextlib.suppress(BaseException):
        atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(code if isinstance(code, int) else 1)
