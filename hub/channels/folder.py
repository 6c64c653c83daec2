"""A local or mounted folder as a place for deliveries."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from hub.channels.files import FileChannel
from hub.channels.place import BLOCK
from hub.channels.protocol import Channel
from hub.errors import DeliveryError
from schemas.sharing import FileInbox


@contextmanager
def open_folder(inbox: FileInbox, department: str) -> Iterator[Channel]:
    """The folder of `file:///folder`; it must be there, because an unmounted one is not."""
    root = Path(unquote(urlsplit(inbox.url).path))
    if not root.is_dir():
        raise DeliveryError(f"{department}: the inbox folder is not there", transient=True)
    try:
        yield FileChannel(LocalPlace(root))
    except OSError as error:
        raise DeliveryError(f"{department}: the inbox folder: {error.strerror}", True) from error


class LocalPlace:
    """A `Place` in the file system; everything is synced before it gets its name.

    The subscriber writes there, too: a link that leads out of the folder is refused, because
    behind it the hub's own rights would count.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def _at(self, path: str) -> Path:
        at = self._root / path
        if not Path(os.path.realpath(at)).is_relative_to(self._root):
            raise DeliveryError(f"{path} of the inbox folder is a link that leads out of it")
        return at

    def size(self, path: str) -> int | None:
        with suppress(FileNotFoundError, NotADirectoryError):
            return self._at(path).stat().st_size
        return None

    def read(self, path: str, length: int) -> Iterator[bytes]:
        with self._at(path).open("rb") as file:
            while length and (block := file.read(min(BLOCK, length))):
                yield block
                length -= len(block)

    def write(self, path: str, start: int, blocks: Iterable[bytes]) -> None:
        with self._at(path).open("r+b" if start else "wb") as file:
            file.truncate(start)
            file.seek(start)
            for block in blocks:
                file.write(block)
            file.flush()
            os.fsync(file.fileno())

    def replace(self, old: str, new: str) -> None:
        self._at(old).replace(self._at(new))
        folder = os.open(self._at(new).parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def remove(self, path: str) -> None:
        self._at(path).unlink(missing_ok=True)

    def make(self, folder: str) -> None:
        self._at(folder).mkdir(parents=True, exist_ok=True)

    def names(self, folder: str) -> list[str]:
        with suppress(FileNotFoundError, NotADirectoryError):
            return sorted(entry.name for entry in self._at(folder).iterdir())
        return []
