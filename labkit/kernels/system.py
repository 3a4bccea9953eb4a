"""Calls to Linux that Python's library does not have, by ctypes."""

import ctypes
import os

__all__ = ["checked", "libc", "prctl", "setns", "syscall"]

libc = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None


def checked(result, what):
    """`result` of a call; raises OSError if it says that the call failed."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def syscall(number, *arguments):
    """A system call by its number. Raises OSError."""
    given = [
        ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments
    ]
    return checked(libc.syscall(ctypes.c_long(number), *given), f"system call {number}")


def prctl(option, *arguments):
    """Raises OSError."""
    given = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    return checked(libc.prctl(ctypes.c_int(option), *given), f"prctl {option}")


def setns(descriptor):
    """Enter a namespace (``os.setns`` is Python 3.12's). Raises OSError."""
    checked(libc.setns(ctypes.c_int(descriptor), ctypes.c_int(0)), "setns")
