"""Answers: rows that a department has mended come back as a file and become a batch like any other.

The file is kept first, then the batch is opened with its origin, so that an answer broken off by a
crash is finished by the next run. Only rows of the order that are still to be mended are taken.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlalchemy import select

from connectors.cells.faults import Fault, faults_column, faults_in
from connectors.file_formats import open_file
from connectors.opened import OpenedFile
from connectors.protocol import (
    Chunk,
    Extract,
    LiveColumn,
    SourceRefused,
    SourceUnreadable,
    Totals,
    Window,
)
from hub.digests import bring_key
from hub.errors import DecisionError, NotFound
from hub.fold import key_sql
from hub.ledger import batches as books
from hub.ledger.orders import UNRESOLVED, OrderState, items_of, order_of
from hub.ledger.tables import batch
from hub.orders import rows
from hub.orders.cells import unguarded
from hub.orders.desk import Desk
from hub.records import MOVES_ON, Batch, BatchState, Verdict
from schemas.arrow import FAULTS_COLUMN
from schemas.contract import LogicalType, Supply
from schemas.properties import Files, Pull, Thresholds

OURS = "hub_"  # columns that begin so tell the clerk something and are not read back
ORDER = "order"  # in a batch's origin: it is an answer


def reading(supply: Supply, origin: dict[str, str] | None) -> Supply:
    """The supply as a batch of this origin is read and judged.

    An answer is a file of single rows: it tells nothing of rows that it lacks, and its sound rows
    move on however many of the others are wrong.
    """
    if ORDER not in (origin or {}):
        return supply
    changed = {
        "files": Files(pattern="*", content="upsert"),
        "pull": Pull(chunk_rows=supply.pull.chunk_rows, deletes="none"),
        "verdict": Thresholds(warn=0.0, hold=None, reject=None),
        "null_values": ("", *supply.properties.null_values),
    }
    fields = tuple(
        replace(field, properties=field.properties.model_copy(update=_plain(field.properties)))
        for field in supply.fields
    )
    properties = supply.properties.model_copy(update=changed)
    return replace(supply, fields=fields, properties=properties)


def _plain(properties: object) -> dict[str, object]:
    """The hub writes numbers with a point and nothing as the empty cell: so they are read back."""
    words = getattr(properties, "null_values", None)
    return {
        "decimal_comma": False,
        "null_values": None if words is None else ("", *words),
    }


def open_answer(desk: Desk, order_id: str, file: Path, by: str) -> Batch:
    """Keep the file and open its batch; the same file again is the same batch.

    Raises `DecisionError` when the order cannot be answered so: it is closed, its supply has no
    key, a batch of it waits for a person, or the file is no such file.
    """
    order = order_of(desk.ledger, order_id)
    supply = _supply(desk, order.supply, order_id)
    digest = _sha256(file)
    window = Window(desk.now(), file=f"{order_id}/{file.name}", file_digest=digest)
    batch_id = books.batch_id(supply.name, supply.version, window)
    if known := _known(desk, batch_id):
        return known
    if order.state == OrderState.CLOSED:
        raise DecisionError(f"work order {order_id} is closed: nothing is left to answer")
    _no_batch_waits(desk, supply, order_id)
    uri = f"answers/{supply.name}/{batch_id}{file.suffix.lower()}"
    _try(file, supply, order_id)
    with desk.store.writing(uri) as kept:
        shutil.copyfile(file, kept)
    origin = {ORDER: order_id, "by": by, "file": file.name, "sha256": digest, "uri": uri}
    new = Batch(
        id=batch_id,
        supply=supply.name,
        contract_version=supply.version,
        mode="upsert",
        window=window,
        state=BatchState.OPENED,
        origin=origin,
    )
    return books.open_batch(desk.ledger, new, desk.now())


def _known(desk: Desk, batch_id: str) -> Batch | None:
    try:
        return books.batch_of(desk.ledger, batch_id)
    except NotFound:
        return None


def _supply(desk: Desk, name: str, order_id: str) -> Supply:
    supply = desk.catalog.supplies.get(name)
    if supply is None:
        raise NotFound(f"work order {order_id}: the catalog has no supply {name} any more")
    if not supply.key:
        raise DecisionError(
            f"work order {order_id}: rows of {name} have no key by which a mended one could be "
            "told; mend them at the source"
        )
    return supply


def _no_batch_waits(desk: Desk, supply: Supply, order_id: str) -> None:
    """Refuse while older rows could still move on behind the answer and cover it."""
    if left := books.unfinished(desk.ledger, supply.name):
        raise DecisionError(
            f"work order {order_id}: batch {left[0].id} is under way or broke off; let "
            f"`hub run --supply {supply.name}` end, then answer again"
        )
    query = (
        select(batch.c.id, batch.c.verdict)
        .where(batch.c.supply == supply.name, batch.c.state == BatchState.CHECKED)
        .where(batch.c.verdict.in_((*MOVES_ON, Verdict.HOLD)))
        .order_by(batch.c.closed_at.desc(), batch.c.id.desc())
    )
    with desk.ledger.reading() as connection:
        last = connection.execute(query.limit(1)).one_or_none()
    if last and last.verdict == Verdict.HOLD:
        raise DecisionError(
            f"work order {order_id}: batch {last.id} is held; decide on it first "
            "(hub batch accept, hub batch reject)"
        )


def _try(file: Path, supply: Supply, order_id: str) -> None:
    """Open the file once before anything is kept: what is no such file is refused at once."""
    opened = _open(file, file.name, reading(supply, {ORDER: order_id}))
    missing = [found.column for found in opened.drift if found.code == "column_missing"]
    if missing:
        raise DecisionError(
            f"work order {order_id}: the file lacks {', '.join(missing)}; send all columns of the "
            "exported file"
        )
    if not opened.totals.rows:
        raise DecisionError(f"work order {order_id}: the file holds no row")


def _open(path: Path, name: str, supply: Supply) -> OpenedFile:
    try:
        return open_file(path, name, supply, supply.department.timezone)
    except (SourceUnreadable, SourceRefused) as error:
        raise DecisionError(f"the answer cannot be read: {error}") from error


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as data:
            return hashlib.file_digest(data, "sha256").hexdigest()
    except OSError as error:
        raise NotFound(f"{path.name} cannot be read: {error.strerror}") from error


class Answer:
    """A kept answer as a `Source` of one window: its rows, those of no open item marked."""

    def __init__(self, path: Path, name: str, admitted: Collection[str]) -> None:
        self._path, self._name, self._admitted = path, name, sorted(admitted)

    def columns(self, supply: Supply) -> list[LiveColumn]:
        """The file's columns."""
        return list(_open(self._path, self._name, supply).columns)

    def windows(self, *_: object) -> list[Window]:
        """None: an answer is opened by `open_answer` alone."""
        return []

    @contextmanager
    def read(
        self, supply: Supply, window: Window, after: tuple[str, ...] | None = None
    ) -> Iterator[Extract]:
        """The whole file, from its beginning."""
        opened = _open(self._path, self._name, supply)
        drift = tuple(d for d in opened.drift if not d.column.startswith(OURS))
        chunks = (Chunk(self._judged(part, supply)) for part in opened.batches)
        totals = Totals(opened.totals.rows, opened.totals.sums)
        yield Extract(window, totals, drift, chunks, original=self._path)

    @contextmanager
    def keys(self, supply: Supply) -> Iterator[Iterator[pa.RecordBatch]]:
        """Refused: an answer does not know which keys there are."""
        raise SourceRefused(f"supply {supply.name}: an answer lists no keys")
        yield iter(())

    def _judged(self, part: pa.RecordBatch, supply: Supply) -> pa.RecordBatch:
        texts = {f.name for f in supply.fields if f.type.logical is LogicalType.STRING}
        columns = {
            name: unguarded(part.column(name)) if name in texts else part.column(name)
            for name in part.schema.names
        }
        faults = faults_in(columns.pop(FAULTS_COLUMN))
        strange = self._strange(pa.table(columns), supply)
        faults += [Fault(row, "", rows.REFUSED, "") for row in strange]  # type: ignore[arg-type]
        columns[FAULTS_COLUMN] = faults_column(faults, part.num_rows)
        return pa.RecordBatch.from_pydict(columns, schema=part.schema)

    def _strange(self, part: pa.Table, supply: Supply) -> list[int]:
        numbered = part.append_column("hub_row", pa.array(range(part.num_rows), pa.int64()))
        with duckdb.connect() as connection:
            connection.execute("SET autoinstall_known_extensions = false")
            connection.execute("SET autoload_known_extensions = false")
            connection.register("part", numbered)
            connection.register("admitted", pa.table({"k": pa.array(self._admitted, pa.string())}))
            found = connection.execute(
                f"SELECT hub_row FROM part WHERE {key_sql(supply)} NOT IN (SELECT k FROM admitted) "
                "ORDER BY hub_row"
            ).fetchall()
        return [row for (row,) in found]


def answer_of(desk: Desk, opened: Batch) -> Answer:
    """The kept answer that a batch was opened for."""
    assert opened.origin is not None
    admitted = open_keys(desk, opened.origin[ORDER])
    return Answer(desk.store.path(opened.origin["uri"]), opened.origin["file"], admitted)


def open_keys(desk: Desk, order_id: str) -> set[str]:
    """Source keys of an order's rows that are still to be mended."""
    found: set[str] = set()
    items = [i for i in items_of(desk.ledger, order_id, UNRESOLVED) if i.kind != rows.TABLE]
    with desk.store.connect() as connection:
        bring_key(connection, desk.key)
        for shown_in, group in rows.by_shown(items).items():
            lines = connection.execute(
                f"SELECT source_key FROM ({rows.shown_sql(desk, shown_in)}) WHERE digest IN "
                "(SELECT unnest(?))",
                [[item.digest for item in group]],
            ).fetchall()
            found |= {key for (key,) in lines if key}
    return found
