"""Where collected files are kept: contents by their hash, bounded for each student."""

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from labkit.grading.intake.archives import ArchiveError, Entry, Refused, entries
from labkit.grading.intake.lms import Upload

__all__ = ["MAX_FILE", "MAX_FILES", "MAX_STUDENT", "CollectedStudent", "Store"]

MAX_FILE = 50 * 2**20  # bytes
MAX_STUDENT = 200 * 2**20  # bytes of one student in one download
MAX_FILES = 2_000  # of one student in one download


@dataclass
class CollectedStudent:
    """One student's files after collecting."""

    name: str  #: of the student's folder
    files: list[dict] = field(default_factory=list)  #: all versions, as in the student's JSON file
    refused: list[tuple] = field(default_factory=list)  #: (name in the download, why), of this run
    changed: bool = False  #: whether the student's folder has changed, or would

    @property
    def chosen(self) -> list[dict]:
        """The versions that lie in the student's folder."""
        return [one for one in self.files if one["chosen"]]


class Store:
    """The contents of collected files.

    Args:
        folder: Where to keep them.
        source: The name of the download, for the notes about each file.
    """

    def __init__(self, folder: Path, source: str):
        self.folder, self.source = folder, source
        self._bytes, self._count = {}, {}  # of each student
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob("new-*"):  # by a run that was cut off
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()

    def path_of(self, digest: str) -> Path:
        """Return where the content with a SHA-256 lies."""
        return self.folder / "files" / digest[:2] / digest

    def take(self, student: CollectedStudent, upload: Upload, entry: Entry) -> None:
        """Add an entry of the download to a student's files; a zip is unpacked, one level deep.

        Raises:
            Refused: The entry is not taken.
        """
        with self._unpacked(student, entry) as (path, digest, size):
            if upload.path.lower().endswith(".zip"):
                self._take_zip(student, upload, entry, path)
            else:
                self._note(student, upload, entry, path, digest, size)

    def _take_zip(self, student, upload, entry, path):
        try:
            inside = entries(path)
        except ArchiveError:
            raise Refused("not a zip file that can be read") from None
        for one in inside:
            name = f"{entry.name}: {one.name}"
            if one.problem or not one.parts:
                if one.problem:
                    student.refused.append((name, one.problem))
                continue
            within = "/".join([upload.path[: -len(".zip")], *one.parts])
            unzipped = Entry(name, one.parts, entry.when or one.when, one.open)
            try:
                with self._unpacked(student, unzipped) as (file, digest, size):
                    moved = replace(upload, path=within)
                    self._note(student, moved, unzipped, file, digest, size)
            except Refused as error:
                student.refused.append((name, str(error)))

    @contextlib.contextmanager
    def _unpacked(self, student, entry) -> Iterator[tuple[Path, str, int]]:
        """Write the entry to a temporary file: (path, SHA-256, size in bytes)."""
        handle, path = tempfile.mkstemp(dir=self.folder, prefix="new-")
        try:
            with os.fdopen(handle, "wb") as target:
                digest, size = self._copy(student, entry, target)
            yield Path(path), digest, size
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)

    def _copy(self, student, entry, target):
        name = student.name
        self._count[name] = self._count.get(name, 0) + 1
        if self._count[name] > MAX_FILES:
            raise Refused(f"more than {MAX_FILES} files of one student")
        digest, size = hashlib.sha256(), 0
        for data in _read(entry):
            # The bytes that come out are counted: the sizes in a zip are only what it claims.
            size += len(data)
            self._bytes[name] = self._bytes.get(name, 0) + len(data)
            if size > MAX_FILE:
                raise Refused(f"larger than {MAX_FILE // 2**20} MB")
            if self._bytes[name] > MAX_STUDENT:
                raise Refused(f"more than {MAX_STUDENT // 2**20} MB of one student")
            digest.update(data)
            target.write(data)
        if not size:
            raise Refused("the file is empty")
        return digest.hexdigest(), size

    def _note(self, student, upload, entry, path, digest, size):
        target = self.path_of(digest)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, target)
        note = {
            "path": upload.path,
            "sha256": digest,
            "size": size,
            "when": entry.when,
            "marked_late": upload.late,
            "order": list(upload.order),
            "source": f"{self.source}: {entry.name}",
        }
        same = ("path", "sha256", "when", "order")
        if not any(all(one[key] == note[key] for key in same) for one in student.files):
            student.files.append(note)


def _read(entry):
    """Yield the entry's bytes in pieces."""
    try:
        with entry.open() as file:
            while data := file.read(1 << 16):
                yield data
    except OSError as error:
        raise Refused(f"cannot be read: {error.strerror or error}") from None
