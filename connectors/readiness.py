"""Which files of a drop are complete: a half-written file is never read."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from connectors.folder import Entry

TEMPORARY = (".part", ".tmp", ".temp", ".filepart", ".crdownload", ".swp", "~")
HEX = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})\b", re.IGNORECASE)
SIZE = re.compile(r"\b(?:size|bytes|length)\s*[:=]\s*([0-9]+)\b|\b([0-9]+) bytes\b", re.IGNORECASE)
ALGORITHMS = {32: "md5", 40: "sha1", 64: "sha256"}
BIGGEST_MARKER = 64 << 10  # bytes


def temporary(name: str) -> bool:
    """Whether a name is one that uploads bear before they are finished."""
    last = name.rpartition("/")[2]
    return last.startswith(".") or last.lower().endswith(TEMPORARY)


def settled(entry: Entry, settle_s: float, now: float, first_seen: float | None) -> bool:
    """Whether a file has been left alone for `settle_s` seconds.

    `first_seen` (our clock) is when this size and mtime were first seen; None: the server's clock
    is ours and its mtime alone is believed. An empty file is an upload that has just begun. A
    mtime in the future comes from a wrong clock, so that only our own watching counts.
    """
    if entry.size == 0:
        return False
    age = now - entry.mtime
    if 0 <= age < settle_s:
        return False
    if first_seen is None and age >= settle_s:
        return True
    return now - (now if first_seen is None else first_seen) >= settle_s


def marker_paths(path: bytes, suffix: bytes) -> tuple[bytes, bytes]:
    """The two names that a ready marker may have: `a.csv.ok` and `a.ok`."""
    folder, slash, last = path.rpartition(b"/")
    stem = last.rpartition(b".")[0] or last
    return path + suffix, folder + slash + stem + suffix


def disagreement(marker: str, entry: Entry, fetched: Path) -> str | None:
    """What the marker's content says that is not true of the file; None when it agrees.

    A marker may hold a digest (MD5, SHA-1 or SHA-256, as the `…sum` tools write them) or a size
    (`size=1234`, `1234 bytes`; a bare number may be anything and is not held against the file).
    When it has lines with the file's name, only those count.
    """
    last = entry.name.rpartition("/")[2]
    lines = [line for line in marker.splitlines() if last in line] or marker.splitlines()
    text = "\n".join(line.replace(last, " ") for line in lines)
    for digest in HEX.findall(text):
        algorithm = ALGORITHMS[len(digest)]
        with fetched.open("rb") as data:
            if hashlib.file_digest(data, algorithm).hexdigest() != digest.lower():
                return f"its {algorithm} is another"
    for size in map("".join, SIZE.findall(text)):
        if int(size) != entry.size:
            return f"it has {entry.size} bytes instead of {size}"
    return None
