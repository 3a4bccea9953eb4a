"""Write a file so that whoever reads it, or is cut off while writing it, finds all or nothing."""

import os
import tempfile
from pathlib import Path

__all__ = ["write_atomically"]


def write_atomically(path, data):
    """Write `data` (bytes, or text as UTF-8) to `path`: a temporary file first, then its name.

    Folders on the way are made. Raises OSError when it cannot be written; `path` then still holds
    what it held.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    data = data.encode() if isinstance(data, str) else data
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp's files are for the owner alone; a notebook is for whoever may read the folder
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
