"""The ledger's rows as records, and back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Row, select

from connectors.protocol import Totals, Window
from hub.errors import NotFound
from hub.ledger.opening import Ledger
from hub.ledger.tables import batch
from hub.records import Batch, BatchState, Counts, Verdict


def row_of(ledger: Ledger, batch_id: str) -> Row[Any]:
    with ledger.reading() as connection:
        found = connection.execute(select(batch).where(batch.c.id == batch_id)).one_or_none()
    if found is None:
        raise NotFound(f"there is no batch {batch_id}")
    return found


def window_of(row: Row[Any]) -> Window:
    return Window(row.as_of, row.low, row.high, row.file, row.file_digest, row.content_at)


def as_batch(row: Row[Any]) -> Batch:
    return Batch(
        id=row.id,
        supply=row.supply,
        contract_version=row.contract_version,
        mode=row.mode,
        window=window_of(row),
        state=BatchState(row.state),
        verdict=Verdict(row.verdict) if row.verdict else None,
        counts=Counts(**row.counts) if row.counts else None,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        origin=row.origin,
    )


def totals_json(totals: Totals) -> dict[str, Any]:
    sums = {name: str(value) for name, value in totals.sums.items()}
    return {"rows": totals.rows, "sums": sums, "key_digest": totals.key_digest}


def as_totals(stored: dict[str, Any]) -> Totals:

    sums = {name: Decimal(value) for name, value in stored["sums"].items()}
    return Totals(stored["rows"], sums, stored["key_digest"])
