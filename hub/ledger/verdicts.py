"""Verdicts in the ledger: rows are folded in and the watermark moves with them, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from hub.errors import DecisionError, NotFound
from hub.ledger.audit import Act, note_act
from hub.ledger.measures import note
from hub.ledger.opening import Ledger
from hub.ledger.rows import row_of
from hub.ledger.tables import batch, segment, supply_state
from hub.measures import accepted_later, batch_measures
from hub.records import MOVES_ON, BatchState, Checked, Counts, RuleOutcome, Verdict


def close_batch(
    ledger: Ledger, checked: Checked, rows: int, now: Callable[[], datetime], keys_compared: bool
) -> None:
    """Record the verdict; fold the rows in and move the watermark, all in one transaction.

    Doing it twice changes nothing. A held or rejected batch leaves table and watermark alone. A
    fault is ours: the batch stays landed, and is checked again by the next run.
    """
    with ledger.writing() as connection:
        row = connection.execute(select(batch).where(batch.c.id == checked.batch_id)).one()
        if row.state == BatchState.CHECKED:
            return
        closed_at = now()  # asked inside: a report knows by it what it could see
        fault = checked.verdict is Verdict.FAULT
        connection.execute(
            update(batch)
            .where(batch.c.id == checked.batch_id)
            .values(
                state=BatchState.LANDED if fault else BatchState.CHECKED,
                verdict=checked.verdict,
                counts=asdict(checked.counts),
                checked=_checked_json(checked),
                closed_at=closed_at,
            )
        )
        measures = batch_measures(checked, row.mode == "snapshot")
        note(connection, subject_of(row), row.id, row.as_of, closed_at, measures)
        if checked.verdict in MOVES_ON:
            _fold_in(connection, row, checked.accepted, rows)
            _move(connection, row, row.as_of if keys_compared else None)


def decide(
    ledger: Ledger,
    batch_id: str,
    verdict: Verdict,
    reason: str,
    by: str,
    now: Callable[[], datetime],
) -> None:
    """A person's decision on a held batch: accept folds it in, reject leaves it out for good.

    Raises `DecisionError` when no reason is given, the batch is not held, or a later one has moved
    on, because older rows must never cover newer ones.
    """
    row = row_of(ledger, batch_id)
    if not reason.strip():
        raise DecisionError(f"batch {batch_id}: a decision needs a reason")
    checked = checked_of(ledger, batch_id)
    with ledger.writing() as connection:
        decided_at = now()
        changed = connection.execute(
            update(batch)
            .where(batch.c.id == batch_id, batch.c.verdict == Verdict.HOLD)
            .values(
                verdict=verdict,
                decision={
                    "verdict": verdict.value,
                    "reason": reason,
                    "by": by,
                    "at": decided_at.isoformat(),
                },
            )
        )
        if changed.rowcount != 1:
            raise DecisionError(f"batch {batch_id} is not held but has verdict {row.verdict}")
        if verdict not in MOVES_ON:
            _told(connection, row, Act.BATCH_REJECTED, by, decided_at)
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
        note(
            connection, subject_of(row), row.id, row.as_of, decided_at, [accepted_later(row.supply)]
        )
        _told(connection, row, Act.BATCH_ACCEPTED, by, decided_at)


def _told(connection: Connection, row: Row[Any], act: Act, by: str, at: datetime) -> None:
    department = str(row.supply).partition("/")[0]
    note_act(connection, act, subject=row.id, by=by, at=at, department=department)


def subject_of(row: Row[Any]) -> str:
    """What a batch's measures are filed under; only a pull is a delivery of its own.

    A replay judges rows again, and an answer to a work order hands in some of them mended: both
    are measured for their own report, and counted in no month.
    """
    origin = row.origin or {}
    return "replay" if "replay_of" in origin else "answer" if "order" in origin else "batch"


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


def checked_of(ledger: Ledger, batch_id: str) -> Checked:
    """The result of a checked batch; raises `NotFound` before that."""
    row = row_of(ledger, batch_id)
    if row.state != BatchState.CHECKED:
        raise NotFound(f"batch {batch_id} has not been checked yet")
    return as_checked(row)


def as_checked(row: Row[Any]) -> Checked:
    """The result in a batch's row."""
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


def _checked_json(checked: Checked) -> dict[str, Any]:
    return {
        "accepted": checked.accepted,
        "quarantined": checked.quarantined,
        "report": checked.report,
        "failing": checked.failing,
        "validation": checked.validation,
        "outcomes": [
            {**asdict(outcome), "fields": list(outcome.fields)} for outcome in checked.outcomes
        ],
    }
