"""Batches in the ledger: opened once, listed, known by their windows."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, delete, insert, null, select

from connectors.protocol import Window
from hub.ledger.audit import Act, note_act
from hub.ledger.opening import Ledger
from hub.ledger.rows import as_batch, row_of
from hub.ledger.tables import batch, chunk, supply_state
from hub.records import MOVES_ON, Batch, BatchState, Verdict


def batch_id(supply: str, contract_version: str, window: Window) -> str:
    """The id that a window of a supply always has: a re-run is the same batch."""
    as_of = window.as_of.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    # A delivered file is the same delivery whenever it is looked at.
    what = f"{window.file}@{window.file_digest}" if window.file else window.as_of.isoformat()
    digest = hashlib.sha256(f"{supply}\n{contract_version}\n{what}".encode()).hexdigest()[:10]
    place = supply.replace("/", ".")
    return f"{place}-{digest}" if window.file else f"{place}-{as_of}-{digest}"


def open_batch(ledger: Ledger, new: Batch, now: datetime) -> Batch:
    """Record a batch as opened; an existing one of the same id is returned as it stands."""
    with ledger.writing() as connection:
        found = connection.execute(select(batch).where(batch.c.id == new.id)).one_or_none()
        if found:
            return as_batch(found)
        connection.execute(
            insert(batch).values(
                id=new.id,
                supply=new.supply,
                contract_version=new.contract_version,
                mode=new.mode,
                **asdict(new.window),
                state=BatchState.OPENED,
                origin=new.origin or null(),
                opened_at=now,
            )
        )
        if new.origin:  # a person handed it in, or asked for it again
            note_act(
                connection,
                Act.ORDER_ANSWERED if "order" in new.origin else Act.BATCH_REPLAYED,
                subject=new.id,
                by=new.origin.get("by") or "hub",
                at=now,
                department=new.supply.partition("/")[0],
            )
        return new


def unfinished(ledger: Ledger, supply: str) -> list[Batch]:
    """Batches that a broken run left behind, oldest first: they come before any new window."""
    query = (
        select(batch)
        .where(batch.c.supply == supply, batch.c.state != BatchState.CHECKED)
        .order_by(batch.c.opened_at, batch.c.id)
    )
    with ledger.reading() as connection:
        return [as_batch(row) for row in connection.execute(query)]


def state_of(ledger: Ledger, supply: str) -> Row[Any] | None:
    """Watermark, last batch and time of the last key comparison; None before the first batch."""
    with ledger.reading() as connection:
        return connection.execute(
            select(supply_state).where(supply_state.c.supply == supply)
        ).one_or_none()


def last_pulled(ledger: Ledger, supply: str, replays: bool = True) -> Batch | None:
    """The newest batch of the front end itself that moved on; answers of a department are none.

    `replays` False leaves out those, too: they were read under an older contract.
    """
    query = (
        select(batch.c.id, batch.c.origin)
        .where(batch.c.supply == supply, batch.c.verdict.in_(MOVES_ON))
        .order_by(batch.c.closed_at.desc(), batch.c.id.desc())
    )
    with ledger.reading() as connection:
        for row in connection.execute(query):
            if not row.origin or (replays and "order" not in row.origin):
                return batch_of(ledger, row.id)
    return None


def batch_of(ledger: Ledger, batch_id: str) -> Batch:
    """One batch; raises `NotFound`."""
    return as_batch(row_of(ledger, batch_id))


def list_batches(
    ledger: Ledger, supply: str | None = None, limit: int | None = None
) -> list[Batch]:
    """Batches, newest first."""
    query = select(batch).order_by(batch.c.opened_at.desc(), batch.c.id.desc())
    if supply:
        query = query.where(batch.c.supply == supply)
    with ledger.reading() as connection:
        return [as_batch(row) for row in connection.execute(query.limit(limit))]


def files_taken(ledger: Ledger, supply: str, version: str, known_by_line: bool) -> set[str]:
    """`<file>@<sha256>` of every delivered file that is not to be read again.

    A file of which rows were left out is read again under another contract version, unless it
    could cover rows that came later; rows that are `known_by_line` cover nobody else's.
    """
    query = select(batch).where(
        batch.c.supply == supply, batch.c.file.is_not(None), batch.c.state == BatchState.CHECKED
    )
    with ledger.reading() as connection:
        rows = list(connection.execute(query.order_by(batch.c.closed_at, batch.c.id)))
    latest = {f"{row.file}@{row.file_digest}": row for row in rows}
    again = {
        name
        for name, row in latest.items()
        if row.contract_version != version
        and _left_rows_out(row)
        and (known_by_line or row.id == rows[-1].id)
    }
    return latest.keys() - again


def _left_rows_out(row: Row[Any]) -> bool:
    if row.decision and row.verdict == Verdict.REJECT:
        return False  # a person has refused them for good
    return row.verdict not in MOVES_ON or row.counts["quarantined"] > 0


def forget_unfinished(ledger: Ledger, supply: str, version: str) -> None:
    """Remove what a broken run left behind under another contract version.

    Nothing of it has moved on, and what it landed may lack fields: its window is pulled anew.
    """
    left = select(batch.c.id).where(
        batch.c.supply == supply,
        batch.c.state != BatchState.CHECKED,
        batch.c.contract_version != version,
    )
    with ledger.writing() as connection:
        ids = list(connection.execute(left).scalars())
        connection.execute(delete(chunk).where(chunk.c.batch_id.in_(ids)))
        connection.execute(delete(batch).where(batch.c.id.in_(ids)))
