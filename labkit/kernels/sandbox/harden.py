"""What a process gives up, for good, before a student's code runs in it."""

import ctypes
import os
import resource
import struct
from pathlib import Path

from labkit.kernels.sandbox import landlock, seccomp
from labkit.kernels.system import checked, libc, prctl

__all__ = ["WRITABLE", "harden"]

#: The folders of a box that can be written to
WRITABLE = ("/tmp", "/home/student", "/run/kernel", "/dev/shm")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")

_DUMPABLE, _CAPABILITY_DROP, _SECUREBITS, _NO_NEW_PRIVILEGES, _AMBIENT = 4, 24, 28, 38, 47


def harden(limits):
    """Give up capabilities, new privileges, most of the machine and many system calls.

    `limits` is :meth:`~labkit.kernels.sandbox.limits.Limits.as_dict`'s. For a process of one
    thread, inside a box. Raises OSError when Linux does not do as it is told: nothing must run
    then.
    """
    _limit(limits)
    _drop_capabilities()
    prctl(_NO_NEW_PRIVILEGES, 1)
    landlock.restrict(WRITABLE, _DEVICES)
    seccomp.install(seccomp.program())


def _limit(limits):
    address_space = _size() + 2 * limits["memory"]  # reserved is not used: the box counts what is
    for what, most in (
        (resource.RLIMIT_AS, address_space),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_FSIZE, limits["file"]),
        (resource.RLIMIT_NOFILE, limits["descriptors"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 2**16),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, 1024),
    ):
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def _size():
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _drop_capabilities():
    prctl(_AMBIENT, 4)  # PR_CAP_AMBIENT_CLEAR_ALL
    for capability in range(64):
        try:
            prctl(_CAPABILITY_DROP, capability)
        except OSError:
            break  # the last that this Linux knows
    prctl(_SECUREBITS, 0x2F)  # no capabilities by being root, now and later
    header = ctypes.create_string_buffer(struct.pack("=Ii", 0x20080522, 0), 8)
    nothing = ctypes.create_string_buffer(24)
    checked(libc.capset(header, nothing), "capset")
    os.umask(0o077)
    prctl(_DUMPABLE, 1)  # without, /proc/self would no longer be its own
