"""Findings added up from their events, as they stood at any moment: what reports are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import case, func, select

from hub.ledger.crosscheck_tables import finding, finding_event
from hub.ledger.finding_life import UNANSWERED
from hub.ledger.opening import Ledger


@dataclass(frozen=True)
class Tally:
    """Findings of one check, one department and one state, at a moment."""

    crosscheck: str
    department: str
    state: str
    findings: int
    amount_fen: int  # at stake
    recovered_fen: int
    overdue: int  # of them past their last day


def tallies(ledger: Ledger, at: datetime, today: date) -> list[Tally]:
    """How all findings stood at `at`; `today` tells which answers were late then."""
    moment = at.astimezone(UTC)
    latest = (
        select(
            finding_event.c.finding_id,
            func.max(finding_event.c.place).label("place"),
            func.sum(func.coalesce(finding_event.c.recovered_fen, 0)).label("recovered"),
        )
        .where(finding_event.c.at <= moment)
        .group_by(finding_event.c.finding_id)
        .subquery()
    )
    late = finding_event.c.state.in_(list(UNANSWERED)) & (finding_event.c.due_on < today)
    query = (
        select(
            finding.c.crosscheck,
            finding_event.c.department,
            finding_event.c.state,
            func.count(),
            func.sum(func.coalesce(finding_event.c.amount_fen, 0)),
            func.sum(latest.c.recovered),
            func.sum(case((late, 1), else_=0)),
        )
        .select_from(latest)
        .join(
            finding_event,
            (finding_event.c.finding_id == latest.c.finding_id)
            & (finding_event.c.place == latest.c.place),
        )
        .join(finding, finding.c.id == latest.c.finding_id)
        .group_by(finding.c.crosscheck, finding_event.c.department, finding_event.c.state)
        .order_by(finding.c.crosscheck, finding_event.c.department, finding_event.c.state)
    )
    with ledger.reading() as connection:
        return [
            Tally(check, department, state, int(n), int(stake), int(back), int(overdue))
            for check, department, state, n, stake, back, overdue in connection.execute(query)
        ]


@dataclass(frozen=True)
class Flow:
    """What happened to the findings of one check and department within a time."""

    crosscheck: str
    department: str
    kind: str
    events: int
    amount_fen: int  # at stake in those findings afterwards
    recovered_fen: int


def flows(ledger: Ledger, since: datetime, until: datetime, known_at: datetime) -> list[Flow]:
    """Events from `since` on and before `until`, as far as they were known at `known_at`."""
    query = (
        select(
            finding.c.crosscheck,
            finding_event.c.department,
            finding_event.c.kind,
            func.count(),
            func.sum(func.coalesce(finding_event.c.amount_fen, 0)),
            func.sum(func.coalesce(finding_event.c.recovered_fen, 0)),
        )
        .join(finding, finding.c.id == finding_event.c.finding_id)
        .where(
            finding_event.c.at >= since.astimezone(UTC),
            finding_event.c.at < until.astimezone(UTC),
            finding_event.c.at <= known_at.astimezone(UTC),
        )
        .group_by(finding.c.crosscheck, finding_event.c.department, finding_event.c.kind)
        .order_by(finding.c.crosscheck, finding_event.c.department, finding_event.c.kind)
    )
    with ledger.reading() as connection:
        return [
            Flow(check, department, kind, int(n), int(stake), int(back))
            for check, department, kind, n, stake, back in connection.execute(query)
        ]
