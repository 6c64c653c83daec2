"""The reports of a month: one department's, and the whole hub's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from hub.errors import NotFound
from hub.ledger.deliveries import Delivery, deliveries, details_of
from hub.ledger.measures import Counted, Scope, counted
from hub.ledger.releases import releases_of
from hub.opened import Hub
from hub.report.document import DiscrepancyLine, Document, Kind, Point, Sample, Words
from hub.report.parts import (
    discrepancy_lines,
    lines,
    months_before,
    orders_of,
    point,
    totals,
)
from hub.report.period import ZONE_NAME, Month, month_of, read_month, written
from hub.report.rules import rule_lines
from hub.report.samples import samples
from hub.report.scorecard import heatmap, scorecard, sums_of
from hub.report.version import hub_version
from hub.report.words import department_words, owner_words
from quality.scorecard.configuration import Configuration, Shelf

TREND = 12  # months, this one among them


def department_document(
    hub: Hub,
    shelf: Shelf,
    department: str,
    month: Month,
    made_at: datetime,
    parts: Collection[str] | None = None,
) -> Document:
    """What one department delivered in a month; its parts are its supplies.

    `parts` names those of a report that is computed again; otherwise the catalog does.
    """
    entries = counted(hub.ledger, _scope(month, made_at, department))
    year = _year(hub, month, made_at, department)
    found = year[str(month)]
    if not (entries or found or parts is not None or department in hub.catalog.departments):
        raise NotFound(f"there is no department {department}")
    supplies = hub.catalog.supplies.values()
    own = {s.name for s in supplies if s.department.name == department}
    own = own if parts is None else set(parts)
    own |= {entry.supply for entry in entries if entry.supply} | {d.supply for d in found}
    title = department_words(hub.catalog, department)
    return _document(
        hub,
        shelf,
        month,
        made_at,
        kind="department",
        id=f"department:{department}:{month}",
        title=Words(f"部门数据质量月报：{title.zh}", f"Monthly data quality: {title.en}"),
        subject={"department": department, "month": str(month), "time_zone": ZONE_NAME},
        department=department,
        entries=entries,
        year=year,
        names={name: owner_words(hub.catalog, name) for name in own},
    )


def hub_document(
    hub: Hub, shelf: Shelf, month: Month, made_at: datetime, parts: Collection[str] | None = None
) -> Document:
    """What all departments delivered in a month; its parts are the departments.

    `parts` as above.
    """
    entries = counted(hub.ledger, _scope(month, made_at, None))
    year = _year(hub, month, made_at, None)
    found = year[str(month)]
    names = {s.department.name for s in hub.catalog.supplies.values()}
    names = names if parts is None else set(parts)
    names |= {entry.department for entry in entries if entry.department}
    names |= {_department(d.supply) for d in found}
    return _document(
        hub,
        shelf,
        month,
        made_at,
        kind="hub",
        id=f"hub:{month}",
        title=Words("全平台数据质量月报", "Monthly data quality of the hub"),
        subject={"month": str(month), "time_zone": ZONE_NAME},
        department=None,
        entries=entries,
        year=year,
        names={name: department_words(hub.catalog, name) for name in names},
    )


def _department(supply: str) -> str:
    return supply.partition("/")[0]


def _scope(month: Month, made_at: datetime, department: str | None) -> Scope:
    return Scope(made_at, month.since, month.until, department)


def _document(
    hub: Hub,
    shelf: Shelf,
    month: Month,
    made_at: datetime,
    *,
    kind: Kind,
    id: str,
    title: Words,
    subject: dict[str, str],
    department: str | None,
    entries: Sequence[Counted],
    year: Mapping[str, Sequence[Delivery]],
    names: Mapping[str, Words],
) -> Document:
    found = year[str(month)]
    configuration = shelf.in_effect((month.until - timedelta(days=1)).date())
    orders = orders_of(hub.ledger, made_at)
    if department:
        orders = {name: some for name, some in orders.items() if name in names}
    card = scorecard(sums_of(entries), configuration)
    attempts = [entry for entry in entries if entry.indicator == "0601"]
    discrepancies = _discrepancies(hub, month, made_at, department)
    return Document(
        kind=kind,
        id=id,
        title=title,
        subject=subject,
        since=written(month.since),
        until=written(month.until),
        made_at=written(made_at),
        hub_version=hub_version(),
        scorecard=card,
        heatmap=heatmap(hub.catalog, entries, by_field=kind == "department"),
        rules=rule_lines(hub, _scope(month, made_at, department)),
        samples=_samples(hub, found) if department else (),
        trend=_trend(hub, year, made_at, department, configuration),
        parts=lines(
            names,
            (lambda supply: supply) if department else _department,
            found,
            entries,
            orders,
            configuration,
        ),
        discrepancies=discrepancies,
        counts=totals(found)
        | {
            "attempts": sum(entry.denominator for entry in attempts),
            "attempts_failed": sum(entry.denominator - entry.numerator for entry in attempts),
            "discrepancies": sum(line.rows for line in discrepancies),
            "orders_open": sum(some.open for some in orders.values()),
            "orders_overdue": sum(some.overdue for some in orders.values()),
        },
    )


def _samples(hub: Hub, found: Sequence[Delivery]) -> tuple[Sample, ...]:
    """Of each supply's newest batch of the month: what is still to be mended."""
    newest = {delivery.supply: delivery for delivery in found}
    details = details_of(hub.ledger, [delivery.batch_id for delivery in newest.values()])
    return tuple(
        sample
        for _, delivery in sorted(newest.items())
        for sample in samples(hub, delivery, details.get(delivery.batch_id))
    )


def _discrepancies(
    hub: Hub, month: Month, made_at: datetime, department: str | None
) -> tuple[DiscrepancyLine, ...]:
    """Those of each dataset's last release of the month: every release lists all there are."""
    last = {
        release.dataset: f"{release.dataset}/{release.version}"
        for release in releases_of(hub.ledger)
        if month.since <= release.created_at < month.until and release.created_at <= made_at
    }
    if not last:
        return ()
    subjects = (("release", tuple(sorted(last.values()))),)
    return discrepancy_lines(hub, Scope(made_at, department=department, subjects=subjects))


def _year(
    hub: Hub, month: Month, made_at: datetime, department: str | None
) -> dict[str, list[Delivery]]:
    """Batches by month, up to this one, oldest month first."""
    months = months_before(month, TREND)
    found: dict[str, list[Delivery]] = {str(one): [] for one in months}
    for delivery in deliveries(hub.ledger, made_at, months[0].since, months[-1].until, department):
        found[str(month_of(delivery.as_of))].append(delivery)
    return found


def _trend(
    hub: Hub,
    year: Mapping[str, Sequence[Delivery]],
    made_at: datetime,
    department: str | None,
    configuration: Configuration,
) -> tuple[Point, ...]:
    """One point per month, all by the configuration of this report."""
    points = []
    for label, found in year.items():
        one, total = read_month(label), totals(found)
        scope = _scope(one, made_at, department)
        rows, quarantined = total["source"], total["quarantined"]
        points.append(point(hub, scope, configuration, one.since, label, rows, quarantined))
    return tuple(p for p in points if p)
