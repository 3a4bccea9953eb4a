"""Make one folder per student out of a download, choose the version that counts, keep the others.

Everything that was ever collected lies in ``TO/.collected/``: the contents by their hash, and a
JSON file per student that says what arrived when, what was chosen, and what was refused and why.
The student's folder holds the chosen files and nothing else.
"""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from labkit.files import write_atomically
from labkit.grading.hashes import identity
from labkit.grading.intake.archives import Refused, entries, portable
from labkit.grading.intake.lms import whose
from labkit.grading.intake.store import CollectedStudent, Store

__all__ = ["Collected", "collect", "remarks_on"]

STORE = ".collected"


@dataclass
class Collected:
    """What came of a download."""

    students: list[CollectedStudent]  #: by name
    refused: list[tuple[str, str]]  #: (name in the download, why), of files that are no student's


def collect(
    source: Path,
    to: Path,
    *,
    deadline: str = "",
    late: str = "if nothing else",
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Collected:
    """Collect a folder or zip file into one folder per student.

    Args:
        source: The download.
        to: The folder that holds the students' folders; earlier downloads stay.
        deadline: "2026-11-20 23:59", by the download's clock. A file that is younger is late, as
            is one that Canvas marks so. "" is no deadline.
        late: "if nothing else" chooses a late version only where none is in time; "always" chooses
            the last version, late or not.
        dry_run: Unpack into a temporary folder and leave `to` alone.
        progress: Called as ``progress(done, total)``, in entries of the download.

    Raises:
        ArchiveError: `source` cannot be read.
        OSError: `to` cannot be written.
    """
    uploaded = _unwrapped(entries(Path(source)))
    students, refused = {}, []
    with contextlib.ExitStack() as stack:
        folder = Path(to, STORE)
        if dry_run:
            temporary = tempfile.TemporaryDirectory(prefix="labkit-collect-")
            folder = Path(stack.enter_context(temporary))
        store = Store(folder, Path(source).name)
        for done, entry in enumerate(uploaded):
            if progress:
                progress(done, len(uploaded))
            upload = whose(entry.parts or _parts_of_refused(entry.name))
            if upload is None:
                reason = entry.problem or "its name does not say whose it is"
                refused.append((entry.name, reason))
                continue
            name = portable(upload.student)
            if name not in students:
                students[name] = CollectedStudent(name, _known(Path(to, STORE), name))
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
            progress(len(uploaded), len(uploaded))
    return Collected(sorted(students.values(), key=lambda one: one.name), refused)


def remarks_on(folder: Path, student: str) -> list[str]:
    """Return what an instructor should know of how a student's files came to be chosen.

    Args:
        folder: The folder that was collected into.
        student: The name of the student's folder.
    """
    try:
        state = json.loads((Path(folder, STORE) / f"{identity(student)}.json").read_bytes())
    except (OSError, ValueError):
        return []
    chosen = {one["path"] for one in state["files"] if one["chosen"]}
    remarks = [f"{name}: refused: {why}" for name, why in state["refused"] if name not in chosen]
    for one in state["files"]:
        versions = [other for other in state["files"] if other["path"] == one["path"]]
        if one["chosen"] and one["late"]:
            remarks.append(f"{one['path']}: handed in late")
        if one["chosen"] and len(versions) > 1:
            remarks.append(f"{one['path']}: the {one['chosen']} of {len(versions)} versions")
    return remarks


def _unwrapped(uploaded):
    """Remove the one folder around everything that some programs put into a zip."""
    tops = {entry.parts[0] for entry in uploaded if entry.parts}
    deep = all(len(entry.parts) > 2 for entry in uploaded if entry.parts)
    if len(tops) != 1 or not deep or "_assignsubmission_" in next(iter(tops)):
        return uploaded
    return [replace(entry, parts=entry.parts[1:]) for entry in uploaded]


def _parts_of_refused(name):
    """Return the path of a refused entry, only to see whose it was meant to be."""
    parts = [part for part in name.replace("\\", "/").split("/") if part]
    plain = bool(parts) and parts[0].isprintable() and not parts[0].startswith(".")
    return tuple(parts) if plain and not name.startswith(("/", "\\")) else ("nobody",)


def _known(store, name):
    """Return the files of a student that were collected before."""
    try:
        return json.loads((store / f"{identity(name)}.json").read_bytes())["files"]
    except (OSError, ValueError, KeyError):
        return []


def _choose(files, deadline, late):
    """Set "late" in each file, and "chosen" to a word or two in the version that counts."""
    for one in files:
        one["late"] = one["marked_late"] or bool(deadline and one["when"] > deadline)
        one["chosen"] = ""
    for path in {one["path"] for one in files}:
        versions = [one for one in files if one["path"] == path]
        in_time = [one for one in versions if not one["late"]]
        candidates = in_time if in_time and late == "if nothing else" else versions
        best = max(candidates, key=lambda one: (one["order"], one["when"], files.index(one)))
        best["chosen"] = "last in time" if in_time and len(in_time) < len(versions) else "last"


def _finish(student, to, store, dry_run):
    """Write down what is known of a student, and make the folder hold what was chosen."""
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
        # Two downloads may have a file and a folder of the same name; the first one stays.
        with contextlib.suppress(FileExistsError, NotADirectoryError):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(store.path_of(digest), target)
    fresh.chmod(0o755)
    if folder.exists():
        os.replace(folder, to / STORE / f"new-{identity(student.name)}-before")
    os.replace(fresh, folder)
    shutil.rmtree(to / STORE / f"new-{identity(student.name)}-before", ignore_errors=True)


def _contents(folder):
    """Return ``{path: SHA-256}`` of the files in a folder; None if there is no such folder."""
    if folder.is_symlink() or not folder.is_dir():
        return None
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
