"""Attacks on other processes and on the walls of the sandbox."""

from labkit.grading.attacks.attack import Attack

__all__ = ["ATTACKS"]

_KILL = """
import os, signal
for pid in [os.getppid(), BAIT["victim"], BAIT["grader"], BAIT["sibling"], BAIT["warm"], 1, -1]:
    if pid not in (0, os.getpid()):
        try:
            # signal 0 only asks whether a signal may be sent
            os.kill(pid, 0 if pid in (1, BAIT["grader"], BAIT["warm"]) else signal.SIGTERM)
            if pid in (BAIT["victim"], BAIT["grader"], BAIT["sibling"], BAIT["warm"]):
                loot.append(pid)
        except OSError:
            pass
"""
_CALL = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def call(name, number, *arguments):
    if libc.syscall(ctypes.c_long(number), *[ctypes.c_long(one) for one in arguments]) >= 0:
        loot.append(name)
import platform
X86 = platform.machine() == "x86_64"
"""
_PTRACE = (
    _CALL
    + """
import os
child = os.fork()
if not child:
    import time
    time.sleep(5)
    os._exit(0)
for pid in [BAIT["victim"], BAIT["grader"], BAIT["sibling"], os.getppid() or 1, 1, 2, child]:
    call(f"ptrace {pid}", 101 if X86 else 117, 16, pid, 0, 0)
    buffer = ctypes.create_string_buffer(16)
    call(f"read {pid}", 310 if X86 else 270, pid, 0, 0, 0, 0, 0)
    if pid not in (child,):
        for name in ("mem", "environ", "maps"):
            try:
                content = open(f"/proc/{pid}/{name}", "rb").read(20)
                if content and pid > 2:
                    loot.append((pid, name, content))
            except OSError:
                pass
os.kill(child, 9)
os.waitpid(child, 0)
"""
)
_NAMESPACES = (
    _CALL
    + """
for bit in (7, 17, 25, 26, 27, 28, 29, 30):
    call(f"unshare {bit}", 272 if X86 else 97, 1 << bit)
for flags in (0x10000000, 0x20000000, 0x00020000):
    arguments = [ctypes.c_long(one) for one in (56 if X86 else 220, flags | 17, 0, 0, 0, 0)]
    result = libc.syscall(*arguments)
    if result == 0:
        import os
        os._exit(0)
    if result > 0:
        loot.append(f"clone {flags:#x}")
call("clone3", 435, 0, 0)
import os
for name in os.listdir("/proc/1/ns") if os.access("/proc/1/ns", os.R_OK) else []:
    try:
        handle = os.open(f"/proc/1/ns/{name}", os.O_RDONLY)
        call(f"setns {name}", 308 if X86 else 268, handle, 0)
    except OSError:
        pass
"""
)
_PRIVILEGES = (
    _CALL
    + """
import os, re
text = open("/proc/self/status").read()
if "NoNewPrivs:\\t1" not in text:
    loot.append("may gain privileges")
loot += [line for line in re.findall(r"Cap\\w+:\\t\\w+", text) if not line.endswith("0" * 16)]
for act, what in ((os.setuid, 0), (os.setgid, 0), (os.setgroups, [0]), (os.chroot, "/tmp")):
    try:
        act(what)
        loot.append("changed its user, group or root")
    except OSError:
        pass
tmp = ctypes.create_string_buffer(b"/tmp"), ctypes.create_string_buffer(b"tmpfs")
at = ctypes.addressof(tmp[0]), ctypes.addressof(tmp[1])
call("mount", 165 if X86 else 40, at[1], at[0], at[1], 0, 0)
call("remount", 165 if X86 else 40, 0, at[0], 0, 32, 0)
call("umount", 166 if X86 else 39, at[0], 2)
call("fsopen", 430, at[1], 0)
call("keyctl", 250 if X86 else 219, 0, -3, 1)
call("bpf", 321 if X86 else 280, 0, at[0], 64)
call("perf", 298 if X86 else 241, at[0], 0, -1, -1, 0)
call("io_uring", 425, 1, at[0])
call("userfaultfd", 323 if X86 else 282, 1)
call("personality", 135 if X86 else 92, 0x0040000)
call("handle", 303 if X86 else 264, -100, at[0], at[0], at[0], 0)
if X86:
    call("x32", 0x40000000 + 39)
"""
)
_HOLDER = """
import os
for pid in [int(one) for one in os.listdir("/proc") if one.isdigit()]:
    for number in range(8):
        try:
            handle = os.open(f"/proc/{pid}/fd/{number}", os.O_RDONLY | os.O_NONBLOCK)
            if os.path.isdir(f"/proc/{pid}/fd/{number}"):
                loot.append((pid, number, os.listdir(handle)))
        except OSError:
            pass
"""


def _ended(bait, reply):
    dead = bait.dead()
    return f"it ended {', '.join(dead)}" if dead else ""


ATTACKS = (
    Attack(
        "kill", "kill the grader, a sibling, everything", _KILL, ends=("ok", "died"), success=_ended
    ),
    Attack("ptrace", "look into other processes", _PTRACE, success=_ended),
    Attack("namespaces", "open new namespaces", _NAMESPACES),
    Attack("privileges", "gain privileges, mount, load programs into Linux", _PRIVILEGES),
    Attack("holder", "use files that the box's own processes have open", _HOLDER),
)
