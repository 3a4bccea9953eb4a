"""Make one folder per student out of a download, choose the version that counts, keep the others.

Everything that was ever collected lies in ``TO/.collected/``: the contents by their hash, and a
JSON file per student that says what came when, what was chosen, and what was refused and why. The
student's folder holds the chosen files and nothing else.
"""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from labkit.files import write_atomically
from labkit.grading.hashes import identity
from labkit.grading.intake.archives import ArchiveError, Entry, Refused, entries, portable
from labkit.grading.intake.lms import whose

__all__ = ["Collected", "Student", "collect", "remarks"]

MAX_FILE = 50 * 2**20  # bytes
MAX_STUDENT = 200 * 2**20  # bytes of one student in one download
MAX_FILES = 2_000  # of one student in one download
STORE = ".collected"


@dataclass
class Student:
    """One student's files after collecting."""

    name: str  #: of the folder
    files: list = field(default_factory=list)  #: dicts, as in the JSON file
    refused: list = field(default_factory=list)  #: (name in the download, why), of this run
    changed: bool = False  #: whether the folder is another one than before

    @property
    def chosen(self):
        return [one for one in self.files if one["chosen"]]


@dataclass
class Collected:
    """What came of a download."""

    students: list
    refused: list  #: (name in the download, why): what is nobody's


def collect(source, to, *, deadline="", late="if nothing else", dry_run=False, progress=None):
    """Collect a folder or zip file (`source`) into the folder `to`; returns :class:`Collected`.

    A file counts as late when Canvas says so, or when it is younger than `deadline` ("2026-11-20
    23:59", as the download's clock has it). With `late` "if nothing else", a late version is chosen
    only where there is none in time; with "always", the last version is, late or not. A `dry_run`
    unpacks into a temporary folder and leaves `to` alone. `progress` is called as
    ``progress(done, total)``, in entries.

    Raises :class:`~labkit.grading.intake.archives.ArchiveError`; OSError when `to` cannot be
    written.
    """
    found = _unwrapped(entries(Path(source)))
    students, nobodys = {}, []
    with contextlib.ExitStack() as stack:
        scratch = Path(to, STORE)
        if dry_run:
            scratch = Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="labkit-collect-"))
            )
        store = _Store(scratch, Path(source).name)
        for done, entry in enumerate(found):
            if progress:
                progress(done, len(found))
            upload = whose(entry.parts or _parts_of_refused(entry.name))
            if upload is None:
                reason = entry.problem or "its name does not say whose it is"
                nobodys.append((entry.name, reason))
                continue
            name = portable(upload.student)
            if name not in students:
                students[name] = Student(name, _known(Path(to, STORE), name))
            try:
                if entry.problem:
                    raise Refused(entry.problem)
                store.take(students[name], upload, entry)
            except Refused as error:
                students[name].refused.append((entry.name, str(error)))
        for student in students.values():
            _choose(student.files, deadline, late)
            _finish(student, Path(to), store, dry_run)
        if progress:
            progress(len(found), len(found))
    return Collected(sorted(students.values(), key=lambda one: one.name), nobodys)


def remarks(folder, student):
    """What an instructor should know of how a student's file came to be chosen; [] if nothing."""
    try:
        state = json.loads((Path(folder, STORE) / f"{identity(student)}.json").read_bytes())
    except (OSError, ValueError):
        return []
    said = []
    chosen = {one["path"] for one in state["files"] if one["chosen"]}
    said += [f"{name}: refused: {why}" for name, why in state["refused"] if name not in chosen]
    for one in state["files"]:
        versions = [other for other in state["files"] if other["path"] == one["path"]]
        if one["chosen"] and one["late"]:
            said.append(f"{one['path']}: handed in late")
        if one["chosen"] and len(versions) > 1:
            said.append(f"{one['path']}: the {one['chosen']} of {len(versions)} versions")
    return said


def _unwrapped(found):
    """`found` without a folder around everything, as some programs put into a zip."""
    tops = {entry.parts[0] for entry in found if entry.parts}
    deep = all(len(entry.parts) > 2 for entry in found if entry.parts)
    if len(tops) != 1 or not deep or "_assignsubmission_" in next(iter(tops)):
        return found
    return [
        Entry(entry.name, entry.parts[1:], entry.when, entry.open, entry.problem) for entry in found
    ]


