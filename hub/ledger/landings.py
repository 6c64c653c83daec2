"""Landings in the ledger, chunk by chunk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from connectors.protocol import Totals, Window
from hub.errors import NotFound
from hub.ledger.opening import Ledger
from hub.ledger.rows import as_totals, row_of, totals_json, window_of
from hub.ledger.tables import batch, chunk
from hub.records import BatchState, Landing


def set_window(ledger: Ledger, batch_id: str, window: Window, totals: Totals | None) -> None:
    """Fix the bounds and totals of the snapshot that is read, before its first row is kept."""
    pinned = None if totals is None else totals_json(totals)
    with ledger.writing() as connection:
        connection.execute(
            update(batch)
            .where(batch.c.id == batch_id)
            .values(low=window.low, high=window.high, landing={"totals": pinned})
        )


def pinned_totals(ledger: Ledger, batch_id: str) -> Totals | None:
    """The totals that an interrupted pull had fixed."""
    row = row_of(ledger, batch_id)
    stored = (row.landing or {}).get("totals")
    return None if stored is None else as_totals(stored)


def add_chunk(
    ledger: Ledger, batch_id: str, uri: str, rows: int, sha256: str, after: Sequence[str] | None
) -> None:
    """Record one landed part; what is recorded here is on disk, whole."""
    with ledger.writing() as connection:
        position = len(chunk_rows(connection, batch_id))
        connection.execute(
            insert(chunk).values(
                batch_id=batch_id,
                position=position,
                uri=uri,
                rows=rows,
                sha256=sha256,
                after=None if after is None else list(after),
            )
        )


def chunks(ledger: Ledger, batch_id: str) -> list[Row[Any]]:
    """The landed parts of a batch in order."""
    with ledger.reading() as connection:
        return chunk_rows(connection, batch_id)


def drop_chunks(ledger: Ledger, batch_id: str) -> None:
    """Forget a broken pull that cannot be resumed, so that it starts again."""
    with ledger.writing() as connection:
        connection.execute(delete(chunk).where(chunk.c.batch_id == batch_id))


def set_landed(ledger: Ledger, landing: Landing) -> None:
    """Close the pull: the landing is complete and ties out with its source.

    Where a chunk could have been resumed after is a key, maybe a person's: it is forgotten.
    """
    with ledger.writing() as connection:
        connection.execute(
            update(chunk).where(chunk.c.batch_id == landing.batch_id).values(after=None)
        )
        connection.execute(
            update(batch)
            .where(batch.c.id == landing.batch_id)
            .values(
                state=BatchState.LANDED,
                low=landing.window.low if landing.window else None,
                high=landing.window.high if landing.window else None,
                landing={
                    "parts": list(landing.parts),
                    "rows": landing.rows,
                    "sha256": landing.sha256,
                    "totals": totals_json(landing.totals),
                    "drift": list(landing.drift),
                    "keys": landing.keys,
                    "original": landing.original,
                    "reading": landing.reading,
                },
            )
        )


def landing_of(ledger: Ledger, batch_id: str) -> Landing:
    """The landing of a batch; raises `NotFound` before it is complete."""
    row = row_of(ledger, batch_id)
    if row.state == BatchState.OPENED:
        raise NotFound(f"batch {batch_id} has not landed yet")
    stored = row.landing
    return Landing(
        batch_id=row.id,
        supply=row.supply,
        parts=tuple(stored["parts"]),
        rows=stored["rows"],
        sha256=stored["sha256"],
        totals=as_totals(stored["totals"]),
        drift=tuple(stored["drift"]),
        window=window_of(row),
        keys=stored["keys"],
        original=stored["original"],
        reading=stored.get("reading"),
    )


def chunk_rows(connection: Connection, batch_id: str) -> list[Row[Any]]:
    query = select(chunk).where(chunk.c.batch_id == batch_id).order_by(chunk.c.position)
    return list(connection.execute(query))
