"""Checked batches as a report counts them, as they stood at a given time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from hub.ledger.opening import Ledger
from hub.ledger.tables import batch
from hub.ledger.verdicts import subject_of
from hub.records import BatchState, Counts, RuleOutcome, Verdict

AT_ONCE = 500  # ids in one statement; SQLite and PostgreSQL both bear many more


@dataclass(frozen=True)
class Delivery:
    """One checked batch. `kind` other than batch: no delivery of its own."""

    batch_id: str
    supply: str
    as_of: datetime
    closed_at: datetime
    verdict: Verdict
    counts: Counts
    contract_version: str
    mode: str
    file: str | None
    kind: str  # batch, replay, answer

    @property
    def subject(self) -> tuple[str, str]:
        """How its measures are filed."""
        return self.kind, self.batch_id

    @property
    def again(self) -> bool:
        """Rows that are judged again, or handed in mended: counted once, where they were pulled."""
        return self.kind != "batch"

    @property
    def facts(self) -> dict[str, str]:
        """What a report's heading says of it."""
        known = {
            "batch_id": self.batch_id,
            "supply": self.supply,
            "contract_version": self.contract_version,
            "mode": self.mode,
            "as_of": self.as_of.isoformat(),
            "closed_at": self.closed_at.isoformat(),
            "verdict": self.verdict.value,
        }
        return known | ({"file": self.file} if self.file else {})


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
    query = select(*columns).where(*found)
    with ledger.reading() as connection:
        rows = connection.execute(query.order_by(batch.c.as_of, batch.c.closed_at, batch.c.id))
        return [_delivery(row, known_at) for row in rows]


def _delivery(row: Any, known_at: datetime) -> Delivery:
    verdict = Verdict(row.verdict)
    if row.decision and datetime.fromisoformat(row.decision["at"]) > known_at:
        verdict = Verdict.HOLD  # a person decided later
    return Delivery(
        batch_id=row.id,
        supply=row.supply,
        as_of=row.as_of,
        closed_at=row.closed_at,
        verdict=verdict,
        counts=Counts(**row.counts),
        contract_version=row.contract_version,
        mode=row.mode,
        file=row.file,
        kind=subject_of(row),
    )


@dataclass(frozen=True)
class Detail:
    """What a batch's rules are and say, by rule id, and where its quarantined rows lie."""

    quarantined: str  # URI
    outcomes: dict[str, RuleOutcome]


def details_of(ledger: Ledger, ids: Sequence[str]) -> dict[str, Detail]:
    """The details of some batches; those that are not there are left out."""
    found: dict[str, Detail] = {}
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        query = select(batch.c.id, batch.c.checked).where(batch.c.id.in_(some))
        with ledger.reading() as connection:
            for batch_id, checked in connection.execute(query):
                if checked:
                    outcomes = {o["rule_id"]: _outcome(o) for o in checked["outcomes"]}
                    found[batch_id] = Detail(checked["quarantined"], outcomes)
    return found


def _outcome(stored: dict[str, Any]) -> RuleOutcome:
    return RuleOutcome(**{**stored, "fields": tuple(stored["fields"])})
