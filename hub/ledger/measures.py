"""Measures in the ledger: noted with what they measure, added up for a report, never changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, case, cast, func, insert, select

from hub.ledger.opening import Ledger
from hub.ledger.tables import attempt, measure
from hub.measures import attempt_measure
from hub.records import Measure
from quality.scorecard.standard import INDICATORS

BATCHES = ["batch", "replay", "answer"]
"""Subjects that are batches; the last two judge rows again and are no delivery of their own."""
INVERTED = [code for code, indicator in INDICATORS.items() if indicator.inverted]


def note(
    connection: Connection,
    subject: str,
    subject_id: str,
    at: datetime,
    now: datetime,
    measures: Iterable[Measure],
) -> None:
    """Add measures in the transaction that records what they measure."""
    rows = [
        {
            **asdict(one),
            "department": one.supply.partition("/")[0] if one.supply else None,
            "subject": subject,
            "subject_id": subject_id,
            "at": at.astimezone(UTC),
            "noted_at": now.astimezone(UTC),
        }
        for one in measures
    ]
    if rows:
        connection.execute(insert(measure), rows)


def add_attempt(
    ledger: Ledger,
    supply: str,
    as_of: datetime,
    now: Callable[[], datetime],
    error: str | None = None,
) -> None:
    """One attempt to pull: `error` names the class of what kept the front end from being read."""
    with ledger.writing() as connection:
        at = now()
        number = connection.execute(
            insert(attempt)
            .values(supply=supply, as_of=as_of, at=at, ok=error is None, error=error)
            .returning(attempt.c.id)
        ).scalar_one()
        found = attempt_measure(supply, error is None)
        note(connection, "attempt", f"{supply}@{number}", as_of, at, [found])


@dataclass(frozen=True)
class Scope:
    """Which measures a report adds up. `known_at`: only what the ledger knew at that time."""

    known_at: datetime
    since: datetime | None = None
    until: datetime | None = None  # exclusive
    department: str | None = None
    subjects: tuple[tuple[str, tuple[str, ...]], ...] = ()  # subject -> ids; empty: all

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = [measure.c.noted_at <= self.known_at.astimezone(UTC)]
        if self.since:
            found.append(measure.c.at >= self.since.astimezone(UTC))
        if self.until:
            found.append(measure.c.at < self.until.astimezone(UTC))
        if self.department:
            found.append(measure.c.department == self.department)
        if self.subjects:
            some = [
                (measure.c.subject == subject) & measure.c.subject_id.in_(ids)
                for subject, ids in self.subjects
            ]
            any_of = some[0]
            for other in some[1:]:
                any_of = any_of | other
            found.append(any_of)
        else:
            found.append(measure.c.subject.in_(["batch", "release", "attempt"]))
        return found


@dataclass(frozen=True)
class Counted:
    """One sum: an indicator on one field of one supply or dataset."""

    department: str | None
    supply: str | None
    dataset: str | None
    field: str | None
    indicator: str
    numerator: int
    denominator: int


def counted(ledger: Ledger, scope: Scope) -> list[Counted]:
    """Sums per department, supply, dataset, field and indicator, in that order."""
    by = (
        measure.c.department,
        measure.c.supply,
        measure.c.dataset,
        measure.c.field,
        measure.c.indicator,
    )
    query = (
        select(*by, func.sum(measure.c.numerator), func.sum(measure.c.denominator))
        .where(measure.c.indicator.is_not(None), *scope.conditions())
        .group_by(*by)
    )
    with ledger.reading() as connection:
        rows = connection.execute(query).all()
    found = [Counted(*row[:5], int(row[5]), int(row[6])) for row in rows]
    return sorted(found, key=lambda c: tuple(value or "" for value in (*_place(c), c.indicator)))


def _place(entry: Counted) -> tuple[str | None, ...]:
    return entry.department, entry.supply, entry.dataset, entry.field


def per_indicator(ledger: Ledger, scope: Scope) -> list[tuple[str, int, int]]:
    """Sums per indicator alone, which an index answers."""
    query = (
        select(measure.c.indicator, func.sum(measure.c.numerator), func.sum(measure.c.denominator))
        .where(measure.c.indicator.is_not(None), *scope.conditions())
        .group_by(measure.c.indicator)
        .order_by(measure.c.indicator)
    )
    with ledger.reading() as connection:
        return [(code, int(a), int(b)) for code, a, b in connection.execute(query)]


@dataclass(frozen=True)
class RuleCount:
    """One rule over the batches of a scope. `batch_id`: one that ran it, for its words."""

    supply: str
    rule_id: str
    evaluated: int
    failed: int
    batches: int
    success: bool
    batch_id: str


def rule_counts(ledger: Ledger, scope: Scope) -> list[RuleCount]:
    """Evaluated and failed elements per supply and rule."""
    bad = case(
        (measure.c.indicator.in_(INVERTED), measure.c.numerator),
        else_=measure.c.denominator - measure.c.numerator,
    )
    query = (
        select(
            measure.c.supply,
            measure.c.rule_id,
            func.sum(measure.c.denominator),
            func.sum(bad),
            func.count(),
            func.min(cast(measure.c.holds, Integer)),
            func.max(measure.c.subject_id),
        )
        .where(
            measure.c.subject.in_(BATCHES),
            measure.c.rule_id.is_not(None),
            *scope.conditions(),
        )
        .group_by(measure.c.supply, measure.c.rule_id)
    )
    with ledger.reading() as connection:
        rows: Sequence[Any] = connection.execute(query).all()
    return [
        RuleCount(supply, rule_id, int(of), int(failed), int(batches), bool(holds), batch)
        for supply, rule_id, of, failed, batches, holds, batch in rows
    ]


DISCREPANCY = "discrepancy."
"""Begins the `rule_id` of a measure that counts discrepancies: then kind and severity."""


def discrepancy_counts(
    ledger: Ledger, scope: Scope
) -> list[tuple[str, str, str | None, str | None, str, int]]:
    """(dataset, kind, field, supply, severity, rows), most frequent first."""
    by = (measure.c.dataset, measure.c.rule_id, measure.c.field, measure.c.supply)
    query = (
        select(*by, func.sum(measure.c.numerator))
        .where(
            measure.c.subject == "release",
            measure.c.rule_id.startswith(DISCREPANCY),
            *scope.conditions(),
        )
        .group_by(*by)
    )
    with ledger.reading() as connection:
        rows = connection.execute(query).all()
    found = []
    for dataset, rule_id, field, supply, count in rows:
        kind, _, severity = rule_id.removeprefix(DISCREPANCY).rpartition(".")
        found.append((dataset, kind, field, supply, severity, int(count)))
    return sorted(found, key=lambda d: (-d[5], d[0], d[1], d[2] or "", d[3] or "", d[4]))
