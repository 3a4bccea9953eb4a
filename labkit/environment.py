"""What the labs run on here: versions, processor, memory, GPU, language; a report for lab 00."""

import html
import importlib.metadata
import os
import platform
import sys
from dataclasses import dataclass

import labkit

__all__ = ["Row", "facts", "report"]

LANGUAGES = {"en": "English", "es": "español", "ca": "català"}
MIN_GIB = 4  # of memory: what TensorFlow, a notebook and the browser beside it need


@dataclass(frozen=True)
class Row:
    """One line of the report: what, its value, and whether the labs are at ease with it."""

    name: str
    value: str
    good: bool = True
    remark: str = ""


def facts():
    """The report's lines, as a list of :class:`Row`. Starts Keras's backend, to look for a GPU.

    >>> [row.name for row in facts()][:3]
    ['labkit', 'Python', 'Keras']
    """
    rows = [
        Row("labkit", labkit.__version__),
        _python(sys.version_info[:3]),
        *_keras(),
        _cores(
            len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        ),
        _memory(_bytes_of_memory()),
        _language(),
    ]
    return rows


def _python(version):
    good = (3, 11) <= tuple(version[:2]) <= (3, 13)
    remark = "" if good else "the labs are tried with 3.11, 3.12 and 3.13"
    return Row("Python", ".".join(map(str, version)), good, remark)


def _keras():
    from labkit.quiet import import_keras

    try:
        keras = import_keras()
    except ImportError as error:
        what = f"not installed ({error.name})"
        return [
            Row("Keras", what, False, 'install what the labs need: pip install "labkit-cnn[labs]"')
        ]
    backend = keras.backend.backend()
    try:
        gpus = [name for name in keras.distribution.list_devices() if not name.startswith("cpu")]
    except Exception:  # not every backend can say, and a report must not fail for it
        gpus = None
    return [
        Row("Keras", keras.__version__),
        Row(
            "backend",
            f"{backend} {importlib.metadata.version(backend)}",
            backend == "tensorflow",
            "" if backend == "tensorflow" else "the labs' numbers were made with tensorflow",
        ),
        _gpu(gpus),
    ]


def _gpu(names):
    if names is None:
        return Row("GPU", "this backend does not say")
    if not names:
        return Row("GPU", "none found", remark="labs 00 to 10 do not need one")
    return Row("GPU", ", ".join(names))


def _cores(count):
    good = (count or 2) >= 2
    remark = "" if good else "expect the times in the labs to double"
    return Row(
        "processor", f"{platform.machine()}, {count or 'unknown number of'} cores", good, remark
    )


def _bytes_of_memory():
    """The machine's memory, or None where the system does not say (Windows)."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


def _memory(size):
    if size is None:
        return Row("memory", "unknown", remark=f"the labs need about {MIN_GIB} GiB")
    good = size >= MIN_GIB * 2**30
    remark = "" if good else f"the labs need about {MIN_GIB} GiB: close other programs"
    return Row("memory", f"{size / 2**30:.1f} GiB", good, remark)


def _language():
    from labkit.language import language

    return Row("checks speak", LANGUAGES[language()], remark="LABKIT_LANG chooses: en, es or ca")


class _Report:
    """A table in a notebook. As plain text only a sentence: other machines, other values."""

    def __init__(self, rows):
        self.rows = rows

    def __repr__(self):
        return "A table of what the labs run on here."

    def _repr_html_(self):
        lines = "".join(
            f'<tr><th scope="row" style="text-align:left">{html.escape(row.name)}</th>'
            f'<td style="text-align:left">{html.escape(row.value)}</td>'
            f'<td style="text-align:left">{"✓ good" if row.good else "✗ look here"}'
            f"{': ' if row.remark else ''}{html.escape(row.remark)}</td></tr>"
            for row in self.rows
        )
        return f'<table data-labkit="environment">{lines}</table>'


def report():
    """Show versions, processor, memory, GPU and language, and what to think of each.

    A table in a notebook, lines of text elsewhere.
    """
    rows = facts()
    ipython = sys.modules.get("IPython")
    if ipython and ipython.get_ipython():
        ipython.display.display(_Report(rows))
        return
    for row in rows:
        remark = f"  ({row.remark})" if row.remark else ""
        print(f"{'✓' if row.good else '✗'} {row.name:<13} {row.value}{remark}")
