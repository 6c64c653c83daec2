"""What came before a batch: the accepted batches of its supply, as the check room compares them."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from hub.errors import NotFound
from hub.ledger import Ledger
from hub.ledger.rows import row_of
from hub.ledger.tables import batch
from hub.ledger.verdicts import checked_of
from hub.records import MOVES_ON, BatchState
from hub.store import Store
from quality.drift import Past, Profile
from quality.drift_profile import from_json
from schemas.contract import Supply


def history_of(ledger: Ledger, store: Store, supply: Supply, batch_id: str) -> tuple[Past, ...]:
    """The batches that had moved on before this one was closed, oldest first.

    A batch that is checked again is held against the same ones as the first time. Rows that were
    handed in for a work order are no batch of the supply's own: they are held against nothing, and
    nothing is held against them.
    """
    this = row_of(ledger, batch_id)
    if _handed_in(this):
        return ()
    earlier = _earlier(ledger, supply, this)
    limits = supply.properties.drift
    wanted = limits.baseline if limits else 0
    alike = [row.id for row in earlier if _whole(row) == _whole(this)]
    compared = set(alike[-wanted:]) if wanted else set()
    recent = {row.id for row in earlier[-wanted - 1 :]}  # one more: a span has two ends
    return tuple(
        Past(
            row.id,
            row.as_of,
            row.content_at or row.as_of,
            _profile(ledger, store, row.id) if row.id in compared else None,
        )
        for row in earlier
        if row.id in recent | compared
    )


def _earlier(ledger: Ledger, supply: Supply, this: Row[Any]) -> list[Row[Any]]:
    columns = (batch.c.id, batch.c.mode, batch.c.low, batch.c.file, batch.c.as_of,
               batch.c.content_at, batch.c.closed_at, batch.c.decision, batch.c.origin)  # fmt: skip
    query = select(*columns).where(
        batch.c.supply == supply.name,
        batch.c.id.not_in([this.id, (this.origin or {}).get("replay_of", this.id)]),
        batch.c.state == BatchState.CHECKED,
        batch.c.verdict.in_(MOVES_ON),
    )
    with ledger.reading() as connection:
        found: list[Row[Any]] = list(connection.execute(query))
    rows = [row for row in found if not _handed_in(row)]
    if this.state == BatchState.CHECKED:
        rows = [row for row in rows if _moved_at(row) < this.closed_at]
    return sorted(rows, key=lambda row: (_moved_at(row), row.id))


def _moved_at(row: Row[Any]) -> datetime:
    if row.decision:
        return datetime.fromisoformat(row.decision["at"])
    closed: datetime = row.closed_at
    return closed


def _whole(row: Row[Any]) -> bool:
    return bool(row.mode == "snapshot" or (row.file is None and row.low is None))


def _handed_in(row: Row[Any]) -> bool:
    return "order" in (row.origin or {})


def _profile(ledger: Ledger, store: Store, batch_id: str) -> Profile | None:
    """None where an older hub made the report, or somebody has taken it away."""
    with suppress(NotFound):
        kept = store.read_json(checked_of(ledger, batch_id).report).get("profile")
        return from_json(kept) if kept else None
    return None
