"""Batches in the ledger: opened, landed chunk by chunk, checked; the watermark moves with them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from connectors.protocol import Totals, Window
from hub.errors import DecisionError, NotFound
from hub.ledger.opening import Ledger
from hub.ledger.tables import batch, chunk, segment, supply_state
from hub.records import Batch, BatchState, Checked, Counts, Landing, RuleOutcome, Verdict

MOVES_ON = (Verdict.ACCEPT, Verdict.WARN)
"""The verdicts whose rows join the supply's current table."""


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
            return _batch(found)
        connection.execute(
            insert(batch).values(
                id=new.id,
                supply=new.supply,
                contract_version=new.contract_version,
                mode=new.mode,
                **asdict(new.window),
                state=BatchState.OPENED,
                opened_at=now,
            )
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
        return [_batch(row) for row in connection.execute(query)]


def set_window(ledger: Ledger, batch_id: str, window: Window, totals: Totals | None) -> None:
    """Fix the bounds and totals of the snapshot that is read, before its first row is kept."""
    pinned = None if totals is None else _totals_json(totals)
    with ledger.writing() as connection:
        connection.execute(
            update(batch)
            .where(batch.c.id == batch_id)
            .values(low=window.low, high=window.high, landing={"totals": pinned})
        )


def pinned_totals(ledger: Ledger, batch_id: str) -> Totals | None:
    """The totals that an interrupted pull had fixed."""
    row = _one(ledger, batch_id)
    stored = (row.landing or {}).get("totals")
    return None if stored is None else _totals(stored)


def add_chunk(
    ledger: Ledger, batch_id: str, uri: str, rows: int, sha256: str, after: Sequence[str] | None
) -> None:
    """Record one landed part; what is recorded here is on disk, whole."""
    with ledger.writing() as connection:
        position = len(_chunks(connection, batch_id))
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
        return _chunks(connection, batch_id)


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
                    "totals": _totals_json(landing.totals),
                    "drift": list(landing.drift),
                    "keys": landing.keys,
                    "original": landing.original,
                },
            )
        )


def landing_of(ledger: Ledger, batch_id: str) -> Landing:
    """The landing of a batch; raises `NotFound` before it is complete."""
    row = _one(ledger, batch_id)
    if row.state == BatchState.OPENED:
        raise NotFound(f"batch {batch_id} has not landed yet")
    stored = row.landing
    return Landing(
        batch_id=row.id,
        supply=row.supply,
        parts=tuple(stored["parts"]),
        rows=stored["rows"],
        sha256=stored["sha256"],
        totals=_totals(stored["totals"]),
        drift=tuple(stored["drift"]),
        window=_window(row),
        keys=stored["keys"],
        original=stored["original"],
    )


def close_batch(
    ledger: Ledger, checked: Checked, rows: int, now: datetime, keys_compared: bool
) -> None:
    """Record the verdict; fold the rows in and move the watermark, all in one transaction.

    Doing it twice changes nothing. A held or rejected batch leaves table and watermark alone. A
    fault is ours: the batch stays landed, and is checked again by the next run.
    """
    with ledger.writing() as connection:
        row = connection.execute(select(batch).where(batch.c.id == checked.batch_id)).one()
        if row.state == BatchState.CHECKED:
            return
        fault = checked.verdict is Verdict.FAULT
        connection.execute(
            update(batch)
            .where(batch.c.id == checked.batch_id)
            .values(
                state=BatchState.LANDED if fault else BatchState.CHECKED,
                verdict=checked.verdict,
                counts=asdict(checked.counts),
                checked=_checked_json(checked),
                closed_at=now,
            )
        )
        if checked.verdict in MOVES_ON:
            _fold_in(connection, row, checked.accepted, rows)
            _move(connection, row, row.as_of if keys_compared else None)


def decide(
    ledger: Ledger, batch_id: str, verdict: Verdict, reason: str, by: str, now: datetime
) -> None:
    """A person's decision on a held batch: accept folds it in, reject leaves it out for good.

    Raises `DecisionError` when the batch is not held, or when a later one has moved on, because
    older rows must never cover newer ones.
    """
    row = _one(ledger, batch_id)
    checked = checked_of(ledger, batch_id)
    with ledger.writing() as connection:
        changed = connection.execute(
            update(batch)
            .where(batch.c.id == batch_id, batch.c.verdict == Verdict.HOLD)
            .values(
                verdict=verdict,
                decision={
                    "verdict": verdict.value,
                    "reason": reason,
                    "by": by,
                    "at": now.isoformat(),
                },
            )
        )
        if changed.rowcount != 1:
            raise DecisionError(f"batch {batch_id} is not held but has verdict {row.verdict}")
        if verdict not in MOVES_ON:
            return
        later = connection.execute(
            select(batch.c.id).where(
                batch.c.supply == row.supply,
                batch.c.verdict.in_(MOVES_ON),
                batch.c.closed_at > row.closed_at,
            )
        ).first()
        if later:
            raise DecisionError(
                f"batch {batch_id} is superseded: {later.id} of the same supply has moved on"
            )
        _fold_in(
            connection, row, checked.accepted, checked.counts.accepted + checked.counts.deleted
        )
        _move(connection, row, row.as_of if (row.landing or {}).get("keys") else None)


