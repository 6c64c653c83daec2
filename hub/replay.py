"""Replay: a landing is held against a mended contract, and no source is asked.

The cells are typed again from the text: from the delivered file, or, of a database, from what the
landing still tells of it. Where it no longer does, the replay is refused: pull the source anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import select

from connectors.cells import type_rows
from connectors.cells.faults import Fault, faults_column, faults_in
from connectors.drift import match
from connectors.file_formats import open_file
from connectors.protocol import Chunk, Drift, Extract, LiveColumn, SourceRefused, Totals, Window
from hub.errors import DecisionError, NotFound
from hub.ledger import Ledger
from hub.ledger import batches as books
from hub.ledger.landings import landing_of
from hub.ledger.rows import row_of
from hub.ledger.tables import batch
from hub.records import MOVES_ON, Batch, BatchState, Landing
from hub.retyping import Reading, faults_only, texts_of
from hub.store import Store
from schemas.arrow import FAULTS_COLUMN, landing_schema
from schemas.contract import LogicalType, Supply

REPLAY_OF = "replay_of"  # in a batch's origin


def open_replay(ledger: Ledger, store: Store, supply: Supply, batch_id: str, by: str) -> Batch:
    """The batch that checks a landing again under today's contract; the same one every time.

    Raises `DecisionError` when the contract is no other, nothing was left out, newer rows have
    moved on, or the landing cannot be typed as the contract now asks.
    """
    row = row_of(ledger, batch_id)
    if row.state != BatchState.CHECKED:
        raise NotFound(f"batch {batch_id} has not been checked yet")
    old = books.batch_of(ledger, batch_id)
    new = Batch(
        id=books.batch_id(supply.name, supply.version, old.window),
        supply=supply.name,
        contract_version=supply.version,
        mode=supply.properties.files.content if supply.properties.files else supply.pull.mode,
        window=old.window,
        state=BatchState.OPENED,
        origin={REPLAY_OF: batch_id, "by": by},
    )
    with ledger.reading() as connection:
        if connection.execute(select(batch.c.id).where(batch.c.id == new.id)).first():
            if new.id != batch_id:
                return books.batch_of(ledger, new.id)
            raise DecisionError(
                f"batch {batch_id} was checked under contract version {supply.version} already: "
                "raise the version of the mended contract"
            )
    if (row.origin or {}).get("order"):
        raise DecisionError(f"batch {batch_id} is an answer to a work order: send it again instead")
    if row.verdict in MOVES_ON and not row.counts["quarantined"]:
        raise DecisionError(f"batch {batch_id} left nothing out: there is nothing to replay")
    if new.mode != old.mode:
        raise DecisionError(f"batch {batch_id} was read as {old.mode}, not {new.mode}: pull again")
    _newest(ledger, batch_id, supply)
    _source(ledger, store, supply, batch_id)  # refuses before anything is opened
    return new


def _newest(ledger: Ledger, batch_id: str, supply: Supply) -> None:
    if left := books.unfinished(ledger, supply.name):
        raise DecisionError(
            f"batch {left[0].id} is under way or broke off; let "
            f"`hub run --supply {supply.name}` end first"
        )
    row = row_of(ledger, batch_id)
    query = select(batch.c.id).where(
        batch.c.supply == supply.name,
        batch.c.verdict.in_(MOVES_ON),
        batch.c.closed_at > row.closed_at,
    )
    with ledger.reading() as connection:
        later = connection.execute(query).first()
    if later:
        raise DecisionError(
            f"batch {batch_id} is superseded: {later.id} of the same supply has moved on"
        )


def replayed(ledger: Ledger, store: Store, supply: Supply, new: Batch) -> Replay:
    """The landing that a replay reads, as a source."""
    assert new.origin is not None
    return _source(ledger, store, supply, new.origin[REPLAY_OF])


def _source(ledger: Ledger, store: Store, supply: Supply, batch_id: str) -> Replay:
    landing = landing_of(ledger, batch_id)
    reading = None if landing.original else Reading(batch_id, landing, supply)
    if reading:
        for part in landing.parts:
            reading.refuse_lost(pq.ParquetFile(store.path(part)))
    return Replay(store, landing, reading)


class Replay:
    """A landing as a `Source` of its own window."""

    def __init__(self, store: Store, landing: Landing, reading: Reading | None) -> None:
        self._store, self._landing, self._reading = store, landing, reading

    @property
    def keys_uri(self) -> str | None:
        """All keys at the source, where the batch had listed them."""
        return self._landing.keys

    def columns(self, supply: Supply) -> list[LiveColumn]:
        """Refused: no front end is asked."""
        raise SourceRefused(f"supply {supply.name}: a replay asks no front end")

    def windows(self, *_: object) -> list[Window]:
        """None: a replay is opened by `open_replay` alone."""
        return []

    @contextmanager
    def keys(self, supply: Supply) -> Iterator[Iterator[pa.RecordBatch]]:
        """Refused: the batch's own listing is used."""
        raise SourceRefused(f"supply {supply.name}: a replay asks no front end")
        yield iter(())

    @contextmanager
    def read(
        self, supply: Supply, window: Window, after: tuple[str, ...] | None = None
    ) -> Iterator[Extract]:
        """The delivered file once more, or the landed rows with their cells typed again."""
        if self._landing.original:
            path = self._store.path(self._landing.original)
            name, zone = window.file or path.name, supply.department.timezone
            opened = open_file(path, name, supply, zone)
            chunks = (Chunk(rows) for rows in opened.batches)
            yield Extract(window, opened.totals, opened.drift, chunks, original=path)
            return
        assert self._reading is not None
        yield Extract(window, self._totals(supply), self._drift(supply), self._chunks(supply))

    def _chunks(self, supply: Supply) -> Iterator[Chunk]:
        for uri in self._landing.parts:
            for part in pq.ParquetFile(self._store.path(uri)).iter_batches(supply.pull.chunk_rows):
                if part.num_rows:
                    yield Chunk(self._typed(part, supply))

    def _typed(self, part: pa.RecordBatch, supply: Supply) -> pa.RecordBatch:
        """Rows of the landing as a pull under today's contract would have typed them."""
        assert self._reading is not None
        old = faults_in(part.column(FAULTS_COLUMN))
        kept = {f.name for f in supply.fields} - self._reading.changed
        faults: list[Fault] = [f for f in old if f.field in kept or not f.field]
        columns = {name: part.column(name) for name in kept}
        for name in sorted(self._reading.changed):
            one = replace(supply, fields=(supply.by_name[name],))
            whole = name in self._reading.whole
            texts = (
                texts_of(part, supply.by_name[name], old)
                if whole
                else faults_only(part.num_rows, name, old)
            )
            typed = type_rows(
                pa.RecordBatch.from_pydict({name: texts}), one, supply.department.timezone
            )
            faults += [f for f in faults_in(typed.column(FAULTS_COLUMN)) if f.field]
            column = typed.column(name)
            if not whole:
                stays = part.column(name).cast(column.type)
                column = pa.compute.coalesce(stays, column)
            columns[name] = column
        columns[FAULTS_COLUMN] = faults_column(faults, part.num_rows)
        return pa.RecordBatch.from_pydict(columns, schema=landing_schema(supply))

    def _totals(self, supply: Supply) -> Totals:
        assert self._reading is not None
        totals = self._landing.totals
        money = {
            field.name
            for field in supply.fields
            if field.type.logical is LogicalType.NUMBER and field.type.scale is not None
        }
        sums = {name: value for name, value in totals.sums.items() if name in money}
        same = not {field.name for field in supply.key} & self._reading.changed
        return Totals(totals.rows, sums, totals.key_digest if same else None)

    def _drift(self, supply: Supply) -> tuple[Drift, ...]:
        """The differences that are still some under today's contract."""
        promised = {field.column: field for field in supply.fields}
        found: list[Drift] = []
        for entry in self._landing.drift:
            drift = Drift(entry["code"], entry["column"], entry["detail"])
            field = promised.get(drift.column)
            if drift.code in ("column_missing", "column_alias") and field is None:
                continue
            if drift.code == "type_changed" and field is not None:
                live = LiveColumn(drift.column, drift.detail.rpartition("found ")[2])
                one = replace(supply, fields=(field,))
                found += match(one, [live])[1]
                continue
            found.append(drift)
        return tuple(found)
