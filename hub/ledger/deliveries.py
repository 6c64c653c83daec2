"""Checked batches as a report counts them, as they stood at a given time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from hub.ledger.opening import Ledger
from hub.ledger.tables import batch
from hub.records import BatchState, Counts, RuleOutcome, Verdict

AT_ONCE = 500  # ids in one statement; SQLite and PostgreSQL both bear many more


@dataclass(frozen=True)
class Delivery:
    """One checked batch. `replay`: the same rows judged again, not delivered again."""

    batch_id: str
    supply: str
    as_of: datetime
    closed_at: datetime
    verdict: Verdict
    counts: Counts
    facts: dict[str, str]
    replay: bool
    quarantined: str  # URI

    @property
    def subject(self) -> tuple[str, str]:
        """How its measures are filed."""
        return ("replay" if self.replay else "batch"), self.batch_id


def deliveries(
    ledger: Ledger,
    known_at: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
    department: str | None = None,
    supplies: Sequence[str] | None = None,
    ids: Sequence[str] | None = None,
) -> list[Delivery]:
    """Batches that were checked by `known_at`, by the time they are of; faults of ours left out."""
    found: list[ColumnElement[bool]] = [
        batch.c.state == BatchState.CHECKED,
        batch.c.closed_at <= known_at.astimezone(UTC),
    ]
    if since:
        found.append(batch.c.as_of >= since.astimezone(UTC))
    if until:
        found.append(batch.c.as_of < until.astimezone(UTC))
    if department:
        found.append(batch.c.supply.startswith(f"{department}/", autoescape=True))
    if supplies is not None:
        found.append(batch.c.supply.in_(supplies))
    if ids is not None:
        found.append(batch.c.id.in_(ids))
    columns = [column for column in batch.c if column.name not in ("landing", "checked")]
    uri = batch.c.checked["quarantined"].as_string().label("quarantined")
    query = select(*columns, uri).where(*found)
    with ledger.reading() as connection:
        rows = connection.execute(query.order_by(batch.c.as_of, batch.c.closed_at, batch.c.id))
        return [_delivery(row, known_at) for row in rows]


def _delivery(row: Any, known_at: datetime) -> Delivery:
    verdict = Verdict(row.verdict)
    if row.decision and datetime.fromisoformat(row.decision["at"]) > known_at:
        verdict = Verdict.HOLD  # a person decided later
    facts = {
        "batch_id": row.id,
        "supply": row.supply,
        "contract_version": row.contract_version,
        "mode": row.mode,
        "as_of": row.as_of.isoformat(),
        "closed_at": row.closed_at.isoformat(),
        "verdict": verdict.value,
    }
    return Delivery(
        batch_id=row.id,
        supply=row.supply,
        as_of=row.as_of,
        closed_at=row.closed_at,
        verdict=verdict,
        counts=Counts(**row.counts),
        facts=facts | ({"file": row.file} if row.file else {}),
        replay=bool(row.origin and "replay_of" in row.origin),
        quarantined=row.quarantined,
    )


def outcomes_of(ledger: Ledger, ids: Sequence[str]) -> dict[str, dict[str, RuleOutcome]]:
    """Per batch its rules' outcomes by rule id, for what a rule is called and says."""
    found: dict[str, dict[str, RuleOutcome]] = {}
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        query = select(batch.c.id, batch.c.checked).where(batch.c.id.in_(some))
        with ledger.reading() as connection:
            for batch_id, checked in connection.execute(query):
                outcomes = (checked or {}).get("outcomes", ())
                found[batch_id] = {
                    o["rule_id"]: RuleOutcome(**{**o, "fields": tuple(o["fields"])})
                    for o in outcomes
                }
    return found
