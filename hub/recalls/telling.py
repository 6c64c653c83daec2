"""What a subscriber is told: the notices of a grant, and the records and fields that they name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from hub.errors import NotFound
from hub.ledger import recalls as ledger
from hub.ledger.audit import Event, note
from hub.ledger.grants import grant_in
from hub.officers import department_of
from hub.opened import Hub
from hub.records import Grant, Recall
from hub.rowfile import require_known, write_rows
from hub.store import literal, rows_sql

COLUMNS = pa.schema(
    [
        pa.field("recall_id", pa.string(), nullable=False),
        pa.field("grant_id", pa.string(), nullable=False),
        pa.field("record_id", pa.string(), nullable=False),  # as the grant shows it
        pa.field("field", pa.string(), nullable=False),  # "record_id": the record as such
        pa.field("first_version", pa.int64(), nullable=False),  # first received with the old value
        pa.field("mended_in", pa.int64(), nullable=False),
        pa.field("change", pa.string(), nullable=False),  # updated, or left: not shown any more
        pa.field("now_record", pa.string()),  # of a merged record: the one it is part of now
    ]
)
"""A recall's file (Parquet, at `Recall.uri` in the store), sorted by record and field; no values.

`(recall_id, record_id, field)` is its key: what the table `hub_recall` of an inbox has, too.
"""


def recalls_of(hub: Hub, grant: Grant, untold_only: bool = False) -> list[Recall]:
    """The notices of one grant, oldest first; of an ended grant, too."""
    return ledger.recalls(hub.ledger, grant_id=grant.id, untold=untold_only)


def untold(hub: Hub, dataset: str | None = None) -> list[Recall]:
    """Notices that have not been handed over, oldest first."""
    return ledger.recalls(hub.ledger, dataset, untold=True)


def rows_of(hub: Hub, recall: Recall, at_once: int = 10_000) -> Iterator[pa.RecordBatch]:
    """The cells of one notice in batches of `COLUMNS`, so that a large one is not held whole."""
    path = hub.store.path(recall.uri)
    if not path.is_file():
        raise NotFound(f"the store holds no {recall.uri}")
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=at_once, columns=COLUMNS.names):
            yield batch.cast(COLUMNS)


def write(hub: Hub, found: Sequence[Recall], target: Path) -> int:
    """Write the cells of notices as one file (.csv, .xlsx or .parquet); returns how many."""
    require_known(target)
    paths = ", ".join(literal(hub.store.path(one.uri)) for one in found)
    rows = f"SELECT {', '.join(COLUMNS.names)} FROM read_parquet([{paths}])"
    if not found:
        rows = rows_sql(COLUMNS.names, [])
    with hub.store.connect() as connection:
        return write_rows(connection, f"{rows} ORDER BY mended_in, record_id, field", target)


def told(hub: Hub, recall_ids: Collection[str], way: str, by: str = "hub") -> None:
    """Note that notices were handed over (pushed, or fetched); again changes nothing."""
    with hub.ledger.writing() as writing:
        at = hub.now()
        for one in ledger.set_told(writing, recall_ids, at):
            note(writing, Event.RECALL_TOLD, subject=one.id, by=by, at=at, grant=one.grant_id,
                 way=way)  # fmt: skip


def acknowledge(hub: Hub, recall_id: str, by: str) -> Recall:
    """An officer of the subscriber says that a notice was seen; again changes nothing."""
    with hub.ledger.writing() as writing:
        one = ledger.recall_in(writing, recall_id)
        grant = grant_in(writing, one.grant_id)
        department_of(hub.catalog, by, department=grant.subscriber)
        if one.acknowledged_at is None:
            at = hub.now()
            ledger.set_acknowledged(writing, recall_id, by, at)
            note(writing, Event.RECALL_ACKNOWLEDGED, subject=one.id, by=by, at=at,
                 department=grant.subscriber, grant=grant.id)  # fmt: skip
        return ledger.recall_in(writing, recall_id)
