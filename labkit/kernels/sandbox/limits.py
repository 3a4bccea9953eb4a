"""How much of the machine a sandboxed kernel may take."""

import os
from dataclasses import asdict, dataclass

__all__ = ["Limits"]

MB = 2**20


@dataclass(frozen=True)
class Limits:
    """Generous for any lab, and far from what would hurt the machine.

    >>> Limits(processes=3).as_dict()["processes"]
    3
    """

    memory: int = 2048 * MB  #: bytes that all processes of a box use together, its files included
    #: processes and threads together; TensorFlow starts some for each core
    processes: int = 64 + 4 * (os.cpu_count() or 1)
    file: int = 128 * MB  #: bytes of one file
    disk: int = 256 * MB  #: bytes of all files in one of the two writable folders
    descriptors: int = 1024  #: open files

    def as_dict(self):
        """Plain JSON."""
        return asdict(self)
