"""Write what students are given: an archive for each lab that gives no answer away.

The audit reads the archive as it will be written and compares it with the lab's source. Without the
source nothing can be audited, so nothing is released. The archive is the same bytes on any machine.
"""

import io
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

import nbformat

import labkit
from labkit.files import write_atomically
from labkit.notebooks.build import student_notebook, to_text
from labkit.notebooks.cells import Answer, Lab, Question
from labkit.notebooks.committed import sources
from labkit.notebooks.leaks import audit, guarded, words
from labkit.notebooks.source import read_lab

__all__ = ["ReleaseError", "archive", "nbgrader_source", "release", "release_to_nbgrader"]

_LINK = re.compile(r"\]\(\s*<?([^)\s>#]+)[^)]*\)|\bsrc=[\"']([^\"'#]+)[\"']")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_README = """{title}

Open {name}.ipynb in JupyterLab. It needs labkit {version} with its labs extra:

    pip install "labkit-cnn[labs]=={version}"

Or, with labkit installed, let it bring all labs and open JupyterLab: labkit start

Hand in {name}.ipynb, saved, under the name that it has.
"""


class ReleaseError(ValueError):
    """A lab must not be released; the text says why."""


def release(
    labs: Path, names: Iterable[str], to: Path, dry_run: bool = False
) -> list[tuple[Path, list[str]]]:
    """Write an archive ``TO/NN_name.zip`` for each lab; all of them, or none if one is refused.

    Args:
        labs: The folder with the student notebooks and their ``source/``.
        names: Numbers or full names of labs ("01", "01_name"); if there are none, all labs.
        to: Where to write.
        dry_run: Audit, and write nothing.

    Returns:
        The path of each archive and the names of the files in it.

    Raises:
        ReleaseError: A lab must not be released.
        LeakError: A notebook would give an answer away (:mod:`labkit.notebooks.leaks`).
        SourceError: A lab's source cannot be read (:mod:`labkit.notebooks.source`).
        LookupError: There is no such lab.
    """
    archives = [(Path(to, f"{lab.name}.zip"), archive(lab, labs)) for lab in _labs(labs, names)]
    for path, content in [] if dry_run else archives:
        write_atomically(path, content)
    return [(path, zipfile.ZipFile(io.BytesIO(content)).namelist()) for path, content in archives]


def release_to_nbgrader(
    labs: Path, names: Iterable[str], course: Path, dry_run: bool = False
) -> list[tuple[Path, list[str]]]:
    """Write ``COURSE/source/NN_name/NN_name.ipynb``, answers included, for an nbgrader course.

    Arguments, result and errors are those of :func:`release`.
    """
    written = []
    for lab in _labs(labs, names):
        written.append(
            (Path(course, "source", lab.name), f"{lab.name}.ipynb", nbgrader_source(lab))
        )
    for folder, name, text in [] if dry_run else written:
        write_atomically(folder / name, text)
    return [(folder, [name]) for folder, name, _ in written]


def _labs(labs, names):
    chosen = sources(labs, names)
    if not chosen:
        raise ReleaseError(
            f"no lab's source in {Path(labs, 'source')}: without it nothing can be audited. "
            "Release from a clone of labkit"
        )
    return [read_lab(path) for path in chosen]


def archive(lab: Lab, labs: Path) -> bytes:
    """Return the archive of one lab, which is the same bytes on any machine.

    Args:
        lab: The lab, read from its source.
        labs: The folder with the student notebooks.

    Raises:
        ReleaseError: The lab must not be released.
        LeakError: The notebook would give an answer away.
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
    # Stored, not deflated: the bytes that deflate makes depend on the machine's zlib.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
        for name in sorted(files):
            info = zipfile.ZipInfo(f"{lab.name}/{name}", (1980, 1, 1, 0, 0, 0))
            info.external_attr, info.create_system = 0o644 << 16, 3
            target.writestr(info, files[name])
    _audit_archive(lab, buffer)
    return buffer.getvalue()


def _needed(lab, notebook, labs):
    """Return the files beside the notebook that its text shows or links to."""
    needed = set()
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
                raise ReleaseError(f"{lab.path}: it shows {name!r}, which is not a file beside it")
            needed.add(path.relative_to(labs.resolve()).as_posix())
    return sorted(needed)


def _audit_archive(lab, buffer):
    """Refuse an archive in which an answer can be read, in any of its files."""
    with zipfile.ZipFile(buffer) as written:
        for name in written.namelist():
            text = written.read(name).decode("utf-8", "ignore")
            if name.endswith(".ipynb"):
                audit(lab, nbformat.reads(text, as_version=nbformat.NO_CONVERT))
            words_of_file = words(text)
            for line, answer, words_of_answer in guarded(lab):
                if words_of_answer in words_of_file:
                    raise ReleaseError(
                        f"{lab.path}: the archive would give line {line} away, "
                        f"{answer.strip()!r}, in {name}"
                    )


def nbgrader_source(lab: Lab) -> str:
    """Return the notebook that nbgrader's ``generate_assignment`` expects, as text.

    It holds the answers between nbgrader's markers; nbgrader replaces them by stubs of its own.
    """
    notebook = student_notebook(lab)
    for cell, node in zip(lab.cells, notebook.cells, strict=True):
        if isinstance(cell, Answer | Question):
            lines = cell.text.split("\n")
            kept = [line for line in lines if not line.strip().startswith("### STUB:")]
            node.source = "\n".join(kept)
    return to_text(notebook)
