"""What students are given: an archive per lab that gives no answer away, and is always the same.

The audit is made on the archive as it was written, and fails closed: without the lab's source there
is nothing to hold it against, and nothing is released.
"""

import io
import re
import zipfile
from pathlib import Path

import nbformat

import labkit
from labkit.files import write_atomically
from labkit.notebooks.build import student_notebook, to_text
from labkit.notebooks.cells import Answer, Question
from labkit.notebooks.committed import sources
from labkit.notebooks.leaks import audit, guarded, words
from labkit.notebooks.source import read_lab

__all__ = ["ReleaseError", "archive", "nbgrader_source", "release", "release_to_nbgrader"]

_LINK = re.compile(r"\]\(\s*<?([^)\s>#]+)[^)]*\)|\bsrc=[\"']([^\"'#]+)[\"']")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_README = """{title}

Open {name}.ipynb in JupyterLab. It needs labkit {version} with its labs extra:

    pip install "labkit[labs]=={version}"

Or, with labkit installed, let it bring all labs and open JupyterLab: labkit start

Hand in {name}.ipynb, saved, under the name that it has.
"""


class ReleaseError(ValueError):
    """A lab is not fit to be released; the text says why."""


def release(labs, names, to, dry_run=False):
    """Write ``TO/NN_name.zip`` for the labs in the folder `labs`; ``[(path, files in it)]``.

    `names` choose among them ("01", "01_name"); none is all. A `dry_run` audits and writes nothing.

    Raises :class:`ReleaseError`, :class:`~labkit.notebooks.leaks.LeakError`,
    :class:`~labkit.notebooks.source.SourceError`; LookupError: no such lab.
    """
    made = [(Path(to, f"{lab.name}.zip"), archive(lab, labs)) for lab in _labs(labs, names)]
    for path, content in [] if dry_run else made:  # all of them are fit, or none is written
        write_atomically(path, content)
    return [(path, zipfile.ZipFile(io.BytesIO(content)).namelist()) for path, content in made]


def release_to_nbgrader(labs, names, course, dry_run=False):
    """Write ``COURSE/source/NN_name/NN_name.ipynb``, answers included; as :func:`release`."""
    made = [
        (Path(course, "source", lab.name), lab.name, nbgrader_source(lab))
        for lab in _labs(labs, names)
    ]
    for folder, name, text in [] if dry_run else made:
        write_atomically(folder / f"{name}.ipynb", text)
    return [(folder, [f"{name}.ipynb"]) for folder, name, _ in made]


def _labs(labs, names):
    chosen = sources(labs, names)
    if not chosen:
        raise ReleaseError(
            f"no lab's source in {Path(labs, 'source')}: without it nothing can be audited. "
            "Release from a clone of labkit"
        )
    return [read_lab(path) for path in chosen]


def archive(lab, labs):
    """The archive of one :class:`~labkit.notebooks.cells.Lab`, as bytes: the same on any machine.

    Raises as :func:`release` does.
    """
    notebook = student_notebook(lab)
    audit(lab, notebook)
    text = to_text(notebook).encode()
    shipped = Path(labs, f"{lab.name}.ipynb")
    if not shipped.is_file() or shipped.read_bytes() != text:
        raise ReleaseError(f"{shipped} is not what its source gives: run 'labkit build {lab.id}'")
    readme = _README.format(title=lab.title, name=lab.name, version=labkit.__version__)
    files = {f"{lab.name}.ipynb": text, "README.txt": readme.encode()}
    for name in _needed(lab, notebook, Path(labs)):
        files[name] = Path(labs, name).read_bytes()
    buffer = io.BytesIO()
    # stored, not deflated: what deflate makes depends on the machine's zlib
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
        for name in sorted(files):
            info = zipfile.ZipInfo(f"{lab.name}/{name}", (1980, 1, 1, 0, 0, 0))
            info.external_attr, info.create_system = 0o644 << 16, 3
            target.writestr(info, files[name])
    _audit_archive(lab, buffer)
    return buffer.getvalue()


def _needed(lab, notebook, labs):
    """The files beside the notebook that it shows."""
    found = set()
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        for link in _LINK.finditer(cell.source):
            name = link[1] or link[2]
            if name.endswith(".ipynb") or _SCHEME.match(name):
                continue  # another lab, which has an archive of its own, or the web
            path = (labs / name).resolve()
            inside = path.is_relative_to(labs.resolve()) and path.is_file()
            hidden = {"source", "reference"} & set(Path(name).parts)
            if not inside or hidden or Path(name).is_absolute():
                raise ReleaseError(f"{lab.path}: it shows {name!r}, which is no file beside it")
            found.add(path.relative_to(labs.resolve()).as_posix())
    return sorted(found)


def _audit_archive(lab, buffer):
    """Refuse an archive in which an answer can be read, in whatever file."""
    with zipfile.ZipFile(buffer) as written:
        for name in written.namelist():
            text = written.read(name).decode("utf-8", "ignore")
            if name.endswith(".ipynb"):
                audit(lab, nbformat.reads(text, as_version=nbformat.NO_CONVERT))
            said = words(text)
            for line, answer, telling in guarded(lab):
                if telling in said:
                    raise ReleaseError(
                        f"{lab.path}: the archive would give line {line} away, "
                        f"{answer.strip()!r}, in {name}"
                    )


def nbgrader_source(lab):
    """The lab as nbgrader's ``generate_assignment`` wants it: with answers, between its markers.

    nbgrader cuts them out itself and puts its own stub in their place.
    """
    notebook = student_notebook(lab)
    for cell, node in zip(lab.cells, notebook.cells, strict=True):
        if isinstance(cell, Answer | Question):
            lines = cell.text.split("\n")
            kept = [line for line in lines if not line.strip().startswith("### STUB:")]
            node.source = "\n".join(kept)
    return to_text(notebook)
