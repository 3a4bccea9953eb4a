"""Landlock: a second lock on what a sandboxed kernel writes and connects to, where Linux has it.

The mounts say the same already; this holds should one of them be wrong.
"""

import ctypes
import os
import struct

from labkit.kernels.system import syscall

__all__ = ["restrict", "version"]

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_WRITE_FILE, _REFER, _TRUNCATE, _IOCTL_DEV = 1 << 1, 1 << 13, 1 << 14, 1 << 15
_MAKE_DEVICES = 1 << 6 | 1 << 11  # character and block devices
# removing and making anything, for folders only
_CHANGE_FOLDER = sum(1 << bit for bit in range(4, 13)) & ~_MAKE_DEVICES


def version():
    """Landlock's version on this machine; 0: it has none."""
    try:
        return syscall(_CREATE, 0, 0, 1)
    except OSError:
        return 0


def restrict(folders, files):
    """From now on this thread writes only below `folders` and to `files`; what is read stays.

    It also opens no TCP port and connects to none, and reaches no abstract socket and signals no
    process from outside its own kind, as far as the machine's Landlock knows these. Does nothing on
    a machine without. Raises OSError.
    """
    known = version()
    if not known:
        return
    access = _WRITE_FILE | _CHANGE_FOLDER | _MAKE_DEVICES
    access |= (_REFER if known >= 2 else 0) | (_TRUNCATE if known >= 3 else 0)
    network = 3 if known >= 4 else 0
    scoped = 3 if known >= 6 else 0
    attributes = struct.pack("=QQQ", access, network, scoped)
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    buffer = ctypes.create_string_buffer(attributes, 24)
    rules = syscall(_CREATE, ctypes.byref(buffer), size, 0)
    try:
        for path in folders:
            _allow(rules, path, access & ~_MAKE_DEVICES)
        for path in files:
            _allow(rules, path, access & (_WRITE_FILE | _TRUNCATE))
        syscall(_RESTRICT, rules, 0)
    finally:
        os.close(rules)


def _allow(rules, path, access):
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = ctypes.create_string_buffer(struct.pack("=Qi", access, handle), 12)
        syscall(_ADD_RULE, rules, 1, ctypes.byref(rule), 0)
    finally:
        os.close(handle)