def _fold_in(connection: Connection, row: Row[Any], uri: str, rows: int) -> None:
    if rows:
        connection.execute(
            insert(segment).values(
                supply=row.supply,
                batch_id=row.id,
                last_batch_id=row.id,
                uri=uri,
                rows=rows,
                active=True,
            )
        )


def _move(connection: Connection, row: Row[Any], keys_compared_at: datetime | None) -> None:
    found = connection.execute(
        select(supply_state).where(supply_state.c.supply == row.supply)
    ).one_or_none()
    values: dict[str, Any] = {"batch_id": row.id}
    if row.high is not None:
        values["watermark"] = row.high
    if keys_compared_at:
        values["keys_compared_at"] = keys_compared_at
    if found:
        connection.execute(
            update(supply_state).where(supply_state.c.supply == row.supply).values(**values)
        )
    else:
        connection.execute(insert(supply_state).values(supply=row.supply, **values))


def state_of(ledger: Ledger, supply: str) -> Row[Any] | None:
    """Watermark, last batch and time of the last key comparison; None before the first batch."""
    with ledger.reading() as connection:
        return connection.execute(
            select(supply_state).where(supply_state.c.supply == supply)
        ).one_or_none()


def checked_of(ledger: Ledger, batch_id: str) -> Checked:
    """The result of a checked batch; raises `NotFound` before that."""
    row = _one(ledger, batch_id)
    if row.state != BatchState.CHECKED:
        raise NotFound(f"batch {batch_id} has not been checked yet")
    stored = dict(row.checked)
    return Checked(
        batch_id=row.id,
        supply=row.supply,
        verdict=Verdict(row.verdict),
        counts=Counts(**row.counts),
        outcomes=tuple(
            RuleOutcome(**{**o, "fields": tuple(o["fields"])}) for o in stored.pop("outcomes")
        ),
        **stored,
    )


def batch_of(ledger: Ledger, batch_id: str) -> Batch:
    """One batch; raises `NotFound`."""
    return _batch(_one(ledger, batch_id))


def list_batches(
    ledger: Ledger, supply: str | None = None, limit: int | None = None
) -> list[Batch]:
    """Batches, newest first."""
    query = select(batch).order_by(batch.c.opened_at.desc(), batch.c.id.desc())
    if supply:
        query = query.where(batch.c.supply == supply)
    with ledger.reading() as connection:
        return [_batch(row) for row in connection.execute(query.limit(limit))]


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


def _one(ledger: Ledger, batch_id: str) -> Row[Any]:
    with ledger.reading() as connection:
        found = connection.execute(select(batch).where(batch.c.id == batch_id)).one_or_none()
    if found is None:
        raise NotFound(f"there is no batch {batch_id}")
    return found


def _chunks(connection: Connection, batch_id: str) -> list[Row[Any]]:
    query = select(chunk).where(chunk.c.batch_id == batch_id).order_by(chunk.c.position)
    return list(connection.execute(query))


def _window(row: Row[Any]) -> Window:
    return Window(row.as_of, row.low, row.high, row.file, row.file_digest, row.content_at)


def _batch(row: Row[Any]) -> Batch:
    return Batch(
        id=row.id,
        supply=row.supply,
        contract_version=row.contract_version,
        mode=row.mode,
        window=_window(row),
        state=BatchState(row.state),
        verdict=Verdict(row.verdict) if row.verdict else None,
        counts=Counts(**row.counts) if row.counts else None,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )


def _totals_json(totals: Totals) -> dict[str, Any]:
    sums = {name: str(value) for name, value in totals.sums.items()}
    return {"rows": totals.rows, "sums": sums, "key_digest": totals.key_digest}


def _totals(stored: dict[str, Any]) -> Totals:
    from decimal import Decimal

    sums = {name: Decimal(value) for name, value in stored["sums"].items()}
    return Totals(stored["rows"], sums, stored["key_digest"])


def _checked_json(checked: Checked) -> dict[str, Any]:
    return {
        "accepted": checked.accepted,
        "quarantined": checked.quarantined,
        "report": checked.report,
        "outcomes": [
            {**asdict(outcome), "fields": list(outcome.fields)} for outcome in checked.outcomes
        ],
    }
