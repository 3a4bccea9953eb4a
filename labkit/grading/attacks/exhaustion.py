"""Attacks that exhaust the machine: processes, memory, disk, output and time."""

from labkit.grading.attacks.attack import Attack, resident
from labkit.grading.running.reply import MAX_TEXT
from labkit.kernels.sandbox.limits import Limits

__all__ = ["ATTACKS"]

_LIMITS = Limits()
_MEMORY = 400 * 2**20  # bytes by which the grader may grow

_FORKS = """
import os, time
read, write = os.pipe()
end = time.monotonic() + 2
while time.monotonic() < end:
    try:
        if not os.fork():
            os.write(write, b"x")
    except OSError:
        time.sleep(0.01)
os._exit(0)
"""
_COUNTED_FORKS = f"""
import os, time, signal
children = []
try:
    while len(children) < {4 * _LIMITS.processes}:
        pid = os.fork()
        if not pid:
            time.sleep(30)
            os._exit(0)
        children.append(pid)
except OSError:
    pass
for pid in children:
    os.kill(pid, signal.SIGKILL)
if len(children) > {_LIMITS.processes}:
    loot.append(len(children))
"""
_BYTES = f"""
taken = []
while sum(map(len, taken)) < {8 * _LIMITS.memory}:
    taken.append(bytearray(b"x") * 2**26)
loot.append(sum(map(len, taken)))
"""
_SHARED_BYTES = f"""
import os, re, time
children = []
for _ in range(6):
    children.append(os.fork())
    if not children[-1]:
        taken = [bytearray(b"x") * 2**26 for _ in range({_LIMITS.memory // 2**27})]
        time.sleep(30)
        os._exit(0)
def size(pid):
    try:
        return 1024 * int(re.search(r"RssAnon:\\s+(\\d+)", open(f"/proc/{{pid}}/status").read())[1])
    except (OSError, TypeError):
        return 0
shared, most = size("self"), 0  # memory that all share with the warm process
for _ in range(500):
    most = max(most, sum(max(0, size(pid) - shared) for pid in children))
    time.sleep(0.01)
for pid in children:
    os.kill(pid, 9)
if most > {1.2 * _LIMITS.memory}:
    loot.append(most)
"""
_OWNERLESS = f"""
import ctypes, os
size, taken = 2**27, 0
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
try:
    while taken < {2 * _LIMITS.memory}:
        segment = libc.shmget(0, ctypes.c_size_t(size), 0o1600)
        if segment < 0:
            break
        place = ctypes.c_void_p(libc.shmat(segment, None, 0))
        ctypes.memset(place, 1, size)
        libc.shmdt(place)
        taken += size
    while taken < {2 * _LIMITS.memory}:
        file = os.memfd_create("ownerless")
        for _ in range(30):
            taken += os.write(file, bytes(2**22))
except OSError:
    pass
if taken > {1.2 * _LIMITS.memory}:
    loot.append(taken)
"""
_DISK = f"""
import os
total = 0
for folder in ("/tmp", "/home/student", "/dev/shm", "/run/kernel", os.getcwd()):
    try:
        for number in range(100):
            with open(f"{{folder}}/fill-{{number}}", "wb") as file:
                for _ in range(32):
                    total += file.write(bytes(2**22))
    except OSError:
        pass
    for name in os.listdir(folder):
        if name.startswith("fill-"):
            os.remove(f"{{folder}}/{{name}}")
if total > {4 * _LIMITS.disk}:
    loot.append(total)
"""
_LOUD = "import sys\nfor _ in range(1024): sys.stdout.write('y' * 2**20)"
_MANY = """
from IPython.display import display, clear_output
while True:
    print("y", flush=True)
    display({"text/plain": "z"}, raw=True)
"""
_SPIN = "while True: pass"
_SWALLOW = """
while True:
    try:
        while True: pass
    except BaseException:
        pass
"""
_REGEX = "import re\nre.match(r'(a+)+$', 'a' * 64 + 'b')"
_DAEMON = """
import os, signal, sys, time
for _ in range(3):
    if not os.fork():
        os.setsid()
        if not os.fork():
            for number in (1, 2, 15, 20):
                signal.signal(number, signal.SIG_IGN)
            time.sleep(60)  # it ends, so that it can be tried without a box
        os._exit(0)
"""
_EXIT = "import os\nos._exit(0)"
_STOP = "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"
_STOP_ALL = "import os, signal\nos.kill(-1, signal.SIGSTOP)\nos.kill(os.getpid(), signal.SIGSTOP)"
_THREADS = """
import threading
def chatter():
    while True: print("z" * 1000)
for _ in range(20): threading.Thread(target=chatter, daemon=True).start()
"""


def _grew(bait, reply):
    grown = resident() - bait["resident"]
    if len(reply.text) > MAX_TEXT:
        return f"{len(reply.text)} characters were kept"
    return f"the grader grew by {grown / 2**20:.0f} MB" if grown > _MEMORY else ""


def _noticed_late(bait, reply):
    return "" if reply.seconds < 2 else f"noticed after {reply.seconds:.1f} s"


_CUT = ("timeout", "died")

ATTACKS = (
    Attack("fork_bomb", "start processes forever", _FORKS, seconds=5, ends=_CUT, success=_grew),
    Attack("many_processes", "start more processes than allowed", _COUNTED_FORKS, seconds=20),
    Attack("memory", "take all memory", _BYTES, seconds=30, ends=("error", "died")),
    Attack(
        "memory_shared",
        "take all memory with several processes",
        _SHARED_BYTES,
        seconds=30,
        ends=("ok", "died"),
    ),
    Attack(
        "memory_ownerless",
        "take memory that no process owns",
        _OWNERLESS,
        seconds=30,
        ends=("ok", "died"),
    ),
    Attack("disk", "fill the disk", _DISK, seconds=30, ends=("ok", "error", "died")),
    Attack("output", "print 1 GB", _LOUD, seconds=8, ends=("ok", *_CUT), success=_grew),
    Attack("outputs", "print small things forever", _MANY, seconds=3, ends=_CUT, success=_grew),
    Attack(
        "chatter", "go on printing from threads", _THREADS, seconds=3, ends=("ok",), success=_grew
    ),
    Attack("loop", "loop forever", _SPIN, seconds=1, ends=_CUT),
    Attack("loop_deaf", "loop forever and ignore the interruption", _SWALLOW, seconds=1, ends=_CUT),
    Attack("regex", "hold Python's lock in a regular expression", _REGEX, seconds=1, ends=_CUT),
    Attack("daemon", "leave processes behind", _DAEMON),
    Attack("exit", "end its own kernel", _EXIT, seconds=20, ends=("died",), success=_noticed_late),
    Attack("stop", "stop its own process", _STOP, seconds=1, ends=_CUT),
    Attack("stop_all", "stop every process in the box", _STOP_ALL, seconds=1, ends=_CUT),
)
