"""Another hub as a front end: a table granted over Delta Sharing, each version one window."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.cells import type_rows
from connectors.drift import match
from connectors.folder import SourceChanged
from connectors.gates import one_of_its_connections, refuse_outside_hours
from connectors.native import as_text
from connectors.opened import EXACT
from connectors.protocol import (
    Chunk,
    Drift,
    Extract,
    LiveColumn,
    Source,
    SourceMissing,
    SourceRefused,
    Totals,
    Window,
)
from schemas.contract import Supply
from schemas.properties import Node

if TYPE_CHECKING:
    from connectors.sharing_client import Description, SharedFile, SharedTable, SharingClient

TIMES = 3  # that a version's files are asked for anew when their URLs have run out


@contextmanager
def open_delta_sharing(node: Node, department: str, scratch: Path) -> Iterator[Source]:
    """The tables that another hub, or any Delta Sharing server, has granted to this one.

    `delta-sharing+https://host/prefix` is the endpoint. `password` holds the bearer token, or
    several with spaces between: a hub gives one for each grant. `options.ca` is a file with the
    certificates to trust. Raises `SourceRefused` outside the allowed hours and without a token.
    """
    from connectors.sharing_client import SharingClient  # brings httpx, which few pulls need

    refuse_outside_hours(node, department)
    tokens = (node.password or "").split()
    if not tokens:
        raise SourceRefused(f"{department}: the node of another hub needs a token as its password")
    endpoint = node.url.partition("+")[2]
    if not endpoint.startswith(("https://", "http://")):
        raise SourceRefused(f"{department}: the address is delta-sharing+https://host/prefix")
    try:
        trusted = ssl.create_default_context(cafile=node.options.get("ca"))
    except OSError as error:
        raise SourceRefused(f"{department}: options.ca cannot be read: {error.strerror}") from None
    with one_of_its_connections(node, department), ExitStack() as stack:
        clients = []
        for token in tokens:
            clients.append(SharingClient(endpoint, token, trusted))
            stack.callback(clients[-1].close)
        yield SharingSource(clients, node, department, scratch)


@dataclass(frozen=True)
class Door:
    """A table and the credential that opens it."""

    client: SharingClient
    table: SharedTable


class SharingSource:
    """The granted tables as a `Source`; a supply's `physicalName` says which is meant.

    `population` is the one table of that name or of the schema of that name; `schema.table` and
    `share.schema.table` are exact.
    """

    def __init__(
        self, clients: list[SharingClient], node: Node, department: str, scratch: Path
    ) -> None:
        self._clients, self._node, self._department = clients, node, department
        self._scratch = scratch
        self._known: list[Door] | None = None

    def columns(self, supply: Supply) -> list[LiveColumn]:
        door = self._door(supply)
        return _live(door.client.newest(door.table))

    def windows(
        self, supply: Supply, since: str | None, as_of: datetime, seen: Collection[str]
    ) -> list[Window]:
        """The newest version, unless it was taken: it shows the whole table as it is."""
        door = self._door(supply)
        found = door.client.newest(door.table)
        window = Window(as_of, file=_name(found.version), file_digest=_digest(found))
        return [] if f"{window.file}@{window.file_digest}" in seen else [window]

    @contextmanager
    def read(
        self, supply: Supply, window: Window, after: tuple[str, ...] | None = None
    ) -> Iterator[Extract]:
        """Fetch the version's files, count them and stream them, always from the beginning.

        A version that is not offered any more is told as `file_unreadable`: a later one follows.
        """
        refuse_outside_hours(self._node, self._department)
        door = self._door(supply)
        try:
            found = door.client.at(door.table, _version(window))
        except SourceMissing:
            found = None
        if found is None or _digest(found) != window.file_digest:
            gone = Drift(
                "file_unreadable", window.file or "", "the version is not offered any more"
            )
            yield Extract(window, Totals(0), (gone,), iter(()))
            return
        matched, drift = match(supply, _live(found))
        copies = [self._copy_of(found, file) for file in found.files]
        for left in set(self._scratch.glob("fetched-*.parquet")) - set(copies):
            left.unlink()  # of a session that was killed over another version
        try:
            self._fetch(door, found, copies)
            reading = Reading(supply, {n: c.name for n, c in matched.items()}, self._node.timezone)
            files = list(zip(found.files, copies, strict=True))
            totals = reading.totals(files)
            yield Extract(window, totals, drift, (Chunk(rows) for rows in reading.rows(files)))
        finally:
            for copy in copies:
                copy.unlink(missing_ok=True)

    @contextmanager
    def keys(self, supply: Supply) -> Iterator[Iterator[pa.RecordBatch]]:
        """The keys of the newest version, in the order of its files."""
        as_of = datetime.now().astimezone()
        names = [field.name for field in supply.key]
        [window] = self.windows(supply, None, as_of, frozenset())
        with self.read(supply, window) as extract:
            yield (chunk.rows.select(names) for chunk in extract.chunks)

    def _door(self, supply: Supply) -> Door:
        if supply.pull.mode != "snapshot":
            raise SourceRefused(
                f"supply {supply.name}: another hub is read as snapshots, one a version"
            )
        doors = self._doors()
        fitting = [door for door in doors if _fits(door.table, supply.physical_path)]
        if not fitting:
            raise SourceMissing(
                f"supply {supply.name}: no table {supply.physical_name} is granted to this hub"
            )
        if len(fitting) > 1:
            raise SourceRefused(
                f"supply {supply.name}: {len(fitting)} tables are called {supply.physical_name}; "
                "write share.schema.table"
            )
        return fitting[0]

    def _doors(self) -> list[Door]:
        """What all credentials open; one that is refused closes only its own tables."""
        if self._known is None:
            found, refused = [], None
            for client in self._clients:
                try:
                    found += [Door(client, table) for table in client.tables()]
                except SourceRefused as error:
                    refused = error
            if not found and refused:
                raise SourceRefused(f"{self._department}: {refused}")
            self._known = found
        return self._known

    def _fetch(self, door: Door, found: Description, copies: list[Path]) -> None:
        for _ in range(TIMES):
            for file, copy in zip(found.files, copies, strict=True):
                if not door.client.fetch(file, copy):
                    break
            else:
                return
            ids = [file.id for file in found.files]
            found = door.client.at(door.table, found.version)
            if [file.id for file in found.files] != ids:
                break
        raise SourceChanged(f"{door.table}: the files of version {found.version} changed")

    def _copy_of(self, found: Description, file: SharedFile) -> Path:
        what = f"{found.id}\n{found.version}\n{file.id}"
        return self._scratch / f"fetched-{hashlib.sha256(what.encode()).hexdigest()[:24]}.parquet"


@dataclass(frozen=True)
class Reading:
    """How the files of one version become rows of a supply; `columns` is by field name."""

    supply: Supply
    columns: dict[str, str]
    timezone: str

    def totals(self, files: list[tuple[SharedFile, Path]]) -> Totals:
        """Rows as the server counts them, else as the footers do; sums of exact numbers."""
        rows, sums = 0, dict[str, Decimal]()
        for offered, path in files:
            with _opened(path, offered) as file:
                rows += file.metadata.num_rows if offered.rows is None else offered.rows
                for name, value in self._sums(file).items():
                    sums[name] = EXACT.add(sums.get(name, Decimal(0)), value)
        return Totals(rows, sums)

    def rows(self, files: list[tuple[SharedFile, Path]]) -> Iterator[pa.RecordBatch]:
        """Typed rows, a chunk of the supply's `chunkRows` at a time at most."""
        for offered, path in files:
            with _opened(path, offered) as file:
                for batch in file.iter_batches(self.supply.pull.chunk_rows):
                    shown = self._shown(batch, offered)
                    yield type_rows(shown, self.supply, self.timezone)

    def _shown(self, batch: pa.RecordBatch, offered: SharedFile) -> pa.RecordBatch:
        cells: dict[str, pa.Array] = {}
        for name, column in self.columns.items():
            if column in batch.schema.names:
                cells[name] = as_text(batch.column(column))
            else:
                value = offered.partition.get(column)  # what splits a table is not in its files
                cells[name] = pa.array([value or None] * batch.num_rows, pa.string())
        if not cells:
            cells[""] = pa.nulls(batch.num_rows, pa.string())
        return pa.RecordBatch.from_pydict(cells)

    def _sums(self, file: pq.ParquetFile) -> dict[str, Decimal]:
        schema = file.schema_arrow
        money = {
            name: column
            for name, column in self.columns.items()
            if column in schema.names and pa.types.is_decimal(schema.field(column).type)
        }
        sums = dict.fromkeys(money, Decimal(0))
        with localcontext(EXACT):
            for batch in file.iter_batches(columns=list(money.values())) if money else ():
                for name, column in money.items():
                    wide = batch.column(column).cast(pa.decimal256(76, 18))
                    sums[name] += pc.sum(wide).as_py() or Decimal(0)
        return sums


@contextmanager
def _opened(path: Path, offered: SharedFile) -> Iterator[pq.ParquetFile]:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError):
        raise SourceChanged(f"file {offered.id}: what arrived is not Parquet") from None
    with file:
        yield file


def _live(found: Description) -> list[LiveColumn]:
    return [LiveColumn(name, kind, nullable) for name, kind, nullable in found.columns]


def _name(version: int) -> str:
    return f"version-{version:06d}"


def _version(window: Window) -> int:
    number = (window.file or "").partition("-")[2]
    if not number.isdecimal():
        raise SourceMissing(f"{window.file} is no version of a granted table")
    return int(number)


def _digest(found: Description) -> str:
    """What a version is known by: another grant is another table, with versions of its own."""
    return hashlib.sha256(f"{found.id}\n{found.version}".encode()).hexdigest()


def _fits(table: SharedTable, path: tuple[str, ...]) -> bool:
    whole = (table.share, table.schema, table.name)
    if len(path) == 1:
        return path[0] in (table.name, table.schema)
    return len(path) <= 3 and whole[-len(path) :] == path