def _parts_of_refused(name):
    """A path that is used for nothing but to see whose it was meant to be."""
    parts = [part for part in name.replace("\\", "/").split("/") if part]
    plain = bool(parts) and parts[0].isprintable() and not parts[0].startswith(".")
    return tuple(parts) if plain and not name.startswith(("/", "\\")) else ("nobody",)


def _known(store, name):
    """The files of a student that were collected before."""
    try:
        return json.loads((store / f"{identity(name)}.json").read_bytes())["files"]
    except (OSError, ValueError, KeyError):
        return []


class _Store:
    """Contents by their hash, bounded for each student."""

    def __init__(self, folder, source):
        self.folder, self.source = folder, source
        self.bytes, self.count = {}, {}
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("new-*"):  # by a run that was cut off
            shutil.rmtree(left) if left.is_dir() else left.unlink()

    def path_of(self, digest):
        return self.folder / "files" / digest[:2] / digest

    def take(self, student, upload, entry):
        """Add an entry to what a student has; a zip in it is unpacked, once."""
        with self._unpacked(student, entry) as (path, digest, size):
            if upload.path.lower().endswith(".zip"):
                self._take_zip(student, upload, entry, path)
                return
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
            try:
                named = Entry(name, one.parts, entry.when or one.when, one.open)
                with self._unpacked(student, named) as (file, digest, size):
                    moved = type(upload)(upload.student, within, upload.late, upload.order)
                    self._note(student, moved, named, file, digest, size)
            except Refused as error:
                student.refused.append((name, str(error)))

    @contextlib.contextmanager
    def _unpacked(self, student, entry):
        """The entry in a temporary file: (path, SHA-256, size)."""
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
        self.count[name] = self.count.get(name, 0) + 1
        if self.count[name] > MAX_FILES:
            raise Refused(f"more than {MAX_FILES} files of one student")
        digest, size = hashlib.sha256(), 0
        for data in _read(entry):
            # what is counted is what comes out: sizes in a zip are what somebody wrote there
            size += len(data)
            self.bytes[name] = self.bytes.get(name, 0) + len(data)
            if size > MAX_FILE:
                raise Refused(f"larger than {MAX_FILE // 2**20} MB")
            if self.bytes[name] > MAX_STUDENT:
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
    """The entry's bytes, in pieces."""
    try:
        with entry.open() as file:
            while data := file.read(1 << 16):
                yield data
    except OSError as error:
        raise Refused(f"cannot be read: {error.strerror or error}") from None


def _choose(files, deadline, late):
    """Mark of each path the version that counts, with why in a word or two."""
    for one in files:
        one["late"] = one["marked_late"] or bool(deadline and one["when"] > deadline)
        one["chosen"] = ""
    for path in {one["path"] for one in files}:
        versions = [one for one in files if one["path"] == path]
        in_time = [one for one in versions if not one["late"]]
        able = in_time if in_time and late == "if nothing else" else versions
        best = max(able, key=lambda one: (one["order"], one["when"], files.index(one)))
        best["chosen"] = "last in time" if in_time and len(in_time) < len(versions) else "last"


def _finish(student, to, store, dry_run):
    """Write down what is known of a student, and bring the folder to what was chosen."""
    student.files.sort(key=lambda one: (one["path"], one["order"], one["when"], one["sha256"]))
    wanted = {one["path"]: one["sha256"] for one in student.chosen}
    folder, noted = to / student.name, to / STORE / f"{identity(student.name)}.json"
    student.changed = _contents(folder) != wanted
    if dry_run:
        return
    if student.changed and folder.exists() and not noted.exists():
        student.refused.append(
            (student.name, f"{folder} was not made by labkit collect: left alone")
        )
        return
    state = {"student": student.name, "files": student.files, "refused": student.refused}
    write_atomically(noted, json.dumps(state, indent=1) + "\n")
    if not student.changed:
        return
    fresh = Path(tempfile.mkdtemp(dir=to / STORE, prefix="new-"))
    for path, digest in wanted.items():
        target = fresh / path
        # a file and a folder of the same name, from two downloads: the first one stays
        with contextlib.suppress(FileExistsError, NotADirectoryError):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(store.path_of(digest), target)
    fresh.chmod(0o755)
    if folder.exists():
        os.replace(folder, to / STORE / f"new-{identity(student.name)}-before")
    os.replace(fresh, folder)
    shutil.rmtree(to / STORE / f"new-{identity(student.name)}-before", ignore_errors=True)


def _contents(folder):
    """``{path: SHA-256}`` of the files in a folder; None if there is none."""
    if folder.is_symlink() or not folder.is_dir():
        return None
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
