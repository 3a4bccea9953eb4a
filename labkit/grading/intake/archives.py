"""List what is in a download: the files of a folder, or of a zip with untrusted entries.

Nothing here writes. An entry that cannot be taken says why, and the others are not affected.
"""

import io
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

__all__ = ["ArchiveError", "Entry", "Refused", "entries", "portable"]

MAX_ENTRIES = 100_000
IGNORED = {"__MACOSX", "__pycache__", ".DS_Store", "Thumbs.db", "desktop.ini"}
_UTF8 = 0x800
_DIRECTORY = 32 * 2**20  # bytes at the end of a zip in which its directory is searched
_RESERVED = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


class ArchiveError(ValueError):
    """The download as a whole cannot be read; the text says why."""


class Refused(ValueError):
    """One entry is not taken; the text says why."""


@dataclass(frozen=True)
class Entry:
    """A file in a download."""

    name: str  #: as it stands in the download, for messages
    parts: tuple[str, ...] = ()  #: the path, safe to join
    when: str = ""  #: "2026-11-20 23:59:58", as the download has it; "" if it does not say
    open: Callable | None = None  #: opens it for reading bytes; may raise Refused or OSError
    problem: str = ""  #: why it cannot be taken; "" if it can


def entries(source) -> list[Entry]:
    """List every file in a folder or zip, by name.

    Args:
        source: A path, or a zip file that is open for reading bytes.

    Raises:
        ArchiveError: It cannot be read, or holds too many files.
    """
    is_folder = isinstance(source, Path) and source.is_dir()
    listed = _in_folder(source) if is_folder else _in_zip(source)
    return sorted(listed, key=lambda entry: entry.name)


def portable(name: str) -> str:
    """Change `name` so that a file or folder can have it on any system, and people recognize it.

    >>> portable("Zoë O'Neil: 1/2."), portable("CON"), portable("..")
    ("Zoë O'Neil_ 1_2", '_CON', '_')
    """
    name = unicodedata.normalize("NFC", name)
    name = "".join(c if c.isprintable() else "_" for c in _RESERVED.sub("_", name))
    name = name.strip().rstrip(". ").lstrip(".")
    name = f"_{name}" if not name or _DEVICES.fullmatch(name) else name
    while len(name.encode()) > 150:
        name = name[:-1]
    return name


def _safe_parts(name):
    """Return the parts of an entry's path; () for files that no person made, like .DS_Store.

    Raises:
        Refused: The path cannot be used.
    """
    if "\ufffd" in name or any(0xD800 <= ord(c) < 0xE000 for c in name):
        raise Refused("its name is not UTF-8")
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    if ".." in parts or name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        raise Refused("its path leads out of the folder")
    if any(part in IGNORED or part.startswith(".") for part in parts):
        return ()
    return tuple(portable(part) for part in parts)


def _in_folder(folder):
    count = 0
    for root, folders, files in os.walk(folder, followlinks=False):
        links = [name for name in folders if os.path.islink(os.path.join(root, name))]
        folders[:] = sorted(set(folders) - set(links) - IGNORED)
        for name in sorted([*files, *links]):
            count += 1
            if count > MAX_ENTRIES:
                raise ArchiveError(f"more than {MAX_ENTRIES} files in {folder}")
            path = Path(root, name)
            relative = path.relative_to(folder).as_posix()
            try:
                parts = _safe_parts(relative)
                about = path.lstat()
                if stat.S_ISLNK(about.st_mode):
                    raise Refused("a symbolic link, which is not followed")
                if not stat.S_ISREG(about.st_mode):
                    raise Refused("not a regular file")
            except (Refused, OSError) as error:
                yield Entry(relative, problem=str(error))
                continue
            if parts:
                yield Entry(relative, parts, _local(about.st_mtime), lambda path=path: _open(path))


def _open(path):
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    return os.fdopen(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb")


def _local(seconds):
    return datetime.fromtimestamp(seconds).isoformat(" ", "seconds")


def _in_zip(source):
    try:
        archive = _opened(source)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, struct.error) as error:
        raise ArchiveError(f"{getattr(source, 'name', source)}: not a zip file: {error}") from None
    infos = archive.infolist()
    if len(infos) > MAX_ENTRIES:
        raise ArchiveError(f"more than {MAX_ENTRIES} entries in {getattr(source, 'name', source)}")
    for info in infos:
        if info.is_dir():
            continue
        name = _decoded(info)
        try:
            parts = _safe_parts(name)
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind == stat.S_IFLNK:
                raise Refused("a symbolic link, which is not followed")
            if kind not in (0, stat.S_IFREG):
                raise Refused("not a regular file")
            if info.flag_bits & 0x1:
                raise Refused("encrypted")
        except Refused as error:
            yield Entry(name, problem=str(error))
            continue
        if parts:
            when = "{:04}-{:02}-{:02} {:02}:{:02}:{:02}".format(*info.date_time)
            yield Entry(name, parts, when, lambda info=info: _open_entry(archive, info))


def _open_entry(archive, info):
    try:
        return _Checked(archive.open(info))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as error:
        raise Refused(f"it cannot be unpacked: {error}") from None


class _Checked(io.RawIOBase):
    """An entry that is being read. A fault in it refuses the entry, not the whole archive."""

    def __init__(self, file):
        super().__init__()
        self.file = file

    def read(self, size=-1):
        try:
            return self.file.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
            raise Refused(f"it cannot be unpacked: {error or type(error).__name__}") from None

    def close(self):
        self.file.close()
        super().close()


def _opened(source):
    """Open a zip, even if a name in it is marked as UTF-8 and is not."""
    try:
        return zipfile.ZipFile(source)
    except UnicodeDecodeError:
        file = source.open("rb") if isinstance(source, Path) else source
        return zipfile.ZipFile(_WithoutFlags(file))


class _WithoutFlags:
    """A zip file with the UTF-8 marks of its names removed while it is read.

    Python refuses the whole archive for one name that is marked as UTF-8 and is not. Names that
    are UTF-8 are decoded later.
    """

    def __init__(self, file):
        self.file = file
        self.name = getattr(file, "name", "zip")
        start = max(0, file.seek(0, os.SEEK_END) - _DIRECTORY)
        file.seek(start)
        headers = re.finditer(rb"PK\x01\x02", file.read())
        self.flags = [start + header.start() + 8 for header in headers]  # where the flags are
        file.seek(0)

    def read(self, size=-1):
        start = self.file.tell()
        data = bytearray(self.file.read(size))
        for place in self.flags:
            if start <= place + 1 < start + len(data):
                data[place + 1 - start] &= ~(_UTF8 >> 8) & 0xFF
        return bytes(data)

    def __getattr__(self, name):
        return getattr(self.file, name)

    def __del__(self):
        self.file.close()


def _decoded(info):
    """Return an entry's name; without the flag, zipfile has read UTF-8 as code page 437."""
    if info.flag_bits & _UTF8:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    return raw.decode("utf-8", "replace")
