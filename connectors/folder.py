"""The files of a drop, whatever carries them: names, versions, and verified copies."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Protocol

from connectors.protocol import SourceError, SourceMissing

BLOCK = 1 << 20  # bytes


class SourceChanged(SourceError):
    """A file changed while it was being read: what was read of it must not be used. Try again."""

    transient = True
    zh = "文件在读取时发生变化"


@dataclass(frozen=True)
class Entry:
    """One regular file. `name` is for people and ledgers, `path` what the server calls it."""

    name: str  # below the drop's folder, with / between its parts
    path: bytes
    size: int
    mtime: float  # Unix time, by the server's clock

    @property
    def version(self) -> str:
        return f"{self.size}:{self.mtime}"


class Folder(Protocol):
    """A folder that can be listed and fetched from, and nothing else."""

    local: bool
    """The folder's clock is this machine's clock."""

    def entries(self, pattern: str) -> Iterator[Entry]:
        """Regular files whose name fits; links are never followed."""
        ...

    def look(self, entry: Entry) -> Entry | None:
        """The same file as it is now; None when it is gone."""
        ...

    def digest(self, entry: Entry, keep: Path) -> str:
        """The file's sha256; a carrier that must move the bytes for it leaves them at `keep`."""
        ...

    def fetch(self, entry: Entry, target: Path) -> str:
        """Copy the file, going on where an earlier attempt broke off; returns its sha256.

        Raises `SourceChanged` when the copy is not of the entry's size.
        """
        ...


def decoded(name: bytes) -> str:
    """A file name as text: UTF-8, else GB 18030, else with its bytes shown."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("ascii", errors="backslashreplace")


def fits(name: str, pattern: str) -> bool:
    """Whether a path fits a glob, part by part; `**` stands for any number of folders."""
    return _fits(name.split("/"), pattern.split("/"))


def leads_to(folder: str, pattern: str) -> bool:
    """Whether files below this folder can fit the pattern."""
    parts, wanted = folder.split("/"), pattern.split("/")[:-1]
    for part, glob in zip(parts, wanted, strict=False):
        if glob == "**":
            return True
        if not fnmatchcase(part, glob):
            return False
    return len(parts) <= len(wanted)


def _fits(parts: list[str], globs: list[str]) -> bool:
    if not globs:
        return not parts
    if globs[0] == "**":
        return _fits(parts, globs[1:]) or (bool(parts) and _fits(parts[1:], globs))
    return bool(parts) and fnmatchcase(parts[0], globs[0]) and _fits(parts[1:], globs[1:])


def sha256_of(path: Path) -> str:
    """The hex digest of a file's bytes, read in blocks."""
    with path.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


class LocalFolder:
    """A folder of this machine, often a mount of the department's own."""

    local = True

    def __init__(self, root: Path) -> None:
        self._root = os.fsencode(root) + b"/"

    def entries(self, pattern: str) -> Iterator[Entry]:
        if not Path(os.fsdecode(self._root)).is_dir():
            raise SourceMissing(f"the folder {os.fsdecode(self._root)} is not there")
        try:
            yield from self._below(b"", pattern)
        except PermissionError as error:
            raise SourceError(f"the drop cannot be listed: {error.strerror}") from error

    def look(self, entry: Entry) -> Entry | None:
        try:
            found = os.lstat(self._root + entry.path)
        except FileNotFoundError:
            return None
        return _entry(entry.path, found) if stat.S_ISREG(found.st_mode) else None

    def digest(self, entry: Entry, keep: Path) -> str:
        return self._copy(entry, Path(os.devnull))

    def fetch(self, entry: Entry, target: Path) -> str:
        partial = target.with_name(target.name + ".partial")
        digest = self._copy(entry, partial)
        partial.replace(target)
        return digest

    def _copy(self, entry: Entry, target: Path) -> str:
        digest, size = hashlib.sha256(), 0
        try:
            source = os.open(self._root + entry.path, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError as error:
            raise SourceChanged(f"{entry.name} is gone: {error.strerror}") from error
        with os.fdopen(source, "rb") as data, target.open("wb") as copy:
            while block := data.read(BLOCK):
                digest.update(block)
                size += copy.write(block)
        if size != entry.size:
            raise SourceChanged(f"{entry.name} has {size} bytes instead of {entry.size}")
        return digest.hexdigest()

    def _below(self, folder: bytes, pattern: str) -> Iterator[Entry]:
        with os.scandir(self._root + folder) as found:
            for item in sorted(found, key=lambda item: item.name):
                path = folder + item.name
                if item.is_dir(follow_symlinks=False):
                    if leads_to(decoded(path), pattern):
                        yield from self._below(path + b"/", pattern)
                elif item.is_file(follow_symlinks=False) and fits(decoded(path), pattern):
                    yield _entry(path, item.stat(follow_symlinks=False))


def _entry(path: bytes, found: os.stat_result) -> Entry:
    return Entry(decoded(path), path, found.st_size, found.st_mtime)
