"""Environment variables: which a student's code may see, and which decide how things import."""

import hashlib
import os
from pathlib import Path

__all__ = ["for_imports", "for_students", "in_a_box", "name_of"]

_STUDENTS = {
    "CUDA_VISIBLE_DEVICES",
    "LANG",
    "LD_LIBRARY_PATH",
    "PATH",
    "PYTHONPATH",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
    "TZ",
    "VIRTUAL_ENV",
}
_STUDENTS_PREFIXES = ("KERAS_", "LABKIT_", "LC_", "OMP_", "TF_", "XLA_")
_IMPORTS = ("JAX_", "LD_", "MALLOC_", "MKL_", "MPL", "NPY_", "OPENBLAS_", "PYTHON", "XDG_")
_OURS = ("LABKIT_ZYGOTE", "PYTHONUNBUFFERED")


def for_students(environment):
    """`environment` without what is nobody's business: tokens, names of other files.

    >>> for_students({"TF_CPP_MIN_LOG_LEVEL": "3", "API_TOKEN": "secret"})
    {'TF_CPP_MIN_LOG_LEVEL': '3'}
    """
    kept = {
        name: value
        for name, value in environment.items()
        if name not in _OURS and (name in _STUDENTS or name.startswith(_STUDENTS_PREFIXES))
    }
    if "PYTHONPATH" in kept:  # relative folders in it would be looked for where the student is
        folders = kept["PYTHONPATH"].split(os.pathsep)
        kept["PYTHONPATH"] = os.pathsep.join(os.path.abspath(folder) for folder in folders)
    return kept


def in_a_box(environment):
    """The environment of a kernel in a box, out of the one that was asked for."""
    folders = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), "/tmp")
    own = {"HOME": "/home/student", "USER": "student", "LOGNAME": "student", "LANG": "C.UTF-8"}
    return for_students(environment) | folders | own


def for_imports(environment, home):
    """What of `environment` can change the outcome of an import, for a process that imports."""
    kept = {
        name: value
        for name, value in for_students(environment).items()
        if not name.startswith("LABKIT_")
    }
    kept |= {
        name: value
        for name, value in environment.items()
        if name.startswith(_IMPORTS) and name not in _OURS
    }
    cache = Path.home() / ".cache"  # matplotlib's list of fonts takes seconds to make
    kept.setdefault("XDG_CACHE_HOME", str(cache))
    # one thread: numpy's linear algebra would start some when it is imported
    kept |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    kept.setdefault("MALLOC_ARENA_MAX", "2")
    kept.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    return kept | {"HOME": str(home)}


def name_of(environment, modules):
    """A name for the process that imports `modules` in `environment`: same name, same outcome."""
    parts = repr((sorted(environment.items()), tuple(modules)))
    return hashlib.sha256(parts.encode()).hexdigest()[:16]
