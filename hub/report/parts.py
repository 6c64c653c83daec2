"""What the reports have in common: totals of batches, work orders, discrepancies, trends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import case, func, select

from hub.ledger import Ledger
from hub.ledger.deliveries import Delivery
from hub.ledger.measures import Counted, Scope, discrepancy_counts, per_indicator
from hub.ledger.tables import work_order
from hub.opened import Hub
from hub.records import MOVES_ON
from hub.report.document import DiscrepancyLine, Line, Point, Words
from hub.report.period import ZONE, Month, written
from hub.report.scorecard import score_of, sums_of
from quality.messages import DISCREPANCY, message
from quality.scorecard.configuration import Configuration
from quality.scorecard.score import Sum

COUNTED = ("source", "landed", "accepted", "quarantined", "unchanged", "deleted")


def totals(found: Iterable[Delivery]) -> dict[str, int]:
    """The certificates added up; rows that are judged again are not counted again."""
    once = [delivery for delivery in found if not delivery.again]
    counts = {name: sum(getattr(d.counts, name) for d in once) for name in COUNTED}
    return {
        "batches": len(once),
        **counts,
        "moved_on": sum(d.verdict in MOVES_ON for d in once),
    }


@dataclass(frozen=True)
class Orders:
    """Work orders open, and of those past their last day."""

    open: int = 0
    overdue: int = 0


def orders_of(ledger: Ledger, known_at: datetime) -> dict[str, Orders]:
    """Open work orders per supply, as they stood at a time."""
    today = known_at.astimezone(ZONE).date()
    at = known_at.astimezone(UTC)
    overdue = func.sum(case((work_order.c.due_on < today, 1), else_=0))
    query = (
        select(work_order.c.supply, func.count(), overdue)
        .where(
            work_order.c.noted_at <= at,
            work_order.c.closed_at.is_(None) | (work_order.c.closed_at > at),
        )
        .group_by(work_order.c.supply)
    )
    with ledger.reading() as connection:
        return {supply: Orders(n, int(late)) for supply, n, late in connection.execute(query)}


def lines(
    names: Mapping[str, Words],
    part_of: Callable[[str], str],
    found: Iterable[Delivery],
    counted: Iterable[Counted],
    orders: Mapping[str, Orders],
    configuration: Configuration,
) -> tuple[Line, ...]:
    """One line per part, by name. `part_of` says to which part a supply belongs."""
    deliveries: dict[str, list[Delivery]] = {name: [] for name in names}
    sums: dict[str, list[Counted]] = {name: [] for name in names}
    work: dict[str, list[Orders]] = {name: [] for name in names}
    for delivery in found:
        deliveries.get(part_of(delivery.supply), []).append(delivery)
    for entry in counted:
        if entry.supply:
            sums.get(part_of(entry.supply), []).append(entry)
    for supply, some in orders.items():
        work.get(part_of(supply), []).append(some)
    made = []
    for name, title in sorted(names.items()):
        total = totals(deliveries[name])
        score, grade = score_of(sums_of(sums[name]), configuration)
        made.append(
            Line(
                name=name,
                title=title,
                batches=total["batches"],
                source=total["source"],
                accepted=total["accepted"],
                quarantined=total["quarantined"],
                unchanged=total["unchanged"],
                score=score,
                grade=grade,
                orders_open=sum(o.open for o in work[name]),
                orders_overdue=sum(o.overdue for o in work[name]),
            )
        )
    return tuple(made)


def discrepancy_lines(hub: Hub, scope: Scope) -> tuple[DiscrepancyLine, ...]:
    """Discrepancies of the releases in a scope, counted; never a value."""
    return tuple(
        DiscrepancyLine(
            dataset=dataset,
            kind=kind,
            field=field,
            supply=supply,
            severity=severity,
            says=_kind_words(kind),
            rows=rows,
        )
        for dataset, kind, field, supply, severity, rows in discrepancy_counts(hub.ledger, scope)
    )


def _kind_words(kind: str) -> Words:
    words = message(DISCREPANCY + kind)
    return Words(words.zh, words.en)


def point(
    hub: Hub,
    scope: Scope,
    configuration: Configuration,
    at: datetime,
    label: str,
    rows: int,
    quarantined: int,
    verdict: str | None = None,
) -> Point | None:
    """One point of a trend; None where nothing was measured."""
    found = per_indicator(hub.ledger, scope)
    if not found:
        return None
    score, _ = score_of({code: Sum(a, b) for code, a, b in found}, configuration)
    return Point(written(at), label, score, rows, quarantined, verdict)


def months_before(month: Month, count: int) -> list[Month]:
    """This month and those before it, oldest first."""
    return [month.later(-back) for back in reversed(range(count))]
