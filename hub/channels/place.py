"""A folder that files are pushed into, and the one way in which they come to stand there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from hub.channels.protocol import Packed
from hub.errors import DeliveryError

BLOCK = 1 << 20
PART = ".part"
LARGEST_JSON = 16 << 20  # bytes: of what the hub wrote, hundreds of thousands of files


class Place(Protocol):
    """A folder at the subscriber's. Paths are POSIX, below it; all are made of ids alone."""

    def size(self, path: str) -> int | None:
        """Bytes of a file; None: there is none."""
        ...

    def read(self, path: str, length: int) -> Iterator[bytes]:
        """The first `length` bytes of a file."""
        ...

    def write(self, path: str, start: int, blocks: Iterable[bytes]) -> None:
        """Write from `start` on, where the file ends then; on disk when this returns."""
        ...

    def replace(self, old: str, new: str) -> None:
        """Rename a file, over another one if there is one."""
        ...

    def remove(self, path: str) -> None:
        """Remove a file."""
        ...

    def make(self, folder: str) -> None:
        """Make a folder and those above it; one that is there stays."""
        ...

    def names(self, folder: str) -> list[str]:
        """What lies in a folder; nothing where there is none."""
        ...


def put(place: Place, folder: str, packed: Packed) -> None:
    """Bring one file to its name: what an earlier attempt sent is read back, compared and kept.

    The temporary name holds part of the checksum, so that it is never another file's beginning.
    """
    final = f"{folder}/{packed.name}"
    if place.size(final) == packed.bytes and _same(place, final, packed, packed.bytes):
        return
    temporary = f"{folder}/.{packed.name}.{packed.sha256[:16]}{PART}"
    sent = place.size(temporary) or 0
    if sent and (sent > packed.bytes or not _same(place, temporary, packed, sent)):
        sent = 0
    place.write(temporary, sent, _blocks(packed, sent))
    arrived = place.size(temporary)
    if arrived != packed.bytes:
        raise DeliveryError(
            f"{packed.name}: {arrived} bytes arrived instead of {packed.bytes}", transient=True
        )
    place.replace(temporary, final)


def put_json(place: Place, folder: str, name: str, document: Mapping[str, Any]) -> None:
    """Bring a small document to its name; equal documents are equal bytes."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
    temporary = f"{folder}/.{name}{PART}"
    place.write(temporary, 0, [text.encode()])
    place.replace(temporary, f"{folder}/{name}")


def read_json(place: Place, path: str) -> Any:
    """A small document; None where there is none, or none that the hub could have written."""
    size = place.size(path)
    if size is None or size > LARGEST_JSON:
        return None
    try:
        return json.loads(b"".join(place.read(path, size)))
    except (ValueError, RecursionError):
        return None


def clear(place: Place, folder: str, keep: Iterable[str]) -> None:
    """Remove the hub's temporary files and whatever else does not belong to the delivery."""
    wanted = set(keep)
    for name in place.names(folder):
        if name not in wanted:
            place.remove(f"{folder}/{name}")


def _same(place: Place, path: str, packed: Packed, length: int) -> bool:
    """Whether the first bytes there are those of our file."""
    there, here = hashlib.sha256(), hashlib.sha256()
    for block in place.read(path, length):
        there.update(block)
    left = length
    with packed.path.open("rb") as own:
        while left and (block := own.read(min(BLOCK, left))):
            here.update(block)
            left -= len(block)
    return there.digest() == here.digest()


def _blocks(packed: Packed, start: int) -> Iterator[bytes]:
    with packed.path.open("rb") as own:
        own.seek(start)
        while block := own.read(BLOCK):
            yield block
