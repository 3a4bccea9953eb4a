"""The system calls that a sandboxed kernel may not make, as a filter for the Linux kernel.

Assembled by hand, because it is 60 lines, and libseccomp is not everywhere. A list of what is
refused rather than of what is allowed, as in flatpak: Python and TensorFlow use most of the rest,
and what matters most is held by the namespaces already; this closes ways out of them.
"""

import ctypes
import errno
import platform
import struct

from labkit.kernels.system import prctl

__all__ = ["SUPPORTED", "install", "program"]

# name: (x86-64, aarch64)
_REFUSED = {
    # looking into other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "perf_event_open": (298, 241),
    # programs: a box has none but Python, where nobody would see what an answer calls
    "execve": (59, 221),
    "execveat": (322, 281),
    # namespaces and mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # parts of Linux with a history of ways out
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "fanotify_init": (300, 262),
    "personality": (135, 92),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    "lookup_dcookie": (212, 18),
    # memory that belongs to no process and to no file system of a box
    "shmget": (29, 194),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    # the machine itself
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "syslog": (103, 116),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "settimeofday": (164, 170),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "vhangup": (153, 58),
}
_CLONE, _CLONE3, _SOCKET, _IOCTL = (56, 220), (435, 435), (41, 198), (16, 29)
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

#: Whether this processor's system calls are known here
SUPPORTED = platform.machine() in _ARCHITECTURES

_NEW_NAMESPACE = 0x7E020080  # all CLONE_NEW… flags
# AF_UNIX, AF_INET, AF_INET6: of no use without a network, and harmless. The others get EINVAL: at
# EAFNOSUPPORT, ZeroMQ aborts the process
_FAMILIES = (1, 2, 10)
_TERMINAL = (0x5412, 0x541C)  # TIOCSTI and TIOCLINUX type into the terminal

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_KILL, _ALLOW, _ERROR = 0x80000000, 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data


def program(machine=None):
    """The filter for a processor ("x86_64", "aarch64"; None: this one) in Linux's binary form.

    Raises NotImplementedError.
    """
    machine = machine or platform.machine()
    if machine not in _ARCHITECTURES:
        raise NotImplementedError(f"no seccomp filter for {machine}: expected x86_64 or aarch64")
    column, architecture = _ARCHITECTURES[machine]
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":  # the x32 calls have the same numbers with a bit more
        steps += [(_AT_LEAST, 0, 1, 0x40000000), (_RETURN, 0, 0, _ERROR | errno.ENOSYS)]
    for numbers in _REFUSED.values():
        steps += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, _ERROR | errno.EPERM)]
    # its flags lie in memory, where no filter can look: the C library then takes clone
    steps += [(_EQUAL, 0, 1, _CLONE3[column]), (_RETURN, 0, 0, _ERROR | errno.ENOSYS)]
    steps += [
        (_EQUAL, 0, 4, _CLONE[column]),
        (_LOAD, 0, 0, _ARGUMENTS),
        (_ANY_BIT, 0, 1, _NEW_NAMESPACE),
        (_RETURN, 0, 0, _ERROR | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    families = [(_EQUAL, 1 + left, 0, one) for left, one in _countdown(_FAMILIES)]
    steps += [(_EQUAL, 0, len(families) + 3, _SOCKET[column]), (_LOAD, 0, 0, _ARGUMENTS)]
    steps += [*families, (_RETURN, 0, 0, _ERROR | errno.EINVAL), (_RETURN, 0, 0, _ALLOW)]
    terminal = [(_EQUAL, 1 + left, 0, one) for left, one in _countdown(_TERMINAL)]
    steps += [(_EQUAL, 0, len(terminal) + 3, _IOCTL[column]), (_LOAD, 0, 0, _ARGUMENTS + 8)]
    steps += [*terminal, (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _ERROR | errno.EPERM)]
    steps += [(_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _countdown(values):
    """(how many come after it, value) for each of `values`."""
    return [(len(values) - 1 - place, value) for place, value in enumerate(values)]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def install(binary):
    """Put a filter in force for this thread and all that it starts, for good. Raises OSError."""
    buffer = ctypes.create_string_buffer(binary, len(binary))
    made = _Program(len(binary) // 8, ctypes.addressof(buffer))
    prctl(22, 2, ctypes.addressof(made))  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
