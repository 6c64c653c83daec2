"""File drops: every complete file that was not taken before is one window, oldest first."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa

from connectors.file_formats import open_file
from connectors.folder import Entry, Folder, LocalFolder, SourceChanged, sha256_of
from connectors.opened import OpenedFile
from connectors.protocol import (
    Chunk,
    Drift,
    Extract,
    LiveColumn,
    Source,
    SourceMissing,
    SourceRefused,
    SourceUnreadable,
    Totals,
    Window,
)
from connectors.readiness import BIGGEST_MARKER, disagreement, marker_paths, settled, temporary
from connectors.sftp import open_sftp
from connectors.sightings import Sightings
from schemas.contract import Supply
from schemas.properties import Files, Node

LONGEST_WAIT_S = 30.0  # files that need longer to settle are left for the next pull
log = logging.getLogger(__name__)


@contextmanager
def open_drop(node: Node, department: str, scratch: Path) -> Iterator[Source]:
    """The drop of one department: `file:///folder`, or `sftp://user@host:port/folder`.

    Fetched files lie in `scratch` while they are read. What is remembered there of files seen
    before (versions, digests, broken downloads) is used when the folder outlives the session.
    """
    sightings = Sightings(scratch / f"{department}-drop.json")
    if node.url.startswith("file://"):
        yield Drop(LocalFolder(_local(node.url)), node, scratch, sightings)
        return
    with open_sftp(node) as folder:
        yield Drop(folder, node, scratch, sightings)


def _local(url: str) -> Path:
    path = url.removeprefix("file://").removeprefix("localhost")
    return Path(path) if Path(path).exists() else Path(unquote(path))


class Drop:
    """One open drop; a `Source`."""

    def __init__(
        self,
        folder: Folder,
        node: Node,
        scratch: Path,
        sightings: Sightings,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._folder, self._node, self._scratch = folder, node, scratch
        self._sightings, self._clock, self._sleep = sightings, clock, sleep

    def columns(self, supply: Supply) -> list[LiveColumn]:
        """The header of the newest file."""
        entries = self._wanted(_files(supply))
        if not entries:
            raise SourceMissing(f"no file is named {_files(supply).pattern}")
        newest = max(entries, key=_age)
        copy = self._scratch / f"columns-{os.getpid()}{Path(newest.name).suffix}"
        try:
            self._folder.fetch(newest, copy)
            return list(self._open(copy, newest.name, supply).columns)
        finally:
            copy.unlink(missing_ok=True)

    def windows(
        self, supply: Supply, since: str | None, as_of: datetime, seen: Collection[str]
    ) -> list[Window]:
        """One window for every complete file that is not in `seen`; waits for files to settle."""
        files = _files(supply)
        ready = self._ready(files)
        self._sweep(ready)
        found = []
        for entry in sorted(ready, key=_age):
            digest = self._digest(entry)
            if digest is None or f"{entry.name}@{digest}" in seen or not self._agrees(entry, files):
                self._copy_of(entry).unlink(missing_ok=True)
            else:
                found.append(_window(as_of, entry, digest))
        self._sightings.save()
        return found

    @contextmanager
    def read(
        self, supply: Supply, window: Window, after: tuple[str, ...] | None = None
    ) -> Iterator[Extract]:
        """Fetch the window's file, verify it and stream it; raises `SourceChanged` if it changed.

        A file is always read from its beginning: its chunks cannot be resumed after.
        """
        entry = self._entry(supply, window)
        copy = self._copy_of(entry)
        try:
            self._fetched(entry, copy, window)
            try:
                opened = self._open(copy, entry.name, supply)
            except SourceUnreadable as error:
                # The department's news, not ours: a batch without rows says so and keeps the file.
                drift = Drift("file_unreadable", entry.name, str(error))
                yield Extract(window, Totals(0), (drift,), iter(()), original=copy)
                return
            chunks = self._chunks(opened, entry)
            yield Extract(window, opened.totals, opened.drift, chunks, original=copy)
        finally:
            copy.unlink(missing_ok=True)

    @contextmanager
    def keys(self, supply: Supply) -> Iterator[Iterator[pa.RecordBatch]]:
        """Refused: files are whole tables, additions or changes, and have no keys of now."""
        raise SourceRefused(f"supply {supply.name}: a file drop has no listing of its keys")
        yield iter(())

    def _open(self, copy: Path, name: str, supply: Supply) -> OpenedFile:
        return open_file(copy, name, supply, self._node.timezone)

    def _chunks(self, opened: OpenedFile, entry: Entry) -> Iterator[Chunk]:
        for rows in opened.batches:
            yield Chunk(rows)
        self._unchanged(entry)

    def _unchanged(self, entry: Entry) -> None:
        now = self._folder.look(entry)
        if now is not None and now.version != entry.version:
            raise SourceChanged(f"{entry.name} changed while it was being read")

    def _entry(self, supply: Supply, window: Window) -> Entry:
        for entry in self._wanted(_files(supply)):
            if entry.name == window.file:
                return entry
        raise SourceMissing(f"{window.file} is no longer there")

    def _fetched(self, entry: Entry, copy: Path, window: Window) -> None:
        # A copy that is there already is read again: the disk is cheap, a torn copy is not.
        digest = sha256_of(copy) if copy.exists() else self._folder.fetch(entry, copy)
        self._unchanged(entry)
        if digest != window.file_digest:
            raise SourceChanged(f"{entry.name} is another file now than when it was found")

    def _digest(self, entry: Entry) -> str | None:
        """The file's digest; None when it changed under our hands and is not complete after all."""
        known = self._sightings.digest(entry)
        if known is not None:
            return known
        try:
            digest = self._folder.digest(entry, self._copy_of(entry))
            self._unchanged(entry)
        except SourceChanged as changed:
            log.warning("left for the next pull: %s", changed)
            return None
        self._sightings.keep(entry, digest)
        return digest

    def _ready(self, files: Files) -> list[Entry]:
        entries = self._wanted(files)
        if files.ready is not None:
            return [entry for entry in entries if self._marker(entry, files.ready)]
        settle_s = files.settle.total_seconds()
        waiting = [entry for entry in entries if not self._settled(entry, settle_s)]
        if any(entry.size for entry in waiting) and settle_s <= LONGEST_WAIT_S:
            self._sleep(settle_s)
            entries = self._wanted(files)
        ready = [entry for entry in entries if self._settled(entry, settle_s)]
        for entry in set(entries) - set(ready):
            log.info("left for the next pull: %s is empty or still being written", entry.name)
        return ready

    def _settled(self, entry: Entry, settle_s: float) -> bool:
        now = self._clock()
        first_seen = self._sightings.first_seen(entry, now)
        trusted = self._folder.local and entry.mtime <= now
        return settled(entry, settle_s, now, None if trusted else first_seen)

    def _wanted(self, files: Files) -> list[Entry]:
        return [
            entry
            for entry in self._folder.entries(files.pattern)
            if not temporary(entry.name) and not (files.ready and entry.name.endswith(files.ready))
        ]

    def _marker(self, entry: Entry, suffix: str) -> Entry | None:
        """The entry's ready marker; one older than the file belongs to an earlier delivery."""
        for path in marker_paths(entry.path, suffix.encode()):
            found = self._folder.look(Entry(entry.name + suffix, path, 0, 0.0))
            if found is not None and found.mtime >= entry.mtime:
                return found
        return None

    def _agrees(self, entry: Entry, files: Files) -> bool:
        marker = self._marker(entry, files.ready) if files.ready else None
        if marker is None or marker.size == 0 or marker.size > BIGGEST_MARKER:
            return True
        note, copy = self._scratch / "marker", self._copy_of(entry)
        self._folder.fetch(marker, note)
        if not copy.exists():
            self._folder.fetch(entry, copy)
        problem = disagreement(note.read_text(errors="replace"), entry, copy)
        if problem:
            log.warning("not read: %s is not what its marker says: %s", entry.name, problem)
        return problem is None

    def _sweep(self, entries: Collection[Entry]) -> None:
        """Remove what broken sessions left behind of files that have changed since."""
        wanted = {self._copy_of(entry).stem for entry in entries}
        for path in self._scratch.glob("fetched-*"):
            if path.name.partition(".")[0] not in wanted:
                path.unlink(missing_ok=True)

    def _copy_of(self, entry: Entry) -> Path:
        name = hashlib.sha256(entry.path + entry.version.encode()).hexdigest()[:24]
        return self._scratch / f"fetched-{name}{Path(entry.name).suffix}"


def _files(supply: Supply) -> Files:
    if supply.properties.files is None:
        raise SourceRefused(f"supply {supply.name}: the contract has no `files` property")
    return supply.properties.files


def _age(entry: Entry) -> tuple[float, str]:
    return entry.mtime, entry.name


def _window(as_of: datetime, entry: Entry, digest: str) -> Window:
    written = datetime.fromtimestamp(entry.mtime, UTC)
    return Window(as_of, file=entry.name, file_digest=digest, content_at=written)
